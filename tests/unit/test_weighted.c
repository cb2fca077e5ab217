/* Derivations whose leaves have weights by place: draws against their exact distribution; harmony that suits a tune. */
#include "plan/weighted.h"

#include "base/mem.h"
#include "base/real.h"
#include "grammars.h"
#include "plan/fit.h"
#include "plan/walk.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { LENGTH = 6 };

static const double weights_by_place[3][LENGTH] = {
    {1, 0.5, 0.25, 2, 0, 1}, {0.1, 1, 3, 1, 0.7, 0}, {1, 0, 0.5, 2, 0, 0}};

static double by_place(void *self, uint32_t leaf, uint32_t at)
{
    (void)self;
    return weights_by_place[leaf][at];
}

static double all_one(void *self, uint32_t leaf, uint32_t at)
{
    (void)self;
    (void)leaf;
    (void)at;
    return 1;
}

static double none(void *self, uint32_t leaf, uint32_t at)
{
    (void)self;
    (void)leaf;
    (void)at;
    return 0;
}

/* The grammar of grammars.h written out, times the weights of the places. */
static double p_s(const uint16_t *leaves, uint32_t n, uint32_t at, const es_leaf_weights *w)
{
    static const double p_a[3] = {0.75, 0.25, 0};
    const double own = w->weight(w->self, leaves[0], at);

    if (n == 1) {
        return own * (0.25 * p_a[leaves[0]] + 0.25 * (leaves[0] == 2));
    }
    return 0.5 * own * p_a[leaves[0]] * p_s(leaves + 1, n - 1, at + grammar_lengths[leaves[0]], w);
}

static double enumerate(uint16_t *leaves, uint32_t n, uint32_t left, const es_leaf_weights *w,
                        double *by_code)
{
    double sum = 0;

    if (left == 0) {
        uint32_t code = 0;
        for (uint32_t i = 0; i < n; i++) {
            code = code * 4 + leaves[i] + 1u;
        }
        return by_code[code] = p_s(leaves, n, 0, w);
    }
    for (uint16_t leaf = 0; leaf < 3; leaf++) {
        if (grammar_lengths[leaf] <= left) {
            leaves[n] = leaf;
            sum += enumerate(leaves, n + 1, left - grammar_lengths[leaf], w, by_code);
        }
    }
    return sum;
}

static void assert_distribution(const es_leaf_weights *w, int least_kinds)
{
    enum { DRAWS = 100000 };
    static double exact[1 << 16];
    static uint32_t seen[1 << 16];
    uint16_t leaves[8];
    uint32_t count;
    es_span *span;
    double chi_square = 0;
    int kinds = 0;

    memset(exact, 0, sizeof exact);
    memset(seen, 0, sizeof seen);
    assert_int_equal(es_span_new(&span, &small_grammar, LENGTH, NULL), ESTRO_OK);
    const double total = enumerate(leaves, 0, LENGTH, w, exact);
    for (uint32_t i = 0; i < DRAWS; i++) {
        es_rng rng = es_rng_at(5, ES_FOR_TEST, i, 0, 0);
        uint32_t code = 0;
        assert_int_equal(
            es_weighted_draw(&small_grammar, span, 0, LENGTH, w, &rng, leaves, 8, &count, NULL),
            ESTRO_OK);
        for (uint32_t k = 0; k < count; k++) {
            code = code * 4 + leaves[k] + 1u;
        }
        seen[code]++;
    }
    for (size_t code = 0; code < 1 << 16; code++) {
        const double expected = exact[code] / total * DRAWS;
        if (expected > 0) {
            chi_square += (seen[code] - expected) * (seen[code] - expected) / expected;
            kinds++;
        } else {
            assert_int_equal(seen[code], 0);
        }
    }
    const double k = kinds - 1; /* 99.99 %, by Wilson and Hilferty. */
    assert_true(kinds >= least_kinds);
    assert_true(chi_square < k * pow(1 - 2 / (9 * k) + 3.72 * sqrt(2 / (9 * k)), 3));
    es_span_free(span);
}

static void draws_follow_the_exact_distribution(void **state)
{
    const es_leaf_weights uneven = {NULL, by_place}, even = {NULL, all_one};

    (void)state;
    assert_distribution(&uneven, 5);
    assert_distribution(&even, 10);
}

