/*
 * Blocks of rules: form, harmony, rhythm. They differ in their leaves alone (parse_leaf.c).
 *
 * A rule ends with its line, unless the next one begins with "|" or a parenthesis is open; on one line, "NAME =" begins
 * another rule.
 */
#include "style/blocks.h"
#include "style/parse.h"

#include <string.h>

static estro_status parse_alternatives(es_parser *parser, es_block *block, const char *section,
                                       int depth, es_alternative **out);

/* Whether the present name begins a rule: "=" follows it, or its arguments. */
static bool at_rule(const es_parser *parser)
{
    const char *after = parser->token.text + parser->token.length;

    if (parser->token.kind != ES_TOKEN_NAME ||
        (*after != '(' && after[strspn(after, " \t")] != '=')) {
        return false; /* nearly always */
    }
    es_lexer lexer = parser->lexer;
    es_token token = es_lex_next(&lexer);
    if (token.kind == ES_TOKEN_SIGN && token.sign == '(' && token.is_joined) {
        for (int i = 0; i < 4 * ES_MAX_ARGUMENTS; i++) {
            token = es_lex_next(&lexer);
            if (token.kind == ES_TOKEN_SIGN && token.sign == ')') {
                break;
            }
        }
        token = es_lex_next(&lexer);
    }
    return token.kind == ES_TOKEN_SIGN && token.sign == '=' && !token.starts_line;
}

static const char *element_text(const es_block *block)
{
    return block->kind == ES_BLOCK_FORM      ? "a phrase such as <a 4 half>, or the name of a rule"
           : block->kind == ES_BLOCK_HARMONY ? "a chord such as V7:2, or the name of a rule"
                                             : "a note value such as 8, or the name of a rule";
}

/* leaf | sheet | call */
static estro_status parse_atom(es_parser *parser, es_block *block, const char *section,
                               es_element *element)
{
    const size_t roman = block->kind == ES_BLOCK_HARMONY ? es_scan_roman(parser, block->mode) : 0;

    element->kind = ES_ELEMENT_LEAF;
    if (roman) {
        return es_parse_chord_leaf(parser, block, roman, &element->leaf);
    }
    if (block->kind == ES_BLOCK_HARMONY && parser->token.kind == ES_TOKEN_STRING) {
        element->kind = ES_ELEMENT_SHEET;
        return es_parse_sheet(parser, block, &element->sheet);
    }
    if (block->kind == ES_BLOCK_FORM && es_at_sign(parser, '<')) {
        return es_parse_phrase_leaf(parser, block, section, &element->leaf);
    }
    if (block->kind == ES_BLOCK_RHYTHM && parser->token.kind == ES_TOKEN_NUMBER) {
        return es_parse_hit_leaf(parser, block, &element->leaf);
    }
    if (block->kind == ES_BLOCK_HARMONY && parser->token.kind == ES_TOKEN_NAME &&
        strchr("/@#", parser->token.text[parser->token.length]) &&
        parser->token.text[parser->token.length]) {
        return es_syntax_error(parser, parser->token.place, "'%.*s' is not a chord",
                               (int)strcspn(parser->token.text, ": \t\r\n|)}*"),
                               parser->token.text);
    }
    element->kind = ES_ELEMENT_CALL;
    element->call = es_build_scratch(parser->build, 1, sizeof *element->call);
    if (!element->call) {
        return es_build_no_memory(parser->build);
    }
    return es_parse_call(parser, element->call, element_text(block));
}

/* element = ( leaf | sheet | call | "(" alternatives ")" ) [ "*" INTEGER ] . */
static estro_status parse_element(es_parser *parser, es_block *block, const char *section,
                                  int depth, es_element *element)
{
    int repeat = 1;

    element->place = parser->token.place;
    if (++parser->build->n_elements > ES_MAX_ELEMENTS) {
        return es_style_error(parser, element->place,
                              "the rules of a style hold at most %d elements", ES_MAX_ELEMENTS);
    }
    if (es_accept_sign(parser, '(')) {
        if (depth >= ES_MAX_NESTING) {
            return es_syntax_error(parser, element->place,
                                   "parentheses are nested more than %d deep", ES_MAX_NESTING);
        }
        element->kind = ES_ELEMENT_GROUP;
        ES_TRY(parse_alternatives(parser, block, section, depth + 1, &element->group));
        ES_TRY(es_expect_sign(parser, ')', "to close the parenthesis"));
    } else {
        ES_TRY(parse_atom(parser, block, section, element));
    }
    if (es_accept_sign(parser, '*')) {
        ES_TRY(es_expect_integer(parser, &repeat, 1, ES_MAX_REPEAT, "a number of repeats"));
    }
    element->repeat = (uint16_t)repeat;
    return ESTRO_OK;
}

static bool at_alternative_end(const es_parser *parser, int depth)
{
    if (parser->token.kind == ES_TOKEN_END || es_at_sign(parser, '|') || es_at_sign(parser, '}') ||
        es_at_sign(parser, ')')) {
        return true;
    }
    return depth == 0 && (parser->token.starts_line || at_rule(parser));
}

/* alternative = weight [ condition ] element { element } . */
static estro_status parse_alternative(es_parser *parser, es_block *block, const char *section,
                                      int depth, es_alternative *out)
{
    es_element **last = &out->elements;

    out->place = parser->token.place;
    ES_TRY(es_parse_weight(parser, &out->weight));
    ES_TRY(es_parse_condition(parser, &out->conditions));
    do {
        es_element *element = es_build_scratch(parser->build, 1, sizeof *element);
        if (!element) {
            return es_build_no_memory(parser->build);
        }
        ES_TRY(parse_element(parser, block, section, depth, element));
        *last = element;
        last = &element->next;
    } while (!at_alternative_end(parser, depth));
    return ESTRO_OK;
}

