/*
 * Measures of small pieces written by hand, and what is said of several of them.
 */
#include "judge/judge.h"
#include "judge/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char text[] = "estro 1 style x \"\" tempo 60\n"
                           "form { piece = <a 2 half> <b 2 authentic> }\n"
                           "harmony { phrase = I | I phrase }\n"
                           "part p { role melody } part d { role drums }\n"
                           "groove g { kick \"x\" } texture main { p free  d g }\n"
                           "perform { human 0 ms 0  ritard 1 }\n"
                           "expect bars 4\n"
                           "expect seconds 0..\n"
                           "expect phrases 0..\n"
                           "expect sections 0..\n"
                           "expect keys 0..\n"
                           "expect chords 0..\n"
                           "expect changes 0..\n"
                           "expect end tonic\n"
                           "expect end V\n"
                           "expect notes in p 0..\n"
                           "expect range 0..\n"
                           "expect strong in p 0..\n"
                           "expect steps in p 0..\n"
                           "expect repeats in p 0..\n"
                           "expect leap in p 0..\n"
                           "expect rests in p 0..\n"
                           "expect offbeats in p 0..\n"
                           "expect rhythms in p 0..\n"
                           "expect again in p 0..\n"
                           "expect fills in p 0..\n"
                           "expect velocities in d 1..\n"
                           "expect forms 2..\n"
                           "expect forms 3..\n"
                           "expect forms 5..\n"
                           "expect pieces different\n"
                           "expect bars 4 for 50 %\n";

static es_style *make_style(void)
{
    es_style *style = NULL;
    estro_diag diag;

    if (es_style_parse(&style, text, strlen(text), "test", &diag) != ESTRO_OK) {
        fail_msg("%d:%d %s", (int)diag.line, (int)diag.column, diag.text);
    }
    return style;
}

/* A bar in C with one chord, and two notes; none where the first is 0. */
static void add_bar(es_piece *piece, uint32_t index, es_chord chord, uint8_t first, uint8_t second,
                    es_tick second_start)
{
    const es_tick start = index * (es_tick)ES_WHOLE;
    const es_note notes[] = {
        {.start = start, .duration = ES_QUARTER, .key = first},
        {.start = start + second_start, .duration = ES_QUARTER, .key = second}};
    es_bar bar = {.index = index,
                  .start = start,
                  .length = ES_WHOLE,
                  .meter = {4, 4},
                  .tempo = 60,
                  .section = index == 0 ? "piece" : NULL,
                  .phrase_bar = index % 2,
                  .phrase_bars = 2,
                  .label = (char)('a' + index / 2),
                  .n_beats = 4,
                  .notes = notes,
                  .n_notes = first ? 2 : 0};
    estro_diag diag;

    for (int beat = 0; beat < 4; beat++) {
        bar.chord[beat] = chord;
    }
    assert_int_equal(es_piece_add(piece, &bar, 1, &diag), ESTRO_OK);
}

static const es_chord tonic = {.root = 0, .quality = ES_QUALITY_MAJ},
                      dominant = {.root = 7, .quality = ES_QUALITY_MAJ};

static void make_piece(es_piece *piece, const es_style *style, uint8_t first)
{
    es_piece_reset(piece, style, (es_key){0, ES_MAJOR});
    add_bar(piece, 0, tonic, first, 72, 2 * ES_QUARTER);
    add_bar(piece, 1, tonic, 72, 74, 2 * ES_QUARTER);
    add_bar(piece, 2, dominant, 74, 72, 2 * ES_QUARTER + ES_QUARTER / 2);
    add_bar(piece, 3, dominant, 74, 62, 2 * ES_QUARTER);
}

/* All measures that the style names, one after another, against what they are by hand. */
static void measures_are_what_they_are_by_hand(void **state)
{
    /* p: 62 72 | 72 74 | 74 72' | 74 62: chord tones on strong beats: 72 72, not 74; 74 and 62 of V. */
    es_style *style = make_style();
    es_piece piece = {0};
    static const struct {
        uint8_t measure;
        double value;
    } wanted[] = {
        {ES_MEASURE_BARS, 4},        {ES_MEASURE_SECONDS, 16},      {ES_MEASURE_PHRASES, 2},
        {ES_MEASURE_SECTIONS, 1},    {ES_MEASURE_KEYS, 1},          {ES_MEASURE_CHORDS, 2},
        {ES_MEASURE_CHANGES, 0.5},   {ES_MEASURE_END, 0},           {ES_MEASURE_END, 1},
        {ES_MEASURE_NOTES, 2},       {ES_MEASURE_RANGE, 12},        {ES_MEASURE_STRONG, 5.0 / 7},
        {ES_MEASURE_STEPS, 3.0 / 5}, {ES_MEASURE_REPEATS, 2.0 / 7}, {ES_MEASURE_LEAP, 12},
        {ES_MEASURE_RESTS, 0.5},     {ES_MEASURE_OFFBEATS, 0.125},  {ES_MEASURE_RHYTHMS, 2},
        {ES_MEASURE_AGAIN, 0},       {ES_MEASURE_FILLS, 1},
    };

    (void)state;
    make_piece(&piece, style, 62);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        double value = -1;
        assert_int_equal(style->expects[i].measure, wanted[i].measure);
        assert_true(es_measure_piece(&piece, &style->expects[i], &value));
        if (value < wanted[i].value - 1e-9 || value > wanted[i].value + 1e-9) {
            fail_msg("%s: %g, not %g", style->expects[i].text, value, wanted[i].value);
        }
    }
    es_piece_done(&piece);
    es_style_free(style);
}

