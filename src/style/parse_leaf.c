/*
 * Chords and sheets of chords. A numeral is read from the text at the present token, which is then passed as a whole.
 */
#include "style/blocks.h"
#include "style/parse.h"

size_t es_scan_roman(const es_parser *parser, int mode)
{
    const es_token *token = &parser->token;
    const es_key key = {0, (uint8_t)(mode < 0 ? ES_MAJOR : mode)};
    es_chord chord;

    if (token->kind != ES_TOKEN_NAME) {
        return 0;
    }
    const size_t n = es_roman_parse(&chord, token->text, key);
    return n && !es_lex_is_word(token->text[n]) && token->text[n] != '/' ? n : 0;
}

/* chord = ROMAN [ ":" INTEGER ] . */
estro_status es_parse_chord(es_parser *parser, size_t n_bytes, es_chord_leaf *out)
{
    int beats = 1;

    out->roman = es_arena_text(&parser->build->style->arena, parser->token.text, n_bytes);
    if (!out->roman) {
        return es_build_no_memory(parser->build);
    }
    es_advance_past(parser, n_bytes);
    if (es_accept_sign(parser, ':')) {
        ES_TRY(es_expect_integer(parser, &beats, 1, 64, "a number of beats"));
    }
    out->beats = (uint16_t)beats;
    return ESTRO_OK;
}

/* chord-leaf = chord . */
estro_status es_parse_chord_leaf(es_parser *parser, es_block *block, size_t n_bytes, uint32_t *leaf)
{
    es_chord_tree *chord = es_block_add_leaf(parser->build, block, leaf);

    if (!chord) {
        return es_build_no_memory(parser->build);
    }
    chord->place = parser->token.place;
    return es_parse_chord(parser, n_bytes, &chord->leaf);
}

/* sheet = STRING [ "in" KEYNAME ] , without a key in the white keys of the mode. */
estro_status es_parse_sheet(es_parser *parser, const es_block *block, es_sheet_tree **out)
{
    static const uint8_t tonics[ES_MODE_COUNT] = {0, 9, 2, 7, 4, 5};
    const int mode = block->mode < 0 ? ES_MAJOR : block->mode;
    es_sheet_tree *sheet = es_build_scratch(parser->build, 1, sizeof *sheet);

    if (!sheet) {
        return es_build_no_memory(parser->build);
    }
    sheet->text = parser->token.text;
    sheet->size = parser->token.length;
    sheet->place = parser->token.place;
    sheet->place.column++;
    sheet->key = (es_key){tonics[mode], (uint8_t)mode};
    *out = sheet;
    es_advance(parser);
    if (!es_accept_word(parser, "in")) {
        return ESTRO_OK;
    }
    const es_place place = parser->token.place;
    ES_TRY(es_parse_key(parser, &sheet->key));
    if (block->mode >= 0 && sheet->key.mode != block->mode) {
        return es_style_error(parser, place, "this key is not in %s, as the block is",
                              es_mode_name(block->mode));
    }
    return ESTRO_OK;
}
