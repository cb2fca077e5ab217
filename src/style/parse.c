/*
 * The top of the parser, and what all productions use. Errors are made at the token that does not fit, and say what
 * was expected there.
 */
#include "style/parse.h"
#include "style/sources.h"

#include <stdio.h>
#include <string.h>

/* ---- tokens ---- */

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

/* ---- the file ---- */

typedef struct item {
    const char *word;
    estro_status (*parse)(es_parser *parser);
} item;

static const item items[] = {
    {"meter", es_parse_meter},
    {"tempo", es_parse_tempo},
    {"keys", es_parse_keys},
    {"form", es_parse_form},
    {"harmony", es_parse_harmony},
    {"rhythm", es_parse_rhythm},
    {"groove", es_parse_groove},
    {"part", es_parse_part},
    {"group", es_parse_group},
    {"texture", es_parse_texture},
    {"perform", es_parse_perform},
    {"never", es_parse_constraint},
    {"prefer", es_parse_constraint},
    {"feel", es_parse_feel},
    {"expect", es_parse_expect},
    {"drop", es_parse_drop},
    {"param", es_parse_param},
    {"theme", es_parse_theme},
    {"candidates", es_parse_candidates},
    {"substitute", es_parse_substitute},
};

/* item = meter | tempo | keys | form | harmony | rhythm | groove | feel | part | group | texture | constraint | expect | perform . */
static estro_status parse_item(es_parser *parser)
{
    char word[ES_MAX_NAME_BYTES + 1];
    es_guess guess;

    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        if (es_at_word(parser, items[i].word)) {
            return items[i].parse(parser);
        }
    }
    if (es_at_word(parser, "import")) {
        return es_syntax_error(parser, parser->token.place,
                               "'import' stands before all other items of a file");
    }
    if (parser->token.kind != ES_TOKEN_NAME || parser->token.length > ES_MAX_NAME_BYTES) {
        return es_expected(parser, "an item such as meter, form, part or never");
    }
    snprintf(word, sizeof word, "%.*s", (int)parser->token.length, parser->token.text);
    es_guess_init(&guess, word);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        es_guess_try(&guess, items[i].word);
    }
    return es_syntax_error(parser, parser->token.place,
                           "expected an item such as meter, form, part or never, found '%s'%s",
                           word, es_guess_text(&guess));
}

static estro_status parse_file(es_build *build, uint8_t source);

/* The file of a name, unless it is read already. */
static estro_status import(es_parser *parser, const char *what)
{
    es_word name;
    int source;

    ES_TRY(es_expect_name(parser, &name, what));
    if (parser->build->trace) {
        return ESTRO_OK;
    }
    ES_TRY(es_source_import(parser->build, &name, &source));
    return source < 0 ? ESTRO_OK : parse_file(parser->build, (uint8_t)source);
}

/* "estro" INTEGER */
static estro_status parse_version(es_parser *parser)
{
    int version;

    if (!es_accept_word(parser, "estro")) {
        return es_expected(parser, "'estro 1', the version of the language, at the start");
    }
    const es_place place = parser->token.place;
    ES_TRY(es_expect_integer(parser, &version, 0, 1000000, "the version of the language"));
    if (version != 1) {
        return es_style_error(parser, place, "this program reads version 1 of the language, not %d",
                              version);
    }
    return ESTRO_OK;
}

/* ( "style" NAME [ ":" NAME ] | "library" NAME ) STRING */
static estro_status parse_header(es_parser *parser)
{
    es_build *build = parser->build;
    const bool is_library = es_accept_word(parser, "library");
    const bool is_main = parser->source == 0;
    es_word name;

    if (!is_library && !es_accept_word(parser, "style")) {
        return es_expected(parser, "'style' or 'library', a name and a title in quotes");
    }
    ES_TRY(es_expect_name(parser, &name,
                          is_library ? "the name of the library" : "the name of the style"));
    if (is_main) {
        build->tree.name_place = name.place;
        build->is_library = is_library;
        build->style->name = name.text;
    }
    if (!is_library && es_accept_sign(parser, ':')) {
        ES_TRY(import(parser, "the name of a style or library to start from"));
    }
    if (parser->token.kind != ES_TOKEN_STRING) {
        return es_expected(parser, is_library ? "the title of the library, in quotes"
                                              : "the title of the style, in quotes");
    }
    if (is_main) {
        build->style->title =
            es_arena_text(&build->style->arena, parser->token.text, parser->token.length);
        if (!build->style->title) {
            return es_build_no_memory(build);
        }
    }
    es_advance(parser);
    return ESTRO_OK;
}

/* file = "estro" INTEGER ( "style" NAME [ ":" NAME ] | "library" NAME ) STRING { "import" NAME } { item } . */
static estro_status parse_file(es_build *build, uint8_t source)
{
    es_parser parser = {.build = build, .tree = &build->tree, .source = source};

    es_lex_init(&parser.lexer, build->sources[source].text, source);
    es_advance(&parser);
    es_begin(&parser, ES_LAYOUT_ITEM);
    ES_TRY(parse_version(&parser));
    es_begin(&parser, ES_LAYOUT_ITEM);
    ES_TRY(parse_header(&parser));
    es_begin(&parser, ES_LAYOUT_ITEM);
    while (es_accept_word(&parser, "import")) {
        ES_TRY(import(&parser, "the name of a library"));
        es_begin(&parser, ES_LAYOUT_ITEM);
    }
    while (parser.token.kind != ES_TOKEN_END) {
        es_begin(&parser, ES_LAYOUT_ITEM);
        ES_TRY(parse_item(&parser));
    }
    build->sources[source].is_open = false;
    return ESTRO_OK;
}

estro_status es_parse_style(es_build *build)
{
    return parse_file(build, 0);
}
