/*
 * Properties of what is composed, for small styles made at random: no `never` is breached, bars are full, lines are lines, and the same
 * seed gives the same notes.
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

static void try_styles(const es_model *models)
{
    static piece p, again;
    int composed = 0, conflicts = 0, written = 0, tried[sizeof nevers / sizeof *nevers] = {0};

    for (uint64_t seed = 1; seed <= 120; seed++) {
        static text style_text;
        es_style *style = NULL;
        estro_diag diag = {0};
        style_text.length = 0;
        const uint32_t chosen = make_style(&style_text, seed);
        if (es_style_parse(&style, style_text.bytes, style_text.length, "random", &diag)) {
            print_message("%s\n%d: %s\n", style_text.bytes, diag.line, diag.text);
            fail();
        }
        const estro_status status = compose(&p, style, models, seed, &diag);
        if (status == ESTRO_ERR_CONFLICT) {
            conflicts++;
            assert_true(strlen(diag.text) > 0);
            es_style_free(style);
            continue;
        }
        assert_int_equal(status, ESTRO_OK);
        composed++;
        written += p.draws > 0;
        check_notes(&p, style);
        check_kicks(&p);
        for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
            if (chosen >> i & 1) {
                tried[i]++;
                const int breaches = count_breaches(&p, style, nevers[i]);
                if (breaches > 0) {
                    print_message("seed %d: %d breaches of %s\n%s\n", (int)seed, breaches,
                                  nevers[i], style_text.bytes);
                }
                assert_int_equal(breaches, 0);
            }
        }
        assert_int_equal(compose(&again, style, models, seed, &diag), ESTRO_OK);
        check_same(&p, &again);
        es_style_free(style);
    }
    print_message("%d composed, %d in conflict\n", composed, conflicts);
    assert_true(composed > 90);
    assert_true(models ? written > 30 : written == 0);
    for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
        assert_true(tried[i] > 5);
    }
}

static void test_by_weights(void **unused)
{
    (void)unused;
    try_styles(NULL);
}

/* The same styles, where half of them have a group that a net writes which knows nothing. */
static void test_by_model(void **unused)
{
    static es_model models[2];

    (void)unused;
    make_tiny_models(models);
    try_styles(models);
    es_net_done(&models[0].net);
    es_net_done(&models[1].net);
}

/* The checker itself: without its rule, each breach is found somewhere. */
static void test_breaches_are_found(void **unused)
{
    static piece p;
    int found[sizeof nevers / sizeof *nevers] = {0};

    (void)unused;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        static text style_text;
        es_style *style = NULL;
        style_text.length = 0;
        const uint32_t chosen = make_style(&style_text, seed);
        assert_int_equal(
            es_style_parse(&style, style_text.bytes, style_text.length, "random", NULL), ESTRO_OK);
        if (compose(&p, style, NULL, seed, NULL) == ESTRO_OK) {
            for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
                found[i] += !(chosen >> i & 1) && count_breaches(&p, style, nevers[i]) > 0;
            }
        }
        es_style_free(style);
    }
    for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
        if (!found[i]) {
            print_message("never found: %s\n", nevers[i]);
        }
        assert_true(found[i] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_weights),
                                       cmocka_unit_test(test_by_model),
                                       cmocka_unit_test(test_breaches_are_found)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
