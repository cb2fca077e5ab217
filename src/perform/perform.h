/**
 * @file perform.h
 * From what is written to what is played: swing, accents, phrase dynamics, ornaments, articulation, small deviations, ritardando.
 *
 * The score stays as it is; what comes out has performed times and velocities. A pure function of bar, style and seed.
 */
#ifndef ES_PERFORM_PERFORM_H
#define ES_PERFORM_PERFORM_H

#include "score/score.h"
#include "style/style.h"

/** A note as played. */
typedef struct es_played {
    es_tick start;    /**< Never before its bar. */
    es_tick duration; /**< > 0; ends by the next onset of the same key of the part. */
    uint8_t key, velocity, channel, part;
    uint32_t note; /**< Index of the note of the bar that it belongs to. */
} es_played;

/** A change of tempo inside a bar (ritardando). */
typedef struct es_tempo_point {
    es_tick tick;
    double tempo;
} es_tempo_point;

enum { ES_MAX_TEMPO_POINTS = 32 };

/**
 * Perform a bar.
 *
 * @param style   Parts and performance; borrowed.
 * @param played  [es_perform_most], overwritten, sorted by start.
 * @param tempo   [ES_MAX_TEMPO_POINTS], overwritten; the first is at the bar's start.
 * @return Notes played: more than were written, where there are ornaments.
 * Cannot fail, does not allocate.
 */
size_t es_perform_bar(const es_style *style, uint64_t seed, const es_bar *bar, es_played *played,
                      es_tempo_point *tempo, size_t *n_tempo);

/** Most notes that a bar can be played with; at least as many as it has. */
size_t es_perform_most(const es_bar *bar);

/**
 * The bar as it is written: straight times, whole durations, one velocity a level of accent, no ornaments. Same parameters, but
 * for `played`, which is [bar->n_notes].
 */
void es_perform_plain(const es_style *style, const es_bar *bar, es_played *played,
                      es_tempo_point *tempo, size_t *n_tempo);

#endif
