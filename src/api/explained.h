/**
 * @file explained.h
 * A piece with how it came about: shared by the files that write it.
 */
#ifndef ES_API_EXPLAINED_H
#define ES_API_EXPLAINED_H

#include "api/api.h"
#include "base/text.h"

/** A phrase as it was planned, and the cells that its notes agree with. */
typedef struct es_explained_phrase {
    es_plan_phrase plan;   /**< Without its tune. */
    es_derivation harmony; /**< Empty where chords are given or quoted. */
    int16_t cell[ES_MAX_PHRASE_BARS]
                [ES_MAX_PARTS]; /**< Of the part's pattern; -1: none, or none agrees. */
} es_explained_phrase;

struct estro_explanation {
    const es_style *style; /**< Kept. */
    es_style *own_style;   /**< The same, if a composer made it; owned. */
    uint64_t seed;
    es_plan_frame frame;
    es_derivation form;
    es_explained_phrase *phrases;
    size_t n_phrases, capacity;
    char about[ES_API_ABOUT];
    es_text text, sheet;
    char *json; /**< As jansson made it, freed by free(). */
};

/** Rules of the grammar that a derivation of the form, or of a phrase's harmony, is of. */
const es_grammar *es_explained_grammar(const estro_explanation *self,
                                       const es_explained_phrase *phrase);

/** Name of a symbol for people: parentheses have none of their own. */
const char *es_explained_name(const es_symbol *symbol);

#endif
