/**
 * @file ornaments.h
 * Ornaments that a part adds of its own accord.
 */
#ifndef ES_GEN_ORNAMENTS_H
#define ES_GEN_ORNAMENTS_H

#include "gen/moment.h"
#include "score/score.h"

/**
 * Draw the ornaments of a phrase's notes, by the chances of their parts. Notes that have one keep it.
 *
 * Chance is addressed by the label of the phrase and the place in it: what is said again is ornamented as it was.
 */
void es_ornaments_draw(const es_style *style, uint64_t seed, const es_beats *beats, es_note *notes,
                       size_t count);

#endif
