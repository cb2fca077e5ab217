/* Analysis: notes, parts, grid, bar lines, key, chords and form of files made here. */
#include "analysis/analysis.h"
#include "analysis/form.h"
#include "base/diag.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "midi.h"

static midi m;

/* The chords as symbols, one a beat, separated by spaces. */
static void assert_chords(const es_analysis *a, const char *expected)
{
    char text[1024] = "";
    size_t n = 0;

    for (uint32_t i = 0; i < a->n_beats && n + 32 < sizeof text; i++) {
        char symbol[ES_CHORD_TEXT];
        es_chord_symbol(symbol, sizeof symbol, a->chords[i], &a->key);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", symbol);
    }
    assert_string_equal(text, expected);
}

static void assert_key(const es_analysis *a, const char *expected)
{
    char text[32];

    es_key_write(text, sizeof text, a->key);
    assert_string_equal(text, expected);
}

/* ---- notes and parts ---- */

static void note_ends_are_found(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_message(&m, 0, 0, 0x90, 60, 80);
    midi_message(&m, 0, Q, 0x90, 60, 70);     /* Struck again while it sounds ... */
    midi_message(&m, 0, Q + 10, 0x80, 60, 0); /* ... this ends the first. */
    midi_message(&m, 0, 2 * Q, 0x90, 60, 0);  /* Velocity 0 ends, too. */
    midi_message(&m, 0, 2 * Q, 0x90, 64, 60); /* Never ended: lasts to the end of the track. */
    midi_message(&m, 0, 3 * Q, 0x80, 99, 0);  /* Ends nothing. */
    midi_meta(&m, 0, 4 * Q, ES_SMF_END_OF_TRACK, "", 0);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(a.n_notes, 3);
    assert_int_equal(a.notes[0].duration, ES_QUARTER);
    assert_int_equal(a.notes[1].start, ES_QUARTER);
    assert_int_equal(a.notes[1].duration, ES_QUARTER);
    assert_int_equal(a.velocities[1], 70);
    assert_int_equal(a.notes[2].duration, 2 * ES_QUARTER);
    assert_int_equal(a.length, 4 * ES_QUARTER);
    assert_int_equal(a.n_bars, 1);
    assert_int_equal(a.n_beats, 4);
    es_analysis_done(&a);
}

static void parts_are_channels_of_tracks(void **state)
{
    const uint8_t tempo[3] = {0x0A, 0x2C, 0x2A}; /* 90 a minute. */

    (void)state;
    midi_begin(&m);
    midi_meta(&m, 0, 0, 0x51, tempo, 3);
    midi_meta(&m, 1, 0, 0x03, "Fl\xF6te\x01 ", 7); /* Latin-1, and a control character. */
    midi_message(&m, 1, 0, 0xC0, 73, 0);
    midi_meta(&m, 2, 0, 0x03, "\xE2\x99\xAD piano", 9);
    midi_message(&m, 0, 0, 0xC2, 33, 0); /* A program given in another track. */
    for (int i = 0; i < 4; i++) {
        midi_note(&m, 1, 0, 76 + i, i * Q, Q);
        midi_note(&m, 2, 1, 60, i * Q, Q);
        midi_note(&m, 2, 1, 64, i * Q, Q);
        midi_note(&m, 2, 1, 67, i * Q, Q);
        midi_note(&m, 2, 2, 36, i * Q, Q);
        midi_note(&m, 2, 9, 35, i * Q, 10);
    }
    es_analysis a = midi_analyse(&m);
    assert_int_equal(a.n_parts, 4);
    assert_string_equal(a.parts[0].name, "Fl\xC3\xB6te");
    assert_int_equal(a.parts[0].program, 73);
    assert_int_equal(a.parts[0].role, ES_ROLE_MELODY);
    assert_int_equal(a.parts[0].low, 76);
    assert_int_equal(a.parts[0].high, 79);
    assert_int_equal(a.parts[0].n_notes, 4);
    assert_string_equal(a.parts[1].name, "\xE2\x99\xAD piano");
    assert_int_equal(a.parts[1].polyphony, 3);
    assert_int_equal(a.parts[1].role, ES_ROLE_HARMONY);
    assert_int_equal(a.parts[2].role, ES_ROLE_BASS);
    assert_int_equal(a.parts[2].program, 33);
    assert_int_equal(a.parts[3].role, ES_ROLE_DRUMS);
    assert_true(a.parts[3].is_drums);
    assert_true(a.tempo > 89.99 && a.tempo < 90.01);
    es_analysis_done(&a);
}

