/*
 * The composer: going back gives the same bytes again, conflicts say where they are, want of memory is an error, and what never ends can be
 * ended.
 */
#include "base/diag.h"
#include "base/mem.h"
#include "gen/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "piece.h"

/* A style of two voices by weights, small and plain. */
static es_style *plain_style(const char *more)
{
    static const char common[] =
        "estro 1\nstyle plain \"Plain\"\nmeter 4/4\ntempo 100\nkeys C\n"
        "form { piece = <a 4 authentic> <b 4 authentic> }\n"
        "harmony { phrase(authentic) = go V I | go V7 I\n go = any | any go\n"
        " any = I | IV | ii | vi }\n"
        "rhythm {\n roots = 4:1*4\n}\n"
        "part top { role melody instrument \"Flute\" range C4..C6 grid 8 }\n"
        "part low { role bass instrument \"Cello\" range C2..C4 grid 4 }\n";
    char text[1024];
    estro_diag diag = {0};
    es_style *style = NULL;

    snprintf(text, sizeof text, "%s%s", common, more);
    if (es_style_parse(&style, text, strlen(text), "plain.style", &diag) != ESTRO_OK) {
        print_message("%d: %s\n", diag.line, diag.text);
        fail();
    }
    return style;
}

static const char free_texture[] = "group both = top low\ntexture main { top free low free }\n"
                                   "never parallel 5 8 between all\n";

/* Back to a bar line, and the same bar again from the same address: the same notes, and the same log-probability. */
static void test_rollback(void **unused)
{
    es_style *style = plain_style(free_texture);
    es_compose_options options = es_compose_options_default();
    es_planner *planner = NULL;
    es_plan_phrase *phrase = calloc(1, sizeof *phrase);
    es_engine *engine = calloc(1, sizeof *engine);
    es_note *notes[2] = {NULL, NULL};
    size_t n[2], capacity[2] = {0, 0};

    (void)unused;
    assert_int_equal(es_engine_init(engine, style, &options, NULL), ESTRO_OK);
    assert_int_equal(es_planner_new(&planner, style, &options.plan, NULL), ESTRO_OK);
    assert_int_equal(es_planner_next(planner, 0, phrase, NULL), ESTRO_OK);
    assert_int_equal(es_engine_phrase(engine, phrase, 0, NULL), ESTRO_OK);
    assert_int_equal(es_engine_notes(engine, &notes[0], &n[0], &capacity[0], NULL), ESTRO_OK);
    const double log_p = engine->state->stats.log_p_sampler;
    for (uint16_t bar = 0; bar < phrase->n_bars; bar++) {
        es_engine_rollback(engine, bar);
        assert_true(engine->state->stats.log_p_sampler > log_p);
        for (uint16_t b = bar; b < phrase->n_bars; b++) {
            assert_int_equal(es_engine_bar(engine, b, 0, NULL), ESTRO_OK);
        }
        assert_int_equal(es_engine_notes(engine, &notes[1], &n[1], &capacity[1], NULL), ESTRO_OK);
        assert_int_equal(n[0], n[1]);
        for (size_t i = 0; i < n[0]; i++) {
            assert_true(notes[0][i].start == notes[1][i].start &&
                        notes[0][i].duration == notes[1][i].duration &&
                        notes[0][i].key == notes[1][i].key);
        }
        assert_true(engine->state->stats.log_p_sampler == log_p);
    }
    free(phrase);
    es_free(notes[0]);
    es_free(notes[1]);
    es_engine_done(engine);
    free(engine);
    es_planner_free(planner);
    es_style_free(style);
}

static void test_conflict_names_its_lines(void **unused)
{
    es_style *style = plain_style("texture main { top free low roots }\n"
                                  "never parallel 5 8 between all\n"
                                  "never leap > 4 in low\n"
                                  "never chromatic in top\n");
    static piece p;
    estro_diag diag = {0};

    (void)unused;
    assert_int_equal(compose(&p, style, NULL, 3, &diag), ESTRO_ERR_CONFLICT);
    assert_non_null(strstr(diag.text, "never leap"));
    assert_null(strstr(diag.text, "chromatic"));
    assert_string_equal(diag.source, "plain.style");
    assert_int_equal(diag.line, 17);
    es_style_free(style);
}

/* Each allocation in turn fails: an error, no crash, no leak. */
static void test_no_memory(void **unused)
{
    es_style *style = plain_style(free_texture);
    static piece p;
    estro_status status = ESTRO_ERR_MEMORY;
    long n = 0;

    (void)unused;
    for (; status != ESTRO_OK; n++) {
        assert_true(n < 2000);
        es_mem_fail_after(n);
        status = compose(&p, style, NULL, 1, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY ||
                    status == ESTRO_ERR_CONFLICT);
    }
    assert_true(n > 20);
    es_composer_free(NULL);
    es_style_free(style);
}

