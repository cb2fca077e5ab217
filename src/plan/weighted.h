/**
 * @file weighted.h
 * Drawing a derivation of known length from a weighted grammar where a leaf's weight depends on its place too, exactly.
 *
 * inside[A][at][n], the total weight of all derivations of A that fill n units from `at` on, is computed from the top down for what is needed
 * alone, and kept. Where no place prefers anything the distribution is that of span.h.
 */
#ifndef ES_PLAN_WEIGHTED_H
#define ES_PLAN_WEIGHTED_H

#include "plan/span.h"

/** Weights of leaves by place. */
typedef struct es_leaf_weights {
    void *self;
    double (*weight)(void *self, uint32_t leaf, uint32_t at); /**< >= 0. */
} es_leaf_weights;

/**
 * Draw a derivation.
 *
 * @param span    Of `grammar`, for at least `length`.
 * @param leaves  [capacity]; overwritten with leaf indices, left to right.
 * @return ESTRO_ERR_CONFLICT when nothing with a weight above 0 fills the length, or the grammar nests too deep for this;
 *         ESTRO_ERR_ARGUMENT when capacity is too small; ESTRO_ERR_MEMORY.
 */
estro_status es_weighted_draw(const es_grammar *grammar, const es_span *span, int symbol,
                              uint32_t length, const es_leaf_weights *weights, es_rng *rng,
                              uint16_t *leaves, uint32_t capacity, uint32_t *count,
                              estro_diag *diag);

#endif
