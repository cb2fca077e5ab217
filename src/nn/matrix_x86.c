/*
 * Products on x86-64, in the registers that the processor has. A tile is some columns of a panel times some lanes, whose sums stay in
 * registers while the weights of the panel go by once. The loops over a tile have constant bounds and are written out.
 */
#include "nn/matrix_parts.h"

#if ES_HAS_X86

#include "base/simd.h"

#include <immintrin.h>
#include <string.h>

#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

enum { LANES = 4 }; /* Multiplied together. */

/* One vector waits for its weights and is faster when they are asked for early; several have enough to do meanwhile. */
ES_INLINE void fetch_ahead(const void *weights, int lanes)
{
    enum { AHEAD_BYTES = 768 };

    if (lanes == 1) {
        __builtin_prefetch((const char *)weights + AHEAD_BYTES);
    }
}

/* ---- floats: each sum takes one product after another ---- */

AVX512 ES_INLINE void float_tile_avx512(float *const *y, size_t at, const float *const *x,
                                        const float *w, size_t width, size_t n_in, int columns,
                                        int lanes)
{
    __m512 sum[LANES][4];

    ES_UNROLL
    for (int v = 0; v < lanes; v++) {
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            sum[v][c] = _mm512_loadu_ps(y[v] + at + 16 * c);
        }
    }
    for (size_t k = 0; k < n_in; k++, w += width) {
        __m512 row[4];
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            row[c] = _mm512_loadu_ps(w + 16 * c);
            fetch_ahead(w + 16 * c, lanes);
        }
        ES_UNROLL
        for (int v = 0; v < lanes; v++) {
            const __m512 factor = _mm512_set1_ps(x[v][k]);
            ES_UNROLL
            for (int c = 0; c < columns; c++) {
                sum[v][c] = _mm512_add_ps(sum[v][c], _mm512_mul_ps(factor, row[c]));
            }
        }
    }
    ES_UNROLL
    for (int v = 0; v < lanes; v++) {
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            _mm512_storeu_ps(y[v] + at + 16 * c, sum[v][c]);
        }
    }
}

AVX512 ES_INLINE void float_panel_avx512(const es_lanes *l, size_t at, const float *w, size_t n_in,
                                         int columns)
{
    const size_t width = 16 * (size_t)columns;
    size_t v = 0;

    for (; v + LANES <= l->n; v += LANES) {
        float_tile_avx512(l->y + v, at, l->x + v, w, width, n_in, columns, LANES);
    }
    for (; v < l->n; v++) {
        float_tile_avx512(l->y + v, at, l->x + v, w, width, n_in, columns, 1);
    }
}

AVX512 void es_floats_avx512(const es_matrix *matrix, const es_lanes *lanes)
{
    const float *w = matrix->floats;
    const size_t n_in = matrix->n_in;

    for (size_t at = 0; at < matrix->n_out; at += ES_FLOAT_PANEL) {
        const size_t width = es_panel_width(matrix->n_out - at, ES_FLOAT_PANEL);
        switch (width / 16) {
        case 4:
            float_panel_avx512(lanes, at, w, n_in, 4);
            break;
        case 3:
            float_panel_avx512(lanes, at, w, n_in, 3);
            break;
        case 2:
            float_panel_avx512(lanes, at, w, n_in, 2);
            break;
        default:
            float_panel_avx512(lanes, at, w, n_in, 1);
            break;
        }
        w += n_in * width;
    }
}

/* Columns in eights. */
AVX2 ES_INLINE void float_tile_avx2(float *const *y, size_t at, const float *const *x,
                                    const float *w, size_t width, size_t n_in, int columns,
                                    int lanes)
{
    __m256 sum[LANES][8];

    ES_UNROLL
    for (int v = 0; v < lanes; v++) {
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            sum[v][c] = _mm256_loadu_ps(y[v] + at + 8 * c);
        }
    }
    for (size_t k = 0; k < n_in; k++, w += width) {
        ES_UNROLL
        for (int v = 0; v < lanes; v++) {
            const __m256 factor = _mm256_set1_ps(x[v][k]);
            ES_UNROLL
            for (int c = 0; c < columns; c++) {
                const __m256 row = _mm256_loadu_ps(w + 8 * c);
                fetch_ahead(w + 8 * c, lanes);
                sum[v][c] = _mm256_add_ps(sum[v][c], _mm256_mul_ps(factor, row));
            }
        }
    }
    ES_UNROLL
    for (int v = 0; v < lanes; v++) {
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            _mm256_storeu_ps(y[v] + at + 8 * c, sum[v][c]);
        }
    }
}

