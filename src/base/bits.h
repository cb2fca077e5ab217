/**
 * @file bits.h
 * Sets as bits of a 64-bit number.
 */
#ifndef ES_BASE_BITS_H
#define ES_BASE_BITS_H

#include <stdint.h>

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

#endif
