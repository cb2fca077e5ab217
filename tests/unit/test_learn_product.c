/* The matrix products: each kernel against the plain chain of fused operations, bit for bit, at sizes with rests of all kinds. */
#include "nn/learn_product.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 150 * 620, STRIDE_MORE = 5 };

static float start[1024], a[MOST], b[MOST], c[MOST], truth[MOST], panels[MOST];
static uint32_t row[1024];

static void fill(float *x, size_t n, uint64_t seed)
{
    es_rng rng = es_rng_at(seed, ES_FOR_TEST, 0, 0, 0);

    for (size_t i = 0; i < n; i++) {
        x[i] = (float)(es_rng_unit(&rng) - 0.5);
    }
}

/* The kernel in use fuses or, the plain one, rounds twice: then the last bits differ. */
static void assert_same(bool is_fused, size_t k)
{
    if (is_fused) {
        assert_memory_equal(c, truth, sizeof c);
        return;
    }
    for (size_t i = 0; i < MOST; i++) {
        assert_true(fabs((double)c[i] - (double)truth[i]) < 1e-7 * (double)(k + 8));
    }
}

static void check_product(bool is_fused, size_t m, size_t n, size_t k)
{
    const size_t a_stride = k + STRIDE_MORE, c_stride = n + STRIDE_MORE;

    fill(c, MOST, m + n);
    memcpy(truth, c, sizeof truth);
    for (int turned = 0; turned < 2; turned++) {
        const size_t stride = turned ? k + STRIDE_MORE : n + STRIDE_MORE;
        memset(panels, 0x7f, sizeof panels);
        if (turned) {
            es_panels_pack_turned(panels, b, stride, k, n);
        } else {
            es_panels_pack(panels, b, stride, k, n);
        }
        es_product(c, c_stride, turned ? start : c, turned ? 0 : c_stride, a, a_stride, panels, m,
                   n, k);
        for (size_t i = 0; i < m; i++) {
            for (size_t j = 0; j < n; j++) {
                float *const sum = &truth[i * c_stride + j];
                *sum = turned ? start[j] : *sum;
                for (size_t at = 0; at < k; at++) {
                    *sum = fmaf(a[i * a_stride + at],
                                turned ? b[j * stride + at] : b[at * stride + j], *sum);
                }
            }
        }
        assert_same(is_fused, 2 * k);
    }
}

static void check_gradient(bool is_fused, size_t m, size_t n, size_t count, bool in_order)
{
    const size_t a_stride = m + STRIDE_MORE, b_stride = n, c_stride = n + STRIDE_MORE;
    float *scratch = es_calloc(es_product_scratch(), sizeof *scratch);
    const es_rows of_a = {.base = a, .stride = a_stride, .row = in_order ? NULL : row};
    const es_rows of_b = {.base = b, .stride = b_stride};

    fill(c, MOST, m + count);
    memcpy(truth, c, sizeof truth);
    for (uint32_t i = 0; i < count; i++) {
        row[i] = i * 7 % (uint32_t)count;
    }
    es_product_gradient(c, c_stride, of_a, of_b, m, n, count, scratch);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            float *const sum = &truth[i * c_stride + j];
            for (size_t k = 0; k < count; k++) {
                const size_t from = in_order ? k : row[k];
                *sum = fmaf(a[from * a_stride + i], b[k * b_stride + j], *sum);
            }
        }
    }
    assert_same(is_fused, count);
    es_free(scratch);
}

static void products_are_plain_chains(void **unused)
{
    static const size_t size[][3] = {{1, 1, 1},    {1, 33, 5},    {2, 16, 300}, {3, 31, 17},
                                     {12, 32, 64}, {13, 48, 257}, {25, 80, 31}, {200, 18, 19},
                                     {7, 600, 21}, {11, 100, 513}};

    (void)unused;
    fill(a, MOST, 1);
    fill(b, MOST, 2);
    fill(start, 1024, 3);
    for (int kernel = 0; kernel <= (int)es_product_best(); kernel++) {
        assert_true(es_product_choose((es_product_kernel)kernel));
        for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
            const bool is_fused = kernel != ES_KERNEL_PLAIN;
            check_product(is_fused, size[i][0], size[i][1], size[i][2]);
            check_gradient(is_fused, size[i][0], size[i][1], size[i][2], i % 2 == 0);
        }
        for (size_t m = 1; m < 30; m++) {
            check_product(kernel != ES_KERNEL_PLAIN, m, 250, 9);
            check_gradient(kernel != ES_KERNEL_PLAIN, m, 250, 9, true);
        }
    }
    assert_false(es_product_choose((es_product_kernel)(es_product_best() + 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(products_are_plain_chains)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
