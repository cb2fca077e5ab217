/*
 * Expectations: a line each, of what the pieces of a style are to be. Here they are read, and find their parts; src/judge measures.
 */
#include "style/compile.h"
#include "style/parse.h"

#include <math.h>
#include <string.h>

/* What a measure counts; the range that is wanted must lie within. */
typedef struct limits {
    double most;
    bool is_share;
} limits;

static limits limits_of(int measure)
{
    switch ((es_measure)measure) {
    case ES_MEASURE_STRONG:
    case ES_MEASURE_STEPS:
    case ES_MEASURE_REPEATS:
    case ES_MEASURE_RESTS:
    case ES_MEASURE_OFFBEATS:
    case ES_MEASURE_AGAIN:
    case ES_MEASURE_FILLS:
        return (limits){1, true};
    default:
        return (limits){1e6, false};
    }
}

const char *es_measure_word(int measure)
{
    static const char *const words[] = {
#define WORD(name, word, text) word,
        ES_MEASURE_LIST(WORD)
#undef WORD
    };

    return measure < ES_MEASURE_COUNT ? words[measure] : NULL;
}

/* The present token, if it begins a range, or what stands for one. */
static bool at_range(const es_parser *parser)
{
    return parser->token.kind == ES_TOKEN_NUMBER || es_at_sign(parser, '.') ||
           es_at_line_end(parser);
}

/* parts = [ "in" PART { PART } ] . */
static estro_status parse_parts(es_parser *parser, es_expect_tree *tree)
{
    es_part_list **last = &tree->parts;
    const es_place place = parser->token.place;

    if (!es_accept_word(parser, "in")) {
        return ESTRO_OK;
    }
    if (tree->expect.measure < ES_MEASURE_FIRST_OF_PARTS) {
        return es_style_error(parser, place, "'%s' is of the whole piece, not of a part",
                              es_measure_word(tree->expect.measure));
    }
    do {
        *last = es_build_scratch(parser->build, 1, sizeof **last);
        if (!*last) {
            return es_build_no_memory(parser->build);
        }
        ES_TRY(es_expect_name(parser, &(*last)->part, "the name of a part"));
        last = &(*last)->next;
    } while (!at_range(parser));
    return ESTRO_OK;
}

/* RANGE = NUMBER [ ".." [ NUMBER ] ] | ".." NUMBER . */
static estro_status parse_range(es_parser *parser, es_expect *expect)
{
    const limits limit = limits_of(expect->measure);
    const es_place place = parser->token.place;

    expect->low = -HUGE_VAL;
    expect->high = HUGE_VAL;
    if (!es_at_sign(parser, '.')) {
        ES_TRY(es_expect_number(parser, &expect->low, 0, limit.most,
                                limit.is_share ? "a share such as 0.5..0.9"
                                               : "a range such as 3..8, 3.. or ..8"));
        expect->high = es_at_sign(parser, '.') ? HUGE_VAL : expect->low;
    }
    if (es_accept_sign(parser, '.') &&
        (parser->token.kind == ES_TOKEN_NUMBER || expect->low == -HUGE_VAL)) {
        ES_TRY(es_expect_number(parser, &expect->high, 0, limit.most, "the end of the range"));
    }
    if (expect->low > expect->high) {
        return es_syntax_error(parser, place, "the smaller number comes first");
    }
    return ESTRO_OK;
}

/* end = "tonic" | ROMAN . */
static estro_status parse_end(es_parser *parser, es_expect *expect)
{
    if (es_accept_word(parser, "tonic")) {
        expect->chord = "tonic";
        return ESTRO_OK;
    }
    const size_t length = es_scan_roman(parser, -1);
    if (!length) {
        return es_expected(parser, "'tonic', or a chord such as I or vi");
    }
    expect->chord = es_arena_text(&parser->build->style->arena, parser->token.text, length);
    if (!expect->chord) {
        return es_build_no_memory(parser->build);
    }
    es_advance_past(parser, length);
    return ESTRO_OK;
}

/* What follows the measure: RANGE, or what stands for one. */
static estro_status parse_wanted(es_parser *parser, es_expect *expect)
{
    if (expect->measure == ES_MEASURE_END) {
        return parse_end(parser, expect);
    }
    if (expect->measure == ES_MEASURE_PIECES) {
        expect->low = 1;
        expect->high = HUGE_VAL;
        return es_accept_word(parser, "different") ? ESTRO_OK : es_expected(parser, "'different'");
    }
    return parse_range(parser, expect);
}

