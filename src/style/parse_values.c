/*
 * Values that several items use: note values, pitches, metres, keys, drums. The spelling of some is their own, so they are read from the text
 * at the present token, which is then passed as a whole.
 */
#include "style/names.h"
#include "style/parse.h"

#include <string.h>

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

/* METRE = INTEGER "/" INTEGER . */
estro_status es_parse_time(es_parser *parser, es_meter *out)
{
    int numerator, denominator;
    const es_place place = parser->token.place;
    ES_TRY(es_expect_integer(parser, &numerator, 1, 48, "the number of units in a bar"));
    ES_TRY(es_expect_sign(parser, '/', "in the metre"));
    const es_place lower = parser->token.place;
    ES_TRY(es_expect_integer(parser, &denominator, 1, 32, "the unit of the metre"));
    if (denominator & (denominator - 1)) {
        return es_syntax_error(parser, lower, "the unit of the metre is 1, 2, 4, 8, 16 or 32");
    }
    const es_meter meter = {(uint8_t)numerator, (uint8_t)denominator};
    if (es_meter_bar(meter) > 4 * ES_WHOLE ||
        es_meter_bar(meter) / es_meter_beat(meter) > ES_MAX_BEATS) {
        return es_syntax_error(parser, place, "a bar has at most %d beats and 4 whole notes",
                               ES_MAX_BEATS);
    }
    *out = meter;
    return ESTRO_OK;
}

/* KEYNAME = letter [ "#" | "b" ] [ ":" mode ] , a small letter is minor. */
estro_status es_parse_key(es_parser *parser, es_key *key)
{
    const char *text = parser->token.text;
    size_t n = 1;

    if (parser->token.kind != ES_TOKEN_NAME) {
        return es_expected(parser, "a key such as C, Eb, f# or d:dorian");
    }
    n += text[1] == '#' || text[1] == 'b';
    char name[4] = {0};
    memcpy(name, text, n);
    if (es_key_parse(key, name) != n || es_lex_is_word(text[n])) {
        return es_expected(parser, "a key such as C, Eb, f# or d:dorian");
    }
    es_advance_past(parser, n);
    const bool has_colon = es_accept_sign(parser, ':');
    const int mode = parser->token.kind == ES_TOKEN_NAME
                         ? es_mode_find(parser->token.text, parser->token.length)
                         : -1;
    if (mode >= 0) {
        key->mode = (uint8_t)mode;
        es_advance(parser);
    } else if (has_colon) {
        return es_expected(parser, "a mode (major, minor, dorian, mixolydian, phrygian, lydian)");
    }
    return ESTRO_OK;
}

/* DRUM = name | INTEGER . */
estro_status es_parse_drum(es_parser *parser, int *key)
{
    int which;

    if (parser->token.kind == ES_TOKEN_NUMBER) {
        return es_expect_integer(parser, key, 1, 127, "a drum of General MIDI");
    }
    ES_TRY(es_expect_one_of(parser, &which, es_drum_name, "a drum such as kick, snare or hat",
                            "a drum"));
    *key = es_drum_key(which);
    return ESTRO_OK;
}
