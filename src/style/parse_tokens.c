/*
 * The token in hand: what it is, what is expected there, and going on to the next. Errors are made at the token that does not fit, and say
 * what was expected.
 */
#include "style/parse.h"

#include <stdio.h>
#include <string.h>

void es_begin(es_parser *parser, es_layout layout)
{
    parser->layout = (uint8_t)layout;
}

/* The present token is taken: note it, if somebody wants to know. */
static void trace(es_parser *parser)
{
    es_trace *to = parser->build->trace;
    const es_token *token = &parser->token;

    if (!to || token->kind == ES_TOKEN_END) {
        return;
    }
    if (!es_arena_grow(&parser->build->scratch, &to->tokens, to->n_tokens, &to->capacity,
                       sizeof *to->tokens)) {
        to->has_failed = true;
        return;
    }
    const size_t start =
        (size_t)(token->text - parser->lexer.text) - (token->kind == ES_TOKEN_STRING);
    to->tokens[to->n_tokens++] = (es_taken){start, parser->lexer.at, parser->layout};
    parser->layout = ES_LAYOUT_PLAIN;
}

void es_advance(es_parser *parser)
{
    if (parser->token.kind == ES_TOKEN_LINE) {
        return;
    }
    trace(parser);
    parser->last_end =
        (es_place){parser->lexer.line, (int32_t)(parser->lexer.at - parser->lexer.line_start + 1),
                   parser->source};
    parser->token = es_lex_next(&parser->lexer);
    if (parser->in_line && (parser->token.starts_line || parser->token.kind == ES_TOKEN_END)) {
        parser->next = parser->token;
        parser->token.kind = ES_TOKEN_LINE;
    }
}

void es_begin_line(es_parser *parser)
{
    parser->in_line = true;
}

bool es_at_line_end(const es_parser *parser)
{
    return parser->token.kind == ES_TOKEN_LINE;
}

estro_status es_end_line(es_parser *parser, const char *after)
{
    if (!es_at_line_end(parser)) {
        return es_expected(parser, after);
    }
    parser->in_line = false;
    parser->token = parser->next;
    return ESTRO_OK;
}

void es_advance_past(es_parser *parser, size_t n_bytes)
{
    es_lex_resume(&parser->lexer, &parser->token, n_bytes);
    es_advance(parser);
}

bool es_at_sign(const es_parser *parser, char sign)
{
    return parser->token.kind == ES_TOKEN_SIGN && parser->token.sign == sign;
}

bool es_at_word(const es_parser *parser, const char *word)
{
    const es_token *token = &parser->token;

    return token->kind == ES_TOKEN_NAME && strlen(word) == token->length &&
           memcmp(word, token->text, token->length) == 0;
}

bool es_accept_sign(es_parser *parser, char sign)
{
    const bool is_there = es_at_sign(parser, sign);

    if (is_there) {
        es_advance(parser);
    }
    return is_there;
}

bool es_accept_word(es_parser *parser, const char *word)
{
    const bool is_there = es_at_word(parser, word);

    if (is_there) {
        es_advance(parser);
    }
    return is_there;
}

estro_status es_expected(es_parser *parser, const char *what)
{
    const es_token *token = &parser->token;
    const int length = token->length < 40 ? (int)token->length : 40;

    if (token->kind == ES_TOKEN_BAD && *token->trouble) {
        return es_syntax_error(parser, token->place, "%s", token->trouble);
    }
    if (token->kind == ES_TOKEN_END || token->kind == ES_TOKEN_LINE) {
        return es_syntax_error(parser, parser->last_end, "expected %s, found the end of the %s",
                               what, token->kind == ES_TOKEN_END ? "file" : "line");
    }
    return es_syntax_error(parser, token->place, "expected %s, found '%.*s'", what, length,
                           token->text);
}

estro_status es_expect_sign(es_parser *parser, char sign, const char *why)
{
    char what[80];

    if (es_accept_sign(parser, sign)) {
        return ESTRO_OK;
    }
    snprintf(what, sizeof what, "'%s' %s", sign == '.' ? ".." : (const char[2]){sign, '\0'}, why);
    return es_expected(parser, what);
}

estro_status es_expect_name(es_parser *parser, es_word *out, const char *what)
{
    const es_token *token = &parser->token;

    if (token->kind != ES_TOKEN_NAME) {
        return es_expected(parser, what);
    }
    if (token->length > ES_MAX_NAME_BYTES) {
        return es_syntax_error(parser, token->place, "a name has at most %d letters",
                               ES_MAX_NAME_BYTES);
    }
    out->place = token->place;
    out->text = es_arena_text(&parser->build->style->arena, token->text, token->length);
    if (!out->text) {
        return es_build_no_memory(parser->build);
    }
    es_advance(parser);
    return ESTRO_OK;
}

estro_status es_expect_number(es_parser *parser, double *out, double low, double high,
                              const char *what)
{
    const es_place place = parser->token.place;
    const bool is_negative = low < 0 && es_accept_sign(parser, '-');

    if (parser->token.kind != ES_TOKEN_NUMBER) {
        return es_expected(parser, what);
    }
    const double value = is_negative ? -parser->token.number : parser->token.number;
    if (value < low || value > high) {
        return es_syntax_error(parser, place, "%s must be %.10g to %.10g", what, low, high);
    }
    *out = value;
    es_advance(parser);
    return ESTRO_OK;
}

estro_status es_expect_integer(es_parser *parser, int *out, int low, int high, const char *what)
{
    const es_token token = parser->token;
    double value;

    if (token.kind == ES_TOKEN_NUMBER && !token.is_integer) {
        return es_syntax_error(parser, token.place, "%s must be a whole number", what);
    }
    ES_TRY(es_expect_number(parser, &value, low, high, what));
    *out = (int)value;
    return ESTRO_OK;
}

estro_status es_expect_one_of(es_parser *parser, int *which, const char *(*word_of)(int number),
                              const char *expected, const char *what)
{
    char word[ES_MAX_NAME_BYTES + 1];
    es_guess guess;

    if (parser->token.kind != ES_TOKEN_NAME || parser->token.length > ES_MAX_NAME_BYTES) {
        return es_expected(parser, expected);
    }
    snprintf(word, sizeof word, "%.*s", (int)parser->token.length, parser->token.text);
    es_guess_init(&guess, word);
    for (int i = 0; word_of(i); i++) {
        if (strcmp(word_of(i), word) == 0) {
            *which = i;
            es_advance(parser);
            return ESTRO_OK;
        }
        es_guess_try(&guess, word_of(i));
    }
    return es_style_error(parser, parser->token.place, "'%s' is not %s%s", word, what,
                          es_guess_text(&guess));
}
