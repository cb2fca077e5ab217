/*
 * Tensors as bytes of a model file. All bytes have one meaning and all tensors one form: the reader refuses what the writer would
 * not have written, so a file that is read and written again is the same.
 */
#include "nn/stored.h"

#include "base/bits.h"
#include "base/simd.h"
#include "nn/half.h"

#include <math.h>
/* Below this a weight is no longer told from zero; above the other, 127 scales would be infinite. */
static const float least_scale = 0x1p-100f, most_scale = 0x1p120f;

/* ---- scales ---- */

/* The lines of a tensor that share a scale: weight i of line l stands at l * line + i * step. */
typedef struct lines {
    size_t count, length;
    size_t line, step;
} lines;

static lines lines_of(const es_tensor *tensor)
{
    const size_t rows = tensor->rows, cols = tensor->cols;

    switch (tensor->kind) {
    case ES_TENSOR_EVENT_TABLE:
    case ES_TENSOR_DRAW_TABLE:
        return (lines){.count = rows, .length = cols, .line = cols, .step = 1};
    case ES_TENSOR_CORE_MATRIX:
    case ES_TENSOR_DECODER_MATRIX:
        return (lines){.count = cols, .length = rows, .line = 1, .step = cols};
    case ES_TENSOR_BIAS:
    case ES_TENSOR_CORE_BIAS:
        break;
    }
    return (lines){0};
}

float es_byte_scale(float largest)
{
    const float exact = largest / (float)ES_BYTE_MOST;
    /* To the nearest with 8 significant bits: less than half a part in 127 away. */
    const float scale = es_float_of_bits((es_bits_of_float(exact) + 0x8000u) & 0xffff0000u);

    return scale < least_scale ? 0 : scale > most_scale ? most_scale : scale;
}

int8_t es_byte_of(float weight, float scale)
{
    const float round = 12582912.0f; /* 1.5 * 2^23: what is added to it loses its fraction. */
    const float ratio = weight / scale, most = (float)ES_BYTE_MOST;
    const float near = ratio > most ? most : ratio < -most ? -most : ratio;

    return (int8_t)((near + round) - round);
}

/* ---- bytes with scales ---- */

static void put_u16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static uint32_t get_u16(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8;
}

static void put_bytes(uint8_t *to, const float *from, lines l)
{
    uint8_t *const numbers = to + 2 * l.count;

    for (size_t i = 0; i < l.count; i++) {
        const float *const w = from + i * l.line;
        float largest = 0;
        for (size_t k = 0; k < l.length; k++) {
            const float magnitude = fabsf(w[k * l.step]);
            largest = magnitude > largest ? magnitude : largest;
        }
        const float scale = es_byte_scale(largest);
        put_u16(to + 2 * i, es_bits_of_float(scale) >> 16);
        for (size_t k = 0; k < l.length; k++) {
            numbers[i * l.line + k * l.step] =
                (uint8_t)(scale > 0 ? es_byte_of(w[k * l.step], scale) : 0);
        }
    }
}

static bool scale_ok(float scale)
{
    return es_bits_of_float(scale) == 0 || (scale >= least_scale && scale <= most_scale);
}

/* What the largest number under a scale must be. */
static int most_under(float scale)
{
    return scale > 0 ? ES_BYTE_MOST : 0;
}

/*
 * A row of up to BLOCK numbers, widened; `most` keeps the largest magnitude of each place. So the columns of a matrix go side by side,
 * and all of it runs in vectors.
 */
enum { BLOCK = 64 };

ES_INLINE void get_row(float *to, const uint8_t *numbers, const float *scale, size_t scale_step,
                       int *most, size_t count)
{
    ES_SIMD
    for (size_t i = 0; i < count; i++) {
        const int number = (int8_t)numbers[i];
        const int magnitude = number < 0 ? -number : number;
        to[i] = scale[i * scale_step] * (float)number;
        most[i] = magnitude > most[i] ? magnitude : most[i];
    }
}

