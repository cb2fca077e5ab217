/*
 * Half precision: 1 sign bit, 5 of exponent (bias 15), 10 of fraction. Widening is exact; narrowing rounds the
 * fraction as an integer, so a carry runs into the exponent by itself.
 */
#include "nn/half.h"

#include "base/bits.h"
#include "base/simd.h"

uint16_t es_half_of_float(float x)
{
    const uint32_t bits = es_bits_of_float(x);
    const uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    uint32_t kept, rest, halfway;
    if (magnitude >= 0x477ff000u) { /* 65520 and above would round to infinity. */
        return (uint16_t)(sign | 0x7bffu);
    }
    if (magnitude >= 0x38800000u) { /* 2^-14: normal as a half. */
        const uint32_t rebiased = magnitude - (112u << 23);
        kept = rebiased >> 13;
        rest = rebiased & 0x1fffu;
        halfway = 0x1000u;
    } else if (magnitude >= 0x33000000u) { /* 2^-25: a subnormal half, a multiple of 2^-24. */
        const uint32_t fraction = (magnitude & 0x7fffffu) | 0x800000u;
        const uint32_t drop = 126u - (magnitude >> 23);
        kept = fraction >> drop;
        rest = fraction & ((1u << drop) - 1);
        halfway = 1u << (drop - 1);
    } else {
        return (uint16_t)sign;
    }
    kept += rest > halfway || (rest == halfway && (kept & 1u));
    return (uint16_t)(sign | kept);
}

/* Both ways are computed and one is chosen, so that a loop of it runs in vectors. */
ES_INLINE float widen(uint32_t half)
{
    const uint32_t magnitude = half & 0x7fffu, sign = (half & 0x8000u) << 16;
    const float small = (float)(int32_t)magnitude * (1.0f / 16777216.0f); /* 2^-24 */
    const uint32_t normal = (magnitude << 13) + (112u << 23);

    return es_float_of_bits((magnitude < 0x400u ? es_bits_of_float(small) : normal) | sign);
}

float es_float_of_half(uint16_t half)
{
    return widen(half);
}

bool es_halves_widen(float *to, const uint8_t *from, size_t count)
{
    uint32_t infinite = 0;

    for (size_t i = 0; i < count; i++) {
        const uint32_t half = (uint32_t)from[2 * i] | (uint32_t)from[2 * i + 1] << 8;
        infinite |= (half & 0x7c00u) == 0x7c00u;
        to[i] = widen(half);
    }
    return infinite == 0;
}

bool es_half_is_finite(uint16_t half)
{
    return (half & 0x7c00u) != 0x7c00u;
}
