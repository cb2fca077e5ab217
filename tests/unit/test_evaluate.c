/* Evaluation: a piece on a grid and the MIDI file of the same piece cost the same; every choice is counted once. */
#include "gen/evaluate.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "midi.h"

enum { VOICES = 4, GRID = 4, STEPS = 64 };

static const es_coding coding = {.n_voices = VOICES,
                                 .grid = GRID,
                                 .max_step = GRID,
                                 .low = {58, 50, 44, 34},
                                 .high = {83, 76, 71, 68}};

static midi m;

/* Lines that move by chance, each voice in steps of one to four sixteenths, with rests. */
static void make_roll(es_roll *roll, uint64_t seed)
{
    const es_meter four = {4, 4};
    es_rng rng = es_rng_at(seed, ES_FOR_TEST, 0, 0, 0);

    assert_int_equal(es_roll_init(roll, VOICES, GRID, STEPS, four, NULL), ESTRO_OK);
    for (uint32_t v = 0; v < VOICES; v++) {
        int pitch = (coding.low[v] + coding.high[v]) / 2;
        for (uint32_t t = 0; t < STEPS; t++) {
            int8_t *cell = &roll->pitch[t * VOICES + v];
            *cell = (int8_t)(t ? cell[-VOICES] : pitch);
            if (t && (t + v) % 4 == 0) {
                pitch += (int)es_rng_below(&rng, 5) - 2;
                pitch = pitch < coding.low[v] ? coding.low[v] : pitch;
                pitch = pitch > coding.high[v] ? coding.high[v] : pitch;
                *cell = (int8_t)(es_rng_below(&rng, 9) ? pitch : -1);
            }
            roll->onset[t * VOICES + v] = *cell >= 0 && (t == 0 || *cell != cell[-VOICES]);
        }
    }
}

/* The same as a file, one track a voice. */
static void write_file(const es_roll *roll, const char *path)
{
    midi_begin(&m);
    midi_meter(&m, 0, 4, 2);
    for (uint32_t v = 0; v < VOICES; v++) {
        for (uint32_t t = 0; t < STEPS; t++) {
            const int pitch = roll->pitch[t * VOICES + v];
            uint32_t end = t + 1;
            if (!roll->onset[t * VOICES + v]) {
                continue;
            }
            while (end < STEPS && roll->pitch[end * VOICES + v] == pitch) {
                end++;
            }
            midi_note(&m, (int)v + 1, (int)v, pitch, (int)t * Q / GRID, (int)(end - t) * Q / GRID);
        }
    }
    es_smf read;
    midi_read(&m, &read);
    assert_int_equal(es_file_write(path, m.bytes, m.n_bytes, NULL), ESTRO_OK);
    midi_done(&m, &read);
}

static void make_model(es_model *model)
{
    es_net_shape shape = {.core = ES_GRU, .n_layers = 1, .hidden = 16, .embed = 16, .decoder = 16};

    *model = (es_model){.coding = coding};
    es_coding_shape(&coding, &shape);
    assert_int_equal(es_net_init(&model->net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&model->net, 7);
}

static void a_file_costs_what_its_roll_costs(void **state)
{
    char path[64];
    estro_diag diag;
    es_model model;

    (void)state;
    snprintf(path, sizeof path, "/tmp/estro-evaluate-%ld.mid", (long)getpid());
    make_model(&model);
    for (uint64_t seed = 1; seed <= 4; seed++) {
        es_roll roll = {0};
        es_evaluation by_roll, by_file;
        make_roll(&roll, seed);
        write_file(&roll, path);
        assert_int_equal(es_evaluate_roll(&by_roll, &model.net, &coding, &roll, NULL), ESTRO_OK);
        if (es_evaluate_file(&by_file, &model, path, &diag) != ESTRO_OK) {
            fail_msg("%s", diag.text);
        }
        assert_true(by_file.nats == by_roll.nats);
        assert_int_equal(by_file.steps, by_roll.steps);
        assert_int_equal(by_file.tokens, by_roll.tokens);
        assert_int_equal(by_file.notes, by_roll.notes);
        /* A roll alone has no plan; the file was analysed. */
        assert_int_equal(by_roll.plan_tokens, 0);
        assert_true(by_roll.nats_given_plan == 0 && by_roll.nats_plan == 0);
        assert_true(by_file.plan_tokens > 2 && by_file.nats_plan > 0);
        es_roll_done(&roll);
    }
    remove(path);
    es_net_done(&model.net);
}

/* By a net whose weights are all zero each choice costs the log of the number of its candidates. */
static void every_choice_is_counted_once(void **state)
{
    es_model model;
    es_roll roll = {0};
    es_coded coded;
    es_evaluation found;
    double nats = 0;

    (void)state;
    make_model(&model);
    memset(model.net.weights, 0, model.net.n_weights * sizeof *model.net.weights);
    make_roll(&roll, 9);
    assert_int_equal(es_evaluate_roll(&found, &model.net, &coding, &roll, NULL), ESTRO_OK);
    assert_int_equal(es_roll_code(&coded, &roll, &coding, 0, true, NULL), ESTRO_OK);
    for (size_t i = 0; i < coded.sequence.n_draws; i++) {
        nats += log((double)coded.sequence.draws[i].n_candidates);
    }
    assert_int_equal(found.tokens, coded.sequence.n_draws);
    assert_true(fabs(found.nats - nats) < 1e-3);
    /* Four voices and the time to the next instant, at each beat at least. */
    assert_true(found.tokens % (VOICES + 1) == 0);
    assert_true(found.tokens >= (VOICES + 1) * STEPS / GRID);
    es_coded_done(&coded);
    es_roll_done(&roll);
    es_net_done(&model.net);
}

static void a_piece_out_of_range_is_moved(void **state)
{
    es_model model;
    es_roll roll = {0};
    es_evaluation here, there;

    (void)state;
    make_model(&model);
    make_roll(&roll, 5);
    assert_int_equal(es_evaluate_roll(&here, &model.net, &coding, &roll, NULL), ESTRO_OK);
    assert_int_equal(here.transposed, 0);
    for (size_t i = 0; i < (size_t)STEPS * VOICES; i++) {
        roll.pitch[i] = (int8_t)(roll.pitch[i] < 0 ? -1 : roll.pitch[i] + 36);
    }
    assert_int_equal(es_evaluate_roll(&there, &model.net, &coding, &roll, NULL), ESTRO_OK);
    assert_true(there.transposed < 0);
    assert_int_equal(there.tokens, here.tokens);
    es_roll_done(&roll);
    es_net_done(&model.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_costs_what_its_roll_costs),
                                       cmocka_unit_test(every_choice_is_counted_once),
                                       cmocka_unit_test(a_piece_out_of_range_is_moved)};

    return cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
}
