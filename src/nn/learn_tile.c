/*
 * The kernels of the products, one for each kind of processor, behind one table.
 *
 * The plain one is the reference. The others do the same chain of operations, fused, for a tile that fills the registers: 12 rows of
 * 32 columns in AVX-512, 6 of 16 in AVX2. Their loops over the tile must be unrolled altogether, or it is spilled to memory.
 */
#include "nn/learn_tile.h"

#include "base/simd.h"
#include "nn/learn_product.h"

#include <stdatomic.h>
#include <string.h>

static void run_plain(const es_tile *t)
{
    for (size_t p = 0; p < t->panels; p++) {
        for (size_t i = 0; i < t->rows; i++) {
            float *restrict const c = t->c + i * t->c_stride + p * ES_PANEL;
            const float *const a = t->a + i * t->a_row;
            const float *const b = t->b + p * t->b_next;
            memmove(c, t->from + i * t->from_stride + p * ES_PANEL, ES_PANEL * sizeof *c);
            for (size_t k = 0; k < t->k; k++) {
                const float factor = a[k * t->a_step];
                ES_SIMD
                for (size_t j = 0; j < ES_PANEL; j++) {
                    c[j] += factor * b[k * ES_PANEL + j];
                }
            }
        }
    }
}

static const es_tiles plain_tiles = {.rows = 6, .panels = 1, .run = run_plain};

#if defined(__GNUC__) && defined(__x86_64__)

#include <immintrin.h>

#define UNROLL         _Pragma("GCC unroll 16")
#define WITH_AVX512    __attribute__((target("avx512f")))
#define WITH_AVX2      __attribute__((target("avx2,fma")))
#define ALWAYS_INLINED inline __attribute__((always_inline))

enum { ROWS_AVX512 = 12, ROWS_AVX2 = 6, ROWS_A_POINTER = 3 };

/* Rows of a lie so that x86 can address three of them by one pointer: p, p + row, p + 2 row. */
WITH_AVX512 static ALWAYS_INLINED void tile_avx512(const es_tile *t, size_t rows, size_t panels,
                                                   size_t a_row, size_t a_step)
{
    __m512 sum[ROWS_AVX512][2];
    const float *const p = t->a, *b = t->b;
    const float *a[ROWS_AVX512 / ROWS_A_POINTER] = {p, p + 3 * a_row, p + 6 * a_row, p + 9 * a_row};

    UNROLL
    for (size_t i = 0; i < rows; i++) {
        sum[i][0] = _mm512_loadu_ps(t->from + i * t->from_stride);
        if (panels > 1) {
            sum[i][1] = _mm512_loadu_ps(t->from + i * t->from_stride + ES_PANEL);
        }
    }
    for (size_t k = 0; k < t->k; k++) {
        const __m512 b0 = _mm512_loadu_ps(b);
        const __m512 b1 = panels > 1 ? _mm512_loadu_ps(b + t->b_next) : b0;
        UNROLL
        for (size_t i = 0; i < rows; i++) {
            const __m512 x = _mm512_set1_ps(a[i / ROWS_A_POINTER][i % ROWS_A_POINTER * a_row]);
            sum[i][0] = _mm512_fmadd_ps(x, b0, sum[i][0]);
            if (panels > 1) {
                sum[i][1] = _mm512_fmadd_ps(x, b1, sum[i][1]);
            }
        }
        UNROLL
        for (size_t i = 0; i < ROWS_AVX512 / ROWS_A_POINTER; i++) {
            a[i] += a_step;
        }
        b += ES_PANEL;
    }
    UNROLL
    for (size_t i = 0; i < rows; i++) {
        _mm512_storeu_ps(t->c + i * t->c_stride, sum[i][0]);
        if (panels > 1) {
            _mm512_storeu_ps(t->c + i * t->c_stride + ES_PANEL, sum[i][1]);
        }
    }
}

