/*
 * Loops of training, written to run in vectors. Dropout needs no stored masks on the decoder: whether an element is kept
 * is a hash of its row's key and its index, and the backward pass sees from the value itself (positive or not) whether it was.
 */
#include "nn/learn_kernel.h"

#include "base/simd.h"
#include "nn/kernel.h"

#include <math.h>

void es_add_rows(float *sum, const float *rows, size_t count, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        es_add_row(sum, rows + i * n, n);
    }
}

ES_INLINE void es_gather_rows_body(float *restrict y, const float *const *row, size_t n_rows,
                                   float factor, size_t n)
{
    for (size_t i = 0; i < n_rows; i += ES_ROWS_AT_ONCE) {
        const float *const r0 = row[i], *const r1 = row[i + 1], *const r2 = row[i + 2],
                           *const r3 = row[i + 3], *const r4 = row[i + 4], *const r5 = row[i + 5],
                           *const r6 = row[i + 6], *const r7 = row[i + 7];
        ES_SIMD
        for (size_t j = 0; j < n; j++) {
            const float a = (r0[j] + r1[j]) + (r2[j] + r3[j]);
            const float b = (r4[j] + r5[j]) + (r6[j] + r7[j]);
            y[j] += factor * (a + b);
        }
    }
}

ES_CLONES(es_gather_rows,
          (float *restrict y, const float *const *row, size_t n_rows, float factor, size_t n),
          (y, row, n_rows, factor, n))

ES_INLINE void es_scatter_rows_body(float *const *row, size_t n_rows, const float *restrict d,
                                    float factor, size_t n)
{
    for (size_t i = 0; i < n_rows; i++) {
        float *restrict const to = row[i];
        ES_SIMD
        for (size_t j = 0; j < n; j++) {
            to[j] += factor * d[j];
        }
    }
}

ES_CLONES(es_scatter_rows,
          (float *const *row, size_t n_rows, const float *restrict d, float factor, size_t n),
          (row, n_rows, d, factor, n))

ES_INLINE void es_multiply_body(float *restrict y, const float *restrict factor, size_t n)
{
    ES_SIMD
    for (size_t j = 0; j < n; j++) {
        y[j] *= factor[j];
    }
}

ES_CLONES(es_multiply, (float *restrict y, const float *restrict factor, size_t n), (y, factor, n))

es_drop es_drop_of(float p)
{
    if (!(p > 0)) {
        return (es_drop){.scale = 1};
    }
    return (es_drop){.threshold = (uint32_t)((double)p * 16777216.0), .scale = 1 / (1 - p)};
}

/* A hash of 32 bits to 24. */
ES_INLINE uint32_t scramble(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return (x ^ x >> 16) >> 8;
}

ES_INLINE bool keeps(uint32_t key, uint32_t threshold, uint32_t j)
{
    return scramble(key + j * 0x9e3779b9u) >= threshold;
}

bool es_drop_keeps(es_drop drop, uint32_t j)
{
    return keeps(drop.key, drop.threshold, j);
}

ES_INLINE void es_drop_mask_body(float *mask, size_t n, es_drop drop)
{
    ES_SIMD
    for (uint32_t j = 0; j < (uint32_t)n; j++) {
        mask[j] = keeps(drop.key, drop.threshold, j) ? drop.scale : 0;
    }
}

ES_CLONES(es_drop_mask, (float *mask, size_t n, es_drop drop), (mask, n, drop))

ES_INLINE void es_relu_drop_body(float *u, size_t n, es_drop drop)
{
    if (drop.threshold == 0) {
        ES_SIMD
        for (size_t j = 0; j < n; j++) {
            u[j] = u[j] > 0 ? u[j] : 0;
        }
        return;
    }
    ES_SIMD
    for (uint32_t j = 0; j < (uint32_t)n; j++) {
        const float kept = u[j] > 0 ? u[j] * drop.scale : 0;
        u[j] = keeps(drop.key, drop.threshold, j) ? kept : 0;
    }
}

ES_CLONES(es_relu_drop, (float *u, size_t n, es_drop drop), (u, n, drop))

