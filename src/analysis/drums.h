/**
 * @file drums.h
 * A drummer's file to hits on a grid: played ones too, which lie on none.
 */
#ifndef ES_ANALYSIS_DRUMS_H
#define ES_ANALYSIS_DRUMS_H

#include "smf/smf.h"
#include "stream/drum_roll.h"

enum {
    ES_DRUM_GRID = 12
}; /**< Steps to a quarter: sixteenths, and triplets of eighths and of sixteenths. */

/** A hit as it was played. */
typedef struct es_drum_hit {
    uint32_t step; /**< Where it is meant. */
    int32_t
        late; /**< Ticks after that place, negative: before; the drummer's usual lead is taken off. */
    uint8_t piece; /**< es_kit_piece. */
    uint8_t velocity;
} es_drum_hit;

/** Owned arrays; es_drummer_done. */
typedef struct es_drummer {
    es_drum_roll roll; /**< Bars from the first bar line to the last hit. */
    es_drum_hit *hits; /**< [n_hits]: those of the roll, by step and lane. */
    size_t n_hits;
    size_t
        n_merged; /**< Hits that fell on another one of their lane: drags, flams, rolls; the louder one is kept. */
    size_t n_foreign; /**< Hits of instruments that the kit does not have. */
    double tempo;
    int32_t lead; /**< Ticks that the beats are played late (negative: early) in the mean. */
} es_drummer;

/** Do only drums play in a file, that is, on channel 10? */
bool es_plays_drums(const es_smf *smf);

/**
 * Read the drums of a file.
 *
 * Each quarter is taken for sixteenths, for triplets or for sextuplets, whatever explains its hits best without changing too
 * often; each hit goes to the nearest place of these. Family, and whether it is a fill, are taken from words of `name`; in a
 * longer piece bars are taken for fills that have many more strokes on snare and toms in their second half than is usual there.
 *
 * @param out  Overwritten; zero on failure.
 * @return ESTRO_ERR_FORMAT when no drum plays or the file has no quarters, ESTRO_ERR_MEMORY.
 */
estro_status es_drummer_read(es_drummer *out, const es_smf *smf, const char *name,
                             estro_diag *diag);
void es_drummer_done(es_drummer *drummer);

#endif
