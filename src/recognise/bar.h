/**
 * @file bar.h
 * How likely a part of a style plays what is heard of a track in a bar: its rhythm, and then its pitches, given a chord.
 */
#ifndef ES_RECOGNISE_BAR_H
#define ES_RECOGNISE_BAR_H

#include "gen/moment.h"
#include "recognise/heard.h"
#include "style/style.h"

#include <stdbool.h>

/** What a part does in a bar: its pattern, and which bar of it. */
typedef struct es_playing {
    int16_t pattern; /**< Index; -1 free rhythm, -2 silent. */
    uint8_t cell_bar;
} es_playing;

/** Cells that agree with what is heard of a track in a bar. */
typedef struct es_fit {
    double log_p;    /**< Of the rhythm (drums: of the hits); ES_NEVER where it cannot be. */
    uint32_t n;      /**< Cells that agree; 0 for a free rhythm. */
    uint32_t *cells; /**< [n], owned by the arena. */
} es_fit;

/** A part, and what is heard of it. */
typedef struct es_hearing {
    const es_style *style;
    const es_part *part;
    const es_heard *heard;
    const es_heard_track *track; /**< NULL: nothing is heard of it. */
    bool is_modelled;            /**< A model may write it. */
} es_hearing;

/** Compare a bar with a pattern. @return ESTRO_ERR_MEMORY. */
estro_status es_fit_bar(es_fit *out, const es_hearing *hearing, es_playing playing, uint32_t bar,
                        es_arena *arena, estro_diag *diag);

/**
 * Log-probability of the pitches of the events that begin in `from` .. `to`, within the bar, given the rhythm and the harmony there.
 *
 * Each line's pitch is taken for itself: its weight among all pitches of the range. Cells that agree with the rhythm count by their weights.
 */
double es_fit_pitches(const es_hearing *hearing, const es_fit *fit, es_playing playing,
                      uint32_t bar, es_tick from, es_tick to, const es_harmony *harmony);

#endif
