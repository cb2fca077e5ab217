/* Chance with an address: repeatable, independent, exact. */
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void one_address_gives_one_stream(void **state)
{
    es_rng a = es_rng_at(7, ES_FOR_PITCH, 1, 2, 3);
    es_rng b = es_rng_at(7, ES_FOR_PITCH, 1, 2, 3);
    es_rng c = es_rng_at(7, ES_FOR_PITCH, 1, 2, 4);
    int equal = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        const uint64_t x = es_rng_next(&a);
        assert_int_equal(x, es_rng_next(&b));
        equal += x == es_rng_next(&c);
    }
    assert_int_equal(equal, 0);
}

static void below_is_uniform(void **state)
{
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 0, 0, 0);
    int count[6] = {0};

    (void)state;
    for (int i = 0; i < 60000; i++) {
        count[es_rng_below(&rng, 6)]++;
    }
    for (int i = 0; i < 6; i++) {
        assert_true(fabs(count[i] - 10000.0) < 500);
    }
}

static void choice_follows_weights_and_never_takes_zero(void **state)
{
    const double weights[] = {1, 0, 3, 1e-30};
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 1, 0, 0);
    int count[4] = {0};

    (void)state;
    for (int i = 0; i < 40000; i++) {
        count[es_rng_choose(&rng, weights, 4)]++;
    }
    assert_int_equal(count[1], 0);
    assert_true(fabs(count[0] - 10000.0) < 500);
    assert_true(count[3] < 5);
    assert_int_equal(es_rng_choose(&rng, weights + 1, 1), -1);
    assert_int_equal(es_rng_choose(&rng, weights, 0), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_address_gives_one_stream),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(choice_follows_weights_and_never_takes_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
