/* Reading drummers: played hits find their places, straight or in triplets; fills are seen. */
#include "analysis/drums.h"
#include "base/mem.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { DIVISION = 480, MOST = 4096 };

/* A file in memory: note-ons of channel 10, by tick. */
typedef struct file {
    es_smf smf;
    es_smf_event events[MOST];
    size_t track_first[2];
} file;

static void begin(file *f)
{
    memset(f, 0, sizeof *f);
}

static void hit(file *f, int64_t tick, int key, int velocity)
{
    f->events[f->smf.n_events++] = (es_smf_event){
        .tick = tick, .status = 0x99, .data1 = (uint8_t)key, .data2 = (uint8_t)velocity};
}

static void finish(file *f)
{
    const int64_t end = f->events[f->smf.n_events - 1].tick + DIVISION;

    f->events[f->smf.n_events++] =
        (es_smf_event){.tick = end, .status = 0xFF, .data1 = ES_SMF_END_OF_TRACK};
    f->smf.n_tracks = 1;
    f->smf.division = DIVISION;
    f->smf.events = f->events;
    f->smf.track_first = f->track_first;
    f->track_first[1] = f->smf.n_events;
}

static int64_t blurred(es_rng *rng, int64_t tick, int by)
{
    const int64_t moved = tick + (int64_t)es_rng_below(rng, (uint32_t)(2 * by + 1)) - by;

    return moved < 0 ? 0 : moved;
}

static uint8_t at(const es_drummer *d, size_t step, int piece)
{
    return d->roll.hit[step * ES_KIT_LANES + (size_t)es_kit_lane(piece)];
}

/* Sixteenths and shuffled eighths, each played up to 25 ms off and as much ahead of the beat. */
static void test_places(void **state)
{
    static file f;
    es_drummer d;

    (void)state;
    for (int swings = 0; swings < 2; swings++) {
        es_rng rng = es_rng_at(1, ES_FOR_TEST, (uint64_t)swings, 0, 0);
        begin(&f);
        for (int quarter = 0; quarter < 64; quarter++) {
            const int64_t tick = 10 + quarter * DIVISION;
            hit(&f, blurred(&rng, tick - 12, 18), quarter % 2 ? 38 : 36, 110);
            if (swings) {
                hit(&f, blurred(&rng, tick + 2 * DIVISION / 3 - 12, 18), 42, 60);
            } else {
                hit(&f, blurred(&rng, tick + DIVISION / 4 - 12, 18), 42, 30);
                hit(&f, blurred(&rng, tick + DIVISION / 2 - 12, 18), 42, 60);
                hit(&f, blurred(&rng, tick + 3 * DIVISION / 4 - 12, 18), 42, 30);
            }
        }
        finish(&f);
        assert_true(es_plays_drums(&f.smf));
        assert_int_equal(es_drummer_read(&d, &f.smf, "a/1_funk_100_beat.mid", NULL), ESTRO_OK);
        assert_int_equal(d.roll.n_bars, 16);
        assert_int_equal(d.roll.family, es_family_of("funk"));
        assert_int_equal(d.n_merged + d.n_foreign, 0);
        size_t right = 0;
        for (size_t quarter = 0; quarter < 64; quarter++) {
            const int drum = quarter % 2 ? ES_KIT_SNARE : ES_KIT_KICK;
            right += at(&d, quarter * 12, drum) == es_kit_candidate(drum, 1);
            right += at(&d, quarter * 12 + (swings ? 8 : 6), ES_KIT_HAT) ==
                     es_kit_candidate(ES_KIT_HAT, 0);
        }
        assert_true(right >= 126);
        for (size_t i = 0; i < d.n_hits; i++) {
            assert_true(d.hits[i].late < ES_QUARTER / 8 && d.hits[i].late > -ES_QUARTER / 8);
            assert_int_equal(d.roll.kind[d.hits[i].step / 48], ES_DRUM_GROOVE);
        }
        es_drummer_done(&d);
    }
}

/* Of eight bars the last has a roll on the toms; keys that the kit does not have are counted; drags are one hit. */
static void test_fills(void **state)
{
    static file f;
    es_drummer d;

    (void)state;
    begin(&f);
    for (int quarter = 0; quarter < 32; quarter++) {
        const int64_t tick = quarter * DIVISION;
        hit(&f, tick, 36, 80);
        if (quarter == 3) {
            hit(&f, tick + 5, 60, 80);
            hit(&f, tick + DIVISION / 2, 38, 40);
            hit(&f, tick + DIVISION / 2 + 30, 40, 90);
        }
        for (int i = 1; quarter >= 30 && i < 4; i++) {
            hit(&f, tick + i * DIVISION / 4, 48, 90);
        }
    }
    finish(&f);
    assert_int_equal(es_drummer_read(&d, &f.smf, "x.mid", NULL), ESTRO_OK);
    assert_int_equal(d.n_foreign, 1);
    assert_int_equal(d.n_merged, 1);
    assert_int_equal(at(&d, 42, ES_KIT_SNARE), es_kit_candidate(ES_KIT_SNARE, 0));
    for (uint32_t bar = 0; bar < 8; bar++) {
        assert_int_equal(d.roll.kind[bar], bar == 7 ? ES_DRUM_FILL : ES_DRUM_GROOVE);
    }
    es_drummer_done(&d);
    assert_int_equal(es_drummer_read(&d, &f.smf, "1_rock_90_fill_4-4.mid", NULL), ESTRO_OK);
    assert_int_equal(d.roll.kind[0], ES_DRUM_FILL);
    es_drummer_done(&d);
}

static void test_no_drums(void **state)
{
    static file f;
    es_drummer d;

    (void)state;
    begin(&f);
    hit(&f, 0, 60, 80);
    finish(&f);
    assert_true(es_plays_drums(&f.smf));
    assert_int_equal(es_drummer_read(&d, &f.smf, "x", NULL), ESTRO_ERR_FORMAT);
    assert_null(d.hits);
    f.events[0].status = 0x90;
    assert_false(es_plays_drums(&f.smf));
}

static void test_memory(void **state)
{
    static file f;
    bool is_done = false;

    (void)state;
    begin(&f);
    for (int i = 0; i < 40; i++) {
        hit(&f, i * DIVISION / 4, 36 + i % 3, 80);
    }
    finish(&f);
    for (long n = 0; !is_done; n++) {
        es_drummer d;
        es_mem_fail_after(n);
        const estro_status status = es_drummer_read(&d, &f.smf, "x", NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
        is_done = status == ESTRO_OK;
        es_drummer_done(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_places), cmocka_unit_test(test_fills),
                                       cmocka_unit_test(test_no_drums),
                                       cmocka_unit_test(test_memory)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
