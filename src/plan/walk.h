/**
 * @file walk.h
 * Chords one after another, as derivations of a grammar have them, but in any order that suits their places.
 *
 * A grammar made for a style has few derivations, and none of them may suit a given tune. Then its successions are taken: how often its
 * derivations of this length have one leaf after another, first, and last.
 */
#ifndef ES_PLAN_WALK_H
#define ES_PLAN_WALK_H

#include "plan/weighted.h"

/**
 * Draw a row of leaves that fills a length, each with the probability of its successions times its weights.
 *
 * @param period  Beats to the bar: leaves stand on those beats of it on which derivations have them.
 * @param like    [n_leaves]: the first leaf that says the same; borrowed.
 * @param leaves  [capacity]; overwritten.
 * @return As es_weighted_draw.
 */
estro_status es_walk_draw(const es_grammar *grammar, const es_span *span, int symbol,
                          uint32_t length, uint32_t period, const uint16_t *like,
                          const es_leaf_weights *weights, es_rng *rng, uint16_t *leaves,
                          uint32_t capacity, uint32_t *count, estro_diag *diag);

#endif
