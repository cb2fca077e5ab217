/**
 * @file judge.h
 * Whether the pieces of a style are as it says: its expectations, over many seeds.
 */
#ifndef ES_JUDGE_JUDGE_H
#define ES_JUDGE_JUDGE_H

#include "judge/piece.h"

/** What was found for one expectation. */
typedef struct es_finding {
    const es_expect *expect;
    uint32_t measured; /**< Pieces in which there was something to measure. */
    uint32_t missed;   /**< Of these, those that were not as expected. */
    bool is_open;      /**< More pieces may yet be as expected: forms, with few pieces. */
    double low, high, sum;
    uint64_t first_seed; /**< Of the first piece that was not, ... */
    double first_value;  /**< ... and what it was. */
} es_finding;

typedef struct es_judge es_judge;

/** @param style Kept. @return ESTRO_ERR_MEMORY. */
estro_status es_judge_new(es_judge **out, const es_style *style, estro_diag *diag);
void es_judge_free(es_judge *judge);

/** Measure a piece. @return ESTRO_ERR_MEMORY. */
estro_status es_judge_piece(es_judge *judge, const es_piece *piece, uint64_t seed,
                            estro_diag *diag);

/** What was found so far for an expectation, by its index in the style. */
es_finding es_judge_finding(const es_judge *judge, uint32_t expect);

/** Whether what was found is what was expected, of the share of pieces that was asked, or may yet be. */
bool es_finding_holds(const es_finding *finding);

#endif
