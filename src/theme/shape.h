/**
 * @file shape.h
 * What can be done to a row of notes of a theme.
 */
#ifndef ES_THEME_SHAPE_H
#define ES_THEME_SHAPE_H

#include "base/rng.h"
#include "theme/theme.h"

/** A passage of a theme, in the metre of the style. Zero-initialise; es_shape_done. */
typedef struct es_shape {
    es_theme_note *notes; /**< Owned; ascending from 0. */
    size_t n_notes, capacity;
    es_tick length; /**< To a bar line, or the end of the phrase. */
} es_shape;

void es_shape_done(es_shape *shape);

/** @return False when there is no memory. */
bool es_shape_add(es_shape *shape, const es_theme_note *note);

/** Nothing sounds from a time on. */
void es_shape_cut(es_shape *shape, es_tick length);

/** Every interval goes the other way; the first note stays. */
void es_shape_invert(es_shape *shape);

/** From the end to the beginning. */
void es_shape_reverse(es_shape *shape);

/** Times are multiplied by num / den. */
void es_shape_stretch(es_shape *shape, int num, int den);

void es_shape_transpose(es_shape *shape, int steps);

/**
 * The first `head` ticks again and again until `length`, each time some steps further.
 *
 * @return False when there is no memory.
 */
bool es_shape_sequence(es_shape *shape, es_tick head, int steps, es_tick length);

/**
 * Thirds are filled, and neighbours added to repeated and long notes. The notes of the theme stay where they begin.
 *
 * @param least  No note gets shorter.
 * @return False when there is no memory.
 */
bool es_shape_ornament(es_shape *shape, es_tick beat, es_tick least, es_rng *rng);

#endif
