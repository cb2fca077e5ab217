/*
 * Laying out matrices, and their products in plain C: the reference that the other ways are tested against, and the way on
 * processors that have no other. Whatever is done here in floats is one multiplication or addition at a time, in the order that
 * matrix.h states; whatever is done in whole numbers is exact modulo 2^32.
 */
#include "nn/matrix.h"

#include "base/bits.h"
#include "base/simd.h"
#include "nn/matrix_parts.h"
#include "nn/stored.h"

#include <string.h>

size_t es_matrix_size(size_t n_in, size_t n_out, bool in_bytes)
{
    const size_t columns = es_round_up(n_out, ES_COLUMNS);

    return in_bytes ? columns * (es_round_up(n_in, ES_GROUP) + sizeof(float) + sizeof(uint32_t))
                    : columns * n_in * sizeof(float);
}

/* ---- layout ---- */

static void pack_floats(float *to, const float *w, size_t n_in, size_t n_out)
{
    for (size_t from = 0; from < n_out; from += ES_FLOAT_PANEL) {
        const size_t left = n_out - from, width = left < ES_FLOAT_PANEL ? left : ES_FLOAT_PANEL;
        for (size_t k = 0; k < n_in; k++) {
            memcpy(to, w + k * n_out + from, width * sizeof *to);
            to += es_round_up(width, ES_COLUMNS);
        }
    }
}

static void find_scales(float *scale, const float *w, size_t n_in, size_t n_out)
{
    for (size_t k = 0; k < n_in; k++) {
        const float *const row = w + k * n_out;
        ES_SIMD
        for (size_t j = 0; j < n_out; j++) {
            const float magnitude = row[j] < 0 ? -row[j] : row[j];
            scale[j] = magnitude > scale[j] ? magnitude : scale[j];
        }
    }
    for (size_t j = 0; j < n_out; j++) {
        scale[j] = es_byte_scale(scale[j]);
    }
}

static void pack_bytes(int8_t *to, uint32_t *sum, const float *scale, const float *w, size_t n_in,
                       size_t n_out)
{
    for (size_t from = 0; from < n_out; from += ES_BYTE_PANEL) {
        const size_t left = n_out - from, width = left < ES_BYTE_PANEL ? left : ES_BYTE_PANEL;
        for (size_t k = 0; k < n_in; k++) {
            int8_t *const group =
                to + k / ES_GROUP * ES_GROUP * es_round_up(width, ES_COLUMNS) + k % ES_GROUP;
            for (size_t j = 0; j < width; j++) {
                const float s = scale[from + j];
                const int number = s > 0 ? es_byte_of(w[k * n_out + from + j], s) : 0;
                group[j * ES_GROUP] = (int8_t)number;
                sum[from + j] += (uint32_t)number;
            }
        }
        to += es_round_up(n_in, ES_GROUP) * es_round_up(width, ES_COLUMNS);
    }
}

void es_matrix_init(es_matrix *matrix, void *memory, const float *w, size_t n_in, size_t n_out,
                    bool in_bytes)
{
    const size_t columns = es_round_up(n_out, ES_COLUMNS);

    *matrix = (es_matrix){.n_in = (uint32_t)n_in, .n_out = (uint32_t)n_out};
    if (!in_bytes) {
        pack_floats(memory, w, n_in, n_out);
        matrix->floats = memory;
        return;
    }
    int8_t *const bytes = memory;
    float *const scale = (float *)((char *)memory + columns * es_round_up(n_in, ES_GROUP));
    uint32_t *const sum = (uint32_t *)(scale + columns);
    find_scales(scale, w, n_in, n_out);
    pack_bytes(bytes, sum, scale, w, n_in, n_out);
    matrix->bytes = bytes;
    matrix->scale = scale;
    matrix->sum = sum;
}

/* ---- a vector in whole numbers ---- */

/* The largest number of an input, so that a sum of n_in products stays below 2^31. */
static float most_of(size_t n_in)
{
    const size_t most = (size_t)INT32_MAX / ES_BYTE_MOST / n_in;

    return most < INT16_MAX ? (float)most : (float)INT16_MAX;
}

