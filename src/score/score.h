/**
 * @file score.h
 * Notes in exact musical time: what was composed, before anybody plays it.
 */
#ifndef ES_SCORE_SCORE_H
#define ES_SCORE_SCORE_H

#include "music/chord.h"
#include "music/mark.h"
#include "music/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A note. */
typedef struct es_note {
    es_tick start;    /**< From the start of the piece. */
    es_tick duration; /**< > 0, as written. */
    uint8_t key;      /**< 0-127. */
    uint8_t part;
    uint8_t line;   /**< Within its part. */
    int8_t accent;  /**< -1 soft, 0 plain, 1 accented. */
    uint16_t marks; /**< Ornament and articulation: bits of es_mark. */
    bool is_given;  /**< It was not drawn, but given. */
} es_note;

/**
 * A bar of the piece with everything that sinks want to say about it.
 * Pointers are borrowed from whoever made it, valid until the next but one bar.
 */
typedef struct es_bar {
    uint32_t index;
    es_tick start;
    es_tick length;
    es_meter meter;
    es_key key;
    double tempo; /**< Quarters per minute. */
    double
        ritard; /**< Tempo at the end of the phrase as a share of that, 0 = as the style has it. */
    bool has_fermata;    /**< The last chord of the phrase is held. */
    const char *section; /**< Marker when a section begins here, else NULL. */
    uint8_t level;       /**< 0-9. */
    double
        rise[2]; /**< What the level is more than that at the start of the bar, and at its end. */
    uint16_t phrase_bar, phrase_bars; /**< Place in the phrase. */
    char label;                       /**< Of the phrase, 'a'..'z'; 0 = it has none. */
    uint8_t primes;                   /**< a' = 1, a'' = 2. */
    uint8_t cadence;                  /**< How the phrase ends: es_cadence (style/style.h). */
    bool in_last_phrase;              /**< No phrase comes after this one. */
    bool is_cadence;                  /**< Last bar of a phrase with a cadence: a place to stop. */
    bool is_last;
    uint8_t n_beats;
    es_chord chord[ES_MAX_BEATS];
    const char *roman[ES_MAX_BEATS]; /**< Or NULL. */
    bool chord_starts[ES_MAX_BEATS];
    const es_note
        *notes; /**< Notes that begin in this bar: by start, part, line. May last beyond it. */
    size_t n_notes;
    uint32_t epoch; /**< Raised when the composer goes back: a player drops older bars. */
} es_bar;

/** Sort into score order: start, part, line, key. */
void es_notes_sort(es_note *notes, size_t count);

#endif
