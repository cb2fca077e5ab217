/* The key of pitch class weights. */
#include "stream/tonality.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void scales_are_told_in_every_key(void **state)
{
    static const uint32_t major[12] = {5, 0, 3, 0, 4, 2, 0, 5, 0, 2, 0, 1};
    static const uint32_t minor[12] = {5, 0, 2, 4, 0, 2, 0, 4, 1, 0, 1, 1};

    (void)state;
    for (int key = 0; key < 12; key++) {
        uint32_t a[12], b[12];
        for (int i = 0; i < 12; i++) {
            a[(i + key) % 12] = major[i];
            b[(i + key) % 12] = minor[i];
        }
        assert_int_equal(es_tonality(a), key);
        assert_int_equal(es_tonality(b), 12 + key);
    }
}

static void silence_and_evenness_have_none(void **state)
{
    uint32_t weight[12] = {0};

    (void)state;
    assert_int_equal(es_tonality(weight), ES_TONALITIES);
    for (int i = 0; i < 12; i++) {
        weight[i] = 1000;
    }
    assert_int_equal(es_tonality(weight), ES_TONALITIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_told_in_every_key),
        cmocka_unit_test(silence_and_evenness_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
