/*
 * The kernels of the products, one for each kind of processor, behind one table.
 *
 * The plain one is the reference. The others do the same chain of operations, fused, for a tile that fills the registers: 12 rows of
 * 32 columns in AVX-512, 6 of 16 in AVX2; with fewer rows more columns, so that there are always enough chains in flight. Their loops over the tile must be unrolled altogether, or it is spilled to memory.
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

static size_t panels_plain(size_t rows)
{
    (void)rows;
    return 1;
}

static const es_tiles plain_tiles = {.rows = 6, .panels = panels_plain, .run = run_plain};

#if defined(__GNUC__) && defined(__x86_64__)

#include <immintrin.h>

#define UNROLL         _Pragma("GCC unroll 16")
#define WITH_AVX512    __attribute__((target("avx512f")))
#define WITH_AVX2      __attribute__((target("avx2,fma")))
#define ALWAYS_INLINED inline __attribute__((always_inline))

enum {
    ROWS_AVX512 = 12,
    ROWS_AVX2 = 6,
    MOST_PANELS = 8,
    A_POINTERS = 4,
    ROWS_A_POINTER = 3 /* x86 can address three rows of a by one pointer: p, p + row, p + 2 row. */
};

WITH_AVX512 static ALWAYS_INLINED void tile_avx512(const es_tile *t, size_t rows, size_t panels,
                                                   size_t a_row, size_t a_step)
{
    __m512 sum[ROWS_AVX512][MOST_PANELS], b[MOST_PANELS];
    const float *const p = t->a, *panel = t->b;
    const float *a[A_POINTERS] = {p, p + 3 * a_row, p + 6 * a_row, p + 9 * a_row};

    UNROLL
    for (size_t i = 0; i < rows; i++) {
        UNROLL
        for (size_t j = 0; j < panels; j++) {
            sum[i][j] = _mm512_loadu_ps(t->from + i * t->from_stride + j * ES_PANEL);
        }
    }
    for (size_t k = 0; k < t->k; k++) {
        UNROLL
        for (size_t j = 0; j < panels; j++) {
            b[j] = _mm512_loadu_ps(panel + j * t->b_next);
        }
        UNROLL
        for (size_t i = 0; i < rows; i++) {
            const __m512 x = _mm512_set1_ps(a[i / ROWS_A_POINTER][i % ROWS_A_POINTER * a_row]);
            UNROLL
            for (size_t j = 0; j < panels; j++) {
                sum[i][j] = _mm512_fmadd_ps(x, b[j], sum[i][j]);
            }
        }
        UNROLL
        for (size_t i = 0; i < A_POINTERS; i++) {
            a[i] += a_step;
        }
        panel += ES_PANEL;
    }
    UNROLL
    for (size_t i = 0; i < rows; i++) {
        UNROLL
        for (size_t j = 0; j < panels; j++) {
            _mm512_storeu_ps(t->c + i * t->c_stride + j * ES_PANEL, sum[i][j]);
        }
    }
}

/* A panel is two vectors. */
WITH_AVX2 static ALWAYS_INLINED void tile_avx2(const es_tile *t, size_t rows, size_t panels,
                                               size_t a_row, size_t a_step)
{
    __m256 sum[ROWS_AVX2][MOST_PANELS][2], b[MOST_PANELS][2];
    const float *const p = t->a, *panel = t->b;
    const float *a[A_POINTERS] = {p, p + 3 * a_row};

    UNROLL
    for (size_t i = 0; i < rows; i++) {
        UNROLL
        for (size_t j = 0; j < panels; j++) {
            const float *const from = t->from + i * t->from_stride + j * ES_PANEL;
            sum[i][j][0] = _mm256_loadu_ps(from);
            sum[i][j][1] = _mm256_loadu_ps(from + 8);
        }
    }
    for (size_t k = 0; k < t->k; k++) {
        UNROLL
        for (size_t j = 0; j < panels; j++) {
            b[j][0] = _mm256_loadu_ps(panel + j * t->b_next);
            b[j][1] = _mm256_loadu_ps(panel + j * t->b_next + 8);
        }
        UNROLL
        for (size_t i = 0; i < rows; i++) {
            const __m256 x =
                _mm256_broadcast_ss(a[i / ROWS_A_POINTER] + i % ROWS_A_POINTER * a_row);
            UNROLL
            for (size_t j = 0; j < panels; j++) {
                sum[i][j][0] = _mm256_fmadd_ps(x, b[j][0], sum[i][j][0]);
                sum[i][j][1] = _mm256_fmadd_ps(x, b[j][1], sum[i][j][1]);
            }
        }
        a[0] += a_step;
        a[1] += a_step;
        panel += ES_PANEL;
    }
    UNROLL
    for (size_t i = 0; i < rows; i++) {
        UNROLL
        for (size_t j = 0; j < panels; j++) {
            _mm256_storeu_ps(t->c + i * t->c_stride + j * ES_PANEL, sum[i][j][0]);
            _mm256_storeu_ps(t->c + i * t->c_stride + j * ES_PANEL + 8, sum[i][j][1]);
        }
    }
}