/* ---- grid and bar lines ---- */

static void the_coarsest_grid_is_found(void **state)
{
    static const struct {
        int step, grid;
    } cases[] = {{Q, 1}, {Q / 2, 2}, {Q / 3, 3}, {Q / 4, 4}, {Q / 6, 6}, {Q / 8, 8}, {Q / 12, 12}};

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        midi_begin(&m);
        for (int i = 0; i < 24; i++) {
            midi_note(&m, 0, 0, 60 + i % 12, i * cases[k].step, cases[k].step);
        }
        es_analysis a = midi_analyse(&m);
        assert_true(a.on_grid);
        assert_int_equal(a.grid, cases[k].grid);
        es_analysis_done(&a);
    }
}

static void articulation_is_taken_back(void **state)
{
    static const int lengths[] = {Q, Q / 2, Q / 2, 4 * Q, 2 * Q};
    int tick = 0;

    (void)state;
    midi_begin(&m);
    for (int i = 0; i < 5; i++) { /* Sounds for 95 in 100. */
        midi_note(&m, 0, 0, 60 + i, tick, lengths[i] * 95 / 100);
        tick += lengths[i];
    }
    es_analysis a = midi_analyse(&m);
    assert_true(a.on_grid);
    assert_int_equal(a.grid, 2);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(a.notes[i].duration, lengths[i] * (ES_QUARTER / Q));
    }
    es_analysis_done(&a);
}

static void played_music_is_left_as_it_is(void **state)
{
    (void)state;
    midi_begin(&m);
    for (int i = 0; i < 40; i++) {
        midi_note(&m, 0, 0, 60 + i % 12, i * Q / 2 + i * 37 % 61, 200);
    }
    es_analysis a = midi_analyse(&m);
    assert_false(a.on_grid);
    assert_int_equal(a.notes[1].start, (Q / 2 + 37) * (ES_QUARTER / Q));
    es_analysis_done(&a);
}

static void an_upbeat_is_padded_to_a_bar(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_meter(&m, 0, 1, 2);
    midi_meter(&m, Q, 3, 2);
    midi_note(&m, 0, 0, 67, 0, Q);
    for (int i = 0; i < 6; i++) {
        midi_note(&m, 0, 0, 72, Q + i * Q, Q);
    }
    es_analysis a = midi_analyse(&m);
    assert_int_equal(a.meter.numerator, 3);
    assert_int_equal(a.pickup, 2 * ES_QUARTER);
    assert_int_equal(a.notes[0].start, 2 * ES_QUARTER);
    assert_int_equal(a.n_bars, 3);
    es_analysis_done(&a);
}

static void accents_tell_the_bar_line(void **state)
{
    (void)state;
    midi_begin(&m);
    for (int i = 0; i < 33; i++) {
        midi_note(&m, 0, 0, 60 + i * 5 % 12, i * Q, Q);
        m.events[m.smf.n_events - 2].data2 = i % 4 == 1 ? 105 : 80;
    }
    es_analysis a = midi_analyse(&m);
    assert_int_equal(a.pickup, 3 * ES_QUARTER);
    es_analysis_done(&a);
}

/* ---- key and chords ---- */

