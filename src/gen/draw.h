/**
 * @file draw.h
 * The draw itself, renormalised, with its log-probability.
 */
#ifndef ES_GEN_DRAW_H
#define ES_GEN_DRAW_H

#include "base/rng.h"

/**
 * Draw an index by weight.
 *
 * @param log_p  Log of the probability of what was drawn is added.
 * @return The index, -1 when no weight is above zero; a choice of one draws nothing.
 */
int es_draw_weighted(es_rng *rng, const double *weights, int count, double *log_p);

#endif
