/**
 * @file pitch_set.h
 * Sets of pitches 0 .. 127.
 */
#ifndef ES_STREAM_PITCH_SET_H
#define ES_STREAM_PITCH_SET_H

#include "base/bits.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct es_pitch_set {
    uint64_t bits[2];
} es_pitch_set;

static inline bool es_pitch_set_has(const es_pitch_set *set, int pitch)
{
    return set->bits[pitch / 64] >> (pitch % 64) & 1;
}

static inline void es_pitch_set_add(es_pitch_set *set, int pitch)
{
    set->bits[pitch / 64] |= (uint64_t)1 << (pitch % 64);
}

static inline void es_pitch_set_remove(es_pitch_set *set, int pitch)
{
    set->bits[pitch / 64] &= ~((uint64_t)1 << (pitch % 64));
}

static inline int es_pitch_set_count(const es_pitch_set *set)
{
    return es_count_bits(set->bits[0]) + es_count_bits(set->bits[1]);
}

static inline bool es_pitch_sets_equal(const es_pitch_set *a, const es_pitch_set *b)
{
    return a->bits[0] == b->bits[0] && a->bits[1] == b->bits[1];
}

/** The highest pitch of a set below `below`, and the lowest above `above`; -1 if there is none. */
int es_pitch_set_below(const es_pitch_set *set, int below);
int es_pitch_set_above(const es_pitch_set *set, int above);

#endif
