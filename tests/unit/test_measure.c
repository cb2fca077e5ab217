/*
 * Measures of phrases, on lines whose measures are known, and what keeping the best by one of them does.
 */
#include "base/mem.h"
#include "gen/measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static es_style *style_of(const char *candidates)
{
    char text[1024];
    estro_diag diag = {0};
    es_style *style;

    snprintf(text, sizeof text,
             "estro 1\nstyle one \"A line\"\nkeys C\n"
             "form { piece = <a 4 half> <b 4 authentic> <c 4 half> <d 4 authentic> }\n"
             "harmony { phrase(half) = any*14 V:2 phrase(authentic) = any*14 I:2\n"
             " any = I | IV | ii | V }\n"
             "part top { role melody range C4..C6 }\n%s\n",
             candidates);
    assert_int_equal(es_style_parse(&style, text, strlen(text), "text", &diag), ESTRO_OK);
    return style;
}

/* An engine that has just drawn four bars of quarters with these pitches. */
static void measure(const int pitches[16], es_tick last, double *out)
{
    static es_engine engine;
    static es_track_note notes[16];
    static es_plan_phrase phrase;
    const es_compose_stats before = {0};
    es_compose_options options = es_compose_options_default();
    es_style *style = style_of("");

    assert_int_equal(es_engine_init(&engine, style, &options, NULL), ESTRO_OK);
    phrase.n_bars = 4;
    engine.beats.phrase = &phrase;
    engine.beats.bar = 4 * ES_QUARTER;
    engine.beats.beat = ES_QUARTER;
    engine.beats.end = 16 * ES_QUARTER;
    for (int i = 0; i < 16; i++) {
        notes[i] = (es_track_note){
            .start = i * ES_QUARTER, .end = (i + 1) * ES_QUARTER, .pitch = (int16_t)pitches[i]};
    }
    notes[15].end = notes[15].start + last;
    engine.track[0].notes = notes;
    engine.track[0].count = 16;
    es_measure_phrase(&engine, &before, out);
    engine.track[0].notes = NULL;
    engine.track[0].count = 0;
    es_engine_done(&engine);
    es_style_free(style);
}

static void lines_have_their_measures(void **unused)
{
    const int arch[16] = {60, 62, 64, 65, 67, 69, 70, 71, 72, 72, 72, 71, 69, 67, 64, 62};
    const int bowl[16] = {72, 70, 68, 67, 65, 63, 62, 61, 60, 60, 60, 61, 63, 65, 68, 70};
    const int same[16] = {60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60};
    const int loop[16] = {60, 62, 64, 62, 60, 62, 64, 62, 60, 62, 64, 62, 60, 62, 64, 67};
    double a[ES_MERIT_COUNT], b[ES_MERIT_COUNT];

    (void)unused;
    measure(arch, ES_QUARTER, a);
    measure(bowl, 2 * ES_QUARTER, b);
    assert_true(a[ES_MERIT_SHAPE] > 0.9 && b[ES_MERIT_SHAPE] < 0.45);
    assert_true(a[ES_MERIT_RANGE] == 1);
    assert_true(a[ES_MERIT_CADENCE] == (1 + 0.5) / 2);
    assert_true(b[ES_MERIT_CADENCE] == 1);
    measure(same, ES_QUARTER, a);
    assert_true(a[ES_MERIT_VARIETY] == 0);
    assert_true(a[ES_MERIT_RANGE] == 0 && a[ES_MERIT_SHAPE] == 0);
    assert_true(a[ES_MERIT_CADENCE] == (0.5 + 0.5) / 2);
    measure(loop, ES_QUARTER, a);
    assert_true(fabs(a[ES_MERIT_VARIETY] - (1 - (2.0 / 3) / 2)) < 1e-9);
    assert_true(fabs(a[ES_MERIT_RANGE] - 7 / 12.0) < 1e-9);
}

/* Semitones from the lowest to the highest note of each phrase, as far as they are from an octave; the mean. */
static double off_an_octave(const char *candidates, uint32_t asked)
{
    es_compose_options options = es_compose_options_default();
    es_style *style = style_of(candidates);
    double off = 0;
    int phrases = 0;

    options.candidates = asked;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        es_composer *composer;
        es_bar bar;
        int low = 127, high = 0;
        options.plan.seed = seed;
        assert_int_equal(es_composer_new(&composer, style, &options, NULL), ESTRO_OK);
        do {
            assert_int_equal(es_composer_next(composer, &bar, NULL), ESTRO_OK);
            for (size_t i = 0; i < bar.n_notes; i++) {
                low = bar.notes[i].key < low ? bar.notes[i].key : low;
                high = bar.notes[i].key > high ? bar.notes[i].key : high;
            }
            if (bar.phrase_bar + 1 == bar.phrase_bars) {
                off += fabs(high - low - 12.0);
                phrases++;
                low = 127;
                high = 0;
            }
        } while (!bar.is_last);
        es_composer_free(composer);
    }
    es_style_free(style);
    return off / phrases;
}

static void the_best_is_kept(void **unused)
{
    (void)unused;
    const double one = off_an_octave("", 0), best = off_an_octave("candidates 8 by range", 0);
    assert_true(best < 1 && one > 2 * best);
    /* The number that the user asks for comes first. */
    assert_true(off_an_octave("candidates 8 by range", 1) == one);
    assert_true(off_an_octave("candidates 1 by range", 8) == best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_their_measures),
        cmocka_unit_test(the_best_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