AVX2 void es_floats_avx2(const es_matrix *matrix, const es_lanes *lanes)
{
    const float *w = matrix->floats;
    const size_t n_in = matrix->n_in;

    for (size_t at = 0; at < matrix->n_out; at += ES_FLOAT_PANEL) {
        const size_t width = es_panel_width(matrix->n_out - at, ES_FLOAT_PANEL);
        size_t v = 0;
        for (; v + LANES <= lanes->n; v += LANES) {
            for (size_t c = 0; c < width; c += 16) {
                float_tile_avx2(lanes->y + v, at + c, lanes->x + v, w + c, width, n_in, 2, LANES);
            }
        }
        for (; v < lanes->n; v++) {
            if (width == ES_FLOAT_PANEL) {
                float_tile_avx2(lanes->y + v, at, lanes->x + v, w, width, n_in, 8, 1);
                continue;
            }
            for (size_t c = 0; c < width; c += 16) {
                float_tile_avx2(lanes->y + v, at + c, lanes->x + v, w + c, width, n_in, 2, 1);
            }
        }
        w += n_in * width;
    }
}

/* ---- bytes ---- */

/*
 * The processor multiplies unsigned bytes by signed ones and adds four products to a sum. So a number of 16 bits, 2^15 added, is
 * taken as an upper and a lower byte, and what was added is taken away at the end: 2^15 times the sum of the weights.
 * Each four numbers become four upper and four lower bytes in their place.
 */
AVX512 static void split(int16_t *number, size_t n_in)
{
    const __m512i order =
        _mm512_broadcast_i32x4(_mm_setr_epi8(1, 3, 5, 7, 0, 2, 4, 6, 9, 11, 13, 15, 8, 10, 12, 14));
    const __m512i top = _mm512_set1_epi16((short)0x8000);

    for (size_t k = 0; k < n_in; k += ES_NUMBERS) {
        const __m512i four = _mm512_xor_si512(_mm512_loadu_si512(number + k), top);
        _mm512_storeu_si512(number + k, _mm512_shuffle_epi8(four, order));
    }
}

/* Four bytes in each place. */
AVX512 ES_INLINE __m512i four_bytes(const void *bytes)
{
    int four;

    memcpy(&four, bytes, sizeof four);
    return _mm512_set1_epi32(four);
}

AVX512 ES_INLINE void add_sum_avx512(float *y, __m512i high, __m512i low, const es_matrix *matrix,
                                     size_t at, float scale)
{
    const __m512i shift = _mm512_slli_epi32(_mm512_loadu_si512(matrix->sum + at), 15);
    const __m512i sum = _mm512_sub_epi32(_mm512_add_epi32(_mm512_slli_epi32(high, 8), low), shift);
    const __m512 scaled =
        _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_loadu_ps(matrix->scale + at));

    _mm512_storeu_ps(y + at, _mm512_add_ps(_mm512_loadu_ps(y + at),
                                           _mm512_mul_ps(scaled, _mm512_set1_ps(scale))));
}

/* `steps` groups of inputs have sums of their own, so that additions need not wait for each other. */
AVX512 ES_INLINE void byte_tile_avx512(const es_matrix *matrix, const es_whole_lanes *l, size_t v0,
                                       size_t at, const int8_t *w, int columns, int lanes,
                                       int steps)
{
    const size_t groups = es_round_up(matrix->n_in, ES_GROUP) / ES_GROUP,
                 width = 64 * (size_t)columns;
    __m512i high[LANES][2][2], low[LANES][2][2];
    size_t g = 0;

    ES_UNROLL
    for (int v = 0; v < lanes; v++) {
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            high[v][c][0] = high[v][c][1] = low[v][c][0] = low[v][c][1] = _mm512_setzero_si512();
        }
    }
    for (; g + (size_t)steps <= groups; g += (size_t)steps) {
        ES_UNROLL
        for (int s = 0; s < steps; s++, w += width) {
            ES_UNROLL
            for (int v = 0; v < lanes; v++) {
                const int16_t *const number =
                    l->number[v0 + (size_t)v] + ES_GROUP * (g + (size_t)s);
                const __m512i upper = four_bytes(number), lower = four_bytes(number + 2);
                ES_UNROLL
                for (int c = 0; c < columns; c++) {
                    const __m512i weights = _mm512_loadu_si512(w + 64 * c);
                    high[v][c][s] = _mm512_dpbusd_epi32(high[v][c][s], upper, weights);
                    low[v][c][s] = _mm512_dpbusd_epi32(low[v][c][s], lower, weights);
                }
            }
        }
    }
    for (; g < groups; g++, w += width) {
        ES_UNROLL
        for (int v = 0; v < lanes; v++) {
            const int16_t *const number = l->number[v0 + (size_t)v] + ES_GROUP * g;
            const __m512i upper = four_bytes(number), lower = four_bytes(number + 2);
            ES_UNROLL
            for (int c = 0; c < columns; c++) {
                const __m512i weights = _mm512_loadu_si512(w + 64 * c);
                high[v][c][0] = _mm512_dpbusd_epi32(high[v][c][0], upper, weights);
                low[v][c][0] = _mm512_dpbusd_epi32(low[v][c][0], lower, weights);
            }
        }
    }
    ES_UNROLL
    for (int v = 0; v < lanes; v++) {
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            add_sum_avx512(l->y[v0 + (size_t)v], _mm512_add_epi32(high[v][c][0], high[v][c][1]),
                           _mm512_add_epi32(low[v][c][0], low[v][c][1]), matrix,
                           at + 16 * (size_t)c, l->scale[v0 + (size_t)v]);
        }
    }
}

