/**
 * @file measure.h
 * Measures of a phrase as it is drawn, by which one of several candidates is kept.
 */
#ifndef ES_GEN_MEASURE_H
#define ES_GEN_MEASURE_H

#include "gen/engine.h"

/**
 * Measure the present phrase of an engine, which is complete: each from 0 to 1 (styles/README.md has the formulas).
 *
 * @param before  What the statistics were before the phrase.
 * @param out     [ES_MERIT_COUNT], by es_merit.
 */
void es_measure_phrase(const es_engine *engine, const es_compose_stats *before, double *out);

/** Sum of the measures, by their weights in the style. */
double es_measure_score(const es_style *style, const double *measures);

#endif
