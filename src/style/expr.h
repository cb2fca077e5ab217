/**
 * @file expr.h
 * Expressions: arguments, weights and sides of conditions, and what they come to. Within src/style only.
 *
 *     expression = term { ( "+" | "-" ) term } .
 *     term       = factor { ( "*" | "/" ) factor } .
 *     factor     = NUMBER | NAME | "-" factor | "(" expression ")" .
 *
 * A name is a variable of the rule (one small letter), a param of the style, or a word that stands for itself.
 */
#ifndef ES_STYLE_EXPR_H
#define ES_STYLE_EXPR_H

#include "style/build.h"

/** The value of an argument: a word, or a number where `word` is NULL. */
typedef struct es_value {
    const char *word;
    int32_t number;
} es_value;

/** What an expression comes to: a word, or a number where `word` is NULL. */
typedef struct es_result {
    const char *word;
    double number;
} es_result;

/** Variables: those of a head, with their values. `head` NULL: none. */
typedef struct es_bindings {
    const es_head *head;
    const es_value *values; /**< [head->n_args] */
} es_bindings;

/** A param by its name, or NULL. */
const es_param *es_param_find(const es_build *build, const char *name);

/** Names: variables are of the head, and where there is something to count words are params. @param head NULL: no variables. */
estro_status es_expr_check(es_build *build, const es_head *head, const es_expr *expr);
estro_status es_arg_check(es_build *build, const es_head *head, const es_arg *arg);

/** A condition: not always so or never so, and a choice is compared with what can be chosen. */
estro_status es_comparison_check(es_build *build, const es_head *head, const es_comparison *c);

/** @return ESTRO_ERR_STYLE: a word is counted with, something is divided by 0, or a number grows too large. */
estro_status es_expr_value(es_build *build, es_bindings bound, const es_expr *expr, es_result *out);

/** The same as an argument, to the nearest whole number. */
estro_status es_arg_value(es_build *build, es_bindings bound, const es_arg *arg, es_value *out);

/** A weight: 0 or more. @param expr NULL: 1. */
estro_status es_weight_value(es_build *build, es_bindings bound, const es_expr *expr, double *out);

/** Whether a param decides if an alternative is there. */
bool es_param_decides(const es_build *build, const es_alternative *alternative);

/** Whether all conditions hold. */
estro_status es_conditions_hold(es_build *build, es_bindings bound, const es_comparison *c,
                                bool *out);

#endif
