/*
 * Expressions, read; and calls with their arguments. What holds no name is worked out at once, so most are a number; an argument of the usual kinds (a number, a
 * word, a variable and something added) is no tree at all.
 */
#include "style/expr.h"
#include "style/parse.h"

#include <string.h>

enum { ARGUMENT_LIMIT = 1000000, WEIGHT_LIMIT = 1000000, MOST_SIGNS = 64 };

/* How far into an expression the parser is. */
typedef struct state {
    int depth, signs;
    const char *what; /* For messages. */
} state;

static estro_status parse_sum(es_parser *parser, state *s, es_expr **out);

static bool is_variable(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' && !text[1];
}

static estro_status make(es_parser *parser, es_expr model, es_expr **out)
{
    *out = es_build_scratch(parser->build, 1, sizeof **out);
    if (!*out) {
        return es_build_no_memory(parser->build);
    }
    **out = model;
    return ESTRO_OK;
}

/* Two expressions as one; numbers are counted together. */
static estro_status join(es_parser *parser, state *s, char sign, es_place place, es_expr *left,
                         es_expr *right, es_expr **out)
{
    if (++s->signs > MOST_SIGNS) {
        return es_syntax_error(parser, place, "an expression has at most %d signs", MOST_SIGNS);
    }
    if (left->kind == ES_EXPR_NUMBER && right->kind == ES_EXPR_NUMBER) {
        es_result result;
        const es_expr sum = {
            .kind = ES_EXPR_SIGN, .sign = sign, .left = left, .right = right, .place = place};
        ES_TRY(es_expr_value(parser->build, (es_bindings){0}, &sum, &result));
        left->number = result.number;
        *out = left;
        return ESTRO_OK;
    }
    return make(
        parser,
        (es_expr){.kind = ES_EXPR_SIGN, .sign = sign, .left = left, .right = right, .place = place},
        out);
}

/* factor = NUMBER | NAME | "-" factor | "(" expression ")" . */
static estro_status parse_factor(es_parser *parser, state *s, es_expr **out)
{
    const es_token token = parser->token;
    es_word word;

    if (s->depth == ES_MAX_NESTING) {
        return es_syntax_error(parser, token.place, "parentheses are nested more than %d deep",
                               ES_MAX_NESTING);
    }
    if (token.kind == ES_TOKEN_NAME) {
        ES_TRY(es_expect_name(parser, &word, s->what));
        return make(parser, (es_expr){.kind = ES_EXPR_NAME, .word = word.text, .place = word.place},
                    out);
    }
    if (token.kind == ES_TOKEN_NUMBER) {
        es_advance(parser);
        return make(parser,
                    (es_expr){.kind = ES_EXPR_NUMBER, .number = token.number, .place = token.place},
                    out);
    }
    if (es_accept_sign(parser, '-')) {
        es_expr *zero;
        s->depth++;
        ES_TRY(make(parser, (es_expr){.kind = ES_EXPR_NUMBER, .place = token.place}, &zero));
        ES_TRY(parse_factor(parser, s, out));
        s->depth--;
        return join(parser, s, '-', token.place, zero, *out, out);
    }
    if (es_accept_sign(parser, '(')) {
        s->depth++;
        ES_TRY(parse_sum(parser, s, out));
        s->depth--;
        return es_expect_sign(parser, ')', "to close the parenthesis");
    }
    return es_expected(parser, s->what);
}

/* term = factor { ( "*" | "/" ) factor } . */
static estro_status parse_term(es_parser *parser, state *s, es_expr **out)
{
    ES_TRY(parse_factor(parser, s, out));
    while (es_at_sign(parser, '*') || es_at_sign(parser, '/')) {
        const es_token token = parser->token;
        es_expr *right;
        es_advance(parser);
        ES_TRY(parse_factor(parser, s, &right));
        ES_TRY(join(parser, s, token.sign, token.place, *out, right, out));
    }
    return ESTRO_OK;
}

/* expression = term { ( "+" | "-" ) term } . */
static estro_status parse_sum(es_parser *parser, state *s, es_expr **out)
{
    ES_TRY(parse_term(parser, s, out));
    while (es_at_sign(parser, '+') || es_at_sign(parser, '-')) {
        const es_token token = parser->token;
        es_expr *right;
        es_advance(parser);
        ES_TRY(parse_term(parser, s, &right));
        ES_TRY(join(parser, s, token.sign, token.place, *out, right, out));
    }
    return ESTRO_OK;
}

estro_status es_parse_expression(es_parser *parser, es_expr **out, const char *what)
{
    state s = {.what = what};

    return parse_sum(parser, &s, out);
}

/* A variable and a whole number added to it. */
static bool is_shifted(const es_expr *e)
{
    return e->kind == ES_EXPR_SIGN && (e->sign == '+' || e->sign == '-') &&
           e->left->kind == ES_EXPR_NAME && is_variable(e->left->word) &&
           e->right->kind == ES_EXPR_NUMBER && e->right->number <= ARGUMENT_LIMIT &&
           e->right->number >= 0 && (double)(int32_t)e->right->number >= e->right->number;
}

