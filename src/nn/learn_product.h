/**
 * @file learn_product.h
 * The matrix products of training, by kernels of our own.
 *
 * Each element of a result is one chain, c = fma(a[k], b[k], c) for ascending k, from a given start. The chain does not
 * depend on where the element lies, on how rows are grouped or on the width of the vectors: so neither do the bits. Only a processor
 * without fused multiply-add gives others (product and sum rounded apart).
 *
 * The right-hand matrix of a product is laid out in panels beforehand: ES_PANEL columns side by side, row after row, the rest filled
 * with zeros. Weights are laid out once a step and serve many products.
 */
#ifndef ES_NN_LEARN_PRODUCT_H
#define ES_NN_LEARN_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ES_PANEL = 16 };

/** Floats that the panels of a matrix [k][n] take. */
size_t es_panels_size(size_t k, size_t n);

/** Lay out b [k][n], whose rows lie `stride` apart. @param panels [es_panels_size(k, n)], overwritten. */
void es_panels_pack(float *panels, const float *b, size_t stride, size_t k, size_t n);

/** Lay out the transpose of b [n][k], whose rows lie `stride` apart: the panels of a matrix [k][n]. */
void es_panels_pack_turned(float *panels, const float *b, size_t stride, size_t k, size_t n);

/**
 * c = from + a b.
 *
 * @param c     [m][n], rows c_stride apart.
 * @param from  [m][n], rows from_stride apart: c itself, or a row for all with stride 0.
 * @param a  [m][k], rows a_stride apart.
 * @param b  Panels of [k][n].
 */
void es_product(float *c, size_t c_stride, const float *from, size_t from_stride, const float *a,
                size_t a_stride, const float *b, size_t m, size_t n, size_t k);

/** Rows of a matrix, in an order of their own. */
typedef struct es_rows {
    const float *base;
    size_t stride;
    const uint32_t *row; /**< Row k is base + row[k] * stride; NULL: row k itself. */
} es_rows;

/** Floats of scratch memory that es_product_gradient wants. */
size_t es_product_scratch(void);

/**
 * c += the sum over k of the outer products of row k of a and row k of b: c += a^T b.
 *
 * @param c  [m][n], rows c_stride apart.
 * @param a  Rows [m]; @param b Rows [n].
 * @param count  Rows of each.
 * @param scratch  [es_product_scratch()], overwritten.
 */
void es_product_gradient(float *c, size_t c_stride, es_rows a, es_rows b, size_t m, size_t n,
                         size_t count, float *scratch);

/** The kernels there are, best last: any processor; AVX2 with FMA; AVX-512. */
typedef enum es_product_kernel {
    ES_KERNEL_PLAIN,
    ES_KERNEL_AVX2,
    ES_KERNEL_AVX512
} es_product_kernel;

/** For tests and benches: use this kernel from now on. False, and nothing changed, when the processor cannot. */
bool es_product_choose(es_product_kernel kernel);

/** The best that this processor can, which is used unless another was chosen. */
es_product_kernel es_product_best(void);

#endif
