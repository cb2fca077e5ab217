/* The scheduler: every note-off is its own, the order at one instant is fixed, the end stands on the bar line. */
#include "sched/ledger.h"
#include "sched/sched.h"
#include "sched/tempo.h"

#include "base/mem.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { BAR = 4 * ES_QUARTER, LINES = 4096, TICKS_MIN = 21 };

static const es_sched_track tracks[] = {
    {.name = "lead", .channel = 0, .program = 40, .volume = 100, .pan = -10},
    {.name = "drums", .channel = 9, .program = 0, .volume = 90, .is_drums = true},
};

static es_bar bar_at(uint32_t index)
{
    return (es_bar){
        .index = index,
        .start = (es_tick)index * BAR,
        .length = BAR,
        .meter = {4, 4},
        .key = {2, ES_MAJOR},
        .tempo = 120,
        .phrase_bar = (uint16_t)(index % 4),
        .phrase_bars = 4,
        .label = 'a',
        .primes = 1,
        .cadence = ES_CADENCE_HALF,
        .n_beats = 4,
    };
}

static es_played note(es_tick start, es_tick duration, uint8_t key, uint8_t part)
{
    return (es_played){.start = start,
                       .duration = duration,
                       .key = key,
                       .velocity = 80,
                       .channel = part ? 9 : 0,
                       .part = part};
}

static es_sched *new_sched(void)
{
    es_sched *sched = NULL;

    assert_int_equal(es_sched_new(&sched, tracks, 2, "how it was made", NULL), ESTRO_OK);
    return sched;
}

static void give(es_sched *sched, const es_bar *bar, const es_played *played, size_t count)
{
    const es_tempo_point tempo = {bar->start, bar->tempo};

    assert_int_equal(es_sched_bar(sched, bar, played, count, &tempo, 1, NULL), ESTRO_OK);
}

/* One line a message: "TICK WHAT". */
static void print(char *out, size_t size, const estro_message *m)
{
    switch ((estro_message_kind)m->kind) {
    case ESTRO_MIDI:
        snprintf(out, size, "%lld %02x %d %d", (long long)m->tick, m->data[0], m->data[1],
                 m->data[2]);
        return;
    case ESTRO_TEMPO:
        snprintf(out, size, "%lld tempo %u", (long long)m->tick, m->value);
        return;
    case ESTRO_METER:
        snprintf(out, size, "%lld meter %d %d", (long long)m->tick, m->data[0], m->data[1]);
        return;
    case ESTRO_KEY:
        snprintf(out, size, "%lld key %d %d", (long long)m->tick, (int8_t)m->data[0], m->data[1]);
        return;
    case ESTRO_FINISH:
        snprintf(out, size, "%lld finish", (long long)m->tick);
        return;
    case ESTRO_TEXT:
    case ESTRO_MARKER:
    case ESTRO_CHORD:
    case ESTRO_TRACK:
        snprintf(out, size, "%lld %s", (long long)m->tick, m->text);
        return;
    }
    fail();
}

static void expect(es_sched *sched, const char *const *lines)
{
    estro_message message;
    char line[128];

    for (; *lines; lines++) {
        assert_true(es_sched_next(sched, &message));
        print(line, sizeof line, &message);
        assert_string_equal(line, *lines);
    }
    assert_false(es_sched_next(sched, &message));
}

