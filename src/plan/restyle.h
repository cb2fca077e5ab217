/**
 * @file restyle.h
 * What two compilations of one style have in common, where params are set otherwise.
 */
#ifndef ES_PLAN_RESTYLE_H
#define ES_PLAN_RESTYLE_H

#include "plan/plan.h"

#include <stdbool.h>

/** Whether the phrases of both are the same by their numbers, but for levels and the like. */
bool es_same_form(const es_style *a, const es_style *b);

/** Whether the patterns of both have the same cells by their numbers. */
bool es_same_patterns(const es_style *a, const es_style *b);

/** Texts and leaves of phrases as the other style of the same form has them: nothing points into `from` then. @param ideas NULL: none. */
void es_rebind(es_plan_phrase *const ideas[ES_IDEAS], const es_style *from, const es_style *to);

#endif
