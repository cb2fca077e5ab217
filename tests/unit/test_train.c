/* Training: what is learned is what is measured, by the trainer and by the net that plays. */
#include "base/mem.h"
#include "gen/evaluate.h"
#include "train/augment.h"
#include "train/split.h"
#include "train/state.h"
#include "train/trainer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { PIECES = 24, STEPS = 64 };

/* Two voices: the lower one holds the root of a bar, the upper one walks up its triad. */
static void make_piece(es_corpus_piece *piece, uint64_t seed)
{
    static const int roots[] = {0, 5, 7, 9};
    es_rng rng = es_rng_at(seed, ES_FOR_TEST, 0, 0, 0);
    es_roll *roll = &piece->roll;
    char name[32];

    assert_int_equal(es_roll_init(roll, 2, 2, STEPS, (es_meter){4, 4}, NULL), ESTRO_OK);
    roll->has_key = true;
    roll->key = (es_key){0, ES_MAJOR};
    roll->n_beats = STEPS / 2;
    roll->chord = es_calloc(roll->n_beats, sizeof *roll->chord);
    for (uint32_t t = 0; t < STEPS; t++) {
        static const int walk[] = {0, 4, 7, 12};
        const int root = t % 8 ? roll->pitch[2 * (t - 1) + 1] : 48 + roots[es_rng_below(&rng, 4)];
        roll->pitch[2 * t + 1] = (int8_t)root;
        roll->onset[2 * t + 1] = t % 8 == 0;
        roll->pitch[2 * t] = (int8_t)(root + 12 + walk[t / 2 % 4]);
        roll->onset[2 * t] = t % 2 == 0;
        roll->chord[t / 2] = (es_chord){.root = (uint8_t)(root % 12), .quality = ES_QUALITY_MAJ};
    }
    snprintf(name, sizeof name, "piece-%u", (unsigned)seed);
    piece->path = es_strdup(name);
    assert_non_null(piece->path);
}

static void make_corpus(es_corpus *corpus)
{
    *corpus = (es_corpus){.n_pieces = PIECES, .n_notes = PIECES * 40};
    corpus->pieces = es_calloc(PIECES, sizeof *corpus->pieces);
    for (size_t i = 0; i < PIECES; i++) {
        make_piece(&corpus->pieces[i], i);
        corpus->pieces[i].is_valid = i % 4 == 0;
    }
    corpus->coding = (es_coding){.n_voices = 2,
                                 .grid = 2,
                                 .has_onsets = 1,
                                 .has_bars = 1,
                                 .max_step = 2,
                                 .low = {54, 42},
                                 .high = {90, 64}};
}

static void training_learns_and_is_measured_right(void **state)
{
    estro_train_options options = {.size = sizeof options,
                                   .seed = 3,
                                   .epochs = 6,
                                   .threads = 1,
                                   .hidden = 24,
                                   .decoder = 24,
                                   .rate = 0.01,
                                   .dropout = 0.01,
                                   .batch = 4};
    estro_train_progress progress = {0};
    estro_training *training;
    es_corpus corpus;
    double first = 0;

    (void)state;
    make_corpus(&corpus);
    assert_int_equal(es_training_on(&training, &corpus, &options, NULL), ESTRO_OK);
    assert_null(corpus.pieces);
    while (!progress.is_over) {
        assert_int_equal(es_training_step(training, &progress, NULL), ESTRO_OK);
        first = first > 0 ? first : progress.valid_nats;
    }
    assert_int_equal(progress.epoch, 6);
    assert_true(progress.best_nats < 0.4);

    /* The weights that are kept, in the net that plays, give the nats that were told. */
    es_net best = {training->net.shape, training->net.n_weights, training->best, false};
    double nats = 0, plan = 0, given = 0;
    for (size_t i = 0; i < training->corpus.n_pieces; i++) {
        const es_corpus_piece *piece = &training->corpus.pieces[i];
        es_evaluation found;
        if (piece->is_valid) {
            assert_int_equal(
                es_evaluate_roll(&found, &best, &training->corpus.coding, &piece->roll, NULL),
                ESTRO_OK);
            assert_int_equal(found.steps, STEPS);
            nats += found.nats;
            plan += found.nats_plan;
            given += found.nats_given_plan;
        }
    }
    assert_true(fabs(nats / (double)training->valid_cells - progress.best_nats) < 1e-3);
    assert_true(given < nats);
    assert_true(plan > 0);
    es_training_free(training);
    es_training_free(NULL);
}

