/**
 * @file measure.h
 * Measures of one piece: a number for each expectation of its style.
 */
#ifndef ES_JUDGE_MEASURE_H
#define ES_JUDGE_MEASURE_H

#include "judge/piece.h"

/**
 * Measure what an expectation asks.
 *
 * @param value  Overwritten. ES_MEASURE_END: 1 where the piece ends so, else 0. Not for ES_MEASURE_FORMS and ES_MEASURE_PIECES.
 * @return False when there is nothing to measure in this piece: no notes in the parts, no moves.
 */
bool es_measure_piece(const es_piece *piece, const es_expect *expect, double *value);

/** A number for the row of phrases of a piece: equal for equal forms. */
uint64_t es_measure_form(const es_piece *piece);
/** A number for its notes, as intervals from the tonic: equal for pieces that differ in key, tempo and performance alone. */
uint64_t es_measure_notes(const es_piece *piece);

#endif