/* alternatives = alternative { "|" alternative } . */
static estro_status parse_alternatives(es_parser *parser, es_block *block, const char *section,
                                       int depth, es_alternative **out)
{
    do {
        es_alternative *alternative = es_build_scratch(parser->build, 1, sizeof *alternative);
        if (!alternative) {
            return es_build_no_memory(parser->build);
        }
        ES_TRY(parse_alternative(parser, block, section, depth, alternative));
        *out = alternative;
        out = &alternative->next;
    } while (es_accept_sign(parser, '|'));
    return ESTRO_OK;
}

/* What a rule may not be called. */
static estro_status check_rule_name(es_parser *parser, const es_block *block, const es_word *name)
{
    static const char *const reserved[] = {"if", "and", "free", "silent", "first", "last", "motif"};
    const size_t count = block->kind == ES_BLOCK_RHYTHM ? sizeof reserved / sizeof *reserved : 2;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(name->text, reserved[i]) == 0) {
            return es_syntax_error(parser, name->place,
                                   "'%s' is a word of the language: a rule cannot have this name",
                                   name->text);
        }
    }
    return ESTRO_OK;
}

/* Heads take integers, words, variables (each once) and "_". */
static estro_status check_head(es_parser *parser, const es_head *head)
{
    for (uint32_t i = 0; i < head->n_args; i++) {
        const es_arg *arg = &head->args[i];
        if (arg->kind == ES_ARG_SUM) {
            return es_syntax_error(
                parser, arg->place,
                "in the head of a rule stand numbers, words and variables by themselves");
        }
        if (arg->kind == ES_ARG_VARIABLE && arg->number) {
            return es_syntax_error(parser, arg->place,
                                   "in the head of a rule '%s' stands alone, nothing is added",
                                   arg->word);
        }
        if (arg->kind != ES_ARG_VARIABLE) {
            continue;
        }
        for (uint32_t j = 0; j < i; j++) {
            if (head->args[j].kind == ES_ARG_VARIABLE && head->args[j].word[0] == arg->word[0]) {
                return es_syntax_error(parser, arg->place, "'%s' stands twice in this head",
                                       arg->word);
            }
        }
    }
    return ESTRO_OK;
}

/* rule = NAME arguments "=" alternatives . */
static estro_status parse_rule(es_parser *parser, es_block *block)
{
    es_head *head = es_build_scratch(parser->build, 1, sizeof *head);
    es_word name;

    if (!head) {
        return es_build_no_memory(parser->build);
    }
    head->place = parser->token.place;
    if (block->kind == ES_BLOCK_HARMONY && es_scan_roman(parser, block->mode) && at_rule(parser)) {
        return es_syntax_error(parser, head->place,
                               "'%.*s' is a chord: a rule cannot have this name",
                               (int)parser->token.length, parser->token.text);
    }
    ES_TRY(es_expect_name(parser, &name, "the name of a rule, or '}'"));
    ES_TRY(check_rule_name(parser, block, &name));
    ES_TRY(es_parse_arguments(parser, &head->args, &head->n_args));
    ES_TRY(check_head(parser, head));
    es_begin(parser, ES_LAYOUT_EQUALS);
    ES_TRY(es_expect_sign(parser, '=', "after the name of a rule (a rule ends with its line)"));
    ES_TRY(parse_alternatives(parser, block, name.text, 0, &head->alternatives));
    return es_block_add(parser->build, block, &name, head);
}

/* rules = "{" { rule } "}" . */
static estro_status parse_rules(es_parser *parser, es_block *block, es_place place,
                                const char *what)
{
    if (block->is_given && block->place.source == parser->source) {
        return es_syntax_error(parser, parser->token.place,
                               "a second %s block; the first one is in line %d", what,
                               (int)block->place.line);
    }
    block->is_given = true;
    block->place = place;
    ES_TRY(es_expect_sign(parser, '{', "to open the block"));
    while (!es_at_sign(parser, '}')) {
        es_begin(parser, ES_LAYOUT_RULE);
        ES_TRY(parse_rule(parser, block));
    }
    es_advance(parser);
    return ESTRO_OK;
}

/* form = "form" rules . */
estro_status es_parse_form(es_parser *parser)
{
    es_block *block = &parser->tree->form;

    block->kind = ES_BLOCK_FORM;
    block->mode = -1;
    const es_place place = parser->token.place;
    es_advance(parser);
    return parse_rules(parser, block, place, "form");
}

/* rhythm = "rhythm" rules . */
estro_status es_parse_rhythm(es_parser *parser)
{
    es_block *block = &parser->tree->rhythm;

    block->kind = ES_BLOCK_RHYTHM;
    block->mode = -1;
    const es_place place = parser->token.place;
    es_advance(parser);
    return parse_rules(parser, block, place, "rhythm");
}

/* harmony = "harmony" [ mode ] rules . */
estro_status es_parse_harmony(es_parser *parser)
{
    const es_place place = parser->token.place;
    int mode = -1;

    es_advance(parser);
    if (parser->token.kind == ES_TOKEN_NAME) {
        mode = es_mode_find(parser->token.text, parser->token.length);
        if (mode < 0) {
            return es_expected(
                parser, "a mode (major, minor, dorian, mixolydian, phrygian, lydian) or '{'");
        }
        es_advance(parser);
    }
    es_block *block = &parser->tree->harmony[mode < 0 ? ES_MODE_COUNT : mode];
    block->kind = ES_BLOCK_HARMONY;
    block->mode = (int8_t)mode;
    return parse_rules(parser, block, place, mode < 0 ? "harmony" : es_mode_name(mode));
}