ES_INLINE uint32_t largest_magnitude(const float *x, size_t n)
{
    uint32_t largest = 0;

    for (size_t i = 0; i < n; i++) {
        const uint32_t magnitude = es_bits_of_float(x[i]) & 0x7fffffffu;
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

ES_INLINE void numbers_of(int16_t *number, const float *x, size_t n, float most, float factor)
{
    const float round = 12582912.0f; /* 1.5 * 2^23: what is added to it loses its fraction. */

    ES_SIMD
    for (size_t i = 0; i < n; i++) {
        float t = x[i] * factor;
        t = t > most ? most : t;
        t = t < -most ? -most : t;
        number[i] = (int16_t)(int32_t)(es_bits_of_float(t + round) - 0x4b400000u);
    }
}

ES_INLINE void es_whole_of_body(int16_t *number, float *scale, const float *x, size_t n)
{
    const float largest = es_float_of_bits(largest_magnitude(x, n));
    const float most = most_of(n);

    *scale = largest / most;
    /* Smaller than that it is zero, and its inverse might be infinite. */
    numbers_of(number, x, n, most, largest > 1e-30f ? most / largest : 0);
    for (size_t i = n; i % ES_NUMBERS != 0; i++) {
        number[i] = 0;
    }
}

ES_CLONES(es_whole_of, (int16_t * number, float *scale, const float *x, size_t n),
          (number, scale, x, n))

/* ---- plain products ---- */

static void plain_floats(const es_matrix *m, float *y, const float *x)
{
    const float *w = m->floats;

    for (size_t from = 0; from < m->n_out; from += ES_FLOAT_PANEL) {
        const size_t width = es_panel_width(m->n_out - from, ES_FLOAT_PANEL);
        for (size_t k = 0; k < m->n_in; k++) {
            for (size_t j = 0; j < width; j++) {
                y[from + j] += x[k] * w[j];
            }
            w += width;
        }
    }
}

static void plain_bytes(const es_matrix *m, float *y, const int16_t *number, float scale)
{
    const size_t n_in = es_round_up(m->n_in, ES_GROUP);
    const int8_t *w = m->bytes;

    for (size_t from = 0; from < m->n_out; from += ES_BYTE_PANEL) {
        const size_t width = es_panel_width(m->n_out - from, ES_BYTE_PANEL);
        for (size_t j = 0; j < width; j++) {
            uint32_t sum = 0;
            for (size_t k = 0; k < n_in; k++) {
                const size_t at = k / ES_GROUP * ES_GROUP * width + j * ES_GROUP + k % ES_GROUP;
                sum += (uint32_t)(number[k] * w[at]);
            }
            y[from + j] += (float)(int32_t)sum * m->scale[from + j] * scale;
        }
        w += n_in * width;
    }
}

/* ---- whichever way ---- */

bool es_way_here(es_way way)
{
#if ES_HAS_X86
    if (way == ES_WAY_AVX2) {
        return ES_CPU_HAS(AVX2, "avx2");
    }
    if (way == ES_WAY_AVX512) {
        return ES_CPU_HAS(AVX512_VNNI, "avx512vnni") && ES_CPU_HAS(AVX512BW, "avx512bw") &&
               ES_CPU_HAS(AVX512VL, "avx512vl");
    }
#endif
    return way == ES_WAY_PLAIN;
}

static void apply_floats(es_way way, const es_matrix *matrix, const es_lanes *lanes)
{
#if ES_HAS_X86
    if (way == ES_WAY_AVX512) {
        es_floats_avx512(matrix, lanes);
        return;
    }
    if (way == ES_WAY_AVX2) {
        es_floats_avx2(matrix, lanes);
        return;
    }
#endif
    (void)way;
    for (size_t v = 0; v < lanes->n; v++) {
        plain_floats(matrix, lanes->y[v], lanes->x[v]);
    }
}

static void apply_bytes(es_way way, const es_matrix *matrix, const es_lanes *lanes)
{
    es_whole_lanes whole = {.n = lanes->n};

    for (size_t v = 0; v < lanes->n; v++) {
        int16_t *const number = lanes->room + v * es_round_up(matrix->n_in, ES_NUMBERS);
        es_whole_of(number, &whole.scale[v], lanes->x[v], matrix->n_in);
        whole.number[v] = number;
        whole.y[v] = lanes->y[v];
    }
#if ES_HAS_X86
    if (way == ES_WAY_AVX512) {
        es_bytes_avx512(matrix, &whole);
        return;
    }
    if (way == ES_WAY_AVX2) {
        es_bytes_avx2(matrix, &whole);
        return;
    }
#endif
    (void)way;
    for (size_t v = 0; v < lanes->n; v++) {
        plain_bytes(matrix, lanes->y[v], whole.number[v], whole.scale[v]);
    }
}

void es_matrix_apply_by(es_way way, const es_matrix *matrix, const es_lanes *lanes)
{
    (matrix->floats ? apply_floats : apply_bytes)(way, matrix, lanes);
}

void es_matrix_apply(const es_matrix *matrix, const es_lanes *lanes)
{
    es_way way = ES_WAY_AVX512;

    while (!es_way_here(way)) {
        way--;
    }
    es_matrix_apply_by(way, matrix, lanes);
}
