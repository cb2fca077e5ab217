/*
 * Parts, groups and textures. Names of parts and patterns are looked up later, as they may stand in any order.
 */
#include "style/names.h"
#include "style/parse.h"

#include <stdio.h>
#include <string.h>

/* Words that end a list of parts, and "all". */
static bool is_reserved(const char *name)
{
    static const char *const words[] = {
        "all", "free", "first",   "last",       "motif",    "silent",      "in",   "on",
        "at",  "by",   "between", "everywhere", "exponent", "temperature", "copy", "given"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- part ---- */

/* instrument = "instrument" ( INTEGER | STRING ) . */
static estro_status parse_instrument(es_parser *parser, es_part_tree *part)
{
    char name[64];
    int program;

    part->instrument_place = parser->token.place;
    if (parser->token.kind != ES_TOKEN_STRING) {
        ES_TRY(es_expect_integer(parser, &program, 0, 127,
                                 "an instrument (a General MIDI name in quotes, or its number)"));
        part->part.program = (uint8_t)program;
        return ESTRO_OK;
    }
    const int length =
        parser->token.length < sizeof name ? (int)parser->token.length : (int)sizeof name - 1;
    snprintf(name, sizeof name, "%.*s", length, parser->token.text);
    program = es_instrument_find(name);
    if (program < 0) {
        const char *near = es_instrument_near(name);
        return es_style_error(parser, parser->token.place,
                              "'%s' is not an instrument of General MIDI%s%s%s", name,
                              near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    }
    part->part.program = (uint8_t)program;
    es_advance(parser);
    return ESTRO_OK;
}

static estro_status parse_part_range(es_parser *parser, es_part_tree *part)
{
    int low, high;

    part->range_place = parser->token.place;
    ES_TRY(es_parse_range(parser, &low, &high));
    part->part.low = (uint8_t)low;
    part->part.high = (uint8_t)high;
    return ESTRO_OK;
}

static estro_status parse_home(es_parser *parser, es_part_tree *part)
{
    int home;

    part->home_place = parser->token.place;
    ES_TRY(es_parse_pitch(parser, &home));
    part->part.home = (uint8_t)home;
    return ESTRO_OK;
}

static estro_status parse_lines(es_parser *parser, es_part_tree *part)
{
    int lines;

    ES_TRY(es_expect_integer(parser, &lines, 1, ES_PART_LINES, "the number of lines"));
    part->part.n_lines = (uint8_t)lines;
    return ESTRO_OK;
}

static estro_status parse_pan(es_parser *parser, es_part_tree *part)
{
    int pan;

    ES_TRY(es_expect_integer(parser, &pan, -64, 63, "the pan"));
    part->part.pan = (int8_t)pan;
    return ESTRO_OK;
}

static estro_status parse_volume(es_parser *parser, es_part_tree *part)
{
    int volume;

    ES_TRY(es_expect_integer(parser, &volume, 0, 127, "the volume"));
    part->part.volume = (uint8_t)volume;
    return ESTRO_OK;
}

static estro_status parse_grid(es_parser *parser, es_part_tree *part)
{
    return es_parse_value(parser, &part->part.grid);
}

/* tones = { ( "chord" | "scale" | "chromatic" ) NUMBER } , at least one. */
static estro_status parse_tones(es_parser *parser, double weights[3])
{
    static const char *const words[] = {"chord", "scale", "chromatic"};
    const es_place place = parser->token.place;
    double sum = 0;
    bool any = false;

    for (int i = 0; i < 3; i++) {
        weights[i] = 0;
    }
    for (;;) {
        int which = 0;
        while (which < 3 && !es_at_word(parser, words[which])) {
            which++;
        }
        if (which == 3) {
            break;
        }
        any = true;
        es_advance(parser);
        ES_TRY(es_expect_number(parser, &weights[which], 0, 1e6, "a weight"));
        sum += weights[which];
    }
    if (!any) {
        return es_expected(parser, "'chord', 'scale' or 'chromatic' and its weight");
    }
    if (sum <= 0) {
        return es_style_error(parser, place, "all tones have the weight 0");
    }
    return ESTRO_OK;
}

static estro_status parse_strong(es_parser *parser, es_part_tree *part)
{
    return parse_tones(parser, part->part.tone_strong);
}

static estro_status parse_weak(es_parser *parser, es_part_tree *part)
{
    return parse_tones(parser, part->part.tone_weak);
}

/* weights = INTEGER ":" NUMBER { INTEGER ":" NUMBER } , each index once. */
static estro_status parse_weights(es_parser *parser, double *weights, int count, const char *what)
{
    const es_place start = parser->token.place;
    unsigned seen = 0;
    double sum = 0;

    for (int i = 0; i < count; i++) {
        weights[i] = 0;
    }
    do {
        const es_place place = parser->token.place;
        int index;
        ES_TRY(es_expect_integer(parser, &index, 0, count - 1, what));
        if (seen >> index & 1) {
            return es_syntax_error(parser, place, "%d stands twice in this list", index);
        }
        seen |= 1u << index;
        ES_TRY(es_expect_sign(parser, ':', "and a weight"));
        ES_TRY(es_expect_number(parser, &weights[index], 0, 1e6, "a weight"));
        sum += weights[index];
    } while (parser->token.kind == ES_TOKEN_NUMBER);
    if (sum <= 0) {
        return es_style_error(parser, start, "all weights of this list are 0");
    }
    return ESTRO_OK;
}

static estro_status parse_move(es_parser *parser, es_part_tree *part)
{
    return parse_weights(parser, part->part.move, 13, "an interval in semitones");
}

/* The list counts by strength, 3 first; the style by place. */
static estro_status parse_onset(es_parser *parser, es_part_tree *part)
{
    double weights[4];

    ES_TRY(parse_weights(parser, weights, 4, "a metrical strength"));
    for (int i = 0; i < 4; i++) {
        part->part.onset[i] = weights[3 - i];
    }
    return ESTRO_OK;
}

static estro_status parse_fine(es_parser *parser, es_part_tree *part)
{
    return es_expect_number(parser, &part->part.fine, 0, 1e6, "a weight");
}

static estro_status parse_rest(es_parser *parser, es_part_tree *part)
{
    return es_expect_number(parser, &part->part.rest, 0, 1e6, "a weight");
}

typedef struct setting {
    const char *word;
    estro_status (*parse)(es_parser *parser, es_part_tree *part);
    size_t flag; /* Offset of its has_ member. */
} setting;

#define SETTING(word, name)                                                                        \
    {                                                                                              \
#word, parse_##name, offsetof(es_part_tree, has_##word)                                    \
    }

/* Those of parse_playing.c. */
#define PLAYING(word)                                                                              \
    {                                                                                              \
#word, es_parse_##word, offsetof(es_part_tree, has_##word)                                 \
    }

static const setting settings[] = {
    SETTING(instrument, instrument),
    SETTING(range, part_range),
    SETTING(home, home),
    SETTING(lines, lines),
    SETTING(pan, pan),
    SETTING(volume, volume),
    SETTING(grid, grid),
    SETTING(strong, strong),
    SETTING(weak, weak),
    SETTING(move, move),
    SETTING(onset, onset),
    SETTING(fine, fine),
    SETTING(rest, rest),
    PLAYING(role),
    PLAYING(ornaments),
    PLAYING(strum),
    PLAYING(voicing),
    PLAYING(lead),
    PLAYING(pedal),
    PLAYING(scale),
};

static estro_status fail_setting(es_parser *parser)
{
    char word[ES_MAX_NAME_BYTES + 1];
    es_guess guess;

    if (parser->token.kind == ES_TOKEN_NAME && parser->token.length <= ES_MAX_NAME_BYTES) {
        snprintf(word, sizeof word, "%.*s", (int)parser->token.length, parser->token.text);
        es_guess_init(&guess, word);
        for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
            es_guess_try(&guess, settings[i].word);
        }
        if (guess.best) {
            return es_syntax_error(parser, parser->token.place, "'%s' is not a setting of a part%s",
                                   word, es_guess_text(&guess));
        }
    }
    return es_expected(parser, "a setting of the part (role, instrument, range, ...) or '}'");
}

/* setting = role | instrument | range | home | lines | pan | volume | grid | strong | weak | move | onset |
 * fine | rest | those of parse_playing.c . */
static estro_status parse_setting(es_parser *parser, es_part_tree *part, bool *seen)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (!es_at_word(parser, settings[i].word)) {
            continue;
        }
        if (seen[i]) {
            return es_syntax_error(parser, parser->token.place, "'%s' stands twice in this part",
                                   settings[i].word);
        }
        seen[i] = true;
        *(bool *)((char *)part + settings[i].flag) = true;
        es_advance(parser);
        return settings[i].parse(parser, part);
    }
    return fail_setting(parser);
}

