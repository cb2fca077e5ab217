/**
 * @file time.h
 * Exact musical time, and metre.
 *
 * Inside estro a tick is 1/10,080 of a quarter note, so every tuplet up to 10 is exact; files
 * have 960 ticks to the quarter (both numbers divide by 480).
 */
#ifndef ES_MUSIC_TIME_H
#define ES_MUSIC_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ES_QUARTER = 10080, /**< Ticks to a quarter note, inside. */
    ES_WHOLE = 4 * ES_QUARTER,
    ES_FILE_QUARTER = 960, /**< Ticks to a quarter note, in files. */
    ES_MAX_BEATS = 16      /**< Beats a bar can have. */
};

/** Time in ticks from the start of the piece, or a span of it. */
typedef int64_t es_tick;

/** A time signature, as written: 4/4 is {4, 4}; 6/8 is {6, 8}. Denominator a power of two to 32. */
typedef struct es_meter {
    uint8_t numerator;
    uint8_t denominator;
} es_meter;

static inline bool es_meter_equal(es_meter a, es_meter b)
{
    return a.numerator == b.numerator && a.denominator == b.denominator;
}

/** Length of a bar in ticks. */
es_tick es_meter_bar(es_meter meter);

/**
 * Length of a beat in ticks: three units where the metre is compound (numerator 6, 9 or 12 over 8 or
 * 16), else one unit.
 */
es_tick es_meter_beat(es_meter meter);

/** Beats to the bar: 4 in 4/4, 2 in 6/8; at most ES_MAX_BEATS. */
int es_meter_beats(es_meter meter);

/**
 * Metrical weight of a place in the bar: 3 the bar line, 2 a strong beat (the middle of a bar of an
 * even number of beats), 1 any other beat, 0 a half of a beat (a third, if compound), -1 anything finer.
 */
int es_meter_strength(es_meter meter, es_tick in_bar);

#endif
