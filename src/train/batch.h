/**
 * @file batch.h
 * Pieces coded for the learner: on all threads, and of several processes each codes what it needs.
 */
#ifndef ES_TRAIN_BATCH_H
#define ES_TRAIN_BATCH_H

#include "train/state.h"

/** How pieces are coded: to train on, the plan shown or hidden; or as they are, to validate. */
typedef enum es_batch_kind { ES_BATCH_SHOWN, ES_BATCH_HIDDEN, ES_BATCH_VALID } es_batch_kind;

/** Zero-initialise; es_batch_done. */
typedef struct es_batch {
    size_t count;
    const es_sequence *
        *sequence;       /**< [count]; of what other ranks work on only the lengths are known. */
    size_t cells, draws; /**< Of all of them. */
    es_coded *coded;     /**< [count], owned. */
} es_batch;

/** Code pieces. @param out Overwritten; es_batch_done also on failure. @return The first failure in their order. */
estro_status es_batch_code(es_batch *out, const estro_training *t, const uint32_t *piece,
                           size_t count, es_batch_kind kind, estro_diag *diag);
void es_batch_done(es_batch *batch);

#endif
