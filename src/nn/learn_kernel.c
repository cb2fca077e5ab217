/*
 * Loops of training, written to run in vectors. Dropout needs no stored masks on the decoder: whether an element is kept
 * is a hash of its row's key and its index, and the backward pass sees from the value itself (positive or not) whether it was.
 */
#include "nn/learn_kernel.h"

#include "base/simd.h"

#include <math.h>

ES_INLINE void es_affine_rows_body(float *restrict y, const float *restrict w,
                                   const float *restrict x, size_t n_rows, size_t n_in,
                                   size_t n_out)
{
    size_t k = 0;

    /* Eight rows of W stay in the first cache while all rows of x use them. */
    for (; k + 8 <= n_in; k += 8) {
        const float *const w0 = w + k * n_out, *const w1 = w0 + n_out, *const w2 = w1 + n_out,
                           *const w3 = w2 + n_out, *const w4 = w3 + n_out, *const w5 = w4 + n_out,
                           *const w6 = w5 + n_out, *const w7 = w6 + n_out;
        for (size_t i = 0; i < n_rows; i++) {
            const float *const xi = x + i * n_in + k;
            float *const yi = y + i * n_out;
            const float x0 = xi[0], x1 = xi[1], x2 = xi[2], x3 = xi[3];
            const float x4 = xi[4], x5 = xi[5], x6 = xi[6], x7 = xi[7];
            ES_SIMD
            for (size_t j = 0; j < n_out; j++) {
                const float a = (x0 * w0[j] + x1 * w1[j]) + (x2 * w2[j] + x3 * w3[j]);
                const float b = (x4 * w4[j] + x5 * w5[j]) + (x6 * w6[j] + x7 * w7[j]);
                yi[j] += a + b;
            }
        }
    }
    for (; k < n_in; k++) {
        const float *const row = w + k * n_out;
        for (size_t i = 0; i < n_rows; i++) {
            const float factor = x[i * n_in + k];
            ES_SIMD
            for (size_t j = 0; j < n_out; j++) {
                y[i * n_out + j] += factor * row[j];
            }
        }
    }
}

ES_CLONES(es_affine_rows,
          (float *restrict y, const float *restrict w, const float *restrict x, size_t n_rows,
           size_t n_in, size_t n_out),
          (y, w, x, n_rows, n_in, n_out))

ES_INLINE void es_add_scaled_body(float *restrict y, const float *restrict row, float factor,
                                  size_t n)
{
    ES_SIMD
    for (size_t j = 0; j < n; j++) {
        y[j] += factor * row[j];
    }
}

ES_CLONES(es_add_scaled, (float *restrict y, const float *restrict row, float factor, size_t n),
          (y, row, factor, n))

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

ES_INLINE int keeps(uint32_t key, uint32_t threshold, uint32_t j)
{
    return scramble(key + j * 0x9e3779b9u) >= threshold;
}

int es_drop_keeps(es_drop drop, uint32_t j)
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