AVX512 ES_INLINE void byte_panel_avx512(const es_matrix *matrix, const es_whole_lanes *l, size_t at,
                                        const int8_t *w, int columns)
{
    size_t v = 0;

    for (; v + LANES <= l->n; v += LANES) {
        byte_tile_avx512(matrix, l, v, at, w, columns, LANES, 1);
    }
    for (; v < l->n; v++) {
        byte_tile_avx512(matrix, l, v, at, w, columns, 1, 2);
    }
}

AVX512 void es_bytes_avx512(const es_matrix *matrix, const es_whole_lanes *lanes)
{
    const size_t n_in = es_round_up(matrix->n_in, ES_GROUP);
    const int8_t *w = matrix->bytes;

    for (size_t v = 0; v < lanes->n; v++) {
        split(lanes->number[v], matrix->n_in);
    }
    for (size_t at = 0; at < matrix->n_out; at += ES_BYTE_PANEL) {
        const size_t width = es_panel_width(matrix->n_out - at, ES_BYTE_PANEL);
        if (width == ES_BYTE_PANEL) {
            byte_panel_avx512(matrix, lanes, at, w, 2);
        } else {
            byte_panel_avx512(matrix, lanes, at, w, 1);
        }
        w += n_in * width;
    }
}

/* The sums of four outputs stand as pairs: [0 0 1 1 | 2 2 3 3]. */
AVX2 ES_INLINE void add_sums_avx2(float *y, __m256i first, __m256i second, const es_matrix *matrix,
                                  size_t at, float scale)
{
    const __m256i pairs = _mm256_hadd_epi32(first, second);
    const __m256i sum = _mm256_permute4x64_epi64(pairs, 0xd8);
    const __m256 scaled =
        _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(matrix->scale + at));

    _mm256_storeu_ps(y + at, _mm256_add_ps(_mm256_loadu_ps(y + at),
                                           _mm256_mul_ps(scaled, _mm256_set1_ps(scale))));
}

/* Columns in fours. */
AVX2 ES_INLINE void byte_tile_avx2(const es_matrix *matrix, const es_whole_lanes *l, size_t v0,
                                   size_t at, const int8_t *w, size_t width, int columns, int lanes)
{
    const size_t groups = es_round_up(matrix->n_in, ES_GROUP) / ES_GROUP;
    __m256i sum[LANES][8];

    ES_UNROLL
    for (int v = 0; v < lanes; v++) {
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            sum[v][c] = _mm256_setzero_si256();
        }
    }
    for (size_t g = 0; g < groups; g++, w += ES_GROUP * width) {
        ES_UNROLL
        for (int c = 0; c < columns; c++) {
            const __m256i weights =
                _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(w + 16 * c)));
            ES_UNROLL
            for (int v = 0; v < lanes; v++) {
                long long four;
                memcpy(&four, l->number[v0 + (size_t)v] + ES_GROUP * g, sizeof four);
                sum[v][c] = _mm256_add_epi32(sum[v][c],
                                             _mm256_madd_epi16(weights, _mm256_set1_epi64x(four)));
            }
        }
    }
    ES_UNROLL
    for (int v = 0; v < lanes; v++) {
        ES_UNROLL
        for (int c = 0; c < columns; c += 2) {
            add_sums_avx2(l->y[v0 + (size_t)v], sum[v][c], sum[v][c + 1], matrix,
                          at + 4 * (size_t)c, l->scale[v0 + (size_t)v]);
        }
    }
}

AVX2 void es_bytes_avx2(const es_matrix *matrix, const es_whole_lanes *lanes)
{
    const size_t n_in = es_round_up(matrix->n_in, ES_GROUP);
    const int8_t *w = matrix->bytes;

    for (size_t at = 0; at < matrix->n_out; at += ES_BYTE_PANEL) {
        const size_t width = es_panel_width(matrix->n_out - at, ES_BYTE_PANEL);
        size_t v = 0;
        for (; v + LANES <= lanes->n; v += LANES) {
            for (size_t c = 0; c < width; c += 8) {
                byte_tile_avx2(matrix, lanes, v, at + c, w + ES_GROUP * c, width, 2, LANES);
            }
        }
        for (; v < lanes->n; v++) {
            if (width == ES_BYTE_PANEL) {
                byte_tile_avx2(matrix, lanes, v, at, w, width, 8, 1);
            } else {
                byte_tile_avx2(matrix, lanes, v, at, w, width, 4, 1);
            }
        }
        w += n_in * width;
    }
}

#else

/* Other processors have the plain way alone. */
typedef int es_no_x86;

#endif