ES_INLINE void es_relu_drop_back_body(float *restrict d, const float *restrict u, size_t n,
                                      float scale)
{
    ES_SIMD
    for (size_t j = 0; j < n; j++) {
        d[j] = u[j] > 0 ? d[j] * scale : 0;
    }
}

ES_CLONES(es_relu_drop_back, (float *restrict d, const float *restrict u, size_t n, float scale),
          (d, u, n, scale))

ES_INLINE void es_residual_drop_body(float *restrict v, const float *restrict u,
                                     const float *restrict q, size_t n, es_drop drop)
{
    if (drop.threshold == 0) {
        ES_SIMD
        for (size_t j = 0; j < n; j++) {
            v[j] = u[j] + (q[j] > 0 ? q[j] : 0);
        }
        return;
    }
    ES_SIMD
    for (uint32_t j = 0; j < (uint32_t)n; j++) {
        const float kept = (u[j] + (q[j] > 0 ? q[j] : 0)) * drop.scale;
        v[j] = keeps(drop.key, drop.threshold, j) ? kept : 0;
    }
}

ES_CLONES(es_residual_drop,
          (float *restrict v, const float *restrict u, const float *restrict q, size_t n,
           es_drop drop),
          (v, u, q, n, drop))

/* Where v is 0 it was dropped, or both u and relu(q) were 0: then nothing passes further down either. */
ES_INLINE void es_residual_drop_back_body(float *restrict dv, float *restrict q,
                                          const float *restrict v, size_t n, float scale)
{
    ES_SIMD
    for (size_t j = 0; j < n; j++) {
        const float d = v[j] > 0 ? dv[j] * scale : 0;
        q[j] = q[j] > 0 ? d : 0;
        dv[j] = d;
    }
}

ES_CLONES(es_residual_drop_back,
          (float *restrict dv, float *restrict q, const float *restrict v, size_t n, float scale),
          (dv, q, v, n, scale))

enum { SQUARE_LANES = 16 };

ES_INLINE void es_add_squares_body(double *restrict sum, const float *restrict x, size_t n)
{
    for (size_t i = 0; i + SQUARE_LANES <= n; i += SQUARE_LANES) {
        ES_SIMD
        for (size_t j = 0; j < SQUARE_LANES; j++) {
            sum[j] += (double)x[i + j] * (double)x[i + j];
        }
    }
}

/* sum[j] += the squares of every 16th element from j on, as far as whole rows of 16 go. */
ES_CLONES(es_add_squares, (double *restrict sum, const float *restrict x, size_t n), (sum, x, n))

double es_sum_squares(const float *x, size_t n)
{
    double sum[SQUARE_LANES] = {0}, total = 0;

    es_add_squares(sum, x, n);
    for (size_t i = n / SQUARE_LANES * SQUARE_LANES; i < n; i++) {
        sum[i % SQUARE_LANES] += (double)x[i] * (double)x[i];
    }
    for (size_t j = 0; j < SQUARE_LANES; j++) {
        total += sum[j];
    }
    return total;
}

ES_INLINE void es_adam_update_body(float *restrict w, float *restrict m, float *restrict v,
                                   float *restrict mean, const float *restrict g, size_t n,
                                   const es_adam *adam)
{
    const es_adam a = *adam;

    ES_SIMD
    for (size_t j = 0; j < n; j++) {
        const float d = g[j] * a.clip;
        m[j] = a.beta1 * m[j] + (1 - a.beta1) * d;
        v[j] = a.beta2 * v[j] + (1 - a.beta2) * d * d;
        w[j] = w[j] * a.keep - a.rate * m[j] / (sqrtf(v[j]) * a.root + 1e-8f);
    }
    if (mean) {
        ES_SIMD
        for (size_t j = 0; j < n; j++) {
            mean[j] = a.average * mean[j] + (1 - a.average) * w[j];
        }
    }
}

ES_CLONES(es_adam_update,
          (float *restrict w, float *restrict m, float *restrict v, float *restrict mean,
           const float *restrict g, size_t n, const es_adam *adam),
          (w, m, v, mean, g, n, adam))
