/*
 * Constraints: one line each. A table says what each kind takes, and whether it looks at pairs of lines. A line with
 * several arguments ("parallel 5 8") makes as many constraints.
 */
#include "style/parse.h"
#include "style/sources.h"

/* What stands after the word of a kind. */
typedef enum argument {
    TAKES_NOTHING,
    TAKES_CLASSES,   /* 1 4 5 8, one or more */
    TAKES_OVER,      /* > N semitones or notes */
    TAKES_BEATS,     /* > N beats */
    TAKES_SEMITONES, /* N, one or more */
    TAKES_MEMBERS,   /* 1 3 5 7, one or more */
    TAKES_LEADING,   /* the same, or "leading" */
    TAKES_RANGE,     /* C3..C5 */
    TAKES_VALUE,     /* 16 */
    TAKES_DRUM,
    TAKES_DRUMS
} argument;

typedef struct kind {
    const char *word;
    uint8_t argument;
    bool is_pair; /* Looks at pairs of lines: "between" is its list. */
} kind;

#define KIND(name, argument, is_pair) [ES_CONSTRAINT_##name] = {NULL, argument, is_pair}

static const kind kinds[ES_CONSTRAINT_COUNT] = {
    KIND(PARALLEL, TAKES_CLASSES, true),    KIND(HIDDEN, TAKES_CLASSES, true),
    KIND(CROSS, TAKES_NOTHING, true),       KIND(OVERLAP, TAKES_NOTHING, true),
    KIND(SPACING, TAKES_OVER, true),        KIND(UNISON, TAKES_NOTHING, true),
    KIND(CLASH, TAKES_SEMITONES, true),     KIND(LEAP, TAKES_OVER, false),
    KIND(INTERVAL, TAKES_SEMITONES, false), KIND(UNRECOVERED, TAKES_OVER, false),
    KIND(REPEAT, TAKES_OVER, false),        KIND(SAME_WAY, TAKES_OVER, false),
    KIND(DOUBLED, TAKES_LEADING, false),    KIND(MISSING, TAKES_MEMBERS, false),
    KIND(SPAN, TAKES_OVER, false),          KIND(OUTSIDE, TAKES_RANGE, false),
    KIND(SHORT, TAKES_VALUE, false),        KIND(LONG, TAKES_VALUE, false),
    KIND(SILENCE, TAKES_BEATS, false),      KIND(TOGETHER, TAKES_DRUMS, false),
    KIND(ABSENT, TAKES_DRUM, false),
};

static const char *word_of(int which)
{
    static const char *const words[] = {
#define WORD(name, word, text) word,
        ES_CONSTRAINT_LIST(WORD)
#undef WORD
    };

    return which < ES_CONSTRAINT_COUNT ? words[which] : NULL;
}

/* Values of a constraint with several; most have one. */
typedef struct values {
    int32_t n[8], m;
    int count;
} values;

static estro_status add_value(es_parser *parser, values *out, int n)
{
    if (out->count == 8) {
        return es_syntax_error(parser, parser->last_end, "at most 8 numbers stand here");
    }
    out->n[out->count++] = n;
    return ESTRO_OK;
}

/* classes = INTEGER { INTEGER } , of 1 4 5 8: unison, fourth, fifth, octave. */
static estro_status parse_classes(es_parser *parser, values *out)
{
    static const int8_t semitones[] = {-1, 0, -1, -1, 5, 7, -1, -1, 0};

    do {
        const es_place place = parser->token.place;
        int number;
        ES_TRY(es_expect_integer(parser, &number, 1, 99, "an interval, 5 or 8,"));
        if (number > 8 || semitones[number] < 0) {
            return es_syntax_error(parser, place, "the interval is 1, 4, 5 or 8");
        }
        ES_TRY(add_value(parser, out, semitones[number]));
    } while (parser->token.kind == ES_TOKEN_NUMBER);
    return ESTRO_OK;
}

/* members = MEMBER { MEMBER } , of 1 3 5 7 and perhaps "leading". */
static estro_status parse_members(es_parser *parser, bool may_lead, values *out)
{
    do {
        const es_place place = parser->token.place;
        int member = -1;
        if (!may_lead || !es_accept_word(parser, "leading")) {
            ES_TRY(es_expect_integer(parser, &member, 1, 7,
                                     may_lead ? "a chord member (1 3 5 7) or 'leading'"
                                              : "a chord member (1 3 5 7)"));
            if (member % 2 == 0) {
                return es_syntax_error(parser, place, "a chord member is 1, 3, 5 or 7");
            }
            member /= 2;
        }
        ES_TRY(add_value(parser, out, member));
    } while (parser->token.kind == ES_TOKEN_NUMBER || es_at_word(parser, "leading"));
    return ESTRO_OK;
}

