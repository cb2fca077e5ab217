/**
 * @file matrix.h
 * A matrix as a player holds it: laid out to be read once from front to end, in floats or in bytes.
 *
 * Floats: y[j] += x[k] W[k][j] for ascending k, each product and each sum rounded.
 * Bytes: x becomes whole numbers of up to 16 bits, W[k][j] = scale[j] n[k][j] with n from -127 to 127, and
 * y[j] += (sum of x n) scale[j] scale_x. The sum is a whole number below 2^31, so it has no order.
 * Either way each result has one value: whatever the vector width, whether one vector is multiplied or many at once.
 */
#ifndef ES_NN_MATRIX_H
#define ES_NN_MATRIX_H

#include "nn/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ES_COLUMNS = 16, /**< Outputs are rounded up to these: y has that much room. */
    ES_NUMBERS = 32, /**< Inputs in whole numbers are rounded up to these. */
};

typedef struct es_matrix {
    uint32_t n_in, n_out;
    const float *
        floats; /**< Panel after panel of 64 columns (the last of what is left, in 16s): [n_in][columns]. NULL: bytes. */
    const int8_t
        *bytes; /**< Panel after panel of 32 or 16 columns: [n_in / 4 rounded up][columns][4]. */
    const float *scale;  /**< [n_out rounded up] */
    const uint32_t *sum; /**< Of the bytes of each column, [n_out rounded up], modulo 2^32. */
} es_matrix;

/** Bytes of memory that a matrix takes, a multiple of 64. */
size_t es_matrix_size(size_t n_in, size_t n_out, bool in_bytes);

/**
 * Lay out a matrix.
 *
 * @param memory  [es_matrix_size], zero, at an address that 64 divides; kept.
 * @param w       [n_in][n_out]; borrowed.
 */
void es_matrix_init(es_matrix *matrix, void *memory, const float *w, size_t n_in, size_t n_out,
                    bool in_bytes);

/** Vectors side by side, as a product takes them. */
typedef struct es_lanes {
    size_t n; /**< At most ES_MAX_LANES. */
    float
        *y[ES_MAX_LANES]; /**< [n_out rounded up]; added to; the rest of the room is overwritten. */
    const float *x[ES_MAX_LANES]; /**< [n_in] */
    int16_t *room; /**< [n][n_in rounded up to ES_NUMBERS]: for bytes; overwritten. */
} es_lanes;

/** y += x W for each lane. */
void es_matrix_apply(const es_matrix *matrix, const es_lanes *lanes);

/** Ways of computing the same: plain C, and what the processor has. */
typedef enum es_way { ES_WAY_PLAIN, ES_WAY_AVX2, ES_WAY_AVX512, ES_WAY_COUNT } es_way;

/** Whether this processor can. */
bool es_way_here(es_way way);

/** es_matrix_apply in one of the ways that are here. */
void es_matrix_apply_by(es_way way, const es_matrix *matrix, const es_lanes *lanes);

#endif
