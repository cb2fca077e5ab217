/**
 * @file real.h
 * exp, log, tanh and sigmoid of our own: the same bits on every compiler and processor.
 *
 * Whatever can reach an output byte uses these and +, -, *, /, sqrt in a fixed order; never libm, BLAS or fused
 * multiply-add. The float versions have at most 4 ulp of error in their normal range.
 */
#ifndef ES_BASE_REAL_H
#define ES_BASE_REAL_H

#include <stddef.h>

double es_exp(double x);
double es_log(double x); /**< x > 0; -inf is never returned: es_log(0) is -745. */
float es_expf(float x);
float es_tanhf(float x);
float es_sigmoidf(float x);

/** In place over a block, [count]; the same bits as one at a time, written so that compilers vectorise it. */
void es_tanh_block(float *x, size_t count);
void es_sigmoid_block(float *x, size_t count);

#endif
