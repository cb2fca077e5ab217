/**
 * @file learn.h
 * Training of a net: forward and backward through whole sequences, clipping, Adam.
 *
 * Built into the training module, never into the part that plays.
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
    float *
        goal; /**< What a teacher says of each draw, or NULL: its n_candidates probabilities, draw after draw. */
} es_sequence;

/** Length of a sequence's goal. */
size_t es_sequence_goal_size(const es_sequence *sequence);

/**
 * Processes that train one net together, each on some shards of every batch. All of them call the same functions of their learners
 * in the same order, with the same batches, and have the same weights after each step.
 */
typedef struct es_learn_ranks {
    int rank, count;
    /**
     * Replace block [n] by the sum of those of ranks 0 .. n_working - 1 (a power of two), on all ranks: neighbours at distance 1 are
     * added, then those sums at distance 2, and so on.
     */
    estro_status (*sum)(void *self, float *block, size_t n, int n_working, estro_diag *diag);
    /** Replace x [n] by its sum over all ranks; at each place all ranks but one have zero. */
    estro_status (*gather)(void *self, double *x, size_t n, estro_diag *diag);
    void *self;
} es_learn_ranks;

typedef struct es_learn_options {
    float beta1, beta2; /**< Adam. */
    float decay;        /**< Decoupled weight decay (AdamW) of matrices and tables. */
    float clip;         /**< Largest norm of the gradient; 0 = none. */
    float drop_input,
        drop_core; /**< Dropout of the core's input and of each layer's output: one mask a sequence. */
    float drop_decoder; /**< Within the decoder, twice, anew for each draw. */
    float drop_field;   /**< Of whole fields of a draw. */
    float
        average; /**< Decay of the running mean of the weights, 0 = none. Shorter at first: (1+n)/(10+n) at step n. */
    int threads; /**< 1 or more; the result does not depend on it. */
    uint64_t seed;               /**< Of the dropout masks. */
    const es_learn_ranks *ranks; /**< Kept; NULL = alone. Their number changes no bit either. */
} es_learn_options;

/**
 * The loss that is minimised is this times the mean nats per draw; so the gradient, and its norm that `clip` limits. With it, a clip of 1
 * is that of the four-voice recipe (four times the mean nats per note). Adam itself does not feel it.
 */
#define ES_LOSS_SCALE 4.0f

/** Threads in use are at most the shards of a batch (2 below 8 sequences, 4 up to 64, then one for each 16): see learn.c. */
typedef struct es_learner es_learner;

/** A trainer of `net` (kept; its weights change). @return ESTRO_ERR_ARGUMENT, ESTRO_ERR_MEMORY. */
estro_status es_learner_new(es_learner **out, es_net *net, const es_learn_options *options,
                            estro_diag *diag);
void es_learner_free(es_learner *learner);

/**
 * One optimiser step on a batch of sequences.
 *
 * Sequences may differ in length; each draw of the batch weighs the same.
 *
 * @param batch   [n_batch]; borrowed.
 * @param rate    Learning rate of this step.
 * @param nats    Sum of nats over all draws, before the step, under dropout; set also when the status is ESTRO_ERR_FORMAT.
 * @param count   Draws in the batch.
 * @return ESTRO_ERR_MEMORY, ESTRO_ERR_ARGUMENT when a sequence does not fit the net or there is no draw at all, ESTRO_ERR_FORMAT when
 *         the loss or its gradient is not finite. On failure the weights are unchanged.
 */
estro_status es_learner_step(es_learner *learner, const es_sequence *const *batch, size_t n_batch,
                             float rate, double *nats, size_t *count, estro_diag *diag);

/**
 * Which sequences of a batch this rank works on; of the others their learner needs n_events and n_draws alone. With one rank all.
 *
 * @param own  [n_batch], overwritten. @return ESTRO_ERR_MEMORY.
 */
estro_status es_learner_shares(es_learner *learner, const es_sequence *const *batch, size_t n_batch,
                               bool *own, estro_diag *diag);

/** Nats of each slot kind over a sequence, without dropout, using the averaged weights if there are any.
 *  @param slot_nats [ES_MAX_SLOTS], @param slot_count [ES_MAX_SLOTS]: added to. */
estro_status es_learner_score(es_learner *learner, const es_sequence *sequence, double *slot_nats,
                              size_t *slot_count, estro_diag *diag);

/** The same over many sequences at once, 32 of them making a batch of es_learner_shares, on the learner's threads: several times as fast. */
estro_status es_learner_score_all(es_learner *learner, const es_sequence *const *sequences,
                                  size_t count, double *slot_nats, size_t *slot_count,
                                  estro_diag *diag);

/**
 * Let this learner teach: add `share` times its probabilities, without dropout, to the goals of these sequences.
 *
 * A sequence with a goal is learned towards it, not towards its targets: the gradient is that of the cross-entropy with the
 * goal (which should sum to 1 for each draw), while the nats that es_learner_step tells remain those of the targets.
 */
estro_status es_learner_teach(es_learner *teacher, const es_sequence *const *sequences,
                              size_t count, float share, estro_diag *diag);

/** Copy the averaged weights (or the present ones, without averaging) into `out`, [net->n_weights]. */
void es_learner_weights(const es_learner *learner, float *out);

/** Gradient of ES_LOSS_SCALE * mean nats per draw of a batch, without dropout, for checks.
 *  @param gradient [net->n_weights], overwritten. */
estro_status es_learner_gradient(es_learner *learner, const es_sequence *const *batch,
                                 size_t n_batch, float *gradient, double *nats, size_t *count,
                                 estro_diag *diag);

/**
 * All that a checkpoint needs, the weights included: with it, training goes on as if it had not been interrupted.
 * Floats, [es_learner_state_size]; the first two hold the count of steps.
 */
size_t es_learner_state_size(const es_learner *learner);
void es_learner_state_get(const es_learner *learner, float *out);
void es_learner_state_set(es_learner *learner, const float *in);

#endif