static void duplicates_are_dropped_and_openings_stay_together(void **state)
{
    es_corpus corpus = {.n_pieces = 6};
    es_corpus_options options = {.seed = 1};

    (void)state;
    corpus.pieces = es_calloc(6, sizeof *corpus.pieces);
    make_piece(&corpus.pieces[0], 1);
    make_piece(&corpus.pieces[1], 2);
    make_piece(&corpus.pieces[2], 1);
    make_piece(&corpus.pieces[3], 2);
    make_piece(&corpus.pieces[4], 5);
    make_piece(&corpus.pieces[5], 5);
    for (int i = 0; i < 2 * STEPS; i++) {
        corpus.pieces[3].roll.pitch[i] = (int8_t)(corpus.pieces[3].roll.pitch[i] - 2);
    }
    corpus.pieces[5].roll.pitch[2 * STEPS - 2]++;
    assert_int_equal(es_corpus_split(&corpus, &options, NULL), ESTRO_OK);
    assert_int_equal(corpus.n_duplicates, 2);
    assert_int_equal(corpus.n_pieces, 4);
    assert_string_equal(corpus.pieces[1].path, "piece-2");
    assert_int_equal(corpus.pieces[2].tune_hash, corpus.pieces[3].tune_hash);
    assert_int_equal(corpus.pieces[2].is_valid, corpus.pieces[3].is_valid);
    int valid = 0;
    for (size_t i = 0; i < corpus.n_pieces; i++) {
        valid += corpus.pieces[i].is_valid;
    }
    assert_in_range(valid, 1, 3);
    es_corpus_done(&corpus);
}

static void augmentation_stays_within_the_coding(void **state)
{
    es_corpus corpus;
    int transposed = 0;

    (void)state;
    make_corpus(&corpus);
    for (uint64_t i = 0; i < 200; i++) {
        const es_roll *roll = &corpus.pieces[i % PIECES].roll;
        es_rng rng = es_rng_at(i, ES_FOR_TEST, 0, 0, 0);
        es_coded coded, plain;
        size_t cells;
        assert_int_equal(es_augment_code(&coded, roll, &corpus.coding, i % 2, &rng, &cells, NULL),
                         ESTRO_OK);
        assert_int_equal(es_roll_code(&plain, roll, &corpus.coding, 0, i % 2, NULL), ESTRO_OK);
        assert_int_equal(cells, 2 * STEPS);
        assert_int_equal(coded.sequence.n_events, plain.sequence.n_events);
        transposed += coded.draws[i % 2 ? 0 : 5].target != plain.draws[i % 2 ? 0 : 5].target;
        es_coded_done(&coded);
        es_coded_done(&plain);
    }
    assert_true(transposed > 100);
    es_corpus_done(&corpus);
}

static void long_pieces_give_windows(void **state)
{
    enum { BARS = 150 };
    es_corpus corpus;
    es_roll roll;
    int ends = 0;

    (void)state;
    make_corpus(&corpus);
    assert_int_equal(es_roll_init(&roll, 2, 2, 8 * BARS, (es_meter){4, 4}, NULL), ESTRO_OK);
    roll.has_key = true;
    roll.n_beats = 4 * BARS;
    roll.chord = es_calloc(roll.n_beats, sizeof *roll.chord);
    assert_non_null(roll.chord);
    for (uint64_t i = 0; i < 60; i++) {
        es_rng rng = es_rng_at(i, ES_FOR_TEST, 0, 0, 0);
        es_coded coded;
        size_t cells;
        assert_int_equal(es_augment_code(&coded, &roll, &corpus.coding, i % 2, &rng, &cells, NULL),
                         ESTRO_OK);
        assert_true(cells > 0 && cells < 2 * 8 * BARS);
        for (size_t d = 0; d < coded.sequence.n_draws; d++) {
            ends += coded.draws[d].slot == ES_SLOT_ROOT && coded.draws[d].target == 14;
        }
        es_coded_done(&coded);
    }
    /* Few windows reach the end of the piece, and only these say END. */
    assert_in_range(ends, 0, 5);
    es_roll_done(&roll);
    es_corpus_done(&corpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_learns_and_is_measured_right),
        cmocka_unit_test(duplicates_are_dropped_and_openings_stay_together),
        cmocka_unit_test(augmentation_stays_within_the_coding),
        cmocka_unit_test(long_pieces_give_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
