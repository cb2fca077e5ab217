/**
 * @file matrix_parts.h
 * What the ways of multiplying share: the layout of a matrix, and vectors in whole numbers.
 */
#ifndef ES_NN_MATRIX_PARTS_H
#define ES_NN_MATRIX_PARTS_H

#include "nn/matrix.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define ES_HAS_X86 1
#else
#define ES_HAS_X86 0
#endif

enum {
    ES_FLOAT_PANEL = 64, /**< Columns that are read together. */
    ES_BYTE_PANEL = 32,
    ES_GROUP = 4 /**< Inputs whose bytes stand side by side for one output. */
};

static inline size_t es_round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/** Columns that the next panel takes, of so many left: whole vectors, the last one filled up. */
static inline size_t es_panel_width(size_t left, size_t widest)
{
    return left < widest ? es_round_up(left, ES_COLUMNS) : widest;
}

typedef struct es_whole_lanes {
    size_t n;
    float *y[ES_MAX_LANES];
    int16_t *number[ES_MAX_LANES]; /**< [n_in rounded up to ES_NUMBERS], the rest 0. */
    float scale[ES_MAX_LANES];
} es_whole_lanes;

/** number[i] = x[i] / scale, rounded, for the scale that makes the best of 16 bits. @param number [n rounded up to ES_NUMBERS], the rest 0. */
void es_whole_of(int16_t *number, float *scale, const float *x, size_t n);

#if ES_HAS_X86
void es_floats_avx2(const es_matrix *matrix, const es_lanes *lanes);
void es_floats_avx512(const es_matrix *matrix, const es_lanes *lanes);
void es_bytes_avx2(const es_matrix *matrix, const es_whole_lanes *lanes);
/** Overwrites the numbers. */
void es_bytes_avx512(const es_matrix *matrix, const es_whole_lanes *lanes);
#endif

#endif
