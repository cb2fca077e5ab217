/**
 * @file layout.h
 * Where each tensor of a net lies in its one block of weights.
 *
 * All matrices are [in][out], row-major. Each tensor starts at a multiple of 16 floats; what is between is zero. With
 * G = 3 gates for GRU (r, z, n) and 4 for LSTM (i, f, g, o):
 *
 *     event.F              [field_size][E]    embeddings of the event fields
 *     core.L.input         [E or H][G H]
 *     core.L.state         [H][G H]
 *     core.L.bias          [G H]
 *     core.L.candidate     [H]                GRU: bias inside r * (U_n h + .); LSTM: none
 *     slot.S.field.F       [field_size][D]    embeddings of the draw fields
 *     slot.S.core          [H][D]             linear map of the core state, and
 *     slot.S.core_bias     [D]
 *     slot.S.middle        [D][D]
 *     slot.S.middle_bias   [D]
 *     slot.S.out           [D][n_raw]
 *     slot.S.out_bias      [n_raw]
 *
 * A slot without a decoder (D = 0) has only its out [H][n_raw] and out_bias.
 */
#ifndef ES_NN_LAYOUT_H
#define ES_NN_LAYOUT_H

#include "nn/net.h"

enum { ES_MAX_WIDTH = 4096 }; /**< Of hidden, embed, decoder. */

typedef enum es_tensor_kind {
    ES_TENSOR_EVENT_TABLE,
    ES_TENSOR_DRAW_TABLE,
    ES_TENSOR_CORE_MATRIX,
    ES_TENSOR_DECODER_MATRIX,
    ES_TENSOR_BIAS,
    ES_TENSOR_CORE_BIAS
} es_tensor_kind;

typedef struct es_tensor {
    char name[32];
    es_tensor_kind kind;
    uint32_t rows; /**< 1 for a bias. */
    uint32_t cols;
    size_t offset; /**< Of its first weight in the block. */
} es_tensor;

typedef struct es_layer_layout {
    size_t input, state, bias, candidate;
} es_layer_layout;

typedef struct es_slot_layout {
    size_t field[ES_MAX_FIELDS];
    size_t core, core_bias, middle, middle_bias, out, out_bias;
} es_slot_layout;

/** Offsets of all tensors. */
typedef struct es_net_layout {
    size_t event[ES_MAX_FIELDS];
    es_layer_layout layer[ES_MAX_LAYERS];
    es_slot_layout slot[ES_MAX_SLOTS];
    size_t n_weights;
    size_t n_tensors;
} es_net_layout;

/** Is told of each tensor, in the order of the block. */
typedef void es_tensor_visit(void *self, const es_tensor *tensor);

/** Are all sizes within bounds? */
bool es_net_shape_ok(const es_net_shape *shape);

/**
 * Lay out a net.
 *
 * @param layout  Overwritten.
 * @param visit   Called for each tensor; may be NULL.
 */
void es_net_layout_make(es_net_layout *layout, const es_net_shape *shape, es_tensor_visit *visit,
                        void *self);

/** Gates of a core: 3 or 4. */
size_t es_core_gates(const es_net_shape *shape);

#endif
