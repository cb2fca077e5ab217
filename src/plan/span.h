/**
 * @file span.h
 * Drawing a derivation of known length from a weighted grammar, exactly.
 *
 * inside[A][n], the total weight of all derivations of symbol A that fill exactly n units, is computed for n ascending
 * (Lari and Young 1990; here by length alone, as leaves have fixed lengths). A derivation is then drawn top-down, each rule and
 * each division of the length with its exact conditional probability: a choice is made if and only if the span can still be filled.
 */
#ifndef ES_PLAN_SPAN_H
#define ES_PLAN_SPAN_H

#include "base/rng.h"
#include "style/style.h"

typedef struct es_span es_span;

/** Table of inside weights for lengths 1 .. max_length (units of the grammar's leaf lengths). Keeps `grammar`. */
estro_status es_span_new(es_span **out, const es_grammar *grammar, uint32_t max_length,
                         estro_diag *diag);
void es_span_free(es_span *span);

/** inside[symbol][length]; 0 where it cannot be filled or out of range. */
double es_span_weight(const es_span *span, int symbol, uint32_t length);

/** A node of a derivation: a symbol and the rule that took its place, or a leaf. */
typedef struct es_derived {
    bool is_leaf;
    uint16_t index; /**< Of the symbol or leaf. */
    uint16_t depth; /**< 0: the root. */
    uint32_t rule;  /**< Of a symbol: index into the rules of the grammar. */
    uint32_t length;
} es_derived;

/** Derivations, each node before those below it, left to right. Zero-initialise; es_derivation_done. */
typedef struct es_derivation {
    es_derived *nodes;
    size_t n_nodes, capacity;
} es_derivation;

void es_derivation_done(es_derivation *derivation);

/**
 * Draw a derivation.
 *
 * @param leaves  [capacity]; overwritten with leaf indices, left to right.
 * @param count   How many.
 * @param tree    All of it is added; NULL where the leaves are enough.
 * @param log_p   Log-probability of the derivation given symbol and length; may be NULL.
 * @return ESTRO_ERR_CONFLICT when the length cannot be filled, ESTRO_ERR_ARGUMENT when capacity is too small.
 */
estro_status es_span_draw(const es_span *span, int symbol, uint32_t length, es_rng *rng,
                          uint16_t *leaves, uint32_t capacity, uint32_t *count, es_derivation *tree,
                          double *log_p, estro_diag *diag);

#endif
