/*
 * The proof of the composer: toys whose whole distribution is counted through by other means, and a great many draws against it.
 *
 * Compared are the shares of the pieces (chi-square), and for each piece that was drawn its stated log-probability.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "toy_count.h"

/* ---- the toys ---- */

static const es_chord tonic = {.root = 0, .quality = ES_QUALITY_MAJ},
                      dominant = {.root = 7, .quality = ES_QUALITY_MAJ},
                      subdominant = {.root = 5, .quality = ES_QUALITY_MAJ};

static void set_up(toy_style *toy, count *c, es_meter meter, const es_chord *chords, es_tick grid)
{
    static const double believed[2][3] = {{1, 0.3, 0}, {1, 0.8, 0}};

    toy_begin(toy, meter, chords, tonic, grid);
    toy_constraint(toy, ES_CONSTRAINT_PARALLEL, 7, 3, true, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_PARALLEL, 0, 3, true, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_CROSS, 0, 3, true, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_LEAP, 5, 1, false, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_REPEAT, 2, 3, false, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_MISSING, 1, 3, false, ES_SCOPE_BEATS, 0);
    toy_constraint(toy, ES_CONSTRAINT_UNISON, 0, 3, true, ES_SCOPE_EVERYWHERE, 3);
    toy_constraint(toy, ES_CONSTRAINT_FOREIGN, 0, 1, false, ES_SCOPE_BEATS, 1.5);
    *c = (count){.toy = toy,
                 .missing_third = true,
                 .leap = {5, 99},
                 .repeat = 2,
                 .low = {67, 60},
                 .high = {76, 69},
                 .exponent = 1,
                 .no_unison = 3,
                 .no_foreign = 1.5,
                 .grid = grid,
                 .beat = es_meter_beat(meter),
                 .beats = es_meter_beats(meter),
                 .pieces = calloc(MOST_PIECES, sizeof *c->pieces)};
    memcpy(c->chord_weight, believed, sizeof believed);
}

static void test_beats(void **unused)
{
    static toy_style toy;
    const es_chord chords[3] = {tonic, subdominant, dominant};
    double worst;
    count c;

    (void)unused;
    set_up(&toy, &c, (es_meter){3, 4}, chords, ES_QUARTER);
    for (int v = 0; v < 2; v++) { /* Narrow, for a million draws in few seconds. */
        c.low[v] = toy.style.parts[v].low = v ? 60 : 69;
        c.high[v] = toy.style.parts[v].high = v ? 65 : 74;
    }
    count_through(&c);
    const double above = draw_many(&c, 1000000, &worst);
    print_message("%zu pieces, chi-square %.2f deviations above its mean\n", c.n, above);
    assert_true(above < 4);
    assert_true(worst < 1e-6);
    /* The same draws against a slightly wrong weight. */
    c.chord_weight[0][1] = 0.33;
    count_through(&c);
    assert_true(draw_many(&c, 100000, &worst) > 8);
    free(c.pieces);
}

static void test_off_beats(void **unused)
{
    static toy_style toy;
    const es_chord chords[2] = {subdominant, dominant};
    double worst;
    count c;

    (void)unused;
    set_up(&toy, &c, (es_meter){2, 4}, chords, ES_QUARTER / 2);
    count_through(&c);
    const double above = draw_many(&c, 100000, &worst);
    print_message("%zu pieces, chi-square %.2f deviations above its mean\n", c.n, above);
    assert_true(above < 4);
    assert_true(worst < 1e-6);
    /* The same draws against a slightly wrong weight. */
    c.chord_weight[1][1] = 1;
    count_through(&c);
    assert_true(draw_many(&c, 100000, &worst) > 8);
    free(c.pieces);
}

/* A tiny net, neither even nor decided. */
static void make_model(es_model *model, bool has_onsets)
{
    es_net_shape shape = {0};

    memset(model, 0, sizeof *model);
    memcpy(model->name, "toy", 4);
    model->coding = (es_coding){.n_voices = 2,
                                .grid = 2,
                                .has_onsets = has_onsets,
                                .has_bars = 1,
                                .max_step = 2,
                                .low = {60, 60},
                                .high = {80, 80}};
    es_coding_shape(&model->coding, &shape);
    shape.core = ES_GRU;
    shape.n_layers = 1;
    shape.hidden = 6;
    shape.embed = 6;
    shape.decoder = 6;
    assert_int_equal(es_net_init(&model->net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&model->net, 3);
    for (size_t i = 0; i < model->net.n_weights; i++) {
        model->net.weights[i] *= 0.7f;
    }
    assert_true(es_net_state_size(&model->net) <= NET_FLOATS);
}

static void draw_with_model(bool has_onsets)
{
    static toy_style toy;
    static es_model model;
    const es_chord chords[2] = {tonic, dominant};
    double worst;
    count c;

    set_up(&toy, &c, (es_meter){2, 4}, chords, ES_QUARTER / 2);
    for (int v = 0; v < 2; v++) {
        c.low[v] = toy.style.parts[v].low = v ? 64 : 71;
        c.high[v] = toy.style.parts[v].high = v ? 67 : 74;
    }
    make_model(&model, has_onsets);
    toy.style.groups[0].model = "toy";
    toy.style.groups[0].exponent = c.exponent = 0.8;
    c.model = &model;
    assert_int_equal(es_stream_new(&c.stream, &model.coding, NULL), ESTRO_OK);
    assert_int_equal(es_net_run_new(&c.run, &model.net, NULL), ESTRO_OK);
    count_through(&c);
    const double above = draw_many(&c, 60000, &worst);
    print_message("%zu pieces, chi-square %.2f deviations above its mean\n", c.n, above);
    assert_true(above < 4);
    assert_true(worst < 1e-4); /* The net is asked in single precision. */
    /* The same draws against a wrong exponent. */
    c.exponent = 1;
    count_through(&c);
    assert_true(draw_many(&c, 20000, &worst) > 8);
    es_stream_free(c.stream);
    es_net_run_free(c.run);
    es_net_done(&model.net);
    free(c.pieces);
}

static void test_model(void **unused)
{
    (void)unused;
    draw_with_model(false);
}

static void test_model_with_restrikes(void **unused)
{
    (void)unused;
    draw_with_model(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beats), cmocka_unit_test(test_off_beats),
        cmocka_unit_test(test_model), cmocka_unit_test(test_model_with_restrikes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
