/*
 * The top of the parser: a file, what it imports, and its items one after another.
 */
#include "style/parse.h"
#include "style/sources.h"

#include <stdio.h>

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
