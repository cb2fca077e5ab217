/**
 * @file state.h
 * What a training holds: shared by the files that make it, run it and save it.
 */
#ifndef ES_TRAIN_STATE_H
#define ES_TRAIN_STATE_H

#include "nn/learn.h"
#include "train/corpus.h"

#include <estro/estro.h>

struct estro_training {
    estro_train_options options;  /**< Settled. Its pointers are not kept. */
    char name[160], licence[160]; /**< Of the corpus, for the card. */
    es_corpus corpus;
    uint32_t *train; /**< [n_train]: pieces to train on, in the order of the epoch. */
    uint32_t
        *batch_order; /**< [n_batches]: the batches of this epoch in the order they are taken. */
    size_t n_train, n_valid;
    es_coded *valid;    /**< [n_valid]: coded with the plan hidden. */
    size_t valid_cells; /**< Voice-steps of them. */

    es_net net;
    es_learner *learner;

    uint32_t epoch;               /**< Epochs completed. */
    size_t n_batches, next_batch; /**< Of the present epoch. */
    double seconds;               /**< Spent in es_training_step. */
    double epoch_nats;            /**< Of batches with a hidden plan in this epoch. */
    size_t epoch_cells;
    size_t draws; /**< Choices trained on so far. */
    double evaluated_at, evaluation_seconds;

    double train_nats, valid_nats, best_nats; /**< Per voice-step. */
    uint32_t best_epoch;
    float *best; /**< [net.n_weights]: weights of best_nats. */
    bool is_over;
};

/** Measure the averaged weights on the pieces kept apart; keep them if they are the best so far. */
estro_status es_training_validate(estro_training *t, estro_diag *diag);

#endif
