/**
 * @file repeat.h
 * Phrases that say others again.
 */
#ifndef ES_PLAN_REPEAT_H
#define ES_PLAN_REPEAT_H

#include "plan/plan.h"

/** Place of a label with its primes among the ideas, -1 for none. Those of a label stand together, by primes. */
int es_idea_of(const es_phrase_leaf *leaf);

/** The phrase that this one repeats: of the same label and primes, else of the same label; or NULL. @param first Of each idea, or NULL. */
const es_plan_phrase *es_quoted_phrase(es_plan_phrase *const first[ES_IDEAS],
                                       const es_plan_phrase *phrase);

/**
 * Take over the bars of the quoted phrase that are repeated. In another texture only the parts that play alike say them again, the others
 * play anew to their chords. They end where no part says them again, or where the tune is another.
 *
 * @return How many bars; their levels and tensions are still those of the quoted phrase.
 */
uint16_t es_repeat(es_plan_phrase *phrase, const es_plan_phrase *quoted, const es_style *style,
                   bool chords_given);

#endif
