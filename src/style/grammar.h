/**
 * @file grammar.h
 * What must hold for a grammar to be used, and which lengths its symbols can fill.
 */
#ifndef ES_STYLE_GRAMMAR_H
#define ES_STYLE_GRAMMAR_H

#include "style/build.h"

/**
 * Check a grammar: no cycle of unit rules, and every symbol can come to an end.
 *
 * @param order  [n_symbols], in scratch memory: every symbol after those that its unit rules name.
 * @return ESTRO_ERR_STYLE at a rule, with the chain.
 */
estro_status es_grammar_check(es_build *build, const es_grammar *grammar, uint32_t **order);

/** Which lengths can be filled: sets of bits, bit n for the length n, 0 .. max_length. */
typedef struct es_lengths {
    const es_grammar *grammar;
    uint32_t max_length;
    uint32_t unit; /**< Leaf lengths divided by it are the lengths here. */
    size_t n_words;
    uint64_t *symbol; /**< [n_symbols][n_words]. */
    uint64_t *tail;   /**< [n_items][n_words]: an item and those after it in its rule. */
    uint32_t *leaves; /**< [n_items]: the same as a length where all of them are leaves, else 0. */
} es_lengths;

/** Fill the table, in scratch memory. @return ESTRO_ERR_STYLE when it would take too long. */
estro_status es_lengths_make(es_lengths *out, es_build *build, const es_grammar *grammar,
                             const uint32_t *order, uint32_t max_length, uint32_t unit,
                             es_place place);

bool es_lengths_symbol(const es_lengths *lengths, uint32_t symbol, uint32_t length);

/** Whether item `item` and those after it in its rule (`is_last`: there are none) can fill a length. */
bool es_lengths_tail(const es_lengths *lengths, uint32_t item, bool is_last, uint32_t length);

#endif