static void like_bars_are_found(void **state)
{
    es_style *style = make_style();
    es_piece piece = {0};
    double value;

    (void)state;
    es_piece_reset(&piece, style, (es_key){0, ES_MAJOR});
    for (uint32_t i = 0; i < 4; i++) {
        add_bar(&piece, i, tonic, 60, 64, ES_QUARTER);
    }
    assert_true(es_measure_piece(&piece, &style->expects[18], &value)); /* again */
    assert_true(value > 0.74 && value < 0.76);
    assert_true(es_measure_piece(&piece, &style->expects[19], &value)); /* fills */
    assert_true(value < 1e-9);
    es_piece_done(&piece);
    es_style_free(style);
}

static void silence_has_no_shares(void **state)
{
    es_style *style = make_style();
    es_piece piece = {0};
    double value;

    (void)state;
    es_piece_reset(&piece, style, (es_key){0, ES_MAJOR});
    add_bar(&piece, 0, tonic, 0, 0, 0);
    for (size_t i = 10; i < 21; i++) {
        const bool is_rests = style->expects[i].measure == ES_MEASURE_RESTS;
        assert_int_equal(es_measure_piece(&piece, &style->expects[i], &value), is_rests);
    }
    es_piece_done(&piece);
    es_style_free(style);
}

static es_finding finding_of(const es_judge *judge, const es_style *style, const char *wanted)
{
    for (uint32_t i = 0; i < style->n_expects; i++) {
        if (strcmp(style->expects[i].text, wanted) == 0) {
            return es_judge_finding(judge, i);
        }
    }
    fail_msg("no %s", wanted);
    return (es_finding){0};
}

static void pieces_are_counted(void **state)
{
    es_style *style = make_style();
    es_piece piece = {0};
    es_judge *judge;
    estro_diag diag;
    es_finding f;

    (void)state;
    assert_int_equal(es_judge_new(&judge, style, &diag), ESTRO_OK);
    make_piece(&piece, style, 62);
    assert_int_equal(es_judge_piece(judge, &piece, 7, &diag), ESTRO_OK);
    f = finding_of(judge, style, "expect forms 2..");
    assert_true(f.is_open && es_finding_holds(&f)); /* one piece cannot have two */
    f = finding_of(judge, style, "expect pieces different");
    assert_true(es_finding_holds(&f));
    assert_int_equal(es_judge_piece(judge, &piece, 8, &diag), ESTRO_OK);
    f = finding_of(judge, style, "expect forms 2..");
    assert_true(f.is_open && es_finding_holds(&f));
    f = finding_of(judge, style, "expect pieces different");
    assert_false(es_finding_holds(&f));
    assert_int_equal(f.first_seed, 8);
    f = finding_of(judge, style, "expect end tonic");
    assert_int_equal(f.missed, 2);
    assert_int_equal(f.first_seed, 7);

    add_bar(&piece, 4, tonic, 60, 60, ES_QUARTER);
    assert_int_equal(es_judge_piece(judge, &piece, 9, &diag), ESTRO_OK);
    f = finding_of(judge, style, "expect bars 4");
    assert_false(es_finding_holds(&f));
    assert_int_equal(f.measured, 3);
    assert_int_equal(f.missed, 1);
    assert_true(f.low < 4.5 && f.high > 4.5 && f.first_value > 4.5);
    f = finding_of(judge, style, "expect bars 4 for 50 %");
    assert_true(es_finding_holds(&f));
    f = finding_of(judge, style, "expect forms 2..");
    assert_true(!f.is_open && es_finding_holds(&f));
    f = finding_of(judge, style, "expect forms 5..");
    assert_true(f.is_open);
    for (uint64_t seed = 10; seed < 15; seed++) { /* eight in all: of two forms, not of five */
        assert_int_equal(es_judge_piece(judge, &piece, seed, &diag), ESTRO_OK);
    }
    f = finding_of(judge, style, "expect forms 3..");
    assert_true(!f.is_open && !es_finding_holds(&f));
    f = finding_of(judge, style, "expect forms 5..");
    assert_true(f.is_open && es_finding_holds(&f)); /* that takes ten */
    es_judge_free(judge);
    es_judge_free(NULL);
    es_piece_done(&piece);
    es_style_free(style);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_are_what_they_are_by_hand),
        cmocka_unit_test(like_bars_are_found),
        cmocka_unit_test(silence_has_no_shares),
        cmocka_unit_test(pieces_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
