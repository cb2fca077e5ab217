/*
 * Params: numbers and choices that whoever loads the style may set. They are read here, and set when the whole style is read; what
 * asks for them (expr.c) finds their values from then on.
 */
#include "style/compile.h"

#include "base/text.h"
#include "style/expr.h"
#include "style/parse.h"
#include "style/subject.h"

#include <stdio.h>
#include <string.h>

enum { MOST_WORDS = 16, MOST_PARAMS = 64, RANGE_LIMIT = 1000000 };

/* What a rhythm can ask of the place where it stands, cadences, and words of the language. */
static bool is_reserved(const char *name)
{
    return es_is_subject(name) || es_cadence_find(name, strlen(name)) >= 0 ||
           strcmp(name, "if") == 0 || strcmp(name, "and") == 0;
}

/* "{" NAME { NAME } "}" "=" NAME */
static estro_status parse_choice(es_parser *parser, es_param *param)
{
    const char *words[MOST_WORDS];
    es_word word;

    while (!es_at_sign(parser, '}')) {
        if (param->n_words == MOST_WORDS) {
            return es_style_error(parser, parser->token.place, "a param has at most %d words",
                                  MOST_WORDS);
        }
        ES_TRY(es_expect_name(parser, &word, "a word that can be chosen, or '}'"));
        for (uint32_t i = 0; i < param->n_words; i++) {
            if (strcmp(words[i], word.text) == 0) {
                return es_syntax_error(parser, word.place, "'%s' stands twice here", word.text);
            }
        }
        words[param->n_words++] = word.text;
    }
    if (param->n_words < 2) {
        return es_syntax_error(parser, parser->token.place, "a choice has two words or more");
    }
    es_advance(parser);
    const char **kept = es_arena_calloc(&parser->build->style->arena, param->n_words, sizeof *kept);
    if (!kept) {
        return es_build_no_memory(parser->build);
    }
    memcpy(kept, words, param->n_words * sizeof *kept);
    param->words = kept;
    ES_TRY(es_expect_sign(parser, '=', "and the word that is chosen if nothing is said"));
    ES_TRY(es_expect_name(parser, &word, "one of the words"));
    while (param->initial < param->n_words &&
           strcmp(words[(size_t)param->initial], word.text) != 0) {
        param->initial += 1;
    }
    return param->initial < param->n_words
               ? ESTRO_OK
               : es_syntax_error(parser, word.place, "'%s' is none of the words of '%s'", word.text,
                                 param->name);
}

/* NUMBER ".." NUMBER "=" NUMBER */
static estro_status parse_range(es_parser *parser, es_param *param)
{
    const es_place place = parser->token.place;

    ES_TRY(es_expect_number(parser, &param->low, -RANGE_LIMIT, RANGE_LIMIT,
                            "the smallest value of the param"));
    ES_TRY(es_expect_sign(parser, '.', "and the largest value"));
    ES_TRY(es_expect_number(parser, &param->high, -RANGE_LIMIT, RANGE_LIMIT,
                            "the largest value of the param"));
    if (!(param->low < param->high)) {
        return es_syntax_error(parser, place, "the smallest value comes first");
    }
    ES_TRY(es_expect_sign(parser, '=', "and the value if nothing is said"));
    return es_expect_number(parser, &param->initial, param->low, param->high,
                            "the value if nothing is said");
}

/* In the place of one that was imported, or at the end of the list. */
static estro_status add_param(es_parser *parser, es_param_tree *tree)
{
    es_param_tree **last = &parser->tree->params;
    int count = 0;

    for (; *last && strcmp((*last)->name.text, tree->name.text) != 0; last = &(*last)->next) {
        count++;
    }
    if (*last && (*last)->name.place.source == parser->source) {
        return es_style_error(parser, tree->name.place,
                              "a second param '%s'; the first one is in line %d", tree->name.text,
                              (int)(*last)->name.place.line);
    }
    if (count == MOST_PARAMS) {
        return es_style_error(parser, tree->name.place, "a style has at most %d params",
                              MOST_PARAMS);
    }
    tree->next = *last ? (*last)->next : NULL;
    *last = tree;
    return ESTRO_OK;
}

/* [ STRING ] [ "cc" INTEGER ] , to the end of the line */
static estro_status parse_param_end(es_parser *parser, es_param *param)
{
    int controller = -1;

    param->title = "";
    if (parser->token.kind == ES_TOKEN_STRING) {
        param->title =
            es_arena_text(&parser->build->style->arena, parser->token.text, parser->token.length);
        if (!param->title) {
            return es_build_no_memory(parser->build);
        }
        es_advance(parser);
    }
    if (es_accept_word(parser, "cc")) {
        ES_TRY(es_expect_integer(parser, &controller, 0, 119, "a MIDI controller"));
    }
    param->controller = (int16_t)controller;
    return es_end_line(parser, "a title in quotes, 'cc' or the end of the line");
}

/* param = "param" NAME ( NUMBER ".." NUMBER "=" NUMBER | "{" NAME NAME { NAME } "}" "=" NAME ) [ STRING ] [ "cc" INTEGER ] ,
 * to the end of the line. */