/* part = "part" NAME "{" { setting } "}" . Over a part of that name which is imported: only what is named changes. */
estro_status es_parse_part(es_parser *parser)
{
    es_tree *tree = parser->tree;
    bool seen[sizeof settings / sizeof *settings] = {false};
    uint32_t i = 0;
    es_word name;

    es_advance(parser);
    ES_TRY(es_expect_name(parser, &name, "the name of the part"));
    if (is_reserved(name.text)) {
        return es_syntax_error(parser, name.place,
                               "'%s' is a word of the language: a part cannot have this name",
                               name.text);
    }
    while (i < tree->n_parts && strcmp(tree->parts[i].part.name, name.text) != 0) {
        i++;
    }
    if (i == ES_MAX_PARTS) {
        return es_style_error(parser, name.place, "a style has at most %d parts", ES_MAX_PARTS);
    }
    es_part_tree *part = &tree->parts[i];
    if (i < tree->n_parts && part->place.source == parser->source) {
        return es_style_error(parser, name.place, "a second part '%s'; the first one is in line %d",
                              name.text, (int)part->place.line);
    }
    part->part.name = name.text;
    part->place = name.place;
    part->part.line = es_line_of(name.place);
    ES_TRY(es_expect_sign(parser, '{', "to open the part"));
    while (!es_at_sign(parser, '}')) {
        es_begin(parser, ES_LAYOUT_SETTING);
        ES_TRY(parse_setting(parser, part, seen));
    }
    es_advance(parser);
    tree->n_parts += i == tree->n_parts;
    return ESTRO_OK;
}