/* The line as it was written, without the blanks and the comment at its end. */
static const char *text_of(es_parser *parser, const char *start)
{
    size_t length = strcspn(start, "#\r\n");

    while (start[length - 1] == ' ' || start[length - 1] == '\t') {
        length--;
    }
    return es_arena_text(&parser->build->style->arena, start, length);
}

/* expect = "expect" MEASURE parts ( RANGE | end | "different" ) [ "for" NUMBER "%" ] , to the end of the line. */
estro_status es_parse_expect(es_parser *parser)
{
    es_expect_tree *tree = es_build_scratch(parser->build, 1, sizeof *tree);
    const char *start = parser->token.text;
    double percent = 100;
    int measure;

    if (!tree) {
        return es_build_no_memory(parser->build);
    }
    es_expect *expect = &tree->expect;
    expect->line = es_line_of(parser->token.place);
    expect->column = parser->token.place.column;
    if (++parser->build->n_expects > ES_MAX_EXPECTS) {
        return es_style_error(parser, parser->token.place, "a style has at most %d expectations",
                              ES_MAX_EXPECTS);
    }
    es_begin_line(parser);
    es_advance(parser);
    ES_TRY(es_expect_one_of(parser, &measure, es_measure_word,
                            "what is measured: bars, seconds, forms, notes, ...", "a measure"));
    expect->measure = (uint8_t)measure;
    ES_TRY(parse_parts(parser, tree));
    ES_TRY(parse_wanted(parser, expect));
    if (es_accept_word(parser, "for")) {
        ES_TRY(es_expect_number(parser, &percent, 0, 100, "the share of the pieces, in percent,"));
        ES_TRY(es_expect_sign(parser, '%', "after the number"));
    }
    expect->share = percent / 100;
    if (!es_at_line_end(parser)) {
        return es_expected(parser, "the end of the line, or 'for' and a share of the pieces");
    }
    expect->text = text_of(parser, start);
    if (!expect->text) {
        return es_build_no_memory(parser->build);
    }
    *(parser->tree->last_expect ? &parser->tree->last_expect->next : &parser->tree->expects) = tree;
    parser->tree->last_expect = tree;
    return es_end_line(parser, "the end of the line");
}

/* Whether a measure is of pitches; drums have none. */
static bool is_of_pitches(int measure)
{
    return measure == ES_MEASURE_RANGE || measure == ES_MEASURE_STRONG ||
           measure == ES_MEASURE_STEPS || measure == ES_MEASURE_REPEATS ||
           measure == ES_MEASURE_LEAP;
}

static estro_status find_parts(es_build *build, const es_expect_tree *tree, es_expect *expect)
{
    const es_style *style = build->style;
    const bool is_pitched = is_of_pitches(expect->measure);
    uint32_t index;

    for (const es_part_list *p = tree->parts; p; p = p->next) {
        ES_TRY(es_find_part(build, &p->part, &index));
        if (is_pitched && style->parts[index].role == ES_ROLE_DRUMS) {
            return es_build_fail(build, ESTRO_ERR_STYLE, p->part.place,
                                 "'%s' is about pitches, '%s' plays drums",
                                 es_measure_word(expect->measure), p->part.text);
        }
        expect->parts |= UINT32_C(1) << index;
    }
    for (uint32_t i = 0; i < style->n_parts && !tree->parts; i++) {
        if (!is_pitched || style->parts[i].role != ES_ROLE_DRUMS) {
            expect->parts |= UINT32_C(1) << i;
        }
    }
    return ESTRO_OK;
}

estro_status es_compile_expects(es_build *build)
{
    es_style *style = build->style;

    style->expects = es_arena_calloc(&style->arena, build->n_expects + 1, sizeof *style->expects);
    if (!style->expects) {
        return es_build_no_memory(build);
    }
    for (const es_expect_tree *tree = build->tree.expects; tree; tree = tree->next) {
        es_expect *out = &style->expects[style->n_expects++];
        *out = tree->expect;
        ES_TRY(find_parts(build, tree, out));
    }
    return ESTRO_OK;
}
