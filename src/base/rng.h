/**
 * @file rng.h
 * Chance with an address.
 *
 * A draw is a pure function of (seed, address, counter): no state is shared
 * between addresses, so a new draw in one place shifts nothing elsewhere, and
 * the order in which places are worked on does not matter. The generator is
 * Philox-2x64 with ten rounds (Salmon et al., Parallel random numbers: as easy
 * as 1, 2, 3; SC 2011), keyed by a hash of the address.
 */
#ifndef ES_BASE_RNG_H
#define ES_BASE_RNG_H

#include <stdint.h>

/** What a draw is for: one part of its address. */
typedef enum es_purpose {
    ES_FOR_FORM = 1,
    ES_FOR_HARMONY,
    ES_FOR_TEXTURE,
    ES_FOR_RHYTHM,
    ES_FOR_PITCH,
    ES_FOR_PERFORMANCE,
    ES_FOR_TRAINING,
    ES_FOR_TEST,
    ES_FOR_ORNAMENTS,
    ES_FOR_THEME
} es_purpose;

/** A stream of draws at one address. Plain data: copy it to snapshot it. */
typedef struct es_rng {
    uint64_t key;
    uint64_t counter;
} es_rng;

/** The stream at (seed, purpose, a, b, c): say phrase, bar and part, with attempts folded in. */
es_rng es_rng_at(uint64_t seed, es_purpose purpose, uint64_t a, uint64_t b, uint64_t c);

/** What addresses with the same seed, purpose and `a` have in common, for those who need many. */
uint64_t es_rng_place(uint64_t seed, es_purpose purpose, uint64_t a);

/** es_rng_in(es_rng_place(seed, purpose, a), b, c) is es_rng_at(seed, purpose, a, b, c). */
es_rng es_rng_in(uint64_t place, uint64_t b, uint64_t c);

/** 64 random bits. */
uint64_t es_rng_next(es_rng *rng);

/** Uniform in [0, n); n > 0. Unbiased (multiply and reject). */
uint32_t es_rng_below(es_rng *rng, uint32_t n);

/** Uniform in [0, 1), a multiple of 2^-53. */
double es_rng_unit(es_rng *rng);

/**
 * Draw an index with probability weights[i] / sum(weights).
 *
 * Weights (finite, >= 0) are first turned into integers of 32 bits relative to their sum, so that
 * the draw itself is exact; a weight above zero never becomes zero.
 *
 * @param weights  [count]; borrowed.
 * @return The index, or -1 when no weight is above zero (or count is 0).
 */
int es_rng_choose(es_rng *rng, const double *weights, int count);

#endif
