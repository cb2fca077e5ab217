/**
 * @file real.h
 * exp, log, tanh and sigmoid of our own: the same bits on every compiler and processor.
 *
 * Whatever can reach an output byte uses these and +, -, *, /, sqrt in a fixed order; never libm, BLAS or fused
 * multiply-add. The float versions have at most 4 ulp of error in their normal range, the double ones 2.
 */
#ifndef ES_BASE_REAL_H
#define ES_BASE_REAL_H

#include <stddef.h>

double es_exp(double x); /**< 0 below -708, infinite above 709.7. */
double es_log(double x); /**< x > 0; -inf is never returned: es_log(0) is -745. */
float es_expf(float x);  /**< 0 below -87.3, infinite above 88.7. */
float es_tanhf(float x);
float es_sigmoidf(float x); /**< Never 0: at least 1e-38. */

/** In place over a block, [count]; the same bits as one at a time, in vectors. */
void es_exp_block(float *x, size_t count);
void es_tanh_block(float *x, size_t count);
void es_sigmoid_block(float *x, size_t count);

#endif
