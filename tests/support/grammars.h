/* A small recursive grammar, made by hand, that tests of derivations share. */
#ifndef TESTS_SUPPORT_GRAMMARS_H
#define TESTS_SUPPORT_GRAMMARS_H

#include "style/style.h"

/*
 *   S = [2] A S | [1] A | [1] B
 *   A = [3] x | [1] yy        leaves: x 1 unit, yy 2 units, z 3 units
 *   B = z
 */
static es_symbol grammar_symbols[] = {{"S", 0, 3, 1}, {"A", 3, 2, 2}, {"B", 5, 1, 3}};
static es_rule grammar_rules[] = {{2, 0, 2, 1, 0, NULL}, {1, 2, 1, 1, 0, NULL},
                                  {1, 3, 1, 1, 0, NULL}, {3, 4, 1, 2, 0, NULL},
                                  {1, 5, 1, 2, 0, NULL}, {1, 6, 1, 3, 0, NULL}};
static es_item grammar_items[] = {{false, 1}, {false, 0}, {false, 1}, {false, 2},
                                  {true, 0},  {true, 1},  {true, 2}};
static uint32_t grammar_lengths[] = {1, 2, 3};
static const es_grammar small_grammar = {
    grammar_symbols, grammar_rules, grammar_items, grammar_lengths, 3, 6, 7, 3};

#endif