/* A version for each number of rows and panels, with a in rows or in panels of its own: in each all loops have constant bounds. */
#define ONE_CASE(isa, most, n, p)                                                                  \
    case (n)*16 + (p):                                                                             \
        if (t->a_step == 1) {                                                                      \
            tile_##isa(t, n, p, t->a_row, 1);                                                      \
        } else {                                                                                   \
            tile_##isa(t, n, p, 1, most);                                                          \
        }                                                                                          \
        break;

#define UP_TO_1(isa, most, n) ONE_CASE(isa, most, n, 1)
#define UP_TO_2(isa, most, n) UP_TO_1(isa, most, n) ONE_CASE(isa, most, n, 2)
#define UP_TO_4(isa, most, n) UP_TO_2(isa, most, n) ONE_CASE(isa, most, n, 4)
#define UP_TO_8(isa, most, n) UP_TO_4(isa, most, n) ONE_CASE(isa, most, n, 8)

#define AVX512(panels, n) panels(avx512, ROWS_AVX512, n)
#define AVX2(panels, n)   panels(avx2, ROWS_AVX2, n)

WITH_AVX512 static void run_avx512(const es_tile *t)
{
    switch (t->rows * 16 + t->panels) {
        AVX512(UP_TO_8, 1)
        AVX512(UP_TO_8, 2)
        AVX512(UP_TO_8, 3)
        AVX512(UP_TO_4, 4)
        AVX512(UP_TO_4, 5)
        AVX512(UP_TO_4, 6)
        AVX512(UP_TO_2, 7)
        AVX512(UP_TO_2, 8)
        AVX512(UP_TO_2, 9)
        AVX512(UP_TO_2, 10)
        AVX512(UP_TO_2, 11)
        AVX512(UP_TO_2, 12)
    }
}

static size_t panels_avx512(size_t rows)
{
    return rows <= 3 ? 8 : rows <= 6 ? 4 : 2;
}

WITH_AVX2 static void run_avx2(const es_tile *t)
{
    switch (t->rows * 16 + t->panels) {
        AVX2(UP_TO_4, 1)
        AVX2(UP_TO_2, 2)
        AVX2(UP_TO_1, 3)
        AVX2(UP_TO_1, 4)
        AVX2(UP_TO_1, 5)
        AVX2(UP_TO_1, 6)
    }
}

static size_t panels_avx2(size_t rows)
{
    return rows <= 1 ? 4 : rows <= 2 ? 2 : 1;
}

static const es_tiles avx2_tiles = {.rows = ROWS_AVX2, .panels = panels_avx2, .run = run_avx2};
static const es_tiles avx512_tiles = {
    .rows = ROWS_AVX512, .panels = panels_avx512, .run = run_avx512};
static const es_tiles *const all_tiles[] = {&plain_tiles, &avx2_tiles, &avx512_tiles};

es_product_kernel es_product_best(void)
{
    if (ES_CPU_HAS(AVX512F, "avx512f")) {
        return ES_KERNEL_AVX512;
    }
    return ES_CPU_HAS(AVX2, "avx2") && ES_CPU_HAS(FMA, "fma") ? ES_KERNEL_AVX2 : ES_KERNEL_PLAIN;
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
