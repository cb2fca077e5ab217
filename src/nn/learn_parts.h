/**
 * @file learn_parts.h
 * What the parts of the trainer share: shards of a batch, groups of shards with their working memory, and the passes over them.
 *
 * A batch is cut into shards by its size alone. Each shard has its own gradient, in an order of its own; the gradients are added in a
 * fixed tree. A thread takes a group of shards through the passes side by side, so that products have many rows: no row feels the
 * others, so neither the number of threads nor the grouping changes a bit.
 *
 * Within a group the sequences are sorted by falling number of events and packed by time: the rows of time step t are
 * start[t] .. start[t + 1] - 1, one for each sequence that still has an event, in the group's order. So the rows of step t
 * continue the first rows of step t - 1.
 */
#ifndef ES_NN_LEARN_PARTS_H
#define ES_NN_LEARN_PARTS_H

#include "nn/layout.h"
#include "nn/learn.h"
#include "nn/learn_kernel.h"
#include "nn/learn_product.h"
#include "nn/learn_threads.h"

enum {
    ES_BLOCK_ROWS = 192,  /**< Draws the decoder takes at once. */
    ES_ALIGN_FLOATS = 16, /**< A cache line. */
    ES_NO_ROW = -1        /**< The row of the state before the first event: zero. */
};

/** A draw of a shard, found by its slot. */
typedef struct es_pick {
    const es_draw *draw;
    float *goal;       /**< [draw->n_candidates] or NULL. */
    int32_t row;       /**< Of the core output it is made from, in the group, or ES_NO_ROW. */
    uint32_t sequence; /**< In the batch. */
    uint32_t number;   /**< In its sequence. */
} es_pick;

/** A piece of a batch, with what is summed over it. */
typedef struct es_shard {
    size_t n_rows;
    size_t n_first;     /**< Rows of the first step. */
    uint32_t *row;      /**< [n_rows]: its rows in the group, by time. */
    uint32_t *past_row; /**< [n_rows]: the row of the step before; none for the first n_first. */
    size_t row_room, past_room;
    es_pick *pick; /**< [slot_start[n_slots]], slot after slot. */
    size_t slot_start[ES_MAX_SLOTS + 1], pick_room;
    float *gradient; /**< [n_weights], owned; zero between the steps; NULL until one is wanted. */
    double slot_nats[ES_MAX_SLOTS];
    size_t slot_count[ES_MAX_SLOTS];
} es_shard;

/** A sequence of a batch, and where it belongs. */
typedef struct es_lane {
    const es_sequence *sequence; /**< Borrowed. */
    uint32_t number;             /**< In the batch. */
    uint32_t shard;              /**< In the batch; then in the group. */
} es_lane;

/** Activations of one core layer, kept for the backward pass; [n_rows][...] where nothing else is said, rows of gates gate_stride apart. */
typedef struct es_layer_tape {
    float *gates;   /**< [G H]: after the squashing; then the gradients before it. */
    float *inner;   /**< [H]: GRU: U_n h + b_un, then its gradient. LSTM: tanh(c). */
    float *cell;    /**< [H]: LSTM: c. */
    float *h;       /**< [H] */
    float *dropped; /**< [H]: h with dropout. */
    float *out;     /**< What the layer gives out: one of these two. */
    float *mask;    /**< [n_lanes][H] */
    float *carry;   /**< [n_lanes][H]: gradient of h from the step after. */
    float *d_cell;  /**< [n_lanes][H]: of c. */
} es_layer_tape;

/** Working memory of the decoder: all [ES_BLOCK_ROWS][...]. */
typedef struct es_decoder_tape {
    float *state; /**< [H]: core outputs, gathered; then their gradients. */
    float *core;  /**< [D]: state Wc + bc; then its gradient. */
    float *u;     /**< [D] */
    float *q;     /**< [D]: W2 u + b2; then its gradient. */
    float *v;     /**< [D] */
    float *dv;    /**< [D]: gradient of v, of u, of what is before it. */
    float *raw;   /**< [largest n_raw] */
    float *d_raw; /**< [largest n_raw] */
} es_decoder_tape;