static void everything_at_one_instant_comes_in_the_written_order(void **state)
{
    es_sched *sched = new_sched();
    es_bar bar = bar_at(0);
    const es_played first[] = {note(0, BAR, 60, 0), note(0, 100, 36, 1), note(30000, BAR, 72, 0)};
    const char *const start[] = {
        "0 fa 0 0",       "0 f8 0 0",    "0 how it was made", "0 lead",     "0 drums",
        "0 tempo 500000", "0 meter 4 2", "0 key 2 0",         "0 verse",    "0 phrase a' 4 half",
        "0 D I",          "0 c0 40 0",   "0 c9 0 0",          "0 b0 7 100", "0 b0 10 54",
        "0 b9 7 90",      "0 b9 10 64",  "0 90 60 80",        "0 99 36 80", "100 89 36 64"};
    estro_message message;
    char line[128];

    (void)state;
    bar.section = "verse";
    bar.chord_starts[0] = true;
    bar.chord[0] = (es_chord){.root = 2, .quality = ES_QUALITY_MAJ};
    bar.roman[0] = "I";
    es_sched_clock(sched);
    give(sched, &bar, first, 3);
    for (size_t i = 0; i < sizeof start / sizeof start[0]; i++) {
        assert_true(es_sched_next(sched, &message));
        print(line, sizeof line, &message);
        assert_string_equal(line, start[i]);
    }
    while (es_sched_next(sched, &message)) {
        print(line, sizeof line, &message);
    }
    assert_string_equal(line, "40320 80 60 64"); /* the off of the bar's end */

    /* The second bar, at its first instant: pulse, texts, ons by channel and key. */
    es_bar second = bar_at(1);
    second.tempo = 60;
    second.key = (es_key){11, ES_MINOR};
    second.meter = (es_meter){8, 8};
    const es_played more[] = {note(BAR, 1000, 64, 0), note(BAR, 1000, 38, 1),
                              note(BAR, 1000, 60, 0)};
    const char *const instant[] = {"40320 f8 0 0",   "40320 tempo 1000000", "40320 meter 8 3",
                                   "40320 key 2 1",  "40320 90 60 80",      "40320 90 64 80",
                                   "40320 99 38 80", "40740 f8 0 0"};
    give(sched, &second, more, 3);
    for (size_t i = 0; i < sizeof instant / sizeof instant[0]; i++) {
        assert_true(es_sched_next(sched, &message));
        print(line, sizeof line, &message);
        assert_string_equal(line, instant[i]);
    }
    es_sched_free(sched);
}

static void a_key_is_ended_before_it_is_struck_again(void **state)
{
    es_sched *sched = new_sched();
    es_bar bar = bar_at(1);
    estro_message message;
    const es_played played[] = {
        note(BAR, 20000, 60, 0),         /* overlaps the next */
        note(BAR + 10000, 10000, 60, 0), /* ends where the next begins */
        note(BAR + 20000, 500, 60, 0),
        note(BAR + 20000, 700, 60, 0), /* at one instant: one strike, the longer end */
        note(BAR + 20000, 600, 60, 1), /* another channel */
    };
    const char *const lines[] = {
        "50320 80 60 64", "50320 90 60 80", "60320 80 60 64", "60320 90 60 80",
        "60320 99 60 80", "60920 89 60 64", "61020 80 60 64", NULL};

    (void)state;
    bar.phrase_bar = 1;
    give(sched, &bar, played, 5);
    while (es_sched_next(sched, &message) && message.tick == BAR &&
           !(message.kind == ESTRO_MIDI && message.data[0] == 0x90)) {
    }
    expect(sched, lines);
    es_sched_free(sched);
}

static void tempo_metre_and_key_are_said_where_they_change(void **state)
{
    es_sched *sched = new_sched();
    estro_message message;
    int said[ESTRO_FINISH + 1] = {0};

    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        es_bar bar = bar_at(i);
        bar.tempo = i < 4 ? 100 : 90;
        bar.key.tonic = i < 6 ? 0 : 7;
        give(sched, &bar, NULL, 0);
        while (es_sched_next(sched, &message)) {
            said[message.kind]++;
        }
    }
    assert_int_equal(said[ESTRO_TEMPO], 2);
    assert_int_equal(said[ESTRO_METER], 1);
    assert_int_equal(said[ESTRO_KEY], 2);
    assert_int_equal(said[ESTRO_TEXT], 3); /* how it was made; two phrases */
    es_sched_free(sched);
}

static void times_follow_the_tempo(void **state)
{
    es_sched *sched = new_sched();
    const es_bar bar = bar_at(0);
    const es_tempo_point tempo[] = {{0, 120}, {BAR / 2, 60}};
    const es_played played[] = {note(0, BAR / 2, 60, 0), note(3 * BAR / 4, BAR / 4, 62, 0)};
    estro_message message;
    uint64_t start_ns;
    uint64_t end_ns;

    (void)state;
    assert_int_equal(es_sched_bar(sched, &bar, played, 2, tempo, 2, NULL), ESTRO_OK);
    while (es_sched_next(sched, &message)) {
        if (message.tick == BAR / 2) {
            assert_int_equal(message.time_ns, 1000000000);
        }
        if (message.tick == 3 * BAR / 4) {
            assert_int_equal(message.time_ns, 2000000000);
        }
    }
    assert_int_equal(message.time_ns, 3000000000);
    es_sched_span(sched, &start_ns, &end_ns);
    assert_int_equal(start_ns, 0);
    assert_int_equal(end_ns, 3000000000);
    es_sched_free(sched);
}

