/*
 * The small items: meter, tempo, keys, groove, perform. They write into the style at once; grooves wait for the metre.
 */
#include "style/blocks.h"
#include "style/names.h"
#include "style/parse.h"

#include <string.h>

enum { MOST_STRESS = 200 /* percent */, MOST_CANDIDATES = 64 };

/* An item that may stand once in a file: it takes the place of one from a file before. */
static estro_status once(es_parser *parser, es_said *said)
{
    const es_said here = (es_said)(parser->source + 1);

    if (*said == here) {
        return es_syntax_error(parser, parser->token.place, "'%.*s' stands twice in this style",
                               (int)parser->token.length, parser->token.text);
    }
    *said = here;
    es_advance(parser);
    return ESTRO_OK;
}

/* theme = "theme" "in" PART . */
estro_status es_parse_theme(es_parser *parser)
{
    ES_TRY(once(parser, &parser->tree->has_theme));
    if (!es_accept_word(parser, "in")) {
        return es_expected(parser, "'in' and the part that has themes");
    }
    return es_expect_name(parser, &parser->tree->theme_part, "the part that has themes");
}

/* meter = "meter" METRE . */
estro_status es_parse_meter(es_parser *parser)
{
    ES_TRY(once(parser, &parser->tree->has_meter));
    return es_parse_time(parser, &parser->build->style->meter);
}

/* tempo = "tempo" NUMBER [ ".." NUMBER ] . */
estro_status es_parse_tempo(es_parser *parser)
{
    es_tempo_range *tempo = &parser->build->style->tempo;

    ES_TRY(once(parser, &parser->tree->has_tempo));
    const es_place place = parser->token.place;
    ES_TRY(es_expect_number(parser, &tempo->low, 10, 500, "a tempo"));
    tempo->high = tempo->low;
    if (es_accept_sign(parser, '.')) {
        ES_TRY(es_expect_number(parser, &tempo->high, 10, 500, "a tempo"));
    }
    if (tempo->low > tempo->high) {
        return es_syntax_error(parser, place, "the slower tempo comes first");
    }
    return ESTRO_OK;
}

/* keys = "keys" weight KEYNAME { weight KEYNAME } , to the end of the line. */
estro_status es_parse_keys(es_parser *parser)
{
    es_build *build = parser->build;
    es_style *style = build->style;

    es_begin_line(parser);
    parser->tree->keys_place = parser->token.place;
    ES_TRY(once(parser, &parser->tree->has_keys));
    style->n_keys = 0;
    style->keys = es_arena_calloc(&style->arena, ES_MAX_NAMED, sizeof *style->keys);
    parser->tree->key_weights =
        es_build_scratch(build, ES_MAX_NAMED, sizeof *parser->tree->key_weights);
    if (!style->keys || !parser->tree->key_weights) {
        return es_build_no_memory(build);
    }
    do {
        es_key_choice *choice = &style->keys[style->n_keys];
        const es_place key_place = parser->token.place;
        if (style->n_keys == ES_MAX_NAMED) {
            return es_style_error(parser, key_place, "a style has at most %d keys", ES_MAX_NAMED);
        }
        ES_TRY(es_parse_weight(parser, &parser->tree->key_weights[style->n_keys]));
        ES_TRY(es_parse_key(parser, &choice->key));
        for (uint32_t i = 0; i < style->n_keys; i++) {
            if (style->keys[i].key.tonic == choice->key.tonic &&
                style->keys[i].key.mode == choice->key.mode) {
                return es_style_error(parser, key_place, "this key stands twice");
            }
        }
        style->n_keys++;
    } while (!es_at_line_end(parser));
    return es_end_line(parser, "a key or the end of the line");
}

/* ---- grooves ---- */

/* row = DRUM STRING , of x X o . 1-9, blanks and bars aside. */
static estro_status parse_drum_row(es_parser *parser, es_drum_row *row)
{
    int key;

    ES_TRY(es_parse_drum(parser, &key));
    row->key = (uint8_t)key;
    if (parser->token.kind != ES_TOKEN_STRING) {
        return es_expected(parser, "the steps of the drum in quotes, such as \"x...x...\"");
    }
    row->steps = parser->token.text;
    row->length = parser->token.length;
    row->place = parser->token.place;
    row->place.column++;
    for (size_t i = 0; i < row->length; i++) {
        if (!strchr("xXofz.123456789| ", row->steps[i])) {
            const es_place place = es_place_after(row->place, (int32_t)i);
            return es_syntax_error(parser, place,
                                   "a step is x, X (accent), o (soft), f (flam), z (roll), 1-9 "
                                   "(chance) or '.'");
        }
    }
    es_advance(parser);
    return ESTRO_OK;
}

