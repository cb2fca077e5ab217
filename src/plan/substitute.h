/**
 * @file substitute.h
 * Chords that others take the place of, by the substitutions of a style.
 */
#ifndef ES_PLAN_SUBSTITUTE_H
#define ES_PLAN_SUBSTITUTE_H

#include "base/rng.h"
#include "plan/plan.h"

/**
 * Go over the chords of the bars first_bar .. n_bars-1 once, from left to right. Where the left side of a substitution stands, with its
 * lengths, it is replaced with its chance; of several the first in the style that is drawn. What is put in stays. Cannot fail.
 */
void es_substitute(es_plan_phrase *phrase, const es_style *style, uint16_t first_bar, es_rng *rng);

#endif
