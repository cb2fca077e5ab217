/*
 * Ornaments and articulation as they are played: strokes within the note, in the scale, in order; every note-on has its off.
 */
#include "perform/ornament.h"
#include "sched/sched.h"

#include "fake_bars.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { N_BARS = 4, MOST = FAKE_NOTES * ES_MAX_STROKES };

static fake_bars fake;
static es_note notes[FAKE_NOTES];
static es_played played[MOST];
static es_tempo_point tempo[ES_MAX_TEMPO_POINTS];

/* One bar with one note in G major, on its first beat. */
static size_t play(uint8_t part, uint8_t key, es_tick duration, unsigned marks, double bpm)
{
    size_t n_tempo;

    fake_bars_init(&fake, N_BARS);
    fake.style.performance.human_ms = 0;
    fake.style.performance.human_velocity = 0;
    fake.style.parts[0].n_lines = 1;
    fake.tempo = bpm;
    es_bar bar = fake_bar(&fake, 1, N_BARS);
    notes[0] = (es_note){.start = bar.start,
                         .duration = duration,
                         .key = key,
                         .part = part,
                         .marks = (uint16_t)marks};
    bar.notes = notes;
    bar.n_notes = 1;
    assert_true(es_perform_most(&bar) <= MOST);
    const size_t count = es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_true(count >= 1 && count <= es_perform_most(&bar));
    return count;
}

static es_tick end_of(const es_played *note)
{
    return note->start + note->duration;
}

/* Strokes follow one another from the note's start to its end, all of them in G major, within the range. */
static void check_strokes(size_t count, es_played plain)
{
    static const uint16_t g_major = 1 << 7 | 1 << 9 | 1 << 11 | 1 << 0 | 1 << 2 | 1 << 4 | 1 << 6;

    assert_int_equal(played[0].start, plain.start);
    assert_int_equal(end_of(&played[count - 1]), end_of(&plain));
    for (size_t i = 0; i < count; i++) {
        assert_true(played[i].duration >= ES_QUARTER / 96);
        assert_true(g_major >> played[i].key % 12 & 1);
        assert_true(played[i].key >= 48 && played[i].key <= 84);
        assert_true(played[i].velocity >= 1 && played[i].velocity <= plain.velocity);
        assert_true(i == 0 || played[i].start == end_of(&played[i - 1]));
    }
    assert_int_equal(played[count - 1].key, plain.key);
}

static void check_keys(size_t count, const uint8_t *keys, size_t n)
{
    assert_int_equal(count, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(played[i].key, keys[i]);
    }
}

static void figures_are_of_the_scale_and_fill_the_note(void **state)
{
    static const struct {
        int mark;
        uint8_t keys[5];
        size_t count;
    } figures[] = {{ES_MARK_MORDENT, {71, 69, 71}, 3},
                   {ES_MARK_GRACE, {72, 71}, 2},
                   {ES_MARK_TURN, {72, 71, 69, 71}, 4},
                   {ES_MARK_ROLL, {71, 72, 71, 69, 71}, 5},
                   {ES_MARK_SLIDE, {67, 69, 71}, 3}};

    (void)state;
    for (double bpm = 40; bpm <= 260; bpm += 55) {
        for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
            assert_int_equal(play(0, 71, ES_QUARTER, 0, bpm), 1);
            const es_played plain = played[0];
            const size_t count = play(0, 71, ES_QUARTER, 1u << figures[i].mark, bpm);
            check_keys(count, figures[i].keys, figures[i].count);
            check_strokes(count, plain);
            assert_true(2 * (played[count - 1].duration + 1) >= plain.duration);
        }
    }
}

static void a_trill_fills_its_note_but_not_the_next_bar(void **state)
{
    (void)state;
    play(0, 72, 2 * ES_QUARTER, 0, 120);
    const es_played plain = played[0];
    const size_t count = play(0, 72, 2 * ES_QUARTER, 1u << ES_MARK_TRILL, 120);
    assert_in_range(count, 9, 15);
    assert_int_equal(count % 2, 1);
    check_strokes(count, plain);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(played[i].key, i % 2 ? 74 : 72);
    }
    const size_t many = play(0, 72, 9 * ES_QUARTER, 1u << ES_MARK_TRILL, 60);
    assert_true(many <= ES_MAX_STROKES);
    assert_true(played[many - 1].start < 2 * FAKE_BAR);
    assert_true(end_of(&played[many - 1]) > 2 * FAKE_BAR);
}

/* At the ends of the range another neighbour is taken, or none. */
static void no_stroke_leaves_the_range(void **state)
{
    static const uint8_t lower[] = {83, 84};

    (void)state;
    check_keys(play(0, 84, ES_QUARTER, 1u << ES_MARK_GRACE, 100), lower, 2);
    assert_int_equal(play(0, 84, ES_QUARTER, 1u << ES_MARK_TURN, 100), 1);
    assert_int_equal(play(0, 48, ES_QUARTER, 1u << ES_MARK_SLIDE, 100), 1);
    assert_int_equal(play(0, 71, 500, 1u << ES_MARK_TURN, 100), 1); /* No time. */
}

