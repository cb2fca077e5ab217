/**
 * @file bits.h
 * Sets as bits of a 64-bit number, and the bits that a float is made of (IEEE 754 binary32).
 */
#ifndef ES_BASE_BITS_H
#define ES_BASE_BITS_H

#include "base/simd.h"

#include <stdint.h>
#include <string.h>

/** Index of the lowest bit of a set that is not empty. */
static inline int es_first_bit(uint64_t set)
{
#if defined(__GNUC__)
    return __builtin_ctzll(set);
#else
    int bit = 0;

    while (!(set >> bit & 1)) {
        bit++;
    }
    return bit;
#endif
}

/** How many are in a set. */
static inline int es_count_bits(uint64_t set)
{
    set -= set >> 1 & 0x5555555555555555u;
    set = (set & 0x3333333333333333u) + (set >> 2 & 0x3333333333333333u);
    set = (set + (set >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (int)((set * 0x0101010101010101u) >> 56);
}

ES_INLINE uint32_t es_bits_of_float(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

ES_INLINE float es_float_of_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

#endif