static void the_end_stands_on_the_last_bar_line(void **state)
{
    es_sched *sched = new_sched();
    const es_bar bar = bar_at(0);
    const es_played played[] = {note(0, 5 * BAR, 60, 0), note(BAR - 3, 2, 64, 0)};
    const char *const lines[] = {"40320 80 60 64", "40320 fc 0 0", "40320 finish", NULL};
    estro_message message = {0};

    (void)state;
    es_sched_clock(sched);
    give(sched, &bar, played, 2);
    while (message.data[0] != 0x90 || message.data[1] != 64) {
        assert_true(es_sched_next(sched, &message));
    }
    assert_int_equal(message.tick, BAR - TICKS_MIN); /* no note is too short for a file */
    expect(sched, (const char *const[]){"40320 80 64 64", NULL});
    es_sched_finish(sched);
    es_sched_finish(sched);
    expect(sched, lines);
    es_sched_free(sched);
}

static void silence_ends_what_was_handed_out_and_nothing_else(void **state)
{
    es_sched *sched = new_sched();
    const es_bar bar = bar_at(0);
    const es_played played[] = {note(0, BAR, 60, 0), note(0, BAR, 67, 0), note(10080, BAR, 72, 0)};
    estro_message message = {0};

    (void)state;
    give(sched, &bar, played, 3);
    while (!(message.kind == ESTRO_MIDI && message.data[1] == 67)) {
        assert_true(es_sched_next(sched, &message));
    }
    es_sched_silence(sched, 77);
    for (int i = 0; i < 2; i++) {
        assert_true(es_sched_next(sched, &message));
        assert_int_equal(message.data[0], 0x80);
        assert_int_equal(message.data[1], i ? 67 : 60);
        assert_int_equal(message.time_ns, 77);
    }
    assert_false(es_sched_next(sched, &message));
    es_sched_free(sched);
}

/* Whatever bars come: ons and offs pair up, times never go back, no note has no length. */
static void notes_pair_up_whatever_comes(void **state)
{
    es_rng rng = es_rng_at(5, ES_FOR_TEST, 0, 0, 0);
    es_sched *sched = new_sched();
    int64_t since[16][128];
    estro_message message;
    int64_t last = 0;
    int ons = 0;
    int offs = 0;

    (void)state;
    memset(since, -1, sizeof since);
    for (uint32_t b = 0; b <= 60; b++) {
        es_played played[40];
        const es_bar bar = bar_at(b);
        es_tick at = bar.start;
        for (size_t i = 0; i < 40; i++) {
            at += es_rng_below(&rng, 1200);
            played[i] = note(at, 1 + es_rng_below(&rng, 2 * BAR),
                             (uint8_t)(60 + es_rng_below(&rng, 5)), (uint8_t)es_rng_below(&rng, 2));
        }
        give(sched, &bar, played, 40);
        if (b == 60) {
            es_sched_finish(sched);
        }
        while (es_sched_next(sched, &message)) {
            assert_true(message.tick >= last);
            last = message.tick;
            if (message.kind != ESTRO_MIDI || (message.data[0] & 0xE0) != 0x80) {
                continue;
            }
            int64_t *const began = &since[message.data[0] & 15][message.data[1]];
            if (message.data[0] & 0x10) {
                assert_true(*began < 0);
                *began = message.tick;
                ons++;
            } else {
                assert_true(*began >= 0 && message.tick - *began >= TICKS_MIN);
                *began = -1;
                offs++;
            }
        }
    }
    assert_int_equal(message.kind, ESTRO_FINISH);
    assert_int_equal(message.tick, 61 * BAR);
    assert_int_equal(ons, offs);
    assert_true(ons > 500);
    es_sched_free(sched);
}

static void what_is_out_of_place_is_refused(void **state)
{
    es_sched *sched = new_sched();
    es_bar bar = bar_at(1);
    es_played wrong = note(BAR, 100, 60, 0);
    estro_diag diag;

    (void)state;
    wrong.part = 2;
    assert_int_equal(es_sched_bar(sched, &bar, &wrong, 1, NULL, 0, &diag), ESTRO_ERR_ARGUMENT);
    give(sched, &bar, NULL, 0);
    bar.start = 0;
    assert_int_equal(es_sched_bar(sched, &bar, NULL, 0, NULL, 0, &diag), ESTRO_ERR_ARGUMENT);
    es_sched_free(sched);
    es_sched_free(NULL);
    const es_sched_track bad = {.channel = 16};
    assert_int_equal(es_sched_new(&sched, &bad, 1, NULL, &diag), ESTRO_ERR_ARGUMENT);
}

