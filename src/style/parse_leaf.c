/*
 * Leaves of form and harmony, and the note values and pitches that other items use too. Their spelling is their own,
 * so they are read from the text at the present token, which is then passed as a whole.
 */
#include "style/parse.h"

#include <string.h>

void *es_block_add_leaf(es_build *build, es_block *block, uint32_t *index)
{
    const size_t size = block->kind == ES_BLOCK_FORM      ? sizeof(es_phrase_tree)
                        : block->kind == ES_BLOCK_HARMONY ? sizeof(es_chord_tree)
                                                          : sizeof(es_hit_tree);

    if (!es_arena_grow(&build->scratch, &block->leaves, block->n_leaves, &block->leaf_capacity,
                       size)) {
        return NULL;
    }
    *index = (uint32_t)block->n_leaves++;
    return (char *)block->leaves + *index * size;
}

int es_mode_find(const char *text, size_t length)
{
    for (int i = 0; i < ES_MODE_COUNT; i++) {
        if (strlen(es_mode_name(i)) == length && memcmp(es_mode_name(i), text, length) == 0) {
            return i;
        }
    }
    return -1;
}

int es_cadence_find(const char *text, size_t length)
{
    for (int i = 0; i < ES_CADENCE_COUNT; i++) {
        const char *name = es_cadence_name((es_cadence)i);
        if (strlen(name) == length && memcmp(name, text, length) == 0) {
            return i;
        }
    }
    return -1;
}

/* ---- values and pitches ---- */

/* One note value: 1 2 4 8 16 32, "." or "t" after it. Bytes, 0 if it is none. */
static size_t scan_simple_value(const char *text, es_tick *ticks)
{
    static const struct {
        const char *text;
        int divisor;
    } values[] = {{"16", 16}, {"32", 32}, {"1", 1}, {"2", 2}, {"4", 4}, {"8", 8}};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        size_t n = strlen(values[i].text);
        if (strncmp(text, values[i].text, n) != 0) {
            continue;
        }
        *ticks = ES_WHOLE / values[i].divisor;
        if (text[n] == '.' && text[n + 1] != '.') {
            *ticks += *ticks / 2;
            n++;
        } else if (text[n] == 't') {
            *ticks = *ticks / 3 * 2;
            n++;
        }
        return n;
    }
    return 0;
}

/* VALUE = ( "1" | "2" | "4" | "8" | "16" | "32" ) [ "." | "t" ] { "~" VALUE } . */
estro_status es_scan_value(es_parser *parser, es_tick *ticks, size_t *n_bytes)
{
    const char *text = parser->token.text;
    size_t at = 0;

    *ticks = 0;
    do {
        es_tick value = 0;
        at += at > 0;
        const size_t n = scan_simple_value(text + at, &value);
        at += n;
        *ticks += value;
        if (!n || es_lex_is_word(text[at]) || *ticks > 64 * ES_WHOLE) {
            return es_expected(parser, "a note value (1 2 4 8 16 32, with '.' or 't')");
        }
    } while (text[at] == '~');
    *n_bytes = at;
    return ESTRO_OK;
}

estro_status es_parse_value(es_parser *parser, es_tick *ticks)
{
    size_t n_bytes;

    ES_TRY(es_scan_value(parser, ticks, &n_bytes));
    es_advance_past(parser, n_bytes);
    return ESTRO_OK;
}

estro_status es_parse_pitch(es_parser *parser, int *out)
{
    const char *text = parser->token.text;
    int pitch = 0;
    const size_t n = parser->token.kind == ES_TOKEN_NAME ? es_pitch_parse(&pitch, text) : 0;

    if (!n || es_lex_is_word(text[n]) || text[n] == '#') {
        return es_expected(parser, "a pitch such as C4, F#3 or Bb2, up to G9");
    }
    es_advance_past(parser, n);
    *out = pitch;
    return ESTRO_OK;
}

/* range = PITCH ".." PITCH . */
estro_status es_parse_range(es_parser *parser, int *low, int *high)
{
    const es_place place = parser->token.place;

    ES_TRY(es_parse_pitch(parser, low));
    ES_TRY(es_expect_sign(parser, '.', "and the highest pitch"));
    ES_TRY(es_parse_pitch(parser, high));
    if (*low > *high) {
        return es_syntax_error(parser, place, "the lower pitch comes first");
    }
    return ESTRO_OK;
}

/* ---- chords ---- */

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
