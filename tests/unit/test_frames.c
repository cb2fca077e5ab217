/* Chords on a grid, from files made here. */
#include "analysis/frames.h"
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

/* Pitches of each frame, ' behind those that go on. */
static void assert_frames(const es_frames *frames, const char *expected)
{
    char text[1024] = "";
    size_t n = 0;

    for (size_t t = 0; t < frames->count; t++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s", t ? " |" : "|");
        for (int pitch = 0; pitch < 128; pitch++) {
            if (es_pitch_set_has(&frames->sounding[t], pitch)) {
                n += (size_t)snprintf(text + n, sizeof text - n, " %d%s", pitch,
                                      es_pitch_set_has(&frames->struck[t], pitch) ? "" : "'");
            }
        }
    }
    assert_string_equal(text, expected);
}

static void test_parts_together(void **state)
{
    es_frames frames;
    size_t dropped = 9;

    (void)state;
    midi_begin(&m);
    midi_note(&m, 0, 0, 60, 0, 2 * Q);
    midi_note(&m, 0, 0, 64, 0, Q);
    midi_note(&m, 1, 1, 64, Q, Q);
    midi_note(&m, 1, 1, 48, 2 * Q, 2 * Q);
    midi_note(&m, 2, 9, 35, 0, 6 * Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(es_analysis_frames(&frames, &a, 1, &dropped, NULL), ESTRO_OK);
    assert_int_equal(dropped, 0);
    assert_frames(&frames, "| 60 64 | 60' 64 | 48 | 48'");
    es_frames_done(&frames);
    es_analysis_done(&a);
}

static void test_too_many(void **state)
{
    es_frames frames;
    size_t dropped = 0;

    (void)state;
    midi_begin(&m);
    for (int i = 0; i < ES_NOTES_MOST + 3; i++) {
        midi_note(&m, 0, 0, 40 + i, 0, Q);
    }
    midi_note(&m, 0, 0, 70, Q, Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(es_analysis_frames(&frames, &a, 1, &dropped, NULL), ESTRO_OK);
    assert_int_equal(dropped, 3);
    assert_int_equal(frames.count, 2);
    assert_true(es_pitch_set_has(&frames.sounding[0], 40));
    assert_false(es_pitch_set_has(&frames.sounding[0], 43));
    assert_true(es_pitch_set_has(&frames.sounding[0], 44));
    es_frames_done(&frames);
    es_analysis_done(&a);
}

static void test_drums_alone(void **state)
{
    es_frames frames;

    (void)state;
    midi_begin(&m);
    midi_note(&m, 0, 9, 35, 0, Q);
    midi_note(&m, 0, 9, 38, Q, Q);
    es_analysis a = midi_analyse(&m);
    assert_int_equal(es_analysis_frames(&frames, &a, 1, NULL, NULL), ESTRO_ERR_FORMAT);
    es_analysis_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_together),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_drums_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
