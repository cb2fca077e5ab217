/*
 * Feels: how drummers of a kind play what is written. They are written in a style, or known by name (feels.c); both are read here.
 * A name is looked up when the whole style is read, first among its own.
 */
#include "style/compile.h"
#include "style/feels.h"
#include "style/parse.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LATE_MS = 60, MOST_LOOSE_MS = 40, MOST_LOUD = 60, LOUDEST = 127 };

/* A list of numbers in quotes: one for each sixteenth of a 4/4 bar, or one for all. */
static estro_status parse_places(es_parser *parser, int16_t out[ES_FEEL_PLACES], int low, int high)
{
    const es_token token = parser->token;
    size_t at = 0;
    int count = 0;

    if (token.kind != ES_TOKEN_STRING) {
        return es_expected(parser, "numbers in quotes, one for each sixteenth of the bar");
    }
    for (;;) {
        while (at < token.length && token.text[at] == ' ') {
            at++;
        }
        if (at == token.length) {
            break;
        }
        const es_place place = es_place_after(token.place, 1 + (int32_t)at);
        const bool is_negative = token.text[at] == '-';
        int value = 0, digits = 0;
        for (at += is_negative;
             at < token.length && token.text[at] >= '0' && token.text[at] <= '9' && digits < 4;
             at++, digits++) {
            value = value * 10 + (token.text[at] - '0');
        }
        value = is_negative ? -value : value;
        if (digits == 0 || (at < token.length && token.text[at] != ' ')) {
            return es_syntax_error(parser, place, "expected whole numbers, divided by spaces");
        }
        if (value < low || value > high || count == ES_FEEL_PLACES) {
            return count == ES_FEEL_PLACES
                       ? es_syntax_error(parser, place, "a feel has %d places, no more",
                                         ES_FEEL_PLACES)
                       : es_syntax_error(parser, place, "the numbers are from %d to %d", low, high);
        }
        out[count++] = (int16_t)value;
    }
    if (count != 1 && count != ES_FEEL_PLACES) {
        return es_syntax_error(parser, token.place, "expected 1 number or %d, found %d",
                               ES_FEEL_PLACES, count);
    }
    for (; count < ES_FEEL_PLACES; count++) {
        out[count] = out[0];
    }
    es_advance(parser);
    return ESTRO_OK;
}

/* "level" INTEGER INTEGER INTEGER */
static estro_status parse_level(es_parser *parser, es_feel_row *row)
{
    for (int i = 0; i < ES_FEEL_LEVELS; i++) {
        int velocity;
        ES_TRY(es_expect_integer(parser, &velocity, 1, LOUDEST,
                                 "the velocity of soft, plain and accented hits"));
        row->level[i] = (uint8_t)velocity;
    }
    return ESTRO_OK;
}

/* feel-row = DRUM { ( "late" | "loose" | "loud" ) STRING | "level" INTEGER INTEGER INTEGER } . */
static estro_status parse_row(es_parser *parser, es_feel *feel)
{
    int key;

    if (feel->n_rows == ES_FEEL_ROWS) {
        return es_style_error(parser, parser->token.place, "a feel has at most %d drums",
                              ES_FEEL_ROWS);
    }
    es_feel_row *row = &feel->rows[feel->n_rows++];
    ES_TRY(es_parse_drum(parser, &key));
    *row = (es_feel_row){.key = (uint8_t)key};
    for (;;) {
        if (es_accept_word(parser, "late")) {
            ES_TRY(parse_places(parser, row->late, -MOST_LATE_MS, MOST_LATE_MS));
        } else if (es_accept_word(parser, "loose")) {
            ES_TRY(parse_places(parser, row->loose, 0, MOST_LOOSE_MS));
        } else if (es_accept_word(parser, "loud")) {
            ES_TRY(parse_places(parser, row->loud, -MOST_LOUD, MOST_LOUD));
        } else if (es_accept_word(parser, "level")) {
            ES_TRY(parse_level(parser, row));
        } else {
            return ESTRO_OK;
        }
    }
}

