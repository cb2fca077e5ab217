/*
 * Fixed notes: what is given stays to the bit, what is drawn anew between keeps the rules, and comes out otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_styles.h"

/* Give all but some bars of one part, or all. */
static void give(es_given *given, const es_style *style, const piece *p, int part, es_tick from,
                 es_tick to)
{
    for (int i = 0; i < (int)style->n_parts; i++) {
        if (i != part) {
            assert_true(es_given_add_range(given, i, 0, ES_OPEN_END));
        } else {
            assert_true(from == 0 || es_given_add_range(given, i, 0, from));
            assert_true(es_given_add_range(given, i, to, ES_OPEN_END));
        }
    }
    given->is_anew = true;
    if (part >= 0) {
        assert_true(es_given_add_chance(
            given, &(es_given_chance){from, to, (uint32_t)1 << part, p->n * 7919}));
    }
}

/* Notes of `p` that begin outside of the scope are those of `other`. @return Notes in the scope that differ. */
static int check_outside(const piece *p, const piece *other, int part, es_tick from, es_tick to)
{
    int inside = 0, kept = 0;
    size_t j = 0;

    for (size_t i = 0; i < p->n; i++) {
        const es_note *note = &p->notes[i];
        if (note->part == part && note->start >= from && note->start < to) {
            bool found = false;
            for (size_t k = 0; k < other->n; k++) {
                found = found || same_note(note, &other->notes[k]);
            }
            inside++;
            kept += found;
            continue;
        }
        while (j < other->n && other->notes[j].part == part && other->notes[j].start >= from &&
               other->notes[j].start < to) {
            j++;
        }
        assert_true(j < other->n && same_note(note, &other->notes[j]));
        j++;
    }
    return inside - kept;
}

static void try_given(const es_model *models)
{
    static piece p, again;
    int tried = 0, differ = 0, stuck = 0;

    for (uint64_t seed = 1; seed <= 120; seed++) {
        static text style_text;
        es_style *style = NULL;
        es_given given = {0};
        estro_diag diag = {0};
        style_text.length = 0;
        const uint32_t chosen = make_style(&style_text, seed);
        assert_int_equal(
            es_style_parse(&style, style_text.bytes, style_text.length, "random", &diag), ESTRO_OK);
        if (compose_given(&p, style, models, seed, NULL, &given, &diag) != ESTRO_OK) {
            es_given_done(&given);
            es_style_free(style);
            continue;
        }
        /* All given: nothing is drawn, whatever the chance. */
        const int part = (int)(seed % style->n_parts);
        const es_tick bar = (es_tick)(seed / 5 % (uint64_t)(p.end / p.bar)) * p.bar;
        give(&given, style, &p, -1, 0, 0);
        assert_int_equal(compose_given(&again, style, models, seed, &given, NULL, &diag), ESTRO_OK);
        check_same(&p, &again);
        /* But for a bar of a part. */
        memset(given.n_ranges, 0, sizeof given.n_ranges);
        const es_given_range scope =
            es_given_inside(&given, &style->parts[part], (es_given_range){bar, bar + p.bar});
        give(&given, style, &p, part, scope.start, scope.end);
        const estro_status status = compose_given(&again, style, models, seed, &given, NULL, &diag);
        if (status == ESTRO_OK) {
            differ += check_outside(&again, &p, part, scope.start, scope.end) > 0;
            check_outside(&p, &again, part, scope.start, scope.end);
            check_notes(&again, style);
            check_kicks(&again);
            for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
                const int breaches = chosen >> i & 1 ? count_breaches(&again, style, nevers[i]) : 0;
                if (breaches > 0) {
                    print_message("seed %d, part %d, bar %d: %s\n%s", (int)seed, part,
                                  (int)(bar / p.bar), nevers[i], style_text.bytes);
                }
                assert_int_equal(breaches, 0);
            }
        } else {
            print_message("seed %d, part %d, bar %d: %s\n", (int)seed, part, (int)(bar / p.bar),
                          diag.text);
            stuck++;
        }
        tried++;
        es_given_done(&given);
        es_style_free(style);
    }
    print_message("%d tried, %d came out new, %d are stuck\n", tried, differ, stuck);
    assert_true(tried > 100 && differ > 80 && stuck < 5);
}

static void test_by_weights(void **unused)
{
    (void)unused;
    try_given(NULL);
}

static void test_by_model(void **unused)
{
    static es_model models[2];

    (void)unused;
    make_tiny_models(models);
    try_given(models);
    es_net_done(&models[0].net);
    es_net_done(&models[1].net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_weights),
                                       cmocka_unit_test(test_by_model)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
