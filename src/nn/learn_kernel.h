/**
 * @file learn_kernel.h
 * The inner loops of training that are no matrix product.
 */
#ifndef ES_NN_LEARN_KERNEL_H
#define ES_NN_LEARN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** sum [n] += each of `count` rows. */
void es_add_rows(float *sum, const float *rows, size_t count, size_t n);

enum { ES_ROWS_AT_ONCE = 8 };

/**
 * y += factor * the sum of some rows, each [n].
 *
 * @param row  [n_rows, up to a multiple of ES_ROWS_AT_ONCE]: beyond n_rows rows of zeros.
 */
void es_gather_rows(float *restrict y, const float *const *row, size_t n_rows, float factor,
                    size_t n);

/** Each row += factor * d, [n]. */
void es_scatter_rows(float *const *row, size_t n_rows, const float *restrict d, float factor,
                     size_t n);

/** y *= factor, elementwise, [n]. */
void es_multiply(float *restrict y, const float *restrict factor, size_t n);

/** Which of the elements of a row are dropped: a function of key and index. */
typedef struct es_drop {
    uint32_t key;
    uint32_t threshold; /**< Dropped when a hash of 24 bits is below it; 0 = none. */
    float scale;        /**< Of what is kept: 1 / (1 - p). */
} es_drop;

/** The dropout of probability p (below 1), not yet keyed. */
es_drop es_drop_of(float p);

/** 0 or scale for each element: a mask. @param mask [n], overwritten. */
void es_drop_mask(float *mask, size_t n, es_drop drop);

/** Is element j kept? */
bool es_drop_keeps(es_drop drop, uint32_t j);

/** u <- drop(relu(u)), [n]. */
void es_relu_drop(float *u, size_t n, es_drop drop);

/** Backward of es_relu_drop: d <- gradient before it. @param u What came out of it. */
void es_relu_drop_back(float *restrict d, const float *restrict u, size_t n, float scale);

/** v <- drop(u + relu(q)), [n]. */
void es_residual_drop(float *restrict v, const float *restrict u, const float *restrict q, size_t n,
                      es_drop drop);

/** Backward of es_residual_drop. @param dv Gradient of v, becomes that of u. @param q Overwritten with its gradient. */
void es_residual_drop_back(float *restrict dv, float *restrict q, const float *restrict v, size_t n,
                           float scale);

/** Sum of squares of x [n], in double precision, in an order of its own. */
double es_sum_squares(const float *x, size_t n);
void es_add_squares(double *restrict sum, const float *restrict x, size_t n);

/** What one step of Adam does to each weight. */
typedef struct es_adam {
    float rate; /**< Learning rate over (1 - beta1^t). */
    float beta1, beta2;
    float root;    /**< 1 / sqrt(1 - beta2^t). */
    float keep;    /**< 1 - learning rate * decay. */
    float clip;    /**< Factor of the gradient. */
    float average; /**< Share of the old mean in the running mean. */
} es_adam;

/** w, m, v, mean <- after one step with gradient g, [n]. mean may be NULL. */
void es_adam_update(float *restrict w, float *restrict m, float *restrict v, float *restrict mean,
                    const float *restrict g, size_t n, const es_adam *adam);

#endif
