/* Performance: within its limits, the same each time, never at one loudness, and slower at the end. */
#include "perform/perform.h"

#include "fake_bars.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N_BARS = 8 };

static fake_bars fake;
static es_played played[FAKE_NOTES];
static es_tempo_point tempo[ES_MAX_TEMPO_POINTS];
static size_t n_tempo;

static int setup(void **state)
{
    (void)state;
    fake_bars_init(&fake, N_BARS);
    return 0;
}

static es_bar perform(uint32_t index, uint64_t seed)
{
    const es_bar bar = fake_bar(&fake, index, N_BARS);

    es_perform_bar(&fake.style, seed, &bar, played, tempo, &n_tempo);
    return bar;
}

static bool same(const es_played *a, const es_played *b)
{
    return a->start == b->start && a->duration == b->duration && a->key == b->key &&
           a->velocity == b->velocity && a->channel == b->channel && a->part == b->part;
}

static const es_played *find(uint8_t part, es_tick near)
{
    const es_played *best = NULL;

    for (size_t i = 0; i < FAKE_NOTES; i++) {
        if (played[i].part == part &&
            (!best || llabs(played[i].start - near) < llabs(best->start - near))) {
            best = &played[i];
        }
    }
    return best;
}

static void notes_stay_in_their_bar_and_within_the_limits(void **state)
{
    /* 8 ms at 120 are 161 ticks; the eighths swing by 0.2 of an eighth. */
    const es_tick most = 162 + ES_QUARTER / 10;

    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        for (uint32_t b = 0; b < N_BARS; b++) {
            const es_bar bar = perform(b, seed);
            for (size_t i = 0; i < FAKE_NOTES; i++) {
                const es_played *const p = &played[i];
                assert_true(p->start >= bar.start && p->start < bar.start + bar.length);
                assert_true(p->duration > 0);
                assert_in_range(p->velocity, 1, 127);
                assert_true(i == 0 || played[i - 1].start <= p->start);
                assert_int_equal(p->channel, p->part ? 9 : 0);
            }
            for (size_t i = 0; i < FAKE_NOTES; i++) {
                const es_note *const n = &bar.notes[i];
                assert_true(llabs(find(n->part, n->start)->start - n->start) <= most);
            }
        }
    }
}

static void the_same_seed_gives_the_same_performance(void **state)
{
    es_played first[FAKE_NOTES];
    es_played other[FAKE_NOTES];

    (void)state;
    perform(2, 1);
    memcpy(first, played, sizeof first);
    perform(2, 2);
    memcpy(other, played, sizeof other);
    perform(2, 1);
    int differ = 0;
    for (size_t i = 0; i < FAKE_NOTES; i++) {
        assert_true(same(&first[i], &played[i]));
        differ += !same(&first[i], &other[i]);
    }
    assert_true(differ > FAKE_NOTES / 2);
}

static void a_note_more_changes_no_other(void **state)
{
    es_bar bar = fake_bar(&fake, 1, N_BARS);
    es_played all[FAKE_NOTES];

    (void)state;
    es_perform_bar(&fake.style, 3, &bar, all, tempo, &n_tempo);
    bar.notes++; /* without the first */
    bar.n_notes--;
    es_perform_bar(&fake.style, 3, &bar, played, tempo, &n_tempo);
    size_t found = 0;
    for (size_t i = 0; i < bar.n_notes; i++) {
        for (size_t j = 0; j < FAKE_NOTES; j++) {
            found += same(&all[j], &played[i]);
        }
    }
    assert_int_equal(found, bar.n_notes);
}

static void swing_moves_the_second_of_each_pair_exactly(void **state)
{
    (void)state;
    fake.style.performance.human_ms = 0;
    fake.style.performance.swing = 2.0 / 3.0;
    perform(0, 1);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(find(0, i * ES_QUARTER)->start, i * ES_QUARTER);
        assert_int_equal(find(0, i * ES_QUARTER + 6720)->start, i * ES_QUARTER + 6720);
    }
    fake.style.performance.swing = 0.5;
    perform(0, 1);
    assert_int_equal(find(0, 5040)->start, 5040);

    /* Triplets are no pairs: they stay even. */
    es_note triplet[3];
    es_bar bar = fake_bar(&fake, 0, N_BARS);
    for (int i = 0; i < 3; i++) {
        triplet[i] = (es_note){.start = i * 3360, .duration = 3360, .key = (uint8_t)(60 + i)};
    }
    bar.notes = triplet;
    bar.n_notes = 3;
    fake.style.performance.swing = 0.6;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(played[i].start, i * 3360);
    }
}