/* At the end of the list, or in the place of one that was imported. */
static void add_groove(es_tree *tree, es_groove *groove)
{
    es_groove **last = &tree->grooves;

    while (*last && strcmp((*last)->name.text, groove->name.text) != 0) {
        last = &(*last)->next;
    }
    groove->next = *last ? (*last)->next : NULL;
    *last = groove;
}

/* groove = "groove" NAME [ "bars" INTEGER ] "{" row { row } "}" . */
estro_status es_parse_groove(es_parser *parser)
{
    es_build *build = parser->build;
    es_groove *groove = es_build_scratch(build, 1, sizeof *groove);
    int bars = 1;

    if (!groove) {
        return es_build_no_memory(build);
    }
    es_advance(parser);
    ES_TRY(es_expect_name(parser, &groove->name, "the name of the groove"));
    es_groove *const before = es_groove_find(build, groove->name.text);
    if (before && before->name.place.source == parser->source) {
        return es_style_error(parser, groove->name.place, "a second groove '%s'",
                              groove->name.text);
    }
    build->n_grooves += !before;
    if (build->n_grooves > ES_MAX_NAMED) {
        return es_style_error(parser, groove->name.place, "a style has at most %d grooves",
                              ES_MAX_NAMED);
    }
    if (es_accept_word(parser, "bars")) {
        const es_place place = parser->token.place;
        ES_TRY(es_expect_integer(parser, &bars, 1, 8, "the bars of a groove"));
        if (bars & (bars - 1)) {
            return es_syntax_error(parser, place, "a groove has 1, 2, 4 or 8 bars");
        }
    }
    groove->bars = (uint16_t)bars;
    ES_TRY(es_expect_sign(parser, '{', "to open the groove"));
    es_drum_row **last_row = &groove->rows;
    do {
        es_drum_row *row = es_build_scratch(build, 1, sizeof *row);
        if (!row) {
            return es_build_no_memory(build);
        }
        es_begin(parser, ES_LAYOUT_SETTING);
        ES_TRY(parse_drum_row(parser, row));
        *last_row = row;
        last_row = &row->next;
    } while (!es_at_sign(parser, '}'));
    es_advance(parser);
    add_groove(parser->tree, groove);
    return ESTRO_OK;
}

/* ---- performance ---- */

/* "swing" NUMBER [ "of" VALUE ] */
static estro_status parse_swing(es_parser *parser, es_performance *p)
{
    ES_TRY(es_expect_number(parser, &p->swing, 0.5, 0.8, "the swing"));
    return es_accept_word(parser, "of") ? es_parse_value(parser, &p->swing_unit) : ESTRO_OK;
}

/* "velocity" INTEGER ".." INTEGER */
static estro_status parse_velocity(es_parser *parser, es_performance *p)
{
    const es_place place = parser->token.place;
    int low, high;

    ES_TRY(es_expect_integer(parser, &low, 1, 127, "a velocity"));
    ES_TRY(es_expect_sign(parser, '.', "and the highest velocity"));
    ES_TRY(es_expect_integer(parser, &high, 1, 127, "a velocity"));
    if (low > high) {
        return es_syntax_error(parser, place, "the lower velocity comes first");
    }
    p->velocity_low = (uint8_t)low;
    p->velocity_high = (uint8_t)high;
    return ESTRO_OK;
}

/* "stress" STRING , whole numbers that divide the bar evenly. */
static estro_status parse_stress(es_parser *parser, es_performance *p)
{
    const es_token token = parser->token;
    int value = -1;

    p->n_stress = 0;
    if (token.kind != ES_TOKEN_STRING) {
        return es_expected(parser, "percents of the accent in quotes, such as \"100 60 80 60\"");
    }
    for (size_t at = 0; at <= token.length; at++) {
        const char c = at < token.length ? token.text[at] : ' ';
        if (c >= '0' && c <= '9') {
            value = (value < 0 ? 0 : value) * 10 + (c - '0');
        } else if (c != ' ') {
            return es_syntax_error(parser, token.place,
                                   "expected whole numbers, divided by spaces");
        } else if (value >= 0 && p->n_stress < ES_MAX_STRESS) {
            p->stress[p->n_stress++] = (uint8_t)value;
            value = -1;
        } else if (value >= 0) {
            return es_syntax_error(parser, token.place, "a bar has at most %d places of stress",
                                   ES_MAX_STRESS);
        }
        if (value > MOST_STRESS) {
            return es_syntax_error(parser, token.place, "stress is from 0 to %d percent",
                                   MOST_STRESS);
        }
    }
    if (p->n_stress == 0) {
        return es_syntax_error(parser, token.place, "expected whole numbers, divided by spaces");
    }
    es_advance(parser);
    return ESTRO_OK;
}

