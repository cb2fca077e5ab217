/**
 * @file dynamics.h
 * How loud a note is played.
 */
#ifndef ES_PERFORM_DYNAMICS_H
#define ES_PERFORM_DYNAMICS_H

#include "base/rng.h"
#include "score/score.h"
#include "style/style.h"

/** In (-1, 1), zero the likeliest: the sum of two even draws. */
double es_deviation(es_rng *rng);

/**
 * The velocity of a note of a bar, 1-127.
 *
 * @param by_feel  What a feel adds in place of metre and accent, velocities; NULL = none does.
 */
uint8_t es_dynamics_velocity(const es_style *style, const es_bar *bar, const es_note *note,
                             const double *by_feel, es_rng *rng);

#endif