static void loudness_follows_metre_accent_and_level(void **state)
{
    es_note notes[4] = {{.start = 0, .duration = 100, .key = 36, .part = 1},
                        {.start = 5040, .duration = 100, .key = 36, .part = 1},
                        {.start = 15120, .duration = 100, .key = 36, .part = 1, .accent = 1},
                        {.start = 25200, .duration = 100, .key = 36, .part = 1, .accent = -1}};
    es_bar bar = fake_bar(&fake, 0, N_BARS);

    (void)state;
    fake.style.performance.human_velocity = 0;
    bar.notes = notes;
    bar.n_notes = 4;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_true(played[0].velocity > played[1].velocity);
    assert_true(played[2].velocity > played[1].velocity);
    assert_true(played[3].velocity < played[1].velocity);
    const int medium = played[0].velocity;
    bar.level = 9;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_true(played[0].velocity > medium + 10);

    /* Even a style that asks for nothing is not played at one loudness. */
    fake.style.performance = (es_performance){.velocity_low = 80, .velocity_high = 80, .gate = 1};
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_true(played[0].velocity > played[1].velocity);
}

/* Four hits of a drum, a beat each. */
static void play_beats(uint32_t bar_index, double rise_start, double rise_end, uint8_t out[4])
{
    es_note notes[4];
    es_bar bar = fake_bar(&fake, bar_index, N_BARS);

    for (int i = 0; i < 4; i++) {
        notes[i] =
            (es_note){.start = bar.start + i * ES_QUARTER, .duration = 100, .key = 36, .part = 1};
    }
    bar.rise[0] = rise_start;
    bar.rise[1] = rise_end;
    bar.notes = notes;
    bar.n_notes = 4;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    for (int i = 0; i < 4; i++) {
        out[i] = played[i].velocity;
    }
}

static void stress_takes_the_place_of_the_metre(void **state)
{
    uint8_t v[4];

    (void)state;
    fake.style.performance.accent = 40;
    fake.style.performance.arch = 0;
    fake.style.performance.n_stress = 4;
    memcpy(fake.style.performance.stress, (uint8_t[]){0, 100, 50, 150}, 4);
    play_beats(1, 0, 0, v);
    assert_in_range(v[2] - v[0], 20 - 4, 20 + 4);
    assert_in_range(v[1] - v[0], 40 - 4, 40 + 4);
    assert_true(v[3] > v[1] && v[1] > v[2] && v[2] > v[0]);
}

static void a_level_moves_within_the_bar(void **state)
{
    uint8_t even[4], rising[4];

    (void)state;
    fake.style.performance.arch = 0;
    fake.style.performance.n_stress = 1;
    fake.style.performance.velocity_low = 30;
    fake.style.performance.velocity_high = 102;
    play_beats(1, 0, 0, even);
    play_beats(1, 0, 4, rising);
    assert_int_equal(rising[0], even[0]);
    for (int i = 1; i < 4; i++) { /* A level is 8 velocities. */
        assert_in_range(rising[i] - even[i], 8 * i - 1, 8 * i + 1);
    }
}

/* The same notes and accents, by the role of the part. */
static void roles_take_accents_in_their_ways(void **state)
{
    es_note notes[2] = {{.start = 0, .duration = 100, .key = 60},
                        {.start = ES_QUARTER, .duration = 100, .key = 60, .accent = 1}};
    es_bar bar = fake_bar(&fake, 0, N_BARS);
    int distances[ES_ROLE_COUNT];

    (void)state;
    bar.notes = notes;
    bar.n_notes = 2;
    bar.level = 0;
    fake.style.performance.accent = 40;
    fake.style.performance.arch = 0;
    fake.style.performance.n_stress = 1; /* All on the bar line. */
    fake.style.performance.stress[0] = 150;
    for (uint8_t role = 0; role < ES_ROLE_COUNT; role++) {
        fake.style.parts[0].role = role;
        es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
        distances[role] = played[0].velocity - played[1].velocity;
    }
    assert_true(distances[ES_ROLE_BASS] > distances[ES_ROLE_MELODY]);
    assert_true(distances[ES_ROLE_HARMONY] > distances[ES_ROLE_COUNTER]);
}

static void phrases_breathe_and_the_last_note_is_held_to_the_end(void **state)
{
    es_note note = {.start = 3 * FAKE_BAR, .duration = FAKE_BAR, .key = 60};
    es_bar bar = fake_bar(&fake, 3, N_BARS);

    (void)state;
    fake.style.performance.human_ms = 0;
    fake.style.performance.gate = 1;
    bar.notes = &note;
    bar.n_notes = 1;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_int_equal(played[0].duration, FAKE_BAR - ES_QUARTER / 4);
    bar.phrase_bar = 1;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_int_equal(played[0].duration, FAKE_BAR);
    fake.style.performance.gate = 0.5;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_int_equal(played[0].duration, FAKE_BAR - ES_QUARTER / 2);
    bar.phrase_bar = 3;
    bar.is_last = true;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_int_equal(played[0].duration, FAKE_BAR);
}

static void a_key_ends_before_it_is_struck_again(void **state)
{
    es_note notes[2] = {{.start = 0, .duration = FAKE_BAR, .key = 60},
                        {.start = ES_QUARTER, .duration = ES_QUARTER, .key = 60}};
    es_bar bar = fake_bar(&fake, 0, N_BARS);

    (void)state;
    bar.notes = notes;
    bar.n_notes = 2;
    es_perform_bar(&fake.style, 1, &bar, played, tempo, &n_tempo);
    assert_int_equal(played[0].start + played[0].duration, played[1].start);
}

