/*
 * Settings of a part about how it plays: its role, and what makes its manner.
 */
#include "style/names.h"
#include "style/parse.h"

#include <stdio.h>

/* Roles beyond the five stand for one of them with defaults of its own. */
static const struct {
    const char *word;
    uint8_t role;
} manners[ES_MANNER_COUNT] = {
    [ES_MANNER_PLAIN] = {NULL, ES_ROLE_COUNT},
    [ES_MANNER_PAD] = {"pad", ES_ROLE_HARMONY},
    [ES_MANNER_ARPEGGIO] = {"arpeggio", ES_ROLE_HARMONY},
    [ES_MANNER_STRUM] = {"strum", ES_ROLE_HARMONY},
    [ES_MANNER_WALKING] = {"walking", ES_ROLE_BASS},
    [ES_MANNER_STRIDE] = {"stride", ES_ROLE_HARMONY},
};

/*
 * role = "role" ( "melody" | "counter" | "harmony" | "bass" | "drums"
 *      | "pad" | "arpeggio" | "strum" | "walking" | "stride" ) .
 */
estro_status es_parse_role(es_parser *parser, es_part_tree *part)
{
    for (int i = 0; i < ES_ROLE_COUNT; i++) {
        if (es_accept_word(parser, es_role_name((es_role)i))) {
            part->part.role = (uint8_t)i;
            part->manner = ES_MANNER_PLAIN;
            return ESTRO_OK;
        }
    }
    for (int i = ES_MANNER_PAD; i < ES_MANNER_COUNT; i++) {
        if (es_accept_word(parser, manners[i].word)) {
            part->part.role = manners[i].role;
            part->manner = (uint8_t)i;
            return ESTRO_OK;
        }
    }
    return es_expected(parser, "a role (melody, counter, harmony, bass, drums, pad, arpeggio, "
                               "strum, walking, stride)");
}

/* ornaments = "ornaments" ORNAMENT NUMBER { ORNAMENT NUMBER } . */
estro_status es_parse_ornaments(es_parser *parser, es_part_tree *part)
{
    const es_place place = parser->token.place;
    double sum = 0;
    int mark = es_mark_find(parser->token.text, parser->token.length);

    if (parser->token.kind != ES_TOKEN_NAME || mark < 0 || mark >= ES_ORNAMENTS) {
        return es_expected(parser, "an ornament (trill, mordent, grace, turn, roll, slide)");
    }
    for (int i = 0; i < ES_ORNAMENTS; i++) {
        part->part.ornament[i] = 0;
    }
    do {
        if (part->part.ornament[mark] > 0) {
            return es_syntax_error(parser, parser->token.place, "'%s' stands twice in this list",
                                   es_mark_name((es_mark)mark));
        }
        es_advance(parser);
        ES_TRY(es_expect_number(parser, &part->part.ornament[mark], 0, 1, "a chance"));
        sum += part->part.ornament[mark];
        mark = parser->token.kind == ES_TOKEN_NAME
                   ? es_mark_find(parser->token.text, parser->token.length)
                   : -1;
    } while (mark >= 0 && mark < ES_ORNAMENTS);
    if (sum > 1) {
        return es_style_error(parser, place, "the chances of ornaments add up to more than 1");
    }
    return ESTRO_OK;
}

/* strum = "strum" NUMBER , milliseconds. */
estro_status es_parse_strum(es_parser *parser, es_part_tree *part)
{
    return es_expect_number(parser, &part->part.strum_ms, 0, 200,
                            "milliseconds from one line of a chord to the next");
}

/* One of some words; `what` for the message. */
static estro_status parse_word(es_parser *parser, const char *const *words, int count,
                               const char *what, uint8_t *out)
{
    for (int i = 0; i < count; i++) {
        if (es_accept_word(parser, words[i])) {
            *out = (uint8_t)i;
            return ESTRO_OK;
        }
    }
    return es_expected(parser, what);
}

/* voicing = "voicing" ( "any" | "close" | "open" | "drop2" | "shell" | "power" ) . */
estro_status es_parse_voicing(es_parser *parser, es_part_tree *part)
{
    static const char *const words[ES_VOICING_COUNT] = {"any", "close", "open", "drop2", "shell", "power"};

    return parse_word(parser, words, ES_VOICING_COUNT, "a voicing (any, close, open, drop2, shell, power)",
                      &part->part.voicing);
}

/* lead = "lead" NUMBER . */
estro_status es_parse_lead(es_parser *parser, es_part_tree *part)
{
    return es_expect_number(parser, &part->lead, 0, 9, "how strongly small moves are preferred");
}

/* pedal = "pedal" ( "none" | "chord" | "bar" ) . */
estro_status es_parse_pedal(es_parser *parser, es_part_tree *part)
{
    static const char *const words[ES_PEDAL_COUNT] = {"none", "chord", "bar"};

    return parse_word(parser, words, ES_PEDAL_COUNT,
                      "when the pedal changes (chord, bar), or 'none'", &part->part.pedal);
}

/* Semitones above the tonic, bit 0 = the tonic; in keys with a major third, with a minor one. */
static const struct {
    const char *word;
    uint16_t set[2];
} scales[] = {
    {"blues", {0x4e9, 0x4e9}},      {"pentatonic", {0x295, 0x4a9}}, {"wholetone", {0x555, 0x555}},
    {"octatonic", {0x6db, 0x6db}},  {"major", {0xab5, 0xab5}},      {"minor", {0x5ad, 0x5ad}},
    {"dorian", {0x6ad, 0x6ad}},     {"phrygian", {0x5ab, 0x5ab}},   {"lydian", {0xad5, 0xad5}},
    {"mixolydian", {0x6b5, 0x6b5}}, {"locrian", {0x56b, 0x56b}},    {"harmonic", {0x9ad, 0x9ad}},
    {"melodic", {0xaad, 0xaad}},    {"chromatic", {0xfff, 0xfff}},
};

/* scale = "scale" NAME . */
estro_status es_parse_scale(es_parser *parser, es_part_tree *part)
{
    char word[ES_MAX_NAME_BYTES + 1];
    es_guess guess;

    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        if (es_accept_word(parser, scales[i].word)) {
            part->part.scale[0] = scales[i].set[0];
            part->part.scale[1] = scales[i].set[1];
            return ESTRO_OK;
        }
    }
    if (parser->token.kind != ES_TOKEN_NAME || parser->token.length > ES_MAX_NAME_BYTES) {
        return es_expected(parser, "a scale (blues, pentatonic, dorian, lydian, ...)");
    }
    snprintf(word, sizeof word, "%.*s", (int)parser->token.length, parser->token.text);
    es_guess_init(&guess, word);
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        es_guess_try(&guess, scales[i].word);
    }
    return es_syntax_error(parser, parser->token.place, "there is no scale '%s'%s", word,
                           es_guess_text(&guess));
}
