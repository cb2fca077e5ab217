/*
 * What expressions come to. Numbers are doubles, counted in the order in which they stand; trees are as deep as the parser let
 * them be. Names are checked once, before rules are instantiated, so that a misspelt one is found where nothing reaches it.
 */
#include "style/expr.h"

#include <stdio.h>
#include <string.h>

enum { ARGUMENT_LIMIT = 1000000 };

static const double largest = 1e12;

static bool is_variable(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' && !text[1];
}

const es_param *es_param_find(const es_build *build, const char *name)
{
    const es_param_tree *p = build->tree.params;

    while (p && strcmp(p->name.text, name) != 0) {
        p = p->next;
    }
    return p ? &p->param : NULL;
}

/* ---- names ---- */

static bool has_variable(const es_head *head, const char *name)
{
    for (uint32_t i = 0; head && i < head->n_args; i++) {
        if (head->args[i].kind == ES_ARG_VARIABLE && head->args[i].word[0] == name[0]) {
            return true;
        }
    }
    return false;
}

static estro_status check_variable(es_build *build, const es_head *head, const char *name,
                                   es_place place)
{
    if (has_variable(head, name)) {
        return ESTRO_OK;
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, place,
                         head ? "'%s' is a variable (one small letter), but the head of this rule "
                                "does not have it"
                              : "'%s' is a variable (one small letter): it has no value here",
                         name);
}

static estro_status fail_word(es_build *build, const es_head *head, const es_expr *e)
{
    es_guess guess;

    es_guess_init(&guess, e->word);
    for (const es_param_tree *p = build->tree.params; p; p = p->next) {
        es_guess_try(&guess, p->name.text);
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, e->place,
                         head ? "'%s' is neither a variable of this rule nor a param%s"
                              : "'%s' is no param%s",
                         e->word, es_guess_text(&guess));
}

/* @param may_be_word A name by itself stands for itself. */
static estro_status check(es_build *build, const es_head *head, const es_expr *e, bool may_be_word)
{
    if (e->kind == ES_EXPR_NAME) {
        if (is_variable(e->word)) {
            return check_variable(build, head, e->word, e->place);
        }
        return may_be_word || es_param_find(build, e->word) ? ESTRO_OK : fail_word(build, head, e);
    }
    if (e->kind == ES_EXPR_SIGN) {
        ES_TRY(check(build, head, e->left, false));
        return check(build, head, e->right, false);
    }
    return ESTRO_OK;
}

estro_status es_expr_check(es_build *build, const es_head *head, const es_expr *expr)
{
    return expr ? check(build, head, expr, false) : ESTRO_OK;
}

estro_status es_arg_check(es_build *build, const es_head *head, const es_arg *arg)
{
    if (arg->kind == ES_ARG_SUM) {
        return check(build, head, arg->expr, true);
    }
    return arg->kind == ES_ARG_VARIABLE ? check_variable(build, head, arg->word, arg->place)
                                        : ESTRO_OK;
}

/* Whether it is the same wherever the rule is used and whatever params are set to. */
static bool is_fixed(const es_build *build, const es_expr *e)
{
    return e->kind == ES_EXPR_NUMBER ||
           (e->kind == ES_EXPR_NAME && !is_variable(e->word) && !es_param_find(build, e->word));
}

/* The choice that a name is, or NULL. */
static const es_param *choice_of(const es_build *build, const es_expr *e)
{
    const es_param *param = e->kind == ES_EXPR_NAME ? es_param_find(build, e->word) : NULL;

    return param && param->n_words ? param : NULL;
}

static estro_status check_choice(es_build *build, const es_param *param, const es_expr *value)
{
    es_guess guess;

    if (!param || value->kind != ES_EXPR_NAME || !is_fixed(build, value)) {
        return ESTRO_OK;
    }
    es_guess_init(&guess, value->word);
    for (uint32_t i = 0; i < param->n_words; i++) {
        if (strcmp(param->words[i], value->word) == 0) {
            return ESTRO_OK;
        }
        es_guess_try(&guess, param->words[i]);
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, value->place, "'%s' is nothing that '%s' can be%s",
                         value->word, param->name, es_guess_text(&guess));
}

estro_status es_comparison_check(es_build *build, const es_head *head, const es_comparison *c)
{
    ES_TRY(check(build, head, c->left, true));
    ES_TRY(check(build, head, c->right, true));
    ES_TRY(check_choice(build, choice_of(build, c->left), c->right));
    ES_TRY(check_choice(build, choice_of(build, c->right), c->left));
    if (is_fixed(build, c->left) && is_fixed(build, c->right)) {
        const es_expr *word = c->left->word ? c->left : c->right;
        es_guess guess;
        es_guess_init(&guess, word->word ? word->word : "");
        for (const es_param_tree *p = build->tree.params; p; p = p->next) {
            es_guess_try(&guess, p->name.text);
        }
        return es_build_fail(build, ESTRO_ERR_STYLE, c->left->place,
                             "a condition asks for a variable of the rule or a param; here is "
                             "neither%s",
                             es_guess_text(&guess));
    }
    return ESTRO_OK;
}

/* ---- values ---- */