static void the_end_slows_down_and_only_the_end(void **state)
{
    double last = 120;

    (void)state;
    for (uint32_t b = 0; b < N_BARS; b++) {
        const es_bar bar = perform(b, 1);
        assert_int_equal(tempo[0].tick, bar.start);
        if (b < N_BARS - 2) {
            assert_int_equal(n_tempo, 1);
            assert_true(tempo[0].tempo == 120);
            continue;
        }
        assert_int_equal(n_tempo, 8);
        for (size_t i = 0; i < n_tempo; i++) {
            assert_true(tempo[i].tempo < last);
            assert_true(i == 0 || tempo[i].tick > tempo[i - 1].tick);
            last = tempo[i].tempo;
        }
    }
    assert_true(last > 0.7 * 120 && last < 0.75 * 120);
    fake.style.performance.ritard = 1;
    perform(N_BARS - 1, 1);
    assert_int_equal(n_tempo, 1);
}

static void as_written_nothing_moves(void **state)
{
    const es_bar bar = fake_bar(&fake, 2, N_BARS);

    (void)state;
    es_perform_plain(&fake.style, &bar, played, tempo, &n_tempo);
    assert_int_equal(n_tempo, 1);
    for (size_t i = 0; i < FAKE_NOTES; i++) {
        const es_note *const note = &bar.notes[i];
        const es_played *const p = find(note->part, note->start);
        assert_int_equal(p->start, note->start);
        assert_int_equal(p->duration, note->duration);
        assert_int_equal(p->velocity, 80);
    }
}

/* A feel moves the drum that it names by as much as it says, never more than twice its spread beyond, and nothing else. */
static void a_feel_moves_its_drums_within_its_limits(void **state)
{
    static es_played plain[FAKE_NOTES];
    es_feel feel = {.name = "f", .n_rows = 1};
    es_feel_row *row = &feel.rows[0];
    const double ticks = 120 * ES_QUARTER / 60000.0;

    (void)state;
    fake.style.performance.human_ms = 0;
    fake.style.performance.human_velocity = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        const es_bar bar = perform(2, seed);
        memcpy(plain, played, sizeof plain);
        *row = (es_feel_row){.level = {30, 70, 110}};
        for (size_t i = 0; i < bar.n_notes; i++) {
            row->key = bar.notes[i].part == 1 ? bar.notes[i].key : row->key;
        }
        for (int i = 0; i < ES_FEEL_PLACES; i++) {
            row->late[i] = 20;
            row->loose[i] = 5;
            row->loud[i] = -8;
        }
        fake.style.performance.feel = &feel;
        fake.style.performance.feel_share = 1;
        perform(2, seed);
        for (size_t i = 0; i < bar.n_notes; i++) {
            const es_note *note = &bar.notes[i];
            const es_played *before = NULL, *after = NULL;
            for (size_t j = 0; j < bar.n_notes; j++) {
                const bool was = plain[j].part == note->part && plain[j].key == note->key;
                const bool is = played[j].part == note->part && played[j].key == note->key;
                before = was && llabs(plain[j].start - note->start) < 3000 ? &plain[j] : before;
                after = is && llabs(played[j].start - note->start) < 3000 ? &played[j] : after;
            }
            if (!before || !after) {
                continue;
            }
            const double moved = (double)(after->start - before->start);
            if (note->part == 1 && note->key == row->key) {
                assert_true(moved >= 9 * ticks && moved <= 31 * ticks);
            } else {
                assert_true(moved == 0 && before->velocity == after->velocity);
            }
        }
        fake.style.performance.feel = NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(notes_stay_in_their_bar_and_within_the_limits, setup),
        cmocka_unit_test_setup(the_same_seed_gives_the_same_performance, setup),
        cmocka_unit_test_setup(a_note_more_changes_no_other, setup),
        cmocka_unit_test_setup(swing_moves_the_second_of_each_pair_exactly, setup),
        cmocka_unit_test_setup(loudness_follows_metre_accent_and_level, setup),
        cmocka_unit_test_setup(stress_takes_the_place_of_the_metre, setup),
        cmocka_unit_test_setup(a_level_moves_within_the_bar, setup),
        cmocka_unit_test_setup(roles_take_accents_in_their_ways, setup),
        cmocka_unit_test_setup(phrases_breathe_and_the_last_note_is_held_to_the_end, setup),
        cmocka_unit_test_setup(a_key_ends_before_it_is_struck_again, setup),
        cmocka_unit_test_setup(the_end_slows_down_and_only_the_end, setup),
        cmocka_unit_test_setup(as_written_nothing_moves, setup),
        cmocka_unit_test_setup(a_feel_moves_its_drums_within_its_limits, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
