/**
 * @file budget.h
 * The copy budget: no voice of a model may repeat a longer run of its training material than the user allows.
 */
#ifndef ES_GEN_BUDGET_H
#define ES_GEN_BUDGET_H

#include "gen/model.h"
#include "stream/fingerprint.h"

/** What a line has of it in hand. Plain data; zero = nothing copied. */
typedef struct es_copied {
    es_run run;
    uint16_t runs; /**< Of the training material that its last notes are, one after another. */
} es_copied;

/** Borrowed by the search. */
typedef struct es_budget {
    const es_model *model;   /**< NULL = no limit. */
    uint32_t most;           /**< Runs one after another that a line may repeat. */
    const es_copied *copied; /**< [ES_MAX_LINES]. */
} es_budget;

/** A budget of so many notes; those of fewer than ES_RUN_NOTES count as one less than that. 0 = no limit. */
es_budget es_budget_of(const es_model *model, uint32_t notes, const es_copied *copied);

/** Whether a note would make a copy too long. @param before Pitch that the line sounds up to now, or below 0. */
bool es_budget_forbids(const es_budget *budget, int line, int before, int pitch, es_tick tick);

/** A line struck a note. */
void es_budget_struck(const es_model *model, es_copied *copied, int before, int pitch,
                      es_tick tick);

#endif