static void what_cannot_be_filled_is_said(void **state)
{
    const es_leaf_weights nothing = {NULL, none}, even = {NULL, all_one};
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 0, 0, 0);
    uint16_t leaves[8];
    uint32_t count;
    estro_diag diag = {0};
    es_span *span;

    (void)state;
    assert_int_equal(es_span_new(&span, &small_grammar, 8, NULL), ESTRO_OK);
    assert_int_equal(
        es_weighted_draw(&small_grammar, span, 0, 6, &nothing, &rng, leaves, 8, &count, &diag),
        ESTRO_ERR_CONFLICT);
    assert_int_equal(
        es_weighted_draw(&small_grammar, span, 2, 2, &even, &rng, leaves, 8, &count, &diag),
        ESTRO_ERR_CONFLICT);
    assert_int_equal(
        es_weighted_draw(&small_grammar, span, 0, 8, &even, &rng, leaves, 1, &count, &diag),
        ESTRO_ERR_ARGUMENT);
    for (long n = 0; n < 3; n++) {
        es_mem_fail_after(n);
        assert_int_equal(
            es_weighted_draw(&small_grammar, span, 0, 6, &even, &rng, leaves, 8, &count, NULL),
            ESTRO_ERR_MEMORY);
    }
    es_mem_fail_after(-1);
    es_span_free(span);
}

/* A walk has what derivations have, z first too though none begins with one, where the weights ask for it. */
static double wants_z_first(void *self, uint32_t leaf, uint32_t at)
{
    (void)self;
    return at == 0 ? (leaf == 2 ? 1 : 1e-10) : 1;
}

static void a_walk_goes_where_no_derivation_does(void **state)
{
    static const uint16_t like[] = {0, 1, 2};
    const es_leaf_weights weights = {NULL, wants_z_first}, nothing = {NULL, none};
    uint16_t leaves[8];
    uint32_t count, first = 0;
    es_span *span;

    (void)state;
    assert_int_equal(es_span_new(&span, &small_grammar, 8, NULL), ESTRO_OK);
    for (uint32_t i = 0; i < 200; i++) {
        es_rng rng = es_rng_at(7, ES_FOR_TEST, i, 0, 0);
        uint32_t length = 0;
        assert_int_equal(es_walk_draw(&small_grammar, span, 0, 6, 3, like, &weights, &rng, leaves,
                                      8, &count, NULL),
                         ESTRO_OK);
        for (uint32_t k = 0; k < count; k++) {
            length += grammar_lengths[leaves[k]];
        }
        assert_int_equal(length, 6);
        first += leaves[0] == 2;
    }
    assert_true(first > 190);
    es_rng rng = es_rng_at(7, ES_FOR_TEST, 0, 0, 0);
    assert_int_equal(
        es_walk_draw(&small_grammar, span, 0, 6, 3, like, &nothing, &rng, leaves, 8, &count, NULL),
        ESTRO_ERR_CONFLICT);
    for (long n = 0; n < 7; n++) {
        es_mem_fail_after(n);
        assert_int_equal(es_walk_draw(&small_grammar, span, 0, 6, 3, like, &weights, &rng, leaves,
                                      8, &count, NULL),
                         ESTRO_ERR_MEMORY);
    }
    es_mem_fail_after(-1);
    es_span_free(span);
}

/* ---- chords and tunes ---- */

/* C D E F | G2 B2: D and F pass. */
static void chords_are_weighed_by_what_sounds(void **state)
{
    static const es_note notes[] = {
        {.duration = ES_QUARTER / 2, .key = 60},
        {.start = ES_QUARTER / 2, .duration = ES_QUARTER / 2, .key = 62},
        {.start = ES_QUARTER, .duration = ES_QUARTER, .key = 64},
        {.start = 2 * ES_QUARTER, .duration = 2 * ES_QUARTER, .key = 65},
    };
    static const es_tune tune = {.end = 4 * ES_QUARTER, .notes = notes, .n_notes = 4};
    static es_plan_phrase phrase = {.n_bars = 1, .tune = &tune, .bar = {{.meter = {4, 4}}}};
    const es_chord c = {.root = 0}, g = {.root = 7}, f = {.root = 5};
    es_beat_fit fits[4];

    (void)state;
    es_fit_tune(fits, &phrase);
    assert_true(es_fit_weight(&fits[0], c) > 0.6); /* D passes. */
    assert_true(es_fit_weight(&fits[0], g) < 0.2);
    assert_true(es_fit_weight(&fits[1], c) == 1.0);
    assert_true(es_fit_weight(&fits[2], f) == 1.0);
    assert_true(es_fit_weight(&fits[2], c) < 0.05);                       /* F rubs on E. */
    assert_true(es_fit_weight(&fits[3], c) < es_fit_weight(&fits[3], g)); /* It still does. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_follow_the_exact_distribution),
        cmocka_unit_test(what_cannot_be_filled_is_said),
        cmocka_unit_test(a_walk_goes_where_no_derivation_does),
        cmocka_unit_test(chords_are_weighed_by_what_sounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
