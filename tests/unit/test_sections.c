/* Sections: files that change metre and key, long ones, and bars that are incomplete; and parts that are voices. */
#include "analysis/analysis.h"
#include "base/diag.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "midi.h"

static midi m;

static es_sections sections_of(midi *file)
{
    es_smf smf;
    es_sections found;

    assert_int_equal(es_analyse_sections(&found, midi_read(file, &smf), NULL), ESTRO_OK);
    es_smf_done(&smf);
    es_free(file->bytes);
    file->bytes = NULL;
    return found;
}

/* `count` notes of a scale, one after another. */
static void scale(int track, int tick, int step, int count)
{
    for (int i = 0; i < count; i++) {
        midi_note(&m, track, track, 60 + i % 5, tick + i * step, step);
    }
}

static void metre_and_key_begin_sections(void **state)
{
    const uint8_t two_sharps[2] = {2, 0};

    (void)state;
    midi_begin(&m);
    midi_meter(&m, 0, 4, 2);
    scale(0, 0, Q, 32);
    midi_meter(&m, 32 * Q, 3, 2);
    scale(0, 32 * Q, Q, 24);
    midi_meta(&m, 0, 56 * Q, ES_SMF_KEY, two_sharps, 2);
    scale(0, 56 * Q, Q, 21);
    es_sections found = sections_of(&m);
    assert_int_equal(found.count, 3);
    assert_int_equal(found.list[0].meter.numerator, 4);
    assert_int_equal(found.list[0].n_notes, 32);
    assert_int_equal(found.list[1].meter.numerator, 3);
    assert_int_equal(found.list[1].n_notes, 24);
    assert_int_equal(found.list[1].notes[0].start, 0);
    assert_int_equal(found.list[1].length, 24 * ES_QUARTER);
    assert_int_equal(found.list[2].meter.numerator, 3);
    assert_int_equal(found.n_left_out, 0);
    es_sections_done(&found);
}

/* A bar of one note before the first full one is its upbeat; what is too short is left out, and counted. */
static void scraps_are_joined_or_left_out(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_meter(&m, 0, 1, 2);
    midi_note(&m, 0, 0, 60, 0, Q);
    midi_meter(&m, Q, 4, 2);
    scale(0, Q, Q, 32);
    midi_meter(&m, 33 * Q, 2, 2);
    scale(0, 33 * Q, Q, 4);
    midi_meter(&m, 37 * Q, 3, 2);
    scale(0, 37 * Q, Q, 30);
    es_sections found = sections_of(&m);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.list[0].n_notes, 33);
    assert_int_equal(found.list[0].pickup, 3 * ES_QUARTER);
    assert_int_equal(found.n_left_out, 4);
    es_sections_done(&found);
}

/* After an incomplete bar, notes stand beside the beat. */
static void beats_are_found_again(void **state)
{
    const int late = Q / 8;

    (void)state;
    midi_begin(&m);
    midi_meter(&m, 0, 3, 2);
    scale(0, 0, Q, 30);
    midi_meter(&m, 30 * Q, 2, 2);
    scale(0, 30 * Q + late, Q / 2, 60);
    es_sections found = sections_of(&m);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.list[1].grid, 2);
    assert_int_equal(found.list[1].notes[0].start, 0);
    es_sections_done(&found);
}

/* An upbeat that the file takes for a bar: long notes stand on what is the bar line. */
static void bar_lines_are_found_again(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_meter(&m, 0, 4, 2);
    scale(0, 0, Q, 32);
    midi_meter(&m, 32 * Q, 3, 2);
    midi_note(&m, 0, 0, 60, 32 * Q, Q);
    for (int bar = 0; bar < 12; bar++) {
        midi_note(&m, 0, 0, 62 + bar % 3, (33 + 3 * bar) * Q, 2 * Q);
        midi_note(&m, 0, 0, 65, (35 + 3 * bar) * Q, Q);
    }
    es_sections found = sections_of(&m);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.list[1].pickup, 2 * ES_QUARTER);
    es_sections_done(&found);
}

static void long_pieces_are_cut_where_they_breathe(void **state)
{
    (void)state;
    midi_begin(&m);
    midi_meter(&m, 0, 4, 2);
    scale(0, 0, Q, 155);
    scale(0, 156 * Q, Q, 164); /* A rest before bar 39. */
    es_sections found = sections_of(&m);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.list[0].n_notes, 155);
    assert_int_equal(found.list[1].n_notes, 164);
    assert_int_equal(found.list[1].pickup, 0);
    es_sections_done(&found);
}

static void as_many_parts_as_voices_are_voices(void **state)
{
    es_roll roll;
    size_t dropped = 9;

    (void)state;
    midi_begin(&m);
    midi_note(&m, 0, 0, 55, 0,
              2 * Q); /* The first part goes below the second: it stays the first. */
    midi_note(&m, 0, 0, 59, 0, 2 * Q); /* A double stop. */
    midi_note(&m, 1, 1, 72, 0, 2 * Q);
    midi_note(&m, 2, 2, 36, 0, 2 * Q);
    midi_note(&m, 2, 2, 43, 0, 2 * Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(es_analysis_roll(&roll, &a, 3, 1, &dropped, NULL), ESTRO_OK);
    assert_int_equal(dropped, 2);
    assert_int_equal(roll.n_voices, 3);
    assert_int_equal(roll.pitch[0], 59);
    assert_int_equal(roll.pitch[1], 72);
    assert_int_equal(roll.pitch[2], 36);
    es_roll_done(&roll);
    es_analysis_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metre_and_key_begin_sections),
        cmocka_unit_test(scraps_are_joined_or_left_out),
        cmocka_unit_test(beats_are_found_again),
        cmocka_unit_test(bar_lines_are_found_again),
        cmocka_unit_test(long_pieces_are_cut_where_they_breathe),
        cmocka_unit_test(as_many_parts_as_voices_are_voices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
