/**
 * @file theme.h
 * Themes: a tune of the user's as steps of its scale in exact time, cut into phrases.
 */
#ifndef ES_THEME_THEME_H
#define ES_THEME_THEME_H

#include "music/chord.h"
#include "music/time.h"

#include <estro/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A note: a step of a scale, counted from the tonic above (or at) middle C, seven to the octave. */
typedef struct es_theme_note {
    es_tick start;    /**< From the theme's first bar line; below 0: upbeat. */
    es_tick duration; /**< > 0. */
    int16_t step;
    int8_t alter;   /**< Semitones above that step of the scale. */
    es_tick source; /**< Where it stands in what was read, from its beginning. */
} es_theme_note;

/** A theme. Immutable once read; es_theme_free. */
typedef struct es_theme {
    uint8_t digest[8]; /**< Of what was read. */
    es_meter meter;
    es_key key;
    double tempo;         /**< Quarters per minute, 0 = not known. */
    es_theme_note *notes; /**< [n_notes], ascending, one line; repeats at once are left out. */
    size_t n_notes;
    uint32_t n_bars;
    bool *begins; /**< [n_bars]: a phrase begins with this bar. */
} es_theme;

typedef enum es_theme_form {
    ES_THEME_BY_CONTENT, /**< A MIDI file, if it begins like one, else ABC. */
    ES_THEME_SNIPPET     /**< A line of notes in ABC. */
} es_theme_form;

/**
 * Read a theme.
 *
 * Of a MIDI file the melody is taken: the highest part that is one line, else the top notes of the highest part.
 *
 * @param out     Owned by the caller; NULL on failure.
 * @param bytes   [size], borrowed.
 * @param source  Name for messages; borrowed.
 * @return ESTRO_ERR_SYNTAX (ABC, with line and column), ESTRO_ERR_FORMAT (MIDI), ESTRO_ERR_MEMORY.
 */
estro_status es_theme_read(es_theme **out, const uint8_t *bytes, size_t size, const char *source,
                           es_theme_form form, estro_diag *diag);
void es_theme_free(es_theme *theme);

/** Semitones of a step above the tonic on middle C or above it, in the scale of a key. */
int es_theme_pitch(es_key key, int step, int alter);

#endif
