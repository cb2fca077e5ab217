/*
 * The cells, one sequence, one step: each forward, and its backward right below it. On the way back the gradients before the squashing
 * take the place of the gates.
 */
#include "nn/learn_cell.h"

#include "base/real.h"
#include "base/simd.h"
#include "nn/learn_kernel.h"

#include <string.h>

/* n <- n + r * inner, [H] each. */
ES_INLINE void es_gated_add_body(float *restrict n, const float *restrict r,
                                 const float *restrict inner, size_t hidden)
{
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        n[j] += r[j] * inner[j];
    }
}

ES_CLONES(es_gated_add,
          (float *restrict n, const float *restrict r, const float *restrict inner, size_t hidden),
          (n, r, inner, hidden))

/* h <- n + z * (past - n). */
ES_INLINE void es_blend_body(float *restrict h, const float *restrict n, const float *restrict z,
                             const float *restrict past, size_t hidden)
{
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        h[j] = n[j] + z[j] * (past[j] - n[j]);
    }
}

ES_CLONES(es_blend,
          (float *restrict h, const float *restrict n, const float *restrict z,
           const float *restrict past, size_t hidden),
          (h, n, z, past, hidden))

void es_gru_forward(float *a, const float *inner, const float *past, float *h, size_t hidden)
{
    float *const z = a + hidden, *const n = z + hidden;

    es_sigmoid_block(a, 2 * hidden);
    es_gated_add(n, a, inner, hidden);
    es_tanh_block(n, hidden);
    es_blend(h, n, z, past, hidden);
}

ES_INLINE void es_gru_backward_body(const float *restrict d, float *restrict carry,
                                    float *restrict a, float *restrict inner,
                                    const float *restrict past, size_t hidden)
{
    float *const z = a + hidden, *const n = z + hidden;

    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        const float dh = d[j] + carry[j];
        const float dn = dh * (1 - z[j]) * (1 - n[j] * n[j]);
        const float dz = dh * (past[j] - n[j]) * z[j] * (1 - z[j]);
        const float dr = dn * inner[j] * a[j] * (1 - a[j]);
        const float d_inner = dn * a[j];
        carry[j] = dh * z[j];
        a[j] = dr;
        z[j] = dz;
        n[j] = dn;
        inner[j] = d_inner;
    }
}

ES_CLONES(es_gru_backward,
          (const float *restrict d, float *restrict carry, float *restrict a, float *restrict inner,
           const float *restrict past, size_t hidden),
          (d, carry, a, inner, past, hidden))

/* cell, inner <- i * g + f * past_cell. */
ES_INLINE void es_cell_body(float *restrict cell, float *restrict inner, const float *restrict a,
                            const float *restrict past_cell, size_t hidden)
{
    const float *const f = a + hidden, *const g = f + hidden;

    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        cell[j] = a[j] * g[j] + f[j] * past_cell[j];
        inner[j] = cell[j];
    }
}

ES_CLONES(es_cell,
          (float *restrict cell, float *restrict inner, const float *restrict a,
           const float *restrict past_cell, size_t hidden),
          (cell, inner, a, past_cell, hidden))

void es_lstm_forward(float *a, const float *past_cell, float *cell, float *inner, float *h,
                     size_t hidden)
{
    float *const g = a + 2 * hidden, *const o = g + hidden;

    es_sigmoid_block(a, 2 * hidden);
    es_tanh_block(g, hidden);
    es_sigmoid_block(o, hidden);
    es_cell(cell, inner, a, past_cell, hidden);
    es_tanh_block(inner, hidden);
    memcpy(h, o, hidden * sizeof *h);
    es_multiply(h, inner, hidden);
}

ES_INLINE void es_lstm_backward_body(const float *restrict d, const float *restrict carry,
                                     float *restrict d_cell, float *restrict a,
                                     const float *restrict inner, const float *restrict past_cell,
                                     size_t hidden)
{
    float *const f = a + hidden, *const g = f + hidden, *const o = g + hidden;

    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        const float dh = d[j] + carry[j];
        const float dc = d_cell[j] + dh * o[j] * (1 - inner[j] * inner[j]);
        const float d_o = dh * inner[j] * o[j] * (1 - o[j]);
        const float di = dc * g[j] * a[j] * (1 - a[j]);
        const float df = dc * past_cell[j] * f[j] * (1 - f[j]);
        const float dg = dc * a[j] * (1 - g[j] * g[j]);
        d_cell[j] = dc * f[j];
        a[j] = di;
        f[j] = df;
        g[j] = dg;
        o[j] = d_o;
    }
}

ES_CLONES(es_lstm_backward,
          (const float *restrict d, const float *restrict carry, float *restrict d_cell,
           float *restrict a, const float *restrict inner, const float *restrict past_cell,
           size_t hidden),
          (d, carry, d_cell, a, inner, past_cell, hidden))
