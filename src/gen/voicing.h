/**
 * @file voicing.h
 * How the lines of a part stand to one another in a chord that they strike together.
 */
#ifndef ES_GEN_VOICING_H
#define ES_GEN_VOICING_H

#include "gen/moment.h"

/**
 * Whether neighbouring lines of a part that strike agree with its voicing, for the chord of the harmony.
 *
 * @param above, below  Their pitches.
 * @param line          Of the upper one within the part, 0 = top.
 */
bool es_voicing_agrees(const es_part *part, const es_harmony *harmony, int above, int below,
                       int line);

/** Weight of a chord by the members that it has (bits of es_harmony.member): a shell wants third and seventh first. */
double es_voicing_weight(const es_part *part, const es_harmony *harmony, uint8_t members);

#endif
