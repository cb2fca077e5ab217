/* Voices of a file, and thinning it to them. */
#include "analysis/voices.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { NOTES = 100 };

/* A melody with two double stops, over a part of thirds; drums beside. */
static void make(es_analysis *analysis)
{
    size_t n = 0;

    memset(analysis, 0, sizeof *analysis);
    analysis->notes = es_calloc(5 * NOTES, sizeof *analysis->notes);
    analysis->velocities = es_calloc(5 * NOTES, 1);
    assert_true(analysis->notes && analysis->velocities);
    analysis->n_parts = 3;
    analysis->parts[0].polyphony = 2;
    analysis->parts[1].polyphony = 2;
    analysis->parts[2].polyphony = 1;
    analysis->parts[2].is_drums = true;
    for (int i = 0; i < NOTES; i++) {
        const es_tick start = (es_tick)i * ES_QUARTER;
        if (i == 10 || i == 20) {
            analysis->notes[n++] = (es_note){start, ES_QUARTER, 60, 0, 0, 0};
        }
        analysis->notes[n++] = (es_note){start, ES_QUARTER, 72, 0, 0, 0};
        analysis->notes[n++] = (es_note){start, ES_QUARTER, 48, 1, 0, 0};
        analysis->notes[n++] = (es_note){start, ES_QUARTER, 52, 1, 0, 0};
        analysis->notes[n++] = (es_note){start, ES_QUARTER, 36, 2, 0, 0};
    }
    analysis->n_notes = n;
}

static void double_stops_make_no_voice(void **state)
{
    es_analysis analysis;

    (void)state;
    make(&analysis);
    assert_int_equal(es_count_voices(&analysis), 3);
    assert_int_equal(es_thin_voices(&analysis), 2);
    assert_int_equal(analysis.n_notes, 4 * NOTES);
    assert_int_equal(analysis.parts[0].polyphony, 1);
    assert_int_equal(analysis.parts[1].polyphony, 2);
    for (size_t i = 0; i < analysis.n_notes; i++) {
        assert_int_not_equal(analysis.notes[i].key, 60);
        assert_true(analysis.notes[i].duration > 0);
    }
    assert_int_equal(es_thin_voices(&analysis), 0);
    es_analysis_done(&analysis);
}

static void drums_alone_have_no_voice(void **state)
{
    es_analysis analysis;

    (void)state;
    make(&analysis);
    analysis.parts[0].is_drums = analysis.parts[1].is_drums = true;
    assert_int_equal(es_count_voices(&analysis), 0);
    assert_int_equal(es_thin_voices(&analysis), 0);
    es_analysis_done(&analysis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(double_stops_make_no_voice),
        cmocka_unit_test(drums_alone_have_no_voice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