/* semitones = INTEGER { INTEGER } . */
static estro_status parse_semitones(es_parser *parser, values *out)
{
    int number;

    do {
        ES_TRY(es_expect_integer(parser, &number, 0, 127, "an interval in semitones"));
        ES_TRY(add_value(parser, out, number));
    } while (parser->token.kind == ES_TOKEN_NUMBER);
    return ESTRO_OK;
}

/* over = ">" INTEGER . */
static estro_status parse_over(es_parser *parser, values *out)
{
    int number;

    ES_TRY(es_expect_sign(parser, '>', "and a number"));
    ES_TRY(es_expect_integer(parser, &number, 0, 1000, "a number"));
    return add_value(parser, out, number);
}

/* argument = classes | over | semitones | members | range | VALUE | DRUM | DRUM DRUM . */
static estro_status parse_argument(es_parser *parser, uint8_t takes, values *out)
{
    es_tick ticks;
    int n = 0, m = 0;

    switch ((argument)takes) {
    case TAKES_CLASSES:
        return parse_classes(parser, out);
    case TAKES_SEMITONES:
        return parse_semitones(parser, out);
    case TAKES_MEMBERS:
    case TAKES_LEADING:
        return parse_members(parser, takes == TAKES_LEADING, out);
    case TAKES_OVER:
    case TAKES_BEATS:
        return parse_over(parser, out);
    case TAKES_RANGE:
        ES_TRY(es_parse_range(parser, &n, &m));
        break;
    case TAKES_VALUE:
        ES_TRY(es_parse_value(parser, &ticks));
        n = (int)ticks;
        break;
    case TAKES_DRUMS:
        ES_TRY(es_parse_drum(parser, &n));
        ES_TRY(es_parse_drum(parser, &m));
        break;
    case TAKES_DRUM:
        ES_TRY(es_parse_drum(parser, &n));
        break;
    case TAKES_NOTHING:
        break;
    }
    out->m = m;
    return add_value(parser, out, n);
}

static bool at_scope(const es_parser *parser)
{
    return es_at_word(parser, "everywhere") || es_at_word(parser, "on") || es_at_word(parser, "at");
}

/* list = [ ( "in" | "between" ) ( "all" | PART { PART } ) ] . */
static estro_status parse_list(es_parser *parser, bool is_pair, es_constraint_tree *out)
{
    const es_place place = parser->token.place;
    es_part_list **last = &out->parts;

    out->constraint.is_pair = is_pair;
    out->list_place = place;
    if (es_accept_word(parser, "between")) {
        if (!is_pair) {
            return es_style_error(parser, place,
                                  "'%s' looks at each part by itself: 'in', not 'between'",
                                  word_of(out->constraint.kind));
        }
    } else if (es_accept_word(parser, "in")) {
        out->constraint.is_pair = false;
    } else {
        return ESTRO_OK;
    }
    out->has_list = true;
    if (es_accept_word(parser, "all")) {
        return ESTRO_OK;
    }
    do {
        *last = es_build_scratch(parser->build, 1, sizeof **last);
        if (!*last) {
            return es_build_no_memory(parser->build);
        }
        ES_TRY(es_expect_name(parser, &(*last)->part, "'all' or the names of parts"));
        last = &(*last)->next;
    } while (!es_at_line_end(parser) && !at_scope(parser));
    return ESTRO_OK;
}

