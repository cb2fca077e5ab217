/*
 * Options of groups: parts that a model is told but does not write, temperature, copies.
 */
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

static es_model model;

static int setup(void **state)
{
    es_net_shape shape = {0};

    (void)state;
    model.coding = (es_coding){.n_voices = 2,
                               .grid = 4,
                               .has_onsets = 1,
                               .has_bars = 1,
                               .max_step = 8,
                               .low = {36, 36},
                               .high = {84, 84}};
    snprintf(model.name, sizeof model.name, "tiny");
    es_coding_shape(&model.coding, &shape);
    shape.core = ES_LSTM;
    shape.n_layers = 1;
    shape.hidden = shape.embed = shape.decoder = 6;
    assert_int_equal(es_net_init(&model.net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&model.net, 5);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    es_net_done(&model.net);
    return 0;
}

static es_style *style_of(const char *group)
{
    char text[1024];
    estro_diag diag = {0};
    es_style *style;

    snprintf(text, sizeof text,
             "estro 1\nstyle one \"Two lines\"\nkeys C\n"
             "form { piece = <a 4 half> <b 4 authentic> }\n"
             "harmony { phrase(half) = any*14 V:2 phrase(authentic) = any*14 I:2\n"
             " any = I | IV | ii | V }\n"
             "rhythm { steps = 4*4 | 2 4 4 }\n"
             "part top { role melody range C4..C6 strong chord 1 scale 1 move 0:1 2:4 1:4 }\n"
             "part low { role bass range C2..C4 move 0:1 1:1 2:1 3:1 4:1 5:1 7:1 9:1 12:1 }\n"
             "texture main { top steps low free }\ngroup pair = top low by model tiny %s\n",
             group);
    assert_int_equal(es_style_parse(&style, text, strlen(text), "text", &diag), ESTRO_OK);
    return style;
}

/* Moves of more than two semitones, which the weights of the top line do not know. */
static int leaps(const char *group)
{
    es_compose_options options = es_compose_options_default();
    es_style *style = style_of(group);
    es_composer *composer;
    estro_diag diag = {0};
    es_bar bar;
    int count = 0, last = -1;

    options.models[0] = &model;
    options.n_models = 1;
    assert_int_equal(es_composer_new(&composer, style, &options, &diag), ESTRO_OK);
    do {
        assert_int_equal(es_composer_next(composer, &bar, &diag), ESTRO_OK);
        for (size_t i = 0; i < bar.n_notes; i++) {
            if (bar.notes[i].part == 0) {
                count += last >= 0 && abs(bar.notes[i].key - last) > 2;
                last = bar.notes[i].key;
            }
        }
    } while (!bar.is_last);
    es_composer_free(composer);
    es_style_free(style);
    return count;
}

static void what_is_given_follows_the_weights(void **state)
{
    (void)state;
    assert_true(leaps("") > 4);
    assert_int_equal(leaps("given top"), 0);
}

static void options_stand_in_any_order(void **state)
{
    es_style *style = style_of("given low copy 7 temperature 1.5 exponent 0.5");
    const es_group *group = &style->groups[0];

    (void)state;
    assert_string_equal(group->model, "tiny");
    assert_int_equal(group->given, 2);
    assert_int_equal(group->copy, 7);
    assert_true(group->temperature == 1.5 && group->exponent == 0.5);
    es_style_free(style);
    style = style_of("");
    assert_int_equal(style->groups[0].copy, -1);
    assert_true(style->groups[0].temperature == 1);
    es_style_free(style);
}

/* A writer hears exponent / temperature; the user's temperature multiplies that of the style. */
static void temperature_divides_the_exponent(void **state)
{
    es_compose_options options = es_compose_options_default();
    es_style *style = style_of("temperature 2 exponent 3");
    static es_engine engine;

    (void)state;
    options.models[0] = &model;
    options.n_models = 1;
    options.temperature = 1.5;
    assert_int_equal(es_engine_init(&engine, style, &options, NULL), ESTRO_OK);
    assert_true(engine.writer[0]->exponent == 1);
    es_engine_done(&engine);
    es_style_free(style);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_follows_the_weights),
        cmocka_unit_test(options_stand_in_any_order),
        cmocka_unit_test(temperature_divides_the_exponent),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