WITH_AVX2 static ALWAYS_INLINED void tile_avx2(const es_tile *t, size_t rows, size_t a_row,
                                               size_t a_step)
{
    __m256 sum[ROWS_AVX2][2];
    const float *const p = t->a, *b = t->b;
    const float *a[ROWS_AVX2 / ROWS_A_POINTER] = {p, p + 3 * a_row};

    UNROLL
    for (size_t i = 0; i < rows; i++) {
        sum[i][0] = _mm256_loadu_ps(t->from + i * t->from_stride);
        sum[i][1] = _mm256_loadu_ps(t->from + i * t->from_stride + 8);
    }
    for (size_t k = 0; k < t->k; k++) {
        const __m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + 8);
        UNROLL
        for (size_t i = 0; i < rows; i++) {
            const __m256 x =
                _mm256_broadcast_ss(a[i / ROWS_A_POINTER] + i % ROWS_A_POINTER * a_row);
            sum[i][0] = _mm256_fmadd_ps(x, b0, sum[i][0]);
            sum[i][1] = _mm256_fmadd_ps(x, b1, sum[i][1]);
        }
        UNROLL
        for (size_t i = 0; i < ROWS_AVX2 / ROWS_A_POINTER; i++) {
            a[i] += a_step;
        }
        b += ES_PANEL;
    }
    UNROLL
    for (size_t i = 0; i < rows; i++) {
        _mm256_storeu_ps(t->c + i * t->c_stride, sum[i][0]);
        _mm256_storeu_ps(t->c + i * t->c_stride + 8, sum[i][1]);
    }
}

/* A version for each number of rows; each as the compiler sees constants. */
#define CASES_OF_6(X)  X(1) X(2) X(3) X(4) X(5) X(6)
#define CASES_OF_12(X) CASES_OF_6(X) X(7) X(8) X(9) X(10) X(11) X(12)

#define CASE_AVX512(n)                                                                             \
    case n:                                                                                        \
        if (t->a_step == 1) {                                                                      \
            tile_avx512(t, n, panels, t->a_row, 1);                                                \
        } else {                                                                                   \
            tile_avx512(t, n, panels, 1, ROWS_AVX512);                                             \
        }                                                                                          \
        break;

WITH_AVX512 static ALWAYS_INLINED void run_rows_avx512(const es_tile *t, size_t panels)
{
    switch (t->rows) {
        CASES_OF_12(CASE_AVX512)
    }
}

WITH_AVX512 static void run_avx512(const es_tile *t)
{
    if (t->panels == 2) {
        run_rows_avx512(t, 2);
    } else {
        run_rows_avx512(t, 1);
    }
}

#define CASE_AVX2(n)                                                                               \
    case n:                                                                                        \
        if (t->a_step == 1) {                                                                      \
            tile_avx2(t, n, t->a_row, 1);                                                          \
        } else {                                                                                   \
            tile_avx2(t, n, 1, ROWS_AVX2);                                                         \
        }                                                                                          \
        break;

WITH_AVX2 static void run_avx2(const es_tile *t)
{
    switch (t->rows) {
        CASES_OF_6(CASE_AVX2)
    }
}

static const es_tiles avx2_tiles = {.rows = ROWS_AVX2, .panels = 1, .run = run_avx2};
static const es_tiles avx512_tiles = {.rows = ROWS_AVX512, .panels = 2, .run = run_avx512};
static const es_tiles *const all_tiles[] = {&plain_tiles, &avx2_tiles, &avx512_tiles};

es_product_kernel es_product_best(void)
{
    if (__builtin_cpu_supports("avx512f")) {
        return ES_KERNEL_AVX512;
    }
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? ES_KERNEL_AVX2
                                                                           : ES_KERNEL_PLAIN;
}

#else

static const es_tiles *const all_tiles[] = {&plain_tiles};

es_product_kernel es_product_best(void)
{
    return ES_KERNEL_PLAIN;
}

#endif

static _Atomic(const es_tiles *) chosen;

bool es_product_choose(es_product_kernel kernel)
{
    if (kernel > es_product_best()) {
        return false;
    }
    atomic_store(&chosen, all_tiles[kernel]);
    return true;
}

const es_tiles *es_tiles_in_use(void)
{
    const es_tiles *tiles = atomic_load_explicit(&chosen, memory_order_relaxed);

    return tiles ? tiles : all_tiles[es_product_best()];
}