static void keys_are_found(void **state)
{
    static const struct {
        const char *tune, *key;
    } cases[] = {
        {"C4 D4 E4 F4 G4 A4 G4 F4 E4 D4 C4 B3 C4", "C major"},
        {"A4 B4 C5 D5 E5 F5 E5 D5 C5 B4 A4 G#4 A4", "A minor"},
        {"D4 E4 F4 G4 A4 B4 C5 A4 D5 C5 B4 G4 A4 F4 E4 C4 D4", "D dorian"},
        {"G4 A4 B4 C5 D5 E5 F5 D5 B4 G4 A4 F4 G4 D4 G4", "G mixolydian"},
        {"F#4 C#5 A4 F#4 G#4 A4 B4 C#5 D5 C#5 B4 A4 G#4 E#4 F#4", "F# minor"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        midi_begin(&m);
        midi_tune(&m, 0, cases[i].tune, Q);
        es_analysis a = midi_analyse(&m);
        assert_key(&a, cases[i].key);
        assert_true(a.key_confidence > 0 && a.key_confidence <= 1);
        es_analysis_done(&a);
    }
}

static void chords_of_four_voices(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_tune(&m, 0, "C5 B4 C5 D5 E5 D5 D5 C5", Q);
    midi_tune(&m, 1, "G4 G4 A4 A4 G4 A4 G4 G4", Q);
    midi_tune(&m, 2, "E4 D4 E4 F4 C4 F4 F4 E4", Q);
    midi_tune(&m, 3, "C3 G3 A3 D3 C3 F3 G3 C3", Q);
    es_analysis a = midi_analyse(&m);
    assert_key(&a, "C major");
    assert_chords(&a, "C G Am Dm C Dm/F G7 C");
    es_analysis_done(&a);
}

static void passing_notes_make_no_chords(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_tune(&m, 0, "E5 D5 E5 F5 G5 F5 E5 D5 D5 E5 F5 D5 E5 D5 C5 C5",
              Q / 2); /* Eighths over ... */
    midi_tune(&m, 1, "G4 G4 G4 G4 G4 G4 G4 G4", Q);
    midi_tune(&m, 2, "C3 C3 C3 C3 B2 B2 C3 C3", Q); /* ... C and G/B. */
    es_analysis a = midi_analyse(&m);
    assert_chords(&a, "C C C C G/B G7/B C C");
    es_analysis_done(&a);
}

static void a_stride_keeps_its_bass(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_tune(&m, 0, "C2 - G2 - C2 - C2 -", Q);
    for (int i = 0; i < 4; i++) {
        static const int chords[4][3] = {{64, 67, 72}, {65, 67, 71}, {64, 67, 72}, {64, 67, 72}};
        for (int k = 0; k < 3; k++) {
            midi_note(&m, 0, 0, chords[i][k], (2 * i + 1) * Q, Q);
        }
    }
    es_analysis a = midi_analyse(&m);
    assert_chords(&a, "C C G G7 C C C C");
    es_analysis_done(&a);
}

static void a_tune_alone_implies_harmony(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_tune(&m, 0, "C5 E5 G5 E5 F5 A5 C6 A5 G5 B5 D5 B4 C5 E5 C5 C5", Q);
    es_analysis a = midi_analyse(&m);
    assert_chords(&a, "C C C C F F F F G G G G C C C C");
    es_analysis_done(&a);
}

/* Long pieces are worked on in windows: no seam shows. */
static void long_pieces_have_no_seams(void **state)
{
    enum { BEATS = 5000 };
    static const int roots[] = {0, 9, 5, 7};
    static const int thirds[] = {4, 3, 4, 4};
    static es_note notes[3 * BEATS];
    static es_chord chords[BEATS];

    (void)state;
    for (int i = 0; i < BEATS; i++) {
        for (int k = 0; k < 3; k++) {
            const int key = 48 + roots[i % 4] + (k == 0 ? 0 : k == 1 ? thirds[i % 4] : 7);
            notes[3 * i + k] =
                (es_note){.start = i * ES_QUARTER, .duration = ES_QUARTER, .key = (uint8_t)key};
        }
    }
    assert_int_equal(
        es_analyse_chords(notes, 3 * BEATS, NULL, (es_meter){4, 4}, (es_key){0, 0}, chords, BEATS),
        ESTRO_OK);
    for (int i = 0; i < BEATS; i++) {
        assert_int_equal(chords[i].root, roots[i % 4]);
        assert_int_equal(chords[i].quality, i % 4 == 1 ? ES_QUALITY_MIN : ES_QUALITY_MAJ);
        assert_int_equal(chords[i].bass, 0);
    }
}

static void silence_has_no_chord(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_tune(&m, 0, "C5 E5 G5 C5 - - - - - - - - - - - - - - - - C5 E5 G5 C5", Q);
    midi_tune(&m, 1, "C3 C3 C3 C3 - - - - - - - - - - - - - - - - C3 C3 C3 C3", Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(a.chords[0].quality, ES_QUALITY_MAJ);
    assert_int_equal(a.chords[10].quality, ES_QUALITY_NONE);
    assert_int_equal(a.chords[23].quality, ES_QUALITY_MAJ);
    es_analysis_done(&a);
}

/* ---- form ---- */

static void bars_that_repeat(void **state)
{
    static const int16_t expected[] = {-1, -1, 0, 1, -1, 1, -1, 0};

    (void)state;
    midi_begin(&m);
    midi_tune(
        &m, 0,
        "C5 D5 E5 F5 G5 F5 E5 D5 C5 D5 E5 F5 G5 F5 E5 D5 C5 D5 E5 G5 G5 F5 E5 D5 - - - - C5 D5 E5 "
        "F5",
        Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(a.n_bars, 8);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(a.bar_like[i], expected[i]);
    }
    es_analysis_done(&a);
}

static void passages_that_repeat(void **state)
{
    /* a b c d  a b c e  f  c e  a b c e */
    static const int16_t like[] = {-1, -1, -1, -1, 0, 1, 2, -1, -1, 2, 7, 0, 1, 2, 7};
    static const es_repeat expected[] = {{4, 3, 0}, {9, 2, 6}, {11, 4, 4}};
    es_repeat repeat = {0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(es_form_next_repeat(&repeat, like, 15, repeat.first + repeat.count));
        assert_int_equal(repeat.first, expected[i].first);
        assert_int_equal(repeat.count, expected[i].count);
        assert_int_equal(repeat.like, expected[i].like);
    }
    assert_false(es_form_next_repeat(&repeat, like, 15, repeat.first + repeat.count));
}

/* ---- what fails ---- */

static void files_without_music_are_refused(void **state)
{
    es_analysis a;
    es_smf smf;
    estro_diag diag;

    (void)state;
    midi_begin(&m);
    midi_meta(&m, 0, 0, 0x03, "nothing", 7);
    assert_int_equal(es_analyse(&a, midi_read(&m, &smf), &diag), ESTRO_ERR_FORMAT);
    assert_string_equal(diag.text, "there is no note in it");
    midi_done(&m, &smf);
    midi_begin(&m);
    midi_note(&m, 0, 0, 60, 0, Q);
    m.smf.division = 0;
    m.smf.smpte_fps = 25;
    m.smf.smpte_ticks = 40;
    assert_int_equal(es_analyse(&a, midi_read(&m, &smf), &diag), ESTRO_ERR_FORMAT);
    assert_non_null(strstr(diag.text, "SMPTE"));
    midi_done(&m, &smf);
    midi_begin(&m);
    midi_note(&m, 0, 0, 60, 0x0FFFFFF0, 4);
    m.smf.division = 24;
    assert_int_equal(es_analyse(&a, midi_read(&m, &smf), &diag), ESTRO_ERR_FORMAT);
    assert_non_null(strstr(diag.text, "too late"));
    midi_done(&m, &smf);
}

static void want_of_memory_is_told(void **state)
{
    es_analysis a;
    es_smf smf;
    es_roll roll;

    (void)state;
    midi_begin(&m);
    midi_meter(&m, 0, 4, 2);
    midi_tune(&m, 0, "C5 E5 G5 C5", Q);
    midi_tune(&m, 1, "C3 E3 G3 C3", Q);
    midi_read(&m, &smf);
    es_mem_fail_after(-1);
    assert_int_equal(es_analyse(&a, &smf, NULL), ESTRO_OK);
    const long needed = (long)es_mem_fail_after(-1);
    assert_int_equal(es_analysis_roll(&roll, &a, 4, 4, NULL, NULL), ESTRO_OK);
    const long needed_by_roll = (long)es_mem_fail_after(-1);
    es_roll_done(&roll);
    for (long n = 0; n < needed_by_roll; n++) {
        es_mem_fail_after(n);
        const estro_status status = es_analysis_roll(&roll, &a, 4, 4, NULL, NULL);
        es_mem_fail_after(-1);
        assert_int_equal(status, ESTRO_ERR_MEMORY);
    }
    es_analysis_done(&a);
    for (long n = 0; n < needed; n++) {
        es_mem_fail_after(n);
        const estro_status status = es_analyse(&a, &smf, NULL);
        es_mem_fail_after(-1);
        assert_int_equal(status, ESTRO_ERR_MEMORY);
    }
    midi_done(&m, &smf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(note_ends_are_found),
        cmocka_unit_test(parts_are_channels_of_tracks),
        cmocka_unit_test(the_coarsest_grid_is_found),
        cmocka_unit_test(articulation_is_taken_back),
        cmocka_unit_test(played_music_is_left_as_it_is),
        cmocka_unit_test(an_upbeat_is_padded_to_a_bar),
        cmocka_unit_test(accents_tell_the_bar_line),
        cmocka_unit_test(keys_are_found),
        cmocka_unit_test(chords_of_four_voices),
        cmocka_unit_test(passing_notes_make_no_chords),
        cmocka_unit_test(a_stride_keeps_its_bass),
        cmocka_unit_test(a_tune_alone_implies_harmony),
        cmocka_unit_test(long_pieces_have_no_seams),
        cmocka_unit_test(silence_has_no_chord),
        cmocka_unit_test(bars_that_repeat),
        cmocka_unit_test(passages_that_repeat),
        cmocka_unit_test(files_without_music_are_refused),
        cmocka_unit_test(want_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