/* "human" NUMBER "ms" INTEGER */
static estro_status parse_human(es_parser *parser, es_performance *p)
{
    int velocity;

    ES_TRY(es_expect_number(parser, &p->human_ms, 0, 50, "the deviation in time"));
    if (!es_accept_word(parser, "ms")) {
        return es_expected(parser, "'ms'");
    }
    ES_TRY(es_expect_integer(parser, &velocity, 0, 40, "the deviation in velocity"));
    p->human_velocity = (uint8_t)velocity;
    return ESTRO_OK;
}

/* setting = swing | velocity | human | stress | feel | ( "accent" | "arch" | "gate" | "ritard" | "breath" ) NUMBER . */
static estro_status parse_setting(es_parser *parser, es_performance *p)
{
    int accent;

    if (es_accept_word(parser, "feel")) {
        return es_parse_feel_setting(parser);
    }
    if (es_accept_word(parser, "swing")) {
        return parse_swing(parser, p);
    }
    if (es_accept_word(parser, "velocity")) {
        return parse_velocity(parser, p);
    }
    if (es_accept_word(parser, "human")) {
        return parse_human(parser, p);
    }
    if (es_accept_word(parser, "stress")) {
        return parse_stress(parser, p);
    }
    if (es_accept_word(parser, "accent")) {
        ES_TRY(es_expect_integer(parser, &accent, 0, 60, "the accent"));
        p->accent = (uint8_t)accent;
        return ESTRO_OK;
    }
    if (es_accept_word(parser, "arch")) {
        return es_expect_number(parser, &p->arch, 0, 1, "the arch");
    }
    if (es_accept_word(parser, "gate")) {
        return es_expect_number(parser, &p->gate, 0.2, 1, "the gate");
    }
    if (es_accept_word(parser, "ritard")) {
        return es_expect_number(parser, &p->ritard, 0.3, 1, "the ritard");
    }
    if (es_accept_word(parser, "breath")) {
        return es_expect_number(parser, &p->breath, 0, 0.9, "the breath");
    }
    return es_expected(
        parser, "swing, velocity, accent, stress, arch, gate, human, ritard, breath, feel or '}'");
}

/* perform = "perform" "{" { setting } "}" . */
estro_status es_parse_perform(es_parser *parser)
{
    ES_TRY(once(parser, &parser->tree->has_perform));
    ES_TRY(es_expect_sign(parser, '{', "to open the block"));
    while (!es_at_sign(parser, '}')) {
        es_begin(parser, ES_LAYOUT_SETTING);
        ES_TRY(parse_setting(parser, &parser->build->style->performance));
    }
    es_advance(parser);
    return ESTRO_OK;
}

/* MEASURE [ NUMBER ] , of which each stands once. */
static estro_status parse_measure(es_parser *parser, es_style *style)
{
    static const char *const words[ES_MERIT_COUNT] = {
#define MEASURE_WORD(name, word) word,
        ES_MERIT_LIST(MEASURE_WORD)
#undef MEASURE_WORD
    };
    int which = 0;

    while (which < ES_MERIT_COUNT && !es_at_word(parser, words[which])) {
        which++;
    }
    if (which == ES_MERIT_COUNT) {
        return es_expected(parser, "a measure (likelihood, shape, variety, range, cadence)");
    }
    if (style->merit[which] > 0) {
        return es_syntax_error(parser, parser->token.place, "'%s' stands twice in this list",
                               words[which]);
    }
    es_advance(parser);
    style->merit[which] = 1;
    return parser->token.kind == ES_TOKEN_NUMBER
               ? es_expect_number(parser, &style->merit[which], 0, 1e6, "a weight")
               : ESTRO_OK;
}

/* candidates = "candidates" INTEGER [ "by" MEASURE [ NUMBER ] { MEASURE [ NUMBER ] } ] , to the end of the line. */
estro_status es_parse_candidates(es_parser *parser)
{
    es_style *style = parser->build->style;
    int count;

    es_begin_line(parser);
    ES_TRY(once(parser, &parser->tree->has_candidates));
    ES_TRY(es_expect_integer(parser, &count, 1, MOST_CANDIDATES, "the number of candidates"));
    style->n_candidates = (uint32_t)count;
    style->is_measured = es_accept_word(parser, "by");
    memset(style->merit, 0, sizeof style->merit);
    if (style->is_measured) {
        do {
            ES_TRY(parse_measure(parser, style));
        } while (!es_at_line_end(parser));
    }
    return es_end_line(parser, "'by' and measures, or the end of the line");
}
