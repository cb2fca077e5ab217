/* The matrix products of training, handed to BLAS; the only file that knows it. */
#include "nn/learn_parts.h"

#include <cblas.h>

void es_product(float *c, const float *a, const float *b, size_t m, size_t n, size_t k)
{
    if (m && n && k) {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k,
                    1, a, (blasint)k, b, (blasint)n, 1, c, (blasint)n);
    }
}

void es_product_turned(float *c, const float *a, const float *b, size_t m, size_t n, size_t k,
                       bool add)
{
    if (m && n && k) {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)m, (blasint)n, (blasint)k, 1,
                    a, (blasint)k, b, (blasint)k, add ? 1 : 0, c, (blasint)n);
    }
}

void es_product_gradient(float *c, size_t c_stride, const float *a, const float *b, size_t b_stride,
                         size_t m, size_t n, size_t k)
{
    if (m && n && k) {
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1,
                    a, (blasint)m, b, (blasint)b_stride, 1, c, (blasint)c_stride);
    }
}

void es_product_one_thread(void)
{
    openblas_set_num_threads(1);
}
