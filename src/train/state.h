/**
 * @file state.h
 * What a training holds: shared by the files that make it, run it and save it.
 */
#ifndef ES_TRAIN_STATE_H
#define ES_TRAIN_STATE_H

#include "nn/learn.h"
#include "train/corpus.h"
#include "train/ranks.h"
#include "train/teachers.h"

#include <estro/estro.h>

#include <stdatomic.h>

/** Where a training stands: all plain values that a checkpoint keeps, 8 bytes each. */
typedef struct es_train_place {
    uint64_t plan;              /**< Batches of the whole way; 0 = not planned yet. */
    uint64_t done;              /**< Batches trained on. */
    uint64_t epoch, next_batch; /**< Epochs completed; batches of the present one that are done. */
    uint64_t draws;             /**< Choices trained on. */
    uint64_t validated_draws;   /**< `draws` at the last validation. */
    uint64_t
        valid_draws; /**< Choices of the pieces to validate on, counted by the last validation. */
    uint64_t validations;
    uint64_t epoch_cells; /**< Voice-steps of batches with a hidden plan in this epoch. */
    uint64_t best_epoch;  /**< Of the best weights, from 1; 0 = not validated yet. */
    uint64_t best_done;   /**< `done` of the best weights. */
    uint64_t is_over;
    double epoch_nats;                        /**< Of the batches that epoch_cells counts. */
    double train_nats, valid_nats, best_nats; /**< Per voice-step. */
    double seconds;                           /**< Spent in es_training_step. */
} es_train_place;

/** A validation, for the plot. */
typedef struct es_train_point {
    double epochs, train_nats, valid_nats;
} es_train_point;

struct estro_training {
    es_ranks *ranks; /**< NULL = alone. */
    int rank, n_ranks;
    atomic_bool is_stopped;       /**< Wanted by a signal. */
    bool is_broken;               /**< A call failed: the ranks do no more go together. */
    estro_train_options options;  /**< Settled. Its pointers are not kept. */
    char name[256], licence[256]; /**< Of the corpus, for the card. */
    uint8_t from[8]; /**< Digest of the model whose weights were the first, 0 = none. */
    es_corpus corpus;
    uint32_t *train; /**< [n_train]: pieces to train on, in the order of the epoch. */
    uint32_t
        *batch_order; /**< [n_batches]: the batches of this epoch in the order they are taken. */
    uint32_t *valid;  /**< [n_valid]: pieces to validate on. */
    size_t n_train, n_valid, n_batches;
    size_t valid_cells; /**< Voice-steps of the pieces to validate on. */

    es_net net;
    es_learner *learner;
    es_teachers teachers;
    es_train_place place;
    float *best; /**< [net.n_weights]: weights of best_nats. */
    es_train_point *points;
    size_t n_points, points_room;
};

/** What the training is made with, a line each: corpus, coding, net, options. @param out [ES_TRAIN_TEXT_BYTES], overwritten. */
enum { ES_TRAIN_TEXT_BYTES = 2048 };
void es_training_describe(const estro_training *t, char *out);

/** Monotonic time. */
double es_train_now(void);

/** Make `place.plan`, if there is none: from the epochs, or from the time, for which some batches are tried and forgotten. */
estro_status es_training_plan(estro_training *t, estro_diag *diag);

/** Part of the way that is done, 0-1. */
double es_training_share(const estro_training *t);

/** The learning rate at a part of the way. */
double es_training_rate(const estro_training *t, double share);

/** Order the pieces and batches of the epoch `place.epoch`: a function of seed and epoch alone. */
estro_status es_training_order(estro_training *t, estro_diag *diag);

/** Train on the next batch of the epoch, at a learning rate. On failure the place and the weights are as before. */
estro_status es_training_batch(estro_training *t, double rate, estro_diag *diag);

/** Measure the averaged weights on the pieces kept apart; keep them if they are the best so far. */
estro_status es_training_validate(estro_training *t, estro_diag *diag);

#endif
