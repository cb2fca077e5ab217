/* The style that stands in for one where a model composes alone: it compiles, and is composed with, for any coding. */
#include "api/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static es_model model_of(int voices, int grid)
{
    es_model model = {.name = "test-1.2"};

    model.coding.n_voices = (uint8_t)voices;
    model.coding.grid = (uint8_t)grid;
    for (int voice = 0; voice < voices; voice++) {
        model.coding.low[voice] = (uint8_t)(62 - 4 * voice);
        model.coding.high[voice] = (uint8_t)(81 - 4 * voice);
    }
    return model;
}

static void compiles_for_all_codings(void **state)
{
    static const int grids[] = {1, 2, 3, 4, 6, 8, 12, 24};

    (void)state;
    for (int voices = 1; voices <= ES_MAX_VOICES; voices++) {
        for (size_t i = 0; i < sizeof grids / sizeof *grids; i++) {
            const es_model model = model_of(voices, grids[i]);
            estro_diag diag = {0};
            es_style *style = NULL;

            if (es_api_style_of_model(&style, &model, &diag) != ESTRO_OK) {
                print_message("%d voices, grid %d, line %d: %s\n", voices, grids[i], (int)diag.line,
                              diag.text);
                fail();
            }
            assert_int_equal(style->n_parts, voices);
            for (int voice = 0; voice < voices; voice++) {
                assert_int_equal(style->parts[voice].grid * grids[i] % ES_QUARTER, 0);
                assert_int_equal(style->parts[voice].low, model.coding.low[voice]);
                assert_int_equal(style->parts[voice].high, model.coding.high[voice]);
            }
            assert_int_equal(style->n_groups, 1);
            es_style_free(style);
        }
    }
}

/* What a model file says of its instruments is kept, and their ranges. */
static void instruments_are_the_models(void **state)
{
    es_model model = model_of(4, 24);
    es_style *style = NULL;

    (void)state;
    model.coding.low[0] = 50; /* Below the violin. */
    model.coding.program[0] = 41;
    model.coding.program[3] = 43;
    assert_int_equal(es_api_style_of_model(&style, &model, NULL), ESTRO_OK);
    assert_int_equal(style->parts[0].program, 40);
    assert_int_equal(style->parts[0].low, 55);
    assert_int_equal(style->parts[0].high, model.coding.high[0]);
    assert_int_equal(style->parts[1].program, 19);
    assert_int_equal(style->parts[3].program, 42);
    assert_int_equal(style->parts[3].low, model.coding.low[3]);
    es_style_free(style);
}

/* The voices rest, each by itself, and not for ever. */
static void is_composed_with(void **state)
{
    const es_model model = model_of(4, 4);
    es_compose_options options = es_compose_options_default();
    es_style *style = NULL;
    es_composer *composer = NULL;
    es_bar bar;
    estro_status status;
    es_tick sounding[4] = {0};
    es_tick length = 0;

    (void)state;
    assert_int_equal(es_api_style_of_model(&style, &model, NULL), ESTRO_OK);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        options.plan.seed = seed;
        assert_int_equal(es_composer_new(&composer, style, &options, NULL), ESTRO_OK);
        while ((status = es_composer_next(composer, &bar, NULL)) == ESTRO_OK) {
            length += es_meter_bar(bar.meter);
            for (size_t i = 0; i < bar.n_notes; i++) {
                sounding[bar.notes[i].part] += bar.notes[i].duration;
            }
        }
        assert_int_equal(status, ESTRO_END);
        es_composer_free(composer);
    }
    for (int i = 0; i < 4; i++) {
        assert_in_range(sounding[i], length / 4, length * 19 / 20);
    }
    es_style_free(style);
}

static void drums_play_as_many_bars_as_are_asked_for(void **state)
{
    static const uint32_t bars[] = {4, 8, 12, 16, 32, 56};
    es_model model = {.name = "d"};
    estro_diag diag = {0};
    es_style *style = NULL;

    (void)state;
    model.meta.profile = ES_PROFILE_DRUMS;
    model.drums = (es_drum_coding){.grid = 12, .max_step = 12};
    assert_int_equal(es_api_style_of_model(&style, &model, &diag), ESTRO_OK);
    assert_int_equal(style->parts[0].role, ES_ROLE_DRUMS);
    assert_non_null(style->performance.feel);
    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++) {
        const es_plan_options options = {.seed = 5, .bars = bars[i]};
        es_planner *planner = NULL;
        assert_int_equal(es_planner_new(&planner, style, &options, &diag), ESTRO_OK);
        assert_int_equal(es_planner_frame(planner)->n_bars, bars[i]);
        es_planner_free(planner);
    }
    es_style_free(style);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiles_for_all_codings),
        cmocka_unit_test(drums_play_as_many_bars_as_are_asked_for),
        cmocka_unit_test(instruments_are_the_models),
        cmocka_unit_test(is_composed_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