/** Shards that one thread works on together. */
typedef struct es_shard_group {
    es_shard *shard; /**< [n_shards], borrowed. */
    size_t n_shards;
    es_lane *lane; /**< [n_lanes], falling n_events. */
    size_t n_lanes, lane_room;
    size_t n_steps, step_room;
    size_t *start; /**< [n_steps + 1] */
    size_t n_rows;
    size_t
        stretch; /**< Time steps that the core takes at once on the way back; set by the batch alone. */
    size_t gate_stride; /**< G H, or a little more. */

    float *memory; /**< All that follows, owned. */
    size_t memory_room;
    float *x;      /**< [n_rows][E]; unused with a table. */
    float *x_mask; /**< [n_lanes][E] */
    es_layer_tape layer[ES_MAX_LAYERS];
    float *d_out;   /**< [n_rows][H]: gradient of what the top layer gives out. */
    float *d_in[2]; /**< [rows of a stretch][widest of E, H]: of what a layer takes in, in turn. */
    float *d_table; /**< [n_shards][field_size][G H]: gradients of the table. */
    size_t d_table_size;
    float *scratch; /**< [es_product_scratch()] */
    es_decoder_tape decoder;
} es_shard_group;

/** A matrix of the weights in panels (learn_product.h), for the way forward and, transposed, for the way back. */
typedef struct es_packed_matrix {
    size_t offset, stride; /**< Where it lies in the weights, and how far apart its rows. */
    size_t k, n;           /**< It is [k][n]. */
    float *forward;        /**< Panels of [k][n]. */
    float *backward;       /**< Panels of its transpose, [n][k]. */
} es_packed_matrix;

enum { ES_MAX_MATRICES = 3 * ES_MAX_LAYERS + 3 * ES_MAX_SLOTS };

/** The matrices of a layer, of a slot, of a net in panels. */
typedef struct es_layer_packed {
    const es_packed_matrix *input;     /**< [in][G H] */
    const es_packed_matrix *state;     /**< GRU: [H][2 H], of r and z; LSTM: [H][4 H]. */
    const es_packed_matrix *candidate; /**< GRU: [H][H]. */
} es_layer_packed;

typedef struct es_slot_packed {
    const es_packed_matrix *core;   /**< [H][D] */
    const es_packed_matrix *middle; /**< [D][D] */
    const es_packed_matrix *out;    /**< [D][n_raw] */
} es_slot_packed;

typedef struct es_packed {
    es_layer_packed layer[ES_MAX_LAYERS];
    es_slot_packed slot[ES_MAX_SLOTS];
    float *
        table; /**< [field_size[0]][G H]: E W + b of the first layer, for nets of one event field; else NULL. */
    es_packed_matrix matrix[ES_MAX_MATRICES];
    size_t n_matrices;
    float *memory; /**< Of all panels, owned. */
} es_packed;

/** What a pass over a group is made with. */
typedef struct es_pass {
    const es_net_shape *shape;
    const es_net_layout *at;
    const float *weights;
    const es_packed *packed; /**< Of these weights. */
    bool backward;
    float share; /**< Of the probabilities that are added to the goals; 0 = goals are read. */
    float scale; /**< Gradient of the loss by the nats of one draw. */
    es_drop input, core, decoder, field;
    uint64_t key; /**< Of this step's dropout. */
} es_pass;

/** The first address from `memory` on at which a cache line begins: less than ES_ALIGN_FLOATS floats further. */
float *es_aligned(float *memory);

/** Key of the dropout of one place: `what` tells apart the masks of one place. */
uint32_t es_pass_key(const es_pass *pass, uint32_t sequence, uint32_t draw, uint32_t what);

/* ---- learn_shard.c ---- */

/** Check sequences against the shape. @return ESTRO_ERR_ARGUMENT. */
estro_status es_sequence_check(const es_net_shape *shape, const es_sequence *sequence,
                               estro_diag *diag);

/**
 * Pack the lanes of a group and carve its tapes.
 *
 * @param group  Its shard, n_shards and stretch are set.
 * @param lane   [n_lanes], in falling order of events; lanes of other groups' shards are left out. Borrowed.
 * @param first  The number in the batch of the group's first shard.
 */
