/* Voices on a grid: from files made here, and from a corpus where it is at hand. */
#include "analysis/analysis.h"
#include "base/diag.h"
#include "smf/files.h"

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

static void assert_voice(const es_roll *roll, int voice, const char *expected)
{
    char text[512] = "";
    size_t n = 0;

    for (uint32_t t = 0; t < roll->n_steps; t++) {
        const size_t at = (size_t)t * roll->n_voices + (size_t)voice;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%d%s", t ? " " : "", roll->pitch[at],
                              roll->onset[at] ? "" : "'");
    }
    assert_string_equal(text, expected);
}

static void monophonic_parts_are_voices(void **state)
{
    es_roll roll;
    size_t dropped = 9;

    (void)state;
    midi_begin(&m);
    midi_tune(&m, 0, "C3 G3", 2 * Q); /* The bass comes first in the file. */
    midi_tune(&m, 1, "C5 D5 E5 F5", Q);
    midi_note(&m, 2, 2, 64, Q, 3 * Q);
    midi_note(&m, 3, 9, 35, 0, 3 * Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(es_analysis_roll(&roll, &a, 4, 1, &dropped, NULL), ESTRO_OK);
    assert_int_equal(dropped, 0);
    assert_int_equal(roll.n_voices, 3);
    assert_int_equal(roll.grid, 1);
    assert_int_equal(roll.n_steps, 4);
    assert_int_equal(roll.n_beats, 4);
    assert_voice(&roll, 0, "72 74 76 77");
    assert_voice(&roll, 1, "-1' 64 64' 64'");
    assert_voice(&roll, 2, "48 48' 55 55'");
    assert_true(es_chord_equal(roll.chord[0], a.chords[0]));
    es_roll_done(&roll);
    es_analysis_done(&a);
}

static void chords_are_split_from_the_top(void **state)
{
    es_roll roll;
    size_t dropped = 9;

    (void)state;
    midi_begin(&m);
    midi_note(&m, 0, 0, 72, 0, Q);
    midi_note(&m, 0, 0, 74, Q, Q);
    midi_note(&m, 0, 0, 64, 0, 2 * Q);
    midi_note(&m, 0, 0, 48, 0, 2 * Q);
    midi_note(&m, 0, 0, 71, 2 * Q, Q);
    midi_note(&m, 0, 0, 67, 2 * Q, Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(es_analysis_roll(&roll, &a, 4, 1, &dropped, NULL), ESTRO_OK);
    assert_int_equal(roll.n_voices, 3);
    assert_voice(&roll, 0, "72 74 71");
    assert_voice(&roll, 1, "64 64' 67");
    assert_voice(&roll, 2, "48 48' -1'");
    es_roll_done(&roll);
    assert_int_equal(es_analysis_roll(&roll, &a, 2, 1, &dropped, NULL), ESTRO_OK);
    assert_int_equal(dropped, 2);
    assert_voice(&roll, 0, "72 74 71");
    assert_voice(&roll, 1, "48 48' -1'");
    es_roll_done(&roll);
    es_analysis_done(&a);
}

static void drums_have_no_voice(void **state)
{
    es_roll roll;
    estro_diag diag;

    (void)state;
    midi_begin(&m);
    midi_note(&m, 0, 9, 60, 0, Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(es_analysis_roll(&roll, &a, 4, 4, NULL, &diag), ESTRO_ERR_FORMAT);
    es_analysis_done(&a);
}

/* ---- the corpus, where it is at hand ---- */

/* The pieces of jsb16/NAME are read to exactly the numbers of its text. */
static void assert_corpus(const char *folder, const char *name)
{
    char path[512], line[64];
    int piece = 0;

    snprintf(path, sizeof path, "%s/jsb16/jsb16.%s.txt", folder, name);
    FILE *const text = fopen(path, "r");
    assert_non_null(text);
    while (fgets(line, sizeof line, text)) {
        unsigned n_steps = 0;
        es_smf smf;
        es_analysis a;
        es_roll roll;
        assert_int_equal(sscanf(line, "seq %d %u", &piece, &n_steps), 2);
        snprintf(path, sizeof path, "%s/jsb16/%s/%s_%03d.mid", folder, name, name, piece);
        assert_int_equal(es_smf_load(&smf, path, NULL), ESTRO_OK);
        assert_int_equal(smf.n_notes, 0);
        assert_int_equal(es_analyse(&a, &smf, NULL), ESTRO_OK);
        assert_int_equal(es_analysis_roll(&roll, &a, 4, 4, NULL, NULL), ESTRO_OK);
        assert_int_equal(roll.n_voices, 4);
        assert_int_equal(roll.n_steps, n_steps);
        for (unsigned t = 0; t < n_steps; t++) {
            int pitch[4];
            assert_non_null(fgets(line, sizeof line, text));
            assert_int_equal(
                sscanf(line, "%d %d %d %d", &pitch[0], &pitch[1], &pitch[2], &pitch[3]), 4);
            for (unsigned v = 0; v < 4; v++) {
                assert_int_equal(roll.pitch[t * 4 + v], pitch[v]);
            }
        }
        es_roll_done(&roll);
        es_analysis_done(&a);
        es_smf_done(&smf);
    }
    fclose(text);
    assert_true(piece > 70);
}

static void chorales_are_read_exactly(void **state)
{
    const char *const folder = getenv("CORPORA");

    (void)state;
    if (!folder) {
        print_message("skip: CORPORA does not name the folder of corpora\n");
        return;
    }
    assert_corpus(folder, "valid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monophonic_parts_are_voices),
        cmocka_unit_test(chords_are_split_from_the_top),
        cmocka_unit_test(drums_have_no_voice),
        cmocka_unit_test(chorales_are_read_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
