/**
 * @file voice.h
 * Steps of a scale as keys of a part.
 */
#ifndef ES_THEME_VOICE_H
#define ES_THEME_VOICE_H

#include "score/score.h"
#include "theme/shape.h"

/** Who plays a theme, and where. */
typedef struct es_theme_voice {
    es_key of, in;       /**< Key of the theme, and that of the phrase. */
    int low, high, home; /**< Of the part. */
    es_tick grid;        /**< Times are multiples of it. */
} es_theme_voice;

/**
 * The key of a step of the theme, before any octave is chosen. In a phrase of the other gender the theme stands in the relative key, so that its
 * intervals stay.
 */
int es_voice_pitch(const es_theme_voice *voice, int step, int alter);

/** Octaves to move notes by, so that the part can play them and they lie near its home. @param outside  How many it cannot; may be NULL. */
int es_voice_octave(const es_theme_voice *voice, const es_theme_note *notes, size_t n_notes,
                    size_t *outside);

/**
 * The notes as the part plays them. What is too short for the grid is left out; what lies outside the range is moved by octaves.
 *
 * @param notes  [shape->n_notes], overwritten. @return How many.
 */
size_t es_voice_play(const es_theme_voice *voice, const es_shape *shape, int octave,
                     es_note *notes);

#endif