estro_status es_shard_group_pack(es_shard_group *group, const es_net_shape *shape,
                                 const es_lane *lane, size_t n_lanes, size_t first,
                                 estro_diag *diag);
void es_shard_group_done(es_shard_group *group);
void es_shard_done(es_shard *shard);

/** y [n] += factor * the sum of `count` (at most ES_MAX_FIELDS) rows that lie at these offsets of the weights. */
void es_add_table_rows(float *y, const float *weights, const size_t *offset, size_t count,
                       float factor, size_t n);

/* ---- learn_input.c: steps begin .. end - 1, or step t ---- */

void es_embed_forward(es_shard_group *group, const es_pass *pass, size_t begin, size_t end);
/** @param d_x Gradient of x, rows of these steps; overwritten. */
void es_embed_backward(const es_shard_group *group, const es_pass *pass, size_t begin, size_t end,
                       float *d_x);

/** Is the input of the first layer read from a table? */
bool es_pass_has_table(const es_pass *pass);
/** Gates of the first layer from the table. */
void es_table_forward(es_shard_group *group, const es_pass *pass, size_t t);
/** Their gradients, summed for each value. */
void es_table_collect(const es_shard_group *group, const es_pass *pass, size_t t);
/** From these sums to the gradient of a shard. */
void es_table_backward(const es_shard_group *group, const es_pass *pass, size_t shard);

/* ---- the passes; none can fail ---- */

void es_core_forward(es_shard_group *group, const es_pass *pass);
/** From d_out of the top layer, [n_rows][H], to the gradients of the core. */
void es_core_backward(es_shard_group *group, const es_pass *pass);

/** All draws of a shard, block by block, forward and (if pass->backward) backward: adds to d_out of the core and to the gradient. */
void es_decoder_pass(es_shard_group *group, es_shard *shard, const es_pass *pass);

/* ---- learn_packed.c ---- */

/** Room for the panels of a net. @return ESTRO_ERR_MEMORY. */
estro_status es_packed_init(es_packed *packed, const es_net_shape *shape, const es_net_layout *at,
                            estro_diag *diag);
void es_packed_done(es_packed *packed);

/** Lay out the matrices of the pass's weights, those for the way back only when pass->backward, and the table if it has one. */
void es_packed_fill(es_packed *packed, const es_pass *pass, int n_threads);

/** y [m][n] = row [n] + x [m][k] matrix, for all rows of y; row NULL: y += x matrix. */
void es_times(float *y, size_t y_stride, const float *row, const float *x, size_t x_stride,
              const es_packed_matrix *matrix, size_t m);
/** x [m][k] = row [k] + y [m][n] matrix^T; row NULL: x += y matrix^T. */
void es_times_turned(float *x, size_t x_stride, const float *row, const float *y, size_t y_stride,
                     const es_packed_matrix *matrix, size_t m);

/** A row to start from. */
extern const float es_zeros[ES_MAX_WIDTH];

/* ---- learn_adam.c ---- */

/** A stretch of weights that are treated alike. */
typedef struct es_stretch {
    size_t offset, count;
    bool decays;
} es_stretch;

/** Cut the weights of a shape into stretches. @param out Owned, es_free. @return ESTRO_ERR_MEMORY. */
estro_status es_stretches_make(es_stretch **out, size_t *count, const es_net_shape *shape,
                               estro_diag *diag);

/** Weights, moments and all else that a step of Adam touches. */
typedef struct es_adam_job {
    const es_stretch *stretches;
    size_t n_stretches;
    float *weights, *m, *v, *mean; /**< mean may be NULL. */
    float *const *gradients;       /**< [n_gradients]; the first takes the sum. */
    size_t n_gradients;
    double *squares;  /**< [n_stretches]: sums of squares of the summed gradient. */
    float decay_keep; /**< adam.keep of stretches that decay; 1 for others. */
    es_adam adam;
} es_adam_job;

/** Add up the gradients into the first one and make the others zero again; returns the norm of the sum. */
double es_adam_sum(es_adam_job *job, int n_threads);

/** Update all weights, and make the gradient zero again. */
void es_adam_apply(es_adam_job *job, int n_threads);

#endif
