/*
 * exp, log, tanh and sigmoid from +, -, *, / alone.
 *
 * Each is a range reduction and a polynomial, evaluated in one written order. Roundings to an integer are made by
 * adding a large constant, powers of two by setting exponent bits, choices by selecting between two computed values: so
 * the block versions run in vectors of any width and still give the bits of the scalar ones. Keep it so: no branch, no
 * libm and no reordering in the bodies.
 */
#include "base/real.h"

#include "base/bits.h"
#include "base/simd.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

ES_INLINE uint64_t bits_of_double(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

ES_INLINE double double_of_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^k, -126 <= k <= 127. */
ES_INLINE float power_of_two_float(int32_t k)
{
    return es_float_of_bits((uint32_t)(k + 127) << 23);
}

/* 2^k, -1022 <= k <= 1023. */
static double power_of_two(int k)
{
    return double_of_bits((uint64_t)(k + 1023) << 52);
}

/* ln 2 in two parts; the first has zeros at its end, so that k times it is exact. */
static const double ln2_high = 6.93147180369123816490e-01;
static const double ln2_low = 1.90821492927058770002e-10;

double es_exp(double x)
{
    const double round = 6755399441055744.0; /* 1.5 * 2^52 */
    /* 1/13!, 1/12!, ... 1/0! */
    static const double c[] = {
        1.6059043836821613e-10,
        2.0876756987868100e-09,
        2.5052108385441720e-08,
        2.7557319223985888e-07,
        2.7557319223985893e-06,
        2.4801587301587302e-05,
        1.9841269841269841e-04,
        1.3888888888888889e-03,
        8.3333333333333332e-03,
        4.1666666666666664e-02,
        1.6666666666666666e-01,
        0.5,
        1.0,
        1.0,
    };

    if (!(x >= -708.0)) {
        return x < 0 ? 0.0 : x;
    }
    if (x > 709.75) {
        return HUGE_VAL;
    }
    const double k = (x * 1.4426950408889634 + round) - round;
    const double r = (x - k * ln2_high) - k * ln2_low;
    double y = c[0];
    for (size_t i = 1; i < sizeof c / sizeof c[0]; i++) {
        y = y * r + c[i];
    }
    const int n = (int)k;
    const int half = n / 2;
    return y * power_of_two(half) * power_of_two(n - half);
}

double es_log(double x)
{
    /* 1/(2i+1) for i = 10 .. 1: atanh(s)/s as a polynomial in s^2 <= 0.0295. */
    static const double c[] = {
        1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13,
        1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3,
    };
    int e = 0;

    if (!(x > 0)) {
        return x <= 0 ? -745.0 : x;
    }
    if (x > 1.7976931348623157e308) {
        return x;
    }
    if (x < 2.2250738585072014e-308) {
        x *= 18014398509481984.0; /* 2^54 */
        e = -54;
    }
    const uint64_t bits = bits_of_double(x);
    e += (int)(bits >> 52) - 1023;
    double m = double_of_bits((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        e++;
    }
    const double f = m - 1;
    const double s = f / (m + 1);
    const double z = s * s;
    double y = c[0];
    for (size_t i = 1; i < sizeof c / sizeof c[0]; i++) {
        y = y * z + c[i];
    }
    /* 2 atanh(s) = 2s + 2s(z y), and 2s = f - s f: the large part is exact. */
    const double tail = s * (2 * (z * y) - f);
    return (double)e * ln2_high + (f + (tail + (double)e * ln2_low));
}

ES_INLINE float exp_body(float x)
{
    const float round = 12582912.0f; /* 1.5 * 2^23 */
    const float low = -87.33654f, high = 88.72283f;
    float t = x < low ? low : x;

    t = t > high ? high : t;
    const float shifted = t * 1.44269504f + round;
    const float k = shifted - round;
    const int32_t n = (int32_t)(es_bits_of_float(shifted) - 0x4b400000u);
    const float r = (t - k * 0.693359375f) - k * -2.12194440e-4f;
    float y = 1.9875691500e-4f;
    y = y * r + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = (y * (r * r) + r) + 1.0f;
    const int32_t half = n >> 1;
    y = y * power_of_two_float(half) * power_of_two_float(n - half);
    y = x < low ? 0.0f : y;
    return x > high ? HUGE_VALF : y;
}

ES_INLINE float sigmoid_body(float x)
{
    const float t = x < -87.0f ? -87.0f : x;

    return 1.0f / (1.0f + exp_body(-t));
}

ES_INLINE float tanh_body(float x)
{
    const float magnitude = es_float_of_bits(es_bits_of_float(x) & 0x7fffffffu);
    const float a = magnitude > 10.0f ? 10.0f : magnitude;
    const float z = x * x;
    float small = -5.70498872745e-3f;

    small = small * z + 2.06390887954e-2f;
    small = small * z + -5.37397155531e-2f;
    small = small * z + 1.33314422036e-1f;
    small = small * z + -3.33332819422e-1f;
    small = small * z * x + x;
    float large = 1.0f - 2.0f / (exp_body(2.0f * a) + 1.0f);
    large = x < 0 ? -large : large;
    return magnitude < 0.625f ? small : large;
}

float es_expf(float x)
{
    return exp_body(x);
}

float es_tanhf(float x)
{
    return tanh_body(x);
}

float es_sigmoidf(float x)
{
    return sigmoid_body(x);
}

ES_INLINE void es_exp_block_body(float *x, size_t count)
{
    ES_SIMD
    for (size_t i = 0; i < count; i++) {
        x[i] = exp_body(x[i]);
    }
}

ES_INLINE void es_tanh_block_body(float *x, size_t count)
{
    ES_SIMD
    for (size_t i = 0; i < count; i++) {
        x[i] = tanh_body(x[i]);
    }
}

ES_INLINE void es_sigmoid_block_body(float *x, size_t count)
{
    ES_SIMD
    for (size_t i = 0; i < count; i++) {
        x[i] = sigmoid_body(x[i]);
    }
}

ES_CLONES(es_exp_block, (float *x, size_t count), (x, count))
ES_CLONES(es_tanh_block, (float *x, size_t count), (x, count))
ES_CLONES(es_sigmoid_block, (float *x, size_t count), (x, count))
