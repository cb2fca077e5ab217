/**
 * @file expand.h
 * Instantiating rules: from rules with arguments to a plain weighted grammar.
 */
#ifndef ES_STYLE_EXPAND_H
#define ES_STYLE_EXPAND_H

#include "style/expr.h"

/** A grammar in the making. Symbols wait in order; each is made into rules once. */
typedef struct es_expander {
    es_build *build;
    es_block *block;
    es_grammar grammar; /**< Its arrays are in scratch memory until es_expand_finish. */
    size_t symbol_capacity, rule_capacity, item_capacity;
    struct es_instance **instances; /**< [n_symbols]. */
    size_t instance_capacity;
} es_expander;

/** @param block Resolved; its leaves are those of the grammar. Forgets instances made before. */
void es_expand_init(es_expander *expander, es_build *build, es_block *block);

/** Whether a rule of this name takes these values. */
bool es_expand_has(const es_expander *expander, const char *name, const es_value *values,
                   uint32_t n_values);

/** Symbol of a call from outside, instantiated by es_expand_finish; `place` for messages. */
estro_status es_expand_root(es_expander *expander, const es_word *name, const es_value *values,
                            uint32_t n_values, int *symbol);

/**
 * Instantiate all that the roots reach, and check it: no unit cycles, every symbol comes to an end.
 *
 * @param arena  For the arrays of the grammar.
 * @param out    Overwritten; its leaf_length is for the caller to set.
 * @param order  [n_symbols] in scratch memory: every symbol after those that its unit rules name.
 */
estro_status es_expand_finish(es_expander *expander, es_arena *arena, es_grammar *out,
                              uint32_t **order);

#endif