/* ARG = expression , whose numbers are whole. */
estro_status es_parse_argument(es_parser *parser, es_arg *out)
{
    const es_place place = parser->token.place;
    es_expr *expr;

    *out = (es_arg){.kind = ES_ARG_SUM, .place = place};
    ES_TRY(es_parse_expression(parser, &expr, "an argument"));
    if (expr->kind == ES_EXPR_NUMBER) {
        if (expr->number < -ARGUMENT_LIMIT || expr->number > ARGUMENT_LIMIT) {
            return es_syntax_error(parser, place, "an argument must be %d to %d", -ARGUMENT_LIMIT,
                                   ARGUMENT_LIMIT);
        }
        out->kind = ES_ARG_NUMBER;
        out->number = (int32_t)expr->number;
        if (out->number < expr->number || out->number > expr->number) {
            return es_syntax_error(parser, place, "an argument must be a whole number");
        }
    } else if (expr->kind == ES_EXPR_NAME) {
        out->word = expr->word;
        out->kind = is_variable(expr->word)        ? ES_ARG_VARIABLE
                    : strcmp(expr->word, "_") == 0 ? ES_ARG_ANY
                                                   : ES_ARG_WORD;
    } else if (is_shifted(expr)) {
        out->kind = ES_ARG_VARIABLE;
        out->word = expr->left->word;
        out->number = (int32_t)expr->right->number * (expr->sign == '-' ? -1 : 1);
    } else {
        out->expr = expr;
    }
    return ESTRO_OK;
}

/* weight = [ "[" expression "]" ] . */
estro_status es_parse_weight(es_parser *parser, es_expr **out)
{
    *out = NULL;
    if (!es_accept_sign(parser, '[')) {
        return ESTRO_OK;
    }
    const es_place place = parser->token.place;
    ES_TRY(es_parse_expression(parser, out, "a weight"));
    if ((*out)->kind == ES_EXPR_NUMBER &&
        !((*out)->number >= 0 && (*out)->number <= WEIGHT_LIMIT)) {
        return es_syntax_error(parser, place, "a weight must be 0 to %d", WEIGHT_LIMIT);
    }
    return es_expect_sign(parser, ']', "after the weight");
}

/* condition = "if" comparison { "and" comparison } .   comparison = expression ( "=" | "!=" | "<" | ">" ) expression . */
estro_status es_parse_condition(es_parser *parser, es_comparison **out)
{
    if (!es_at_word(parser, "if")) {
        return ESTRO_OK;
    }
    do {
        es_advance(parser);
        es_comparison *comparison = es_build_scratch(parser->build, 1, sizeof *comparison);
        if (!comparison) {
            return es_build_no_memory(parser->build);
        }
        ES_TRY(es_parse_expression(parser, &comparison->left, "what the condition is about"));
        if (parser->token.kind != ES_TOKEN_SIGN || !strchr("=!<>", parser->token.sign)) {
            return es_expected(parser, "'=', '!=', '<' or '>' in the condition");
        }
        comparison->sign = parser->token.sign;
        es_advance(parser);
        ES_TRY(es_parse_expression(parser, &comparison->right, "what it is compared with"));
        *out = comparison;
        out = &comparison->next;
    } while (es_at_word(parser, "and"));
    return ESTRO_OK;
}

/* ---- calls ---- */

/* arguments = [ "(" ARG { "," ARG } ")" ] , without a space before: "go (I | V)" is a parenthesis of its own. */
estro_status es_parse_arguments(es_parser *parser, es_arg **out, uint32_t *count)
{
    es_arg args[ES_MAX_ARGUMENTS];

    *count = 0;
    if (!es_at_sign(parser, '(') || !parser->token.is_joined) {
        return ESTRO_OK;
    }
    do {
        es_advance(parser);
        if (*count == ES_MAX_ARGUMENTS) {
            return es_syntax_error(parser, parser->token.place, "a rule has at most %d arguments",
                                   ES_MAX_ARGUMENTS);
        }
        ES_TRY(es_parse_argument(parser, &args[*count]));
        (*count)++;
    } while (es_at_sign(parser, ','));
    *out = es_build_scratch(parser->build, *count, sizeof **out);
    if (!*out) {
        return es_build_no_memory(parser->build);
    }
    memcpy(*out, args, *count * sizeof *args);
    return es_expect_sign(parser, ')', "after the arguments");
}

/* call = NAME [ "(" ARG { "," ARG } ")" ] . */
estro_status es_parse_call(es_parser *parser, es_call *out, const char *what)
{
    ES_TRY(es_expect_name(parser, &out->name, what));
    ES_TRY(es_parse_arguments(parser, &out->args, &out->n_args));
    for (uint32_t i = 0; i < out->n_args; i++) {
        if (out->args[i].kind == ES_ARG_ANY) {
            return es_syntax_error(parser, out->args[i].place,
                                   "'_' stands only in the head of a rule");
        }
    }
    return ESTRO_OK;
}