/* Notes of a free line between the halves of beats, when their weight there is `fine`. */
static int fine_notes(const char *fine)
{
    char more[256];
    static piece p;
    int found = 0;

    snprintf(more, sizeof more,
             "part quick { role counter range C4..C5 grid 16 onset 3:1 2:1 1:1 0:1 %s }\n"
             "texture main { top free low free quick free }\n",
             fine);
    es_style *style = plain_style(more);
    assert_int_equal(compose(&p, style, NULL, 1, NULL), ESTRO_OK);
    for (size_t i = 0; i < p.n; i++) {
        found += p.notes[i].part == 2 && p.notes[i].start % (ES_QUARTER / 2) != 0;
    }
    es_style_free(style);
    return found;
}

static void test_fine_places(void **unused)
{
    (void)unused;
    assert_int_equal(fine_notes("fine 0"), 0);
    const int few = fine_notes("fine 0.1"), many = fine_notes("");
    assert_true(few > 0 && few < many);
}

/* Endless: form after form, until it is told to finish; then it ends with a cadence. */
static void test_endless(void **unused)
{
    es_style *style = plain_style(free_texture);
    es_compose_options options = es_compose_options_default();
    es_composer *composer = NULL;
    es_bar bar = {0};
    es_tick end = 0;
    int after = 0;

    (void)unused;
    options.plan.endless = true;
    assert_int_equal(es_composer_new(&composer, style, &options, NULL), ESTRO_OK);
    for (uint32_t b = 0; b < 50; b++) {
        assert_int_equal(es_composer_next(composer, &bar, NULL), ESTRO_OK);
        assert_int_equal(bar.index, b);
        assert_true(bar.start == end && bar.n_notes > 0 && !bar.is_last);
        end = bar.start + bar.length;
    }
    es_composer_finish(composer);
    while (es_composer_next(composer, &bar, NULL) == ESTRO_OK) {
        assert_true(++after <= 8);
    }
    assert_true(bar.is_last && bar.is_cadence);
    assert_int_equal(es_composer_next(composer, &bar, NULL), ESTRO_END);
    es_composer_free(composer);
    es_style_free(style);
}

/* A run of the training material may be followed to its twelfth note, no further. */
static void test_budget(void **unused)
{
    es_model model = {.coding = {.has_onsets = 1}};
    es_copied copied = {0};
    es_run run = {0};
    uint64_t fingerprints[8];
    const int tune[24] = {60, 62, 64, 65, 64, 62, 60, 67, 65, 64, 62, 64,
                          60, 59, 60, 62, 64, 67, 65, 64, 62, 59, 60, 60};

    (void)unused;
    for (int i = 0; i < 24; i++) {
        const uint64_t fingerprint = es_run_fingerprint(&run, tune[i], i * ES_QUARTER);
        if (fingerprint && model.n_fingerprints < 8) {
            size_t at = model.n_fingerprints++;
            for (; at > 0 && fingerprints[at - 1] > fingerprint; at--) {
                fingerprints[at] = fingerprints[at - 1];
            }
            fingerprints[at] = fingerprint;
        }
        es_run_push(&run, tune[i], i * ES_QUARTER);
    }
    assert_int_equal(model.n_fingerprints, 8);
    model.fingerprints = fingerprints;
    model.fingerprint_mask = es_fingerprints_mask(fingerprints, model.n_fingerprints);
    for (uint32_t allowed = 12; allowed < 16; allowed++) {
        const es_budget budget = es_budget_of(&model, allowed, &copied);
        memset(&copied, 0, sizeof copied);
        int taken = 0;
        while (!es_budget_forbids(&budget, 0, -1, tune[taken] + 5, taken * ES_QUARTER)) {
            assert_false(es_budget_forbids(&budget, 0, -1, tune[taken] + 6, taken * ES_QUARTER));
            es_budget_struck(&model, &copied, -1, tune[taken] + 5, taken * ES_QUARTER);
            taken++;
        }
        assert_int_equal(taken, (int)allowed + 1); /* The first note has no interval before it. */
    }
    assert_null(es_budget_of(&model, 0, &copied).model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rollback),    cmocka_unit_test(test_conflict_names_its_lines),
        cmocka_unit_test(test_no_memory),   cmocka_unit_test(test_endless),
        cmocka_unit_test(test_fine_places), cmocka_unit_test(test_budget)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