static es_feel *find(es_feel *list, const char *name)
{
    for (es_feel *feel = list; feel; feel = feel->next) {
        if (strcmp(feel->name, name) == 0) {
            return feel;
        }
    }
    return NULL;
}

/* feel = "feel" NAME "{" feel-row { feel-row } "}" . */
estro_status es_parse_feel(es_parser *parser)
{
    es_tree *tree = parser->tree;
    es_word name;

    es_advance(parser);
    ES_TRY(es_expect_name(parser, &name, "the name of the feel"));
    es_feel *feel = find(tree->feels, name.text);
    if (feel && feel->source == parser->source) {
        return es_style_error(parser, name.place, "a second feel '%s'", name.text);
    }
    if (feel) { /* in the place of one that was imported */
        *feel = (es_feel){.next = feel->next};
    } else {
        feel = es_arena_calloc(&parser->build->style->arena, 1, sizeof *feel);
        if (!feel) {
            return es_build_no_memory(parser->build);
        }
        feel->next = tree->feels;
        tree->feels = feel;
    }
    feel->name = name.text;
    feel->source = parser->source;
    ES_TRY(es_expect_sign(parser, '{', "to open the feel"));
    do {
        es_begin(parser, ES_LAYOUT_SETTING);
        ES_TRY(parse_row(parser, feel));
    } while (!es_at_sign(parser, '}'));
    es_advance(parser);
    return ESTRO_OK;
}

/* "feel" NAME [ NUMBER ] */
estro_status es_parse_feel_setting(es_parser *parser)
{
    es_performance *performance = &parser->build->style->performance;

    ES_TRY(es_expect_name(parser, &parser->tree->feel, "the name of a feel"));
    performance->feel_share = 1;
    if (parser->token.kind == ES_TOKEN_NUMBER) {
        return es_expect_number(parser, &performance->feel_share, 0, 1.5, "the share of the feel");
    }
    return ESTRO_OK;
}

/* ---- names ---- */

static bool is_known(const char *known, const char *name)
{
    const size_t length = strlen(name);

    known += strlen("feel ");
    return strncmp(known, name, length) == 0 && known[length] == ' ';
}

/* Read a feel that is known by name. Its text is our own: it is right. */
static estro_status read_known(es_build *build, const char *text, const es_feel **out)
{
    es_build *own = es_build_scratch(build, 1, sizeof *own);

    if (!own) {
        return es_build_no_memory(build);
    }
    *own = (es_build){.diag = build->diag, .style = build->style, .n_sources = 1};
    own->sources[0] = (es_source){.name = "estro", .text = text, .size = strlen(text)};
    es_parser parser = {.build = own, .tree = &own->tree};
    es_lex_init(&parser.lexer, text, 0);
    es_advance(&parser);
    const estro_status status = es_parse_feel(&parser);
    es_arena_done(&own->scratch);
    *out = own->tree.feels;
    return status;
}

estro_status es_compile_feel(es_build *build)
{
    const es_word *name = &build->tree.feel;
    es_performance *performance = &build->style->performance;
    es_guess guess;

    if (!name->text) {
        return ESTRO_OK;
    }
    performance->feel = find(build->tree.feels, name->text);
    for (int i = 0; !performance->feel && es_feels[i]; i++) {
        if (is_known(es_feels[i], name->text)) {
            ES_TRY(read_known(build, es_feels[i], &performance->feel));
        }
    }
    if (performance->feel) {
        return ESTRO_OK;
    }
    es_guess_init(&guess, name->text);
    for (const es_feel *feel = build->tree.feels; feel; feel = feel->next) {
        es_guess_try(&guess, feel->name);
    }
    char known[8][16];
    for (int i = 0; es_feels[i] && i < 8; i++) {
        snprintf(known[i], sizeof known[i], "%.*s",
                 (int)strcspn(es_feels[i] + strlen("feel "), " "), es_feels[i] + strlen("feel "));
        es_guess_try(&guess, known[i]);
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, name->place, "there is no feel '%s'%s", name->text,
                         es_guess_text(&guess));
}