/* ---- group ---- */

enum { GROUP_BY, GROUP_EXPONENT, GROUP_TEMPERATURE, GROUP_COPY, GROUP_GIVEN, GROUP_OPTIONS };

static const char *const group_options[GROUP_OPTIONS] = {"by", "exponent", "temperature", "copy",
                                                         "given"};

static bool at_group_option(const es_parser *parser)
{
    for (int i = 0; i < GROUP_OPTIONS; i++) {
        if (es_at_word(parser, group_options[i])) {
            return true;
        }
    }
    return false;
}

/* MODEL = STRING | characters of a file name . */
static estro_status parse_model_name(es_parser *parser, const char **out)
{
    const char *text = parser->token.text;
    const bool is_string = parser->token.kind == ES_TOKEN_STRING;
    size_t n = is_string ? parser->token.length : 0;

    while (!is_string && (es_lex_is_word(text[n]) || text[n] == '-' || text[n] == '.')) {
        n++;
    }
    if (n == 0 || n > ES_MAX_NAME_BYTES || es_at_line_end(parser)) {
        return es_expected(parser, "the name of a model");
    }
    *out = es_arena_text(&parser->build->style->arena, text, n);
    if (!*out) {
        return es_build_no_memory(parser->build);
    }
    if (is_string) {
        es_advance(parser);
    } else {
        es_advance_past(parser, n);
    }
    return ESTRO_OK;
}

