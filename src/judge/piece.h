/**
 * @file piece.h
 * A piece as it was composed, whole: what measures are taken of.
 */
#ifndef ES_JUDGE_PIECE_H
#define ES_JUDGE_PIECE_H

#include "score/score.h"
#include "style/style.h"

#include <estro/status.h>

typedef struct es_piece_bar {
    es_bar bar; /**< Without its notes. */
    size_t first_note, n_notes;
} es_piece_bar;

/** Zero-initialise; es_piece_done. */
typedef struct es_piece {
    const es_style *style; /**< Kept. */
    es_key home;
    es_piece_bar *bars;
    size_t n_bars, bars_capacity;
    es_note *notes; /**< Bar by bar, in score order. */
    size_t n_notes, notes_capacity;
    uint8_t velocities[ES_MAX_PARTS][16]; /**< As played: bit sets. */
    double seconds;
} es_piece;

/** Empty it, for another piece of the style. @param style Kept. */
void es_piece_reset(es_piece *piece, const es_style *style, es_key home);

/** Add a bar; its notes are copied, its strings kept. @param seed For the performance. @return ESTRO_ERR_MEMORY. */
estro_status es_piece_add(es_piece *piece, const es_bar *bar, uint64_t seed, estro_diag *diag);

void es_piece_done(es_piece *piece);

#endif