static es_result name_value(const es_build *build, es_bindings bound, const char *name)
{
    const es_param *param = is_variable(name) ? NULL : es_param_find(build, name);

    for (uint32_t i = 0; bound.head && i < bound.head->n_args && is_variable(name); i++) {
        const es_arg *arg = &bound.head->args[i];
        if (arg->kind == ES_ARG_VARIABLE && arg->word[0] == name[0]) {
            return (es_result){bound.values[i].word, bound.values[i].number};
        }
    }
    if (param && param->n_words) {
        return (es_result){param->words[(size_t)param->value], 0};
    }
    return param ? (es_result){NULL, param->value} : (es_result){name, 0};
}

static double count(char sign, double a, double b)
{
    return sign == '+' ? a + b : sign == '-' ? a - b : sign == '*' ? a * b : a / b;
}

estro_status es_expr_value(es_build *build, es_bindings bound, const es_expr *e, es_result *out)
{
    es_result left, right;

    if (e->kind != ES_EXPR_SIGN) {
        *out = e->kind == ES_EXPR_NUMBER ? (es_result){NULL, e->number}
                                         : name_value(build, bound, e->word);
        return ESTRO_OK;
    }
    ES_TRY(es_expr_value(build, bound, e->left, &left));
    ES_TRY(es_expr_value(build, bound, e->right, &right));
    if (left.word || right.word) {
        const es_expr *side = left.word ? e->left : e->right;
        return es_build_fail(build, ESTRO_ERR_STYLE, side->place,
                             "'%s' is '%s' here: nothing can be added to it", side->word,
                             left.word ? left.word : right.word);
    }
    if (e->sign == '/' && right.number >= 0 && right.number <= 0) {
        return es_build_fail(build, ESTRO_ERR_STYLE, e->place, "this divides by 0");
    }
    *out = (es_result){NULL, count(e->sign, left.number, right.number)};
    if (!(out->number >= -largest && out->number <= largest)) {
        return es_build_fail(build, ESTRO_ERR_STYLE, e->place, "this number grows too large");
    }
    return ESTRO_OK;
}

estro_status es_arg_value(es_build *build, es_bindings bound, const es_arg *arg, es_value *out)
{
    es_result result = {NULL, arg->number};

    if (arg->kind == ES_ARG_SUM) {
        ES_TRY(es_expr_value(build, bound, arg->expr, &result));
    } else if (arg->kind != ES_ARG_NUMBER) {
        result = name_value(build, bound, arg->word);
        if (result.word && arg->number) {
            return es_build_fail(build, ESTRO_ERR_STYLE, arg->place,
                                 "'%s' is '%s' here: nothing can be added to it", arg->word,
                                 result.word);
        }
        result.number += arg->number;
    }
    if (result.number > ARGUMENT_LIMIT || result.number < -ARGUMENT_LIMIT) {
        return es_build_fail(build, ESTRO_ERR_STYLE, arg->place,
                             "this argument leaves the range -1000000..1000000");
    }
    const double shifted = result.number + ARGUMENT_LIMIT + 0.5; /* above 0: cutting rounds */
    *out = (es_value){result.word, result.word ? 0 : (int32_t)shifted - ARGUMENT_LIMIT};
    return ESTRO_OK;
}

estro_status es_weight_value(es_build *build, es_bindings bound, const es_expr *expr, double *out)
{
    es_result result = {NULL, 1};

    if (expr) {
        ES_TRY(es_expr_value(build, bound, expr, &result));
    }
    if (result.word || result.number < 0) {
        char number[32];
        snprintf(number, sizeof number, "%.6g", result.number);
        return es_build_fail(build, ESTRO_ERR_STYLE, expr->place,
                             "a weight must be 0 or more; this is %s",
                             result.word ? result.word : number);
    }
    *out = result.number;
    return ESTRO_OK;
}

/* ---- conditions ---- */

static bool is_same(const es_result *a, const es_result *b)
{
    if (a->word || b->word) {
        return a->word && b->word && strcmp(a->word, b->word) == 0;
    }
    return a->number >= b->number && a->number <= b->number;
}

estro_status es_conditions_hold(es_build *build, es_bindings bound, const es_comparison *c,
                                bool *out)
{
    *out = true;
    for (; c && *out; c = c->next) {
        es_result left, right;
        if (c->is_late) {
            continue;
        }
        ES_TRY(es_expr_value(build, bound, c->left, &left));
        ES_TRY(es_expr_value(build, bound, c->right, &right));
        if (c->sign == '=' || c->sign == '!') {
            *out = is_same(&left, &right) == (c->sign == '=');
        } else if (left.word || right.word) {
            return es_build_fail(build, ESTRO_ERR_STYLE, c->left->place,
                                 "'%s' is a name: it is neither smaller nor greater",
                                 left.word ? left.word : right.word);
        } else {
            *out = c->sign == '<' ? left.number < right.number : left.number > right.number;
        }
    }
    return ESTRO_OK;
}

static bool asks_param(const es_build *build, const es_expr *e)
{
    if (e && e->kind == ES_EXPR_SIGN) {
        return asks_param(build, e->left) || asks_param(build, e->right);
    }
    return e && e->kind == ES_EXPR_NAME && es_param_find(build, e->word);
}

bool es_param_decides(const es_build *build, const es_alternative *alternative)
{
    bool decides = asks_param(build, alternative->weight);

    for (const es_comparison *c = alternative->conditions; c; c = c->next) {
        decides = decides || asks_param(build, c->left) || asks_param(build, c->right);
    }
    return decides;
}