/* PART { PART } , up to a word of the language or the end of the line. */
static estro_status parse_part_list(es_parser *parser, es_part_list **out)
{
    int count = 0;

    do {
        if (++count > ES_MAX_PARTS) {
            return es_style_error(parser, parser->token.place, "a style has at most %d parts",
                                  ES_MAX_PARTS);
        }
        *out = es_build_scratch(parser->build, 1, sizeof **out);
        if (!*out) {
            return es_build_no_memory(parser->build);
        }
        ES_TRY(es_expect_name(parser, &(*out)->part, "the name of a part"));
        out = &(*out)->next;
    } while (!es_at_line_end(parser) && !at_group_option(parser));
    return ESTRO_OK;
}

static estro_status parse_group_option(es_parser *parser, es_group_tree *group, unsigned option)
{
    switch (option) {
    case GROUP_BY:
        return es_accept_word(parser, "model") ? parse_model_name(parser, &group->model)
                                               : es_expected(parser, "'model' after 'by'");
    case GROUP_EXPONENT:
        return es_expect_number(parser, &group->exponent, 0, 4, "the exponent");
    case GROUP_TEMPERATURE:
        return es_expect_number(parser, &group->temperature, 0.25, 4, "the temperature");
    case GROUP_COPY:
        return es_expect_integer(parser, &group->copy, 0, 1000,
                                 "the most notes in a row that may be copied (0: any)");
    default:
        return parse_part_list(parser, &group->given);
    }
}

/*
 * group = "group" NAME "=" PART { PART } { "by" "model" MODEL | "exponent" NUMBER | "temperature" NUMBER | "copy" INTEGER
 *       | "given" PART { PART } } , to the end of the line.
 */
static estro_status parse_group_line(es_parser *parser, es_group_tree *group)
{
    unsigned seen = 0;

    es_begin_line(parser);
    es_advance(parser);
    ES_TRY(es_expect_name(parser, &group->name, "the name of the group"));
    ES_TRY(es_expect_sign(parser, '=', "and the parts of the group"));
    ES_TRY(parse_part_list(parser, &group->parts));
    group->exponent = group->temperature = 1;
    group->copy = -1;
    while (!es_at_line_end(parser)) {
        unsigned option = 0;
        while (option < GROUP_OPTIONS && !es_at_word(parser, group_options[option])) {
            option++;
        }
        if (option == GROUP_OPTIONS) {
            break;
        }
        if (seen >> option & 1) {
            return es_syntax_error(parser, parser->token.place, "'%s' stands twice in this group",
                                   group_options[option]);
        }
        seen |= 1u << option;
        es_advance(parser);
        ES_TRY(parse_group_option(parser, group, option));
    }
    return es_end_line(parser, "the end of the line after the group");
}

estro_status es_parse_group(es_parser *parser)
{
    es_group_tree *group = es_build_scratch(parser->build, 1, sizeof *group);
    es_group_tree **last = &parser->tree->groups;

    if (!group) {
        return es_build_no_memory(parser->build);
    }
    ES_TRY(parse_group_line(parser, group));
    for (int count = 1; *last; last = &(*last)->next) {
        if (strcmp((*last)->name.text, group->name.text) == 0) {
            if ((*last)->name.place.source == parser->source) {
                return es_style_error(parser, group->name.place, "a second group '%s'",
                                      group->name.text);
            }
            group->next = (*last)->next;
            break;
        }
        if (++count > ES_MAX_PARTS) {
            return es_style_error(parser, group->name.place, "a style has at most %d groups",
                                  ES_MAX_PARTS);
        }
    }
    *last = group;
    return ESTRO_OK;
}

/* ---- texture ---- */

/* motif = "motif" STRING , letters for the bars of a phrase. */
static estro_status parse_motif(es_parser *parser, char motif[17])
{
    const es_token *token = &parser->token;

    if (token->kind != ES_TOKEN_STRING || token->length < 1 || token->length > 16) {
        return es_expected(parser, "letters for the bars, such as \"abac\" (1 to 16)");
    }
    for (size_t i = 0; i < token->length; i++) {
        if (token->text[i] < 'a' || token->text[i] > 'z') {
            return es_syntax_error(parser, token->place,
                                   "a motif is written with the letters a to z");
        }
        motif[i] = token->text[i];
    }
    motif[token->length] = '\0';
    es_advance(parser);
    return ESTRO_OK;
}

