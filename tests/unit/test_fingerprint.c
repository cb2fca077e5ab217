/* Fingerprints: a run is known again wherever it stands and in whatever key, and by nothing else. */
#include "base/mem.h"
#include "stream/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const int8_t tune[] = {60, 62, 64, 60, 60, 62, 64, 60, 64, 65,
                              67, -1, 64, 65, 67, 69, 67, 65, 64, 60};
enum { TUNE = sizeof tune };

static void read_tune(es_fingerprints *list, bool has_onsets)
{
    es_roll roll;

    assert_int_equal(es_roll_init(&roll, 1, 2, TUNE, (es_meter){4, 4}, NULL), ESTRO_OK);
    for (uint32_t t = 0; t < TUNE; t++) {
        roll.pitch[t] = tune[t];
        roll.onset[t] = tune[t] >= 0;
    }
    assert_int_equal(es_fingerprints_add(list, &roll, has_onsets, NULL), ESTRO_OK);
    es_fingerprints_sort(list);
    es_roll_done(&roll);
}

/* Play the tune `shift` semitones higher from `start`, note `wrong` a semitone off; count the copies seen. */
static int copies(const es_fingerprints *list, int shift, es_tick start, int wrong)
{
    es_run run = {0};
    int found = 0;

    for (int i = 0; i < TUNE; i++) {
        const es_tick at = start + i * ES_QUARTER / 2;
        const int pitch = tune[i] + shift + (i == wrong);
        if (tune[i] < 0) {
            continue;
        }
        found += es_fingerprint_find(list->list, list->count, es_run_fingerprint(&run, pitch, at));
        es_run_push(&run, pitch, at);
    }
    return found;
}

static void a_copy_is_found_in_any_key_and_place(void **state)
{
    es_fingerprints list = {0};

    (void)state;
    read_tune(&list, true);
    /* 19 notes have 18 pairs, and 6 runs of 13. */
    assert_int_equal(list.count, 6);
    assert_int_equal(copies(&list, 0, 0, -1), 6);
    assert_int_equal(copies(&list, 7, 3 * ES_QUARTER, -1), 6);
    assert_int_equal(copies(&list, 0, 0, 9), 0);
    assert_int_equal(copies(&list, 0, 0, TUNE - 1), 5);
    for (size_t i = 0; i < list.count; i++) {
        assert_true(list.list[i] >> ES_FINGERPRINT_BITS == 0 && list.list[i] > 0);
        assert_true(i == 0 || list.list[i] > list.list[i - 1]);
    }
    es_free(list.list);
}

static void without_onsets_repeated_pitches_are_one_note(void **state)
{
    es_fingerprints list = {0};

    (void)state;
    read_tune(&list, false);
    assert_int_equal(list.count, 5);
    assert_false(es_fingerprint_find(list.list, list.count, 0));
    assert_false(es_fingerprint_find(NULL, 0, 5));
    es_free(list.list);
}

/* Many fingerprints lose bits: what was put in is still found, and little else. */
static void many_are_kept_short(void **state)
{
    enum { MANY = 600000, OTHERS = 20000 };
    es_fingerprints list = {.list = es_calloc(MANY, sizeof *list.list), .count = MANY};
    uint64_t x = 1;
    size_t missing = 0;
    size_t by_chance = 0;

    (void)state;
    assert_non_null(list.list);
    for (size_t i = 0; i < MANY; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        list.list[i] = x >> 32;
    }
    es_fingerprints_sort(&list);
    const uint64_t mask = es_fingerprints_mask(list.list, list.count);
    assert_true(list.count > MANY * 9 / 10);
    assert_int_equal(mask & 0xFF, 0);
    x = 1;
    for (size_t i = 0; i < MANY + OTHERS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        const bool is_found =
            es_fingerprint_find(list.list, list.count, es_fingerprint_cut(x >> 32, mask));
        missing += i < MANY && !is_found;
        by_chance += i >= MANY && is_found;
    }
    assert_int_equal(missing, 0);
    assert_true(by_chance > 0 && by_chance < OTHERS / 20);
    assert_int_equal(es_fingerprint_cut(0, mask), 0);
    assert_int_equal(es_fingerprint_cut(1, mask), 256);
    es_free(list.list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_is_found_in_any_key_and_place),
        cmocka_unit_test(without_onsets_repeated_pitches_are_one_note),
        cmocka_unit_test(many_are_kept_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
