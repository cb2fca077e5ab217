/**
 * @file learn_cell.h
 * The cells of the core: one sequence, one time step. All arrays are [H] where nothing else is said.
 */
#ifndef ES_NN_LEARN_CELL_H
#define ES_NN_LEARN_CELL_H

#include <stddef.h>

/**
 * h <- n + z (past - n), n = tanh(a_n + r inner).
 *
 * @param a      [3 H]: W x + b, in r and z with U h; becomes r, z, n.
 * @param inner  U_n h + b_un.
 */
void es_gru_forward(float *a, const float *inner, const float *past, float *h, size_t hidden);

/**
 * @param d      Gradient of h from above;
 * @param carry  that from the next step is added. Becomes the part of the step before that does not go through U.
 * @param a      [3 H]: r, z, n; becomes the gradients before the squashing.
 * @param inner  Becomes its gradient.
 */
void es_gru_backward(const float *restrict d, float *restrict carry, float *restrict a,
                     float *restrict inner, const float *restrict past, size_t hidden);

/**
 * c <- f past_cell + i g, h <- o tanh(c).
 *
 * @param a      [4 H]: W x + U h + b; becomes i, f, g, o.
 * @param cell   Becomes c.
 * @param inner  Becomes tanh(c).
 */
void es_lstm_forward(float *a, const float *past_cell, float *cell, float *inner, float *h,
                     size_t hidden);

/**
 * @param d       Gradient of h from above;
 * @param carry   that from the next step is added.
 * @param d_cell  Gradient of c from the next step; becomes that of the step before.
 * @param a       [4 H]: i, f, g, o; becomes the gradients before the squashing.
 */
void es_lstm_backward(const float *restrict d, const float *restrict carry, float *restrict d_cell,
                      float *restrict a, const float *restrict inner,
                      const float *restrict past_cell, size_t hidden);

/* The loops that they are made of, in vectors. */

void es_gated_add(float *restrict n, const float *restrict r, const float *restrict inner,
                  size_t hidden);
void es_blend(float *restrict h, const float *restrict n, const float *restrict z,
              const float *restrict past, size_t hidden);
void es_cell(float *restrict cell, float *restrict inner, const float *restrict a,
             const float *restrict past_cell, size_t hidden);

#endif