/* play = PART ( "silent" | ( "free" | call ) { "first" call | "last" call | "motif" STRING } ) . */
static estro_status parse_play(es_parser *parser, es_play_tree *play)
{
    ES_TRY(es_expect_name(parser, &play->part, "the name of a part, or '}'"));
    if (es_accept_word(parser, "silent")) {
        play->is_silent = true;
        return ESTRO_OK;
    }
    if (es_accept_word(parser, "free")) {
        play->is_free = true;
    } else {
        ES_TRY(es_parse_call(parser, &play->pattern, "'free' or the name of a pattern"));
    }
    for (;;) {
        const es_place place = parser->token.place;
        const bool is_first = es_at_word(parser, "first"), is_last = es_at_word(parser, "last");
        es_call *call = is_first ? &play->first : &play->last;
        if ((is_first || is_last) && !call->name.text) {
            es_advance(parser);
            ES_TRY(es_parse_call(parser, call, "the name of a pattern"));
        } else if (es_at_word(parser, "motif") && !play->motif[0]) {
            es_advance(parser);
            ES_TRY(parse_motif(parser, play->motif));
        } else if (is_first || is_last || es_at_word(parser, "motif")) {
            return es_syntax_error(parser, place, "'%.*s' stands twice for this part",
                                   (int)parser->token.length, parser->token.text);
        } else {
            return ESTRO_OK;
        }
    }
}

/* At the end of the list, or in the place of one that was imported, over which it may be built. */
static estro_status add_texture(es_parser *parser, es_texture_tree *texture)
{
    es_build *build = parser->build;
    es_texture_tree **last = &parser->tree->textures;

    while (*last && strcmp((*last)->name.text, texture->name.text) != 0) {
        last = &(*last)->next;
    }
    es_texture_tree *before = *last;
    if (before && before->name.place.source == parser->source) {
        return es_style_error(parser, texture->name.place, "a second texture '%s'",
                              texture->name.text);
    }
    if (!before && build->n_textures == ES_MAX_NAMED) {
        return es_style_error(parser, texture->name.place, "a style has at most %d textures",
                              ES_MAX_NAMED);
    }
    texture->index = before ? before->index : (uint16_t)build->n_textures++;
    texture->next = before ? before->next : NULL;
    if (before && texture->base.text && strcmp(texture->base.text, texture->name.text) == 0) {
        texture->over = before;
    }
    *last = texture;
    return ESTRO_OK;
}

/* texture = "texture" NAME [ ":" TEXTURE ] "{" play { play } "}" . */
estro_status es_parse_texture(es_parser *parser)
{
    es_build *build = parser->build;
    es_texture_tree *texture = es_build_scratch(build, 1, sizeof *texture);

    if (!texture) {
        return es_build_no_memory(build);
    }
    es_advance(parser);
    ES_TRY(es_expect_name(parser, &texture->name, "the name of the texture"));
    if (es_accept_sign(parser, ':')) {
        ES_TRY(es_expect_name(parser, &texture->base, "the name of the texture to start from"));
    }
    ES_TRY(es_expect_sign(parser, '{', "to open the texture"));
    es_play_tree **play = &texture->plays;
    int count = 0;
    do {
        if (count++ == ES_MAX_PARTS) {
            return es_style_error(parser, parser->token.place, "a style has at most %d parts",
                                  ES_MAX_PARTS);
        }
        *play = es_build_scratch(build, 1, sizeof **play);
        if (!*play) {
            return es_build_no_memory(build);
        }
        es_begin(parser, ES_LAYOUT_SETTING);
        ES_TRY(parse_play(parser, *play));
        play = &(*play)->next;
    } while (!es_at_sign(parser, '}'));
    es_advance(parser);
    return add_texture(parser, texture);
}