static void memory_may_fail_anywhere(void **state)
{
    const es_bar bar = bar_at(0);
    const es_tempo_point tempo = {0, 120};
    es_played *const played = es_calloc(3000, sizeof *played);
    bool done = false;

    (void)state;
    for (size_t i = 0; i < 3000; i++) {
        played[i] = note((es_tick)i * 10, 100, (uint8_t)(i % 100), 0);
    }
    for (long n = 0; !done; n++) {
        es_sched *sched = NULL;
        es_mem_fail_after(n);
        estro_status status = es_sched_new(&sched, tracks, 2, NULL, NULL);
        if (status == ESTRO_OK) {
            status = es_sched_bar(sched, &bar, played, 3000, &tempo, 1, NULL);
        }
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
        done = status == ESTRO_OK;
        es_sched_free(sched);
    }
    es_free(played);
}

static void tempo_arithmetic_is_exact_and_saturates(void **state)
{
    es_tempo_map map = es_tempo_map_at(960);

    (void)state;
    assert_int_equal(es_tempo_ns(&map, 960), 500000000);
    es_tempo_change(&map, 960, 600000);
    assert_int_equal(es_tempo_ns(&map, 961), 500625000);
    assert_true(es_tempo_ns(&map, INT64_MAX) <= UINT64_C(1) << 62);
    es_tempo_change(&map, INT64_MAX, 1);
    assert_true(es_tempo_ns(&map, INT64_MAX) <= UINT64_C(1) << 62);
    assert_int_equal(es_tempo_us(120), 500000);
    assert_int_equal(es_tempo_us(0.001), 0xFFFFFF);
    assert_int_equal(es_tempo_us(0), 500000);
}

/* The pedal goes with the chords of a track that plays, is up when it does not, and at the end, also of a piece that is stopped. */
static void pedals_change_with_the_chords(void **state)
{
    const es_sched_track harp[] = {{.name = "harp", .pedal = ES_PEDAL_CHORD}, {.name = "plain"}};

    (void)state;
    for (int stop = 0; stop < 2; stop++) {
        es_sched *sched;
        estro_message m;
        int downs = 0, ups = 0;
        bool is_down = false;
        es_tick last = 0;
        assert_int_equal(es_sched_new(&sched, harp, 2, NULL, NULL), ESTRO_OK);
        for (uint32_t b = 0; b < 3; b++) {
            es_bar bar = bar_at(b);
            const es_played played = note(bar.start, BAR, 60, b == 1);
            bar.chord_starts[0] = bar.chord_starts[2] = true;
            give(sched, &bar, &played, 1);
        }
        while (last < 2 * BAR + BAR / 4 - stop && es_sched_next(sched, &m)) {
            assert_true(m.tick >= last);
            last = m.tick;
            if (m.kind == ESTRO_MIDI && m.data[0] == 0xB0 && m.data[1] == 64) {
                assert_true(is_down != (m.data[2] >= 64));
                is_down = m.data[2] >= 64;
                downs += is_down;
                ups += !is_down;
                assert_true(m.tick <= BAR || m.tick >= 2 * BAR);
            }
        }
        assert_true(is_down);
        if (stop) {
            es_sched_silence(sched, 1);
        } else {
            es_sched_finish(sched);
        }
        while (es_sched_next(sched, &m)) {
            if (m.kind == ESTRO_MIDI && m.data[0] == 0xB0 && m.data[1] == 64) {
                downs += m.data[2] >= 64;
                ups += m.data[2] < 64;
            }
        }
        assert_int_equal(ups, downs);
        assert_true(downs >= 3);
        es_sched_free(sched);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pedals_change_with_the_chords),
        cmocka_unit_test(everything_at_one_instant_comes_in_the_written_order),
        cmocka_unit_test(a_key_is_ended_before_it_is_struck_again),
        cmocka_unit_test(tempo_metre_and_key_are_said_where_they_change),
        cmocka_unit_test(times_follow_the_tempo),
        cmocka_unit_test(the_end_stands_on_the_last_bar_line),
        cmocka_unit_test(silence_ends_what_was_handed_out_and_nothing_else),
        cmocka_unit_test(notes_pair_up_whatever_comes),
        cmocka_unit_test(what_is_out_of_place_is_refused),
        cmocka_unit_test(memory_may_fail_anywhere),
        cmocka_unit_test(tempo_arithmetic_is_exact_and_saturates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