static void drums_roll_and_flam(void **state)
{
    (void)state;
    const size_t rolled = play(1, 38, ES_QUARTER, 1u << ES_MARK_ROLL, 120);
    assert_in_range(rolled, 6, 10);
    assert_true(played[0].velocity < played[rolled - 1].velocity);
    assert_int_equal(play(1, 38, ES_QUARTER, 1u << ES_MARK_GRACE, 120), 2);
    assert_true(played[0].velocity + 20 < played[1].velocity);
    assert_true(played[0].start >= FAKE_BAR); /* At a bar line the loud stroke waits. */
    const es_tick apart = played[1].start - played[0].start;
    assert_in_range(apart, ES_QUARTER / 40, ES_QUARTER / 16);
}

static void articulation_changes_the_length(void **state)
{
    (void)state;
    play(0, 71, ES_QUARTER, 0, 120);
    const es_played plain = played[0];
    play(0, 71, ES_QUARTER, 1u << ES_MARK_STACCATO, 120);
    assert_true(played[0].duration < plain.duration * 2 / 3);
    play(0, 71, ES_QUARTER, 1u << ES_MARK_TENUTO, 120);
    assert_int_equal(played[0].duration, ES_QUARTER);
    play(0, 71, ES_QUARTER, 1u << ES_MARK_LEGATO, 120);
    assert_true(played[0].duration > ES_QUARTER);
    play(0, 71, ES_QUARTER, 1u << ES_MARK_ACCENT, 120);
    assert_true(played[0].velocity > plain.velocity + 5);
    assert_int_equal(played[0].duration, plain.duration);
}

/* Three lines strike together; the lowest is first on the beat, the highest off it. */
static void a_strum_goes_down_and_up(void **state)
{
    size_t n_tempo;

    (void)state;
    fake_bars_init(&fake, N_BARS);
    fake.style.performance.human_ms = 0;
    fake.style.performance.swing = 0.5;
    fake.style.parts[0].n_lines = 3;
    fake.style.parts[0].strum_ms = 20;
    es_bar bar = fake_bar(&fake, 0, N_BARS);
    for (uint32_t i = 0; i < 6; i++) {
        notes[i] = (es_note){.start = bar.start + (i / 3) * (ES_QUARTER / 2),
                             .duration = ES_QUARTER / 2,
                             .key = (uint8_t)(72 - 4 * (i % 3)),
                             .line = (uint8_t)(i % 3)};
    }
    bar.notes = notes;
    bar.n_notes = 6;
    assert_int_equal(es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo), 6);
    for (int i = 0; i < 3; i++) {
        const es_tick late = (es_tick)(20 * i * 120.0 * ES_QUARTER / 60000 + 0.5);
        assert_int_equal(played[i].key, 64 + 4 * i);
        assert_int_equal(played[i].start, late);
        assert_int_equal(played[3 + i].key, 72 - 4 * i);
        assert_int_equal(played[3 + i].start, ES_QUARTER / 2 + late);
    }
}

/* All marks on all notes: messages come in order, and what begins ends. */
static void every_note_on_has_its_off(void **state)
{
    const es_sched_track tracks[] = {{.name = "lead"}, {.name = "drums", .channel = 9}};
    es_sched *sched;
    es_tick last = 0;
    int sounding[16][128] = {{0}}, balance = 0, strikes = 0;
    estro_message message;

    (void)state;
    fake_bars_init(&fake, N_BARS);
    fake.style.parts[0].n_lines = 1;
    assert_int_equal(es_sched_new(&sched, tracks, 2, NULL, NULL), ESTRO_OK);
    for (uint32_t b = 0; b <= N_BARS; b++) {
        if (b == N_BARS) {
            es_sched_finish(sched);
        } else {
            size_t n_tempo;
            es_bar bar = fake_bar(&fake, b, N_BARS);
            for (size_t i = 0; i < FAKE_NOTES; i++) {
                notes[i] = bar.notes[i];
                notes[i].marks = (uint16_t)(1u << (i + b) % ES_MARK_COUNT);
            }
            bar.notes = notes;
            const size_t count = es_perform_bar(&fake.style, 5, &bar, played, tempo, &n_tempo);
            assert_true(count > FAKE_NOTES);
            for (size_t i = 1; i < count; i++) {
                assert_true(played[i].start >= played[i - 1].start);
            }
            assert_int_equal(es_sched_bar(sched, &bar, played, count, tempo, n_tempo, NULL),
                             ESTRO_OK);
        }
        while (es_sched_next(sched, &message)) {
            assert_true(message.tick >= last);
            last = message.tick;
            const int kind = message.data[0] & 0xF0;
            int *key = &sounding[message.data[0] & 15][message.data[1] & 127];
            if (message.kind == ESTRO_MIDI && (kind == 0x90 || kind == 0x80)) {
                *key += kind == 0x90 ? 1 : -1;
                balance += kind == 0x90 ? 1 : -1;
                strikes += kind == 0x90;
                assert_in_range(*key, 0, 1);
            }
        }
    }
    assert_int_equal(balance, 0);
    assert_true(strikes > N_BARS * FAKE_NOTES);
    es_sched_free(sched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_of_the_scale_and_fill_the_note),
        cmocka_unit_test(a_trill_fills_its_note_but_not_the_next_bar),
        cmocka_unit_test(no_stroke_leaves_the_range),
        cmocka_unit_test(drums_roll_and_flam),
        cmocka_unit_test(articulation_changes_the_length),
        cmocka_unit_test(a_strum_goes_down_and_up),
        cmocka_unit_test(every_note_on_has_its_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