estro_status es_parse_param(es_parser *parser)
{
    es_param_tree *tree = es_build_scratch(parser->build, 1, sizeof *tree);

    if (!tree) {
        return es_build_no_memory(parser->build);
    }
    es_begin_line(parser);
    es_advance(parser);
    ES_TRY(es_expect_name(parser, &tree->name, "the name of the param"));
    if (strlen(tree->name.text) == 1) {
        return es_syntax_error(parser, tree->name.place,
                               "one letter is a variable: a param has a longer name");
    }
    if (is_reserved(tree->name.text)) {
        return es_syntax_error(parser, tree->name.place,
                               "'%s' is a word of the language: a param cannot have this name",
                               tree->name.text);
    }
    tree->param.name = tree->name.text;
    tree->param.line = es_line_of(tree->name.place);
    if (es_accept_sign(parser, '{')) {
        ES_TRY(parse_choice(parser, &tree->param));
    } else if (parser->token.kind == ES_TOKEN_NUMBER || es_at_sign(parser, '-')) {
        ES_TRY(parse_range(parser, &tree->param));
    } else {
        return es_expected(parser, "a range such as 0..1, or words in braces");
    }
    tree->param.value = tree->param.initial;
    ES_TRY(parse_param_end(parser, &tree->param));
    return add_param(parser, tree);
}

/* ---- setting ---- */

static estro_status fail_setting(es_build *build, const char *name)
{
    es_guess guess;

    es_guess_init(&guess, name);
    for (const es_param_tree *p = build->tree.params; p; p = p->next) {
        es_guess_try(&guess, p->name.text);
    }
    return es_fail(build->diag, ESTRO_ERR_ARGUMENT, "style '%s' has no param '%s'%s",
                   build->style->name, name, es_guess_text(&guess));
}

static estro_status set_choice(es_build *build, es_param *param, const char *text)
{
    char list[128] = "";

    for (uint32_t i = 0; i < param->n_words; i++) {
        if (strcmp(param->words[i], text) == 0) {
            param->value = i;
            return ESTRO_OK;
        }
        es_append(list, sizeof list, "%s%s", i ? ", " : "", param->words[i]);
    }
    return es_fail(build->diag, ESTRO_ERR_ARGUMENT, "'%s' is one of %s; not '%.40s'", param->name,
                   list, text);
}

/* Read as the language does, so that a number is the same here and there. */
static estro_status set_number(es_build *build, es_param *param, const char *text)
{
    const bool is_negative = *text == '-';
    es_lexer lexer;

    es_lex_init(&lexer, text + is_negative, 0);
    const es_token token = es_lex_next(&lexer);
    const double value = is_negative ? -token.number : token.number;
    if (token.kind != ES_TOKEN_NUMBER || token.text[token.length] || value < param->low ||
        value > param->high) {
        return es_fail(build->diag, ESTRO_ERR_ARGUMENT,
                       "'%s' is a number from %.10g to %.10g; not '%.40s'", param->name, param->low,
                       param->high, text);
    }
    param->value = value;
    return ESTRO_OK;
}

/* "name=value" */
static estro_status set(es_build *build, const char *text)
{
    char name[ES_MAX_NAME_BYTES + 1];
    const size_t length = strcspn(text, "=");
    es_param_tree *tree = build->tree.params;

    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1),
             text);
    if (!text[length]) {
        return es_fail(build->diag, ESTRO_ERR_ARGUMENT,
                       "a setting is written NAME=VALUE, such as energy=0.8; not '%.40s'", text);
    }
    while (tree && strcmp(tree->name.text, name) != 0) {
        tree = tree->next;
    }
    if (!tree) {
        return fail_setting(build, name);
    }
    const char *value = text + length + 1;
    tree->param.said = es_arena_text(&build->style->arena, value, strlen(value));
    if (!tree->param.said) {
        return es_build_no_memory(build);
    }
    return tree->param.n_words ? set_choice(build, &tree->param, value)
                               : set_number(build, &tree->param, value);
}

/* Keys are weighed when params have their values. */
static estro_status weigh_keys(es_build *build)
{
    es_style *style = build->style;
    double sum = 0;

    for (uint32_t i = 0; i < style->n_keys; i++) {
        const es_expr *weight = build->tree.key_weights[i];
        ES_TRY(es_expr_check(build, NULL, weight));
        ES_TRY(es_weight_value(build, (es_bindings){0}, weight, &style->keys[i].weight));
        sum += style->keys[i].weight;
    }
    if (sum <= 0) {
        return es_build_fail(build, ESTRO_ERR_STYLE, build->tree.keys_place,
                             "all keys have the weight 0");
    }
    return ESTRO_OK;
}

estro_status es_compile_params(es_build *build)
{
    es_style *style = build->style;
    uint32_t count = 0;

    for (size_t i = 0; build->settings && i < build->settings->count; i++) {
        ES_TRY(set(build, build->settings->texts[i]));
    }
    for (const es_param_tree *p = build->tree.params; p; p = p->next) {
        count++;
    }
    style->params = es_arena_calloc(&style->arena, count + 1, sizeof *style->params);
    if (!style->params) {
        return es_build_no_memory(build);
    }
    for (const es_param_tree *p = build->tree.params; p; p = p->next) {
        style->params[style->n_params++] = p->param;
    }
    return style->n_keys ? weigh_keys(build) : ESTRO_OK;
}