/* Lines side by side; in each, `step` numbers lie between one and the next. Returns the first that is not as it must be, or `count`. */
static size_t get_columns(float *to, const uint8_t *numbers, const float *scale, size_t count,
                          size_t length, size_t step)
{
    int most[BLOCK] = {0};
    size_t good = 0;

    for (size_t k = 0; k < length; k++) {
        get_row(to + k * step, numbers + k * step, scale, 1, most, count);
    }
    while (good < count && most[good] == most_under(scale[good])) {
        good++;
    }
    return good;
}

static bool get_line(float *to, const uint8_t *numbers, float scale, size_t length)
{
    int most[BLOCK] = {0}, largest = 0;

    for (size_t k = 0; k < length; k += BLOCK) {
        get_row(to + k, numbers + k, &scale, 0, most, length - k < BLOCK ? length - k : BLOCK);
    }
    for (size_t i = 0; i < BLOCK; i++) {
        largest = most[i] > largest ? most[i] : largest;
    }
    return largest == most_under(scale);
}

static bool get_bytes(float *to, const uint8_t *from, lines l, size_t *bad)
{
    const uint8_t *const numbers = from + 2 * l.count;
    const size_t block = l.step == 1 ? 1 : BLOCK;
    float scale[BLOCK];

    for (size_t i = 0; i < l.count; i += block) {
        const size_t count = l.count - i < block ? l.count - i : block, at = i * l.line;
        size_t good = 0;
        for (; good < count; good++) {
            scale[good] = es_float_of_bits(get_u16(from + 2 * (i + good)) << 16);
            if (!scale_ok(scale[good])) {
                break;
            }
        }
        if (good == count) {
            good = block == 1 ? get_line(to + at, numbers + at, scale[0], l.length)
                              : get_columns(to + at, numbers + at, scale, count, l.length, l.step);
        }
        if (good < count) {
            *bad = 2 * (i + good);
            return false;
        }
    }
    return true;
}

/* ---- halves and floats ---- */

static bool get_halves(float *to, const uint8_t *from, size_t count, size_t *bad)
{
    if (es_halves_widen(to, from, count)) {
        return true;
    }
    size_t i = 0;
    while (es_half_is_finite((uint16_t)get_u16(from + 2 * i))) {
        i++;
    }
    *bad = 2 * i;
    return false;
}

static bool get_floats(float *to, const uint8_t *from, size_t count, size_t *bad)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = es_float_of_bits(get_u16(from + 4 * i) | get_u16(from + 4 * i + 2) << 16);
        if (!isfinite(to[i])) {
            *bad = 4 * i;
            return false;
        }
    }
    return true;
}

/* ---- whichever it is ---- */

size_t es_stored_size(const es_tensor *tensor, es_weight_kind kind)
{
    const size_t count = (size_t)tensor->rows * tensor->cols;
    const lines l = lines_of(tensor);

    if (kind == ES_WEIGHT_F32) {
        return 4 * count;
    }
    return kind == ES_WEIGHT_I8 && l.count ? 2 * l.count + count : 2 * count;
}

void es_stored_put(uint8_t *to, const float *from, const es_tensor *tensor, es_weight_kind kind)
{
    const size_t count = (size_t)tensor->rows * tensor->cols;
    const lines l = lines_of(tensor);

    if (kind == ES_WEIGHT_I8 && l.count) {
        put_bytes(to, from, l);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (kind == ES_WEIGHT_F32) {
            put_u16(to + 4 * i, es_bits_of_float(from[i]) & 0xffffu);
            put_u16(to + 4 * i + 2, es_bits_of_float(from[i]) >> 16);
        } else {
            put_u16(to + 2 * i, es_half_of_float(from[i]));
        }
    }
}

bool es_stored_get(float *to, const uint8_t *from, const es_tensor *tensor, es_weight_kind kind,
                   size_t *bad)
{
    const size_t count = (size_t)tensor->rows * tensor->cols;
    const lines l = lines_of(tensor);

    if (kind == ES_WEIGHT_F32) {
        return get_floats(to, from, count, bad);
    }
    return kind == ES_WEIGHT_I8 && l.count ? get_bytes(to, from, l, bad)
                                           : get_halves(to, from, count, bad);
}