/* scope = [ "everywhere" | "on" ( "beats" | "strong" | "downbeats" ) | "at" ( "cadence" | "end" ) ] . */
static estro_status parse_scope(es_parser *parser, uint8_t *scope)
{
    *scope = ES_SCOPE_EVERYWHERE;
    if (es_at_line_end(parser) || es_accept_word(parser, "everywhere")) {
        return ESTRO_OK;
    }
    if (es_accept_word(parser, "on")) {
        *scope = es_accept_word(parser, "beats")       ? ES_SCOPE_BEATS
                 : es_accept_word(parser, "strong")    ? ES_SCOPE_STRONG
                 : es_accept_word(parser, "downbeats") ? ES_SCOPE_DOWNBEAT
                                                       : ES_SCOPE_EVERYWHERE;
        return *scope ? ESTRO_OK : es_expected(parser, "beats, strong or downbeats after 'on'");
    }
    if (es_accept_word(parser, "at")) {
        *scope = es_accept_word(parser, "cadence") ? ES_SCOPE_CADENCE
                 : es_accept_word(parser, "end")   ? ES_SCOPE_END
                                                   : ES_SCOPE_EVERYWHERE;
        return *scope ? ESTRO_OK : es_expected(parser, "cadence or end after 'at'");
    }
    return es_expected(parser, "the end of the line, 'in', 'between', 'on' or 'at'");
}

/* kind = one of the words of ES_CONSTRAINT_LIST . */
static estro_status parse_kind(es_parser *parser, int *which)
{
    return es_expect_one_of(parser, which, word_of,
                            "what must not be: parallel, leap, foreign, ...",
                            "a kind of constraint");
}

/* Append one constraint a value, all else alike. */
static estro_status add_constraints(es_parser *parser, const es_constraint_tree *model,
                                    const values *v)
{
    es_constraint_tree **last = &parser->tree->constraints;

    while (*last) {
        last = &(*last)->next;
    }
    for (int i = 0; i < v->count; i++) {
        if (++parser->build->n_constraints > ES_MAX_CONSTRAINTS) {
            return es_style_error(parser, model->place, "a style has at most %d constraints",
                                  ES_MAX_CONSTRAINTS);
        }
        *last = es_build_scratch(parser->build, 1, sizeof **last);
        if (!*last) {
            return es_build_no_memory(parser->build);
        }
        **last = *model;
        (*last)->constraint.n = v->n[i];
        (*last)->constraint.m = v->m;
        last = &(*last)->next;
    }
    return ESTRO_OK;
}

/* constraint = ( "never" | "prefer" NUMBER "no" ) kind argument list scope , to the end of the line. */
estro_status es_parse_constraint(es_parser *parser)
{
    es_constraint_tree tree = {.constraint = {.is_never = true, .weight = 1}};
    values v = {.count = 0};
    int which = 0;

    tree.place = parser->token.place;
    tree.constraint.line = es_line_of(tree.place);
    tree.constraint.is_never = es_at_word(parser, "never");
    es_begin_line(parser);
    es_advance(parser);
    if (!tree.constraint.is_never) {
        ES_TRY(es_expect_number(parser, &tree.constraint.weight, 0.001, 1000,
                                "the factor of 'prefer'"));
        if (!es_accept_word(parser, "no")) {
            return es_expected(parser, "'no' (\"prefer 3 no leap > 7\" makes choices without such "
                                       "a leap 3 times as likely)");
        }
    }
    ES_TRY(parse_kind(parser, &which));
    tree.constraint.kind = (uint8_t)which;
    ES_TRY(parse_argument(parser, kinds[which].argument, &v));
    ES_TRY(parse_list(parser, kinds[which].is_pair, &tree));
    ES_TRY(parse_scope(parser, &tree.constraint.scope));
    ES_TRY(es_end_line(parser, "the end of the line after the constraint"));
    return add_constraints(parser, &tree, &v);
}

/* drop = "drop" KIND , to the end of the line: lets go what imports forbid and prefer. */
estro_status es_parse_drop(es_parser *parser)
{
    es_build *build = parser->build;
    es_constraint_tree **at = &parser->tree->constraints;
    const size_t before = build->n_constraints;
    int which = 0;

    es_begin_line(parser);
    es_advance(parser);
    const es_place place = parser->token.place;
    ES_TRY(parse_kind(parser, &which));
    while (*at) {
        const uint8_t source = (*at)->place.source;
        if ((*at)->constraint.kind == which && source != parser->source &&
            es_source_is_below(build, source, parser->source)) {
            *at = (*at)->next;
            build->n_constraints--;
        } else {
            at = &(*at)->next;
        }
    }
    if (build->n_constraints == before && !build->trace) {
        return es_style_error(parser, place, "nothing to drop: no import has a constraint '%s'",
                              word_of(which));
    }
    return es_end_line(parser, "the end of the line after the kind of constraint");
}
