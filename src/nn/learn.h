/**
 * @file learn.h
 * Training of a net: forward and backward through whole sequences, clipping, Adam.
 *
 * Built into the training module (it links BLAS), never into the part that plays.
 */
#ifndef ES_NN_LEARN_H
#define ES_NN_LEARN_H

#include "nn/net.h"

/** One sequence, coded: events and the draws made in them. Borrowed by the trainer during a call. */
typedef struct es_sequence {
    const es_event_fields *events; /**< [n_events]. */
    size_t n_events;
    const es_draw *draws; /**< [n_draws], in order; `target` set. */
    const uint32_t
        *draw_event; /**< [n_draws]: the event each draw belongs to, ascending, < = n_events. */
    size_t n_draws;
} es_sequence;

typedef struct es_learn_options {
    float
        rate; /**< Peak learning rate (one cycle: the caller passes the present one to each step). */
    float beta1, beta2; /**< Adam. */
    float decay;        /**< Decoupled weight decay (AdamW) of matrices and tables. */
    float clip;         /**< Largest norm of the gradient. */
    float drop_input, drop_core, drop_decoder,
        drop_field; /**< Dropout: one mask a sequence where it is on the core. */
    float average;  /**< Decay of the running mean of the weights, 0 = none. */
    int threads;    /**< 1 or more; the result does not depend on it. */
    uint64_t seed;  /**< Of the dropout masks. */
} es_learn_options;

typedef struct es_learner es_learner;

/** A trainer of `net` (kept; its weights change). */
estro_status es_learner_new(es_learner **out, es_net *net, const es_learn_options *options,
                            estro_diag *diag);
void es_learner_free(es_learner *learner);

/**
 * One optimiser step on a batch of sequences.
 *
 * The loss is the mean nats per draw over the batch, times nothing. Sequences may differ in length.
 *
 * @param rate    Learning rate of this step.
 * @param nats    Sum of nats over all draws, before the step.
 * @param count   Draws in the batch.
 * @return ESTRO_ERR_MEMORY, or ESTRO_ERR_FORMAT when the loss is not finite.
 */
estro_status es_learner_step(es_learner *learner, const es_sequence *const *batch, size_t n_batch,
                             float rate, double *nats, size_t *count, estro_diag *diag);

/** Nats of each slot kind over a sequence, without dropout, using the averaged weights if there are any.
 *  @param slot_nats [ES_MAX_SLOTS], @param slot_count [ES_MAX_SLOTS]: added to. */
estro_status es_learner_score(es_learner *learner, const es_sequence *sequence, double *slot_nats,
                              size_t *slot_count, estro_diag *diag);

/** Copy the averaged weights (or the present ones, without averaging) into `out`, [net->n_weights]. */
void es_learner_weights(const es_learner *learner, float *out);

/** Gradient of the loss of a batch without dropout, for checks. @param gradient [net->n_weights], overwritten. */
estro_status es_learner_gradient(es_learner *learner, const es_sequence *const *batch,
                                 size_t n_batch, float *gradient, double *nats, size_t *count,
                                 estro_diag *diag);

/** Optimiser state for checkpoints: floats, a count then a block. */
size_t es_learner_state_size(const es_learner *learner);
void es_learner_state_get(const es_learner *learner, float *out);
void es_learner_state_set(es_learner *learner, const float *in);

#endif
