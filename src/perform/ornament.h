/**
 * @file ornament.h
 * A note with an ornament as the strokes that are played.
 */
#ifndef ES_PERFORM_ORNAMENT_H
#define ES_PERFORM_ORNAMENT_H

#include "perform/perform.h"

enum { ES_MAX_STROKES = 32 };

/** What an ornament has to know of its note. */
typedef struct es_ornament {
    uint16_t marks;
    bool is_drum;
    int above, below; /**< Neighbours in the scale of the moment, -1 = none is at hand; ... */
    int under;        /**< ... the one below `below`. */
    es_tick from, to; /**< The bar: no stroke begins outside of it. */
    double ticks_per_ms;
} es_ornament;

/** Most strokes that a note with these marks can have. */
size_t es_ornament_most(uint16_t marks);

/**
 * The strokes of a note.
 *
 * @param note  As it is played without its ornament.
 * @param out   [es_ornament_most], by start; within the time of the note, but for a flam's first stroke, which comes before it.
 * @return How many; 1 where there is no time for an ornament.
 */
size_t es_ornament_play(const es_ornament *how, const es_played *note, es_played *out);

#endif
