/**
 * @file condition.h
 * Conditions of rhythms, decided on the plan of a phrase.
 */
#ifndef ES_PLAN_CONDITION_H
#define ES_PLAN_CONDITION_H

#include "plan/plan.h"

/**
 * Whether a cell may be played.
 *
 * @param phrase  Its chords, levels and neighbours are settled.
 * @param bar     Bar of the phrase in which the cell begins.
 */
bool es_cell_is_open(const es_cell *cell, const es_plan_phrase *phrase, uint16_t bar);

#endif
