/*
 * Substitutions: chords that others may take the place of. Both sides last equally long, so nothing else moves.
 */
#include "style/compile.h"
#include "style/expr.h"
#include "style/parse.h"

/* side = chord { chord } . */
static estro_status parse_side(es_parser *parser, es_chord_leaf *out, uint8_t *count,
                               const char *what)
{
    do {
        const size_t n_bytes = es_scan_roman(parser, -1);
        if (!n_bytes) {
            return es_expected(parser, what);
        }
        if (*count == ES_MAX_SUBSTITUTED) {
            return es_syntax_error(parser, parser->token.place, "at most %d chords stand here",
                                   ES_MAX_SUBSTITUTED);
        }
        ES_TRY(es_parse_chord(parser, n_bytes, &out[(*count)++]));
    } while (!es_at_line_end(parser) && !es_at_sign(parser, '-'));
    return ESTRO_OK;
}

static unsigned beats_of(const es_chord_leaf *chords, uint8_t count)
{
    unsigned beats = 0;

    for (uint8_t i = 0; i < count; i++) {
        beats += chords[i].beats;
    }
    return beats;
}

/* substitute = "substitute" weight chord { chord } "->" chord { chord } . */
estro_status es_parse_substitute(es_parser *parser)
{
    es_substitute_tree *tree = es_build_scratch(parser->build, 1, sizeof *tree);
    es_substitute_tree **last = &parser->tree->substitutes;
    es_substitution *own;
    uint32_t count = 1;

    if (!tree) {
        return es_build_no_memory(parser->build);
    }
    own = &tree->substitution;
    es_begin_line(parser);
    tree->place = parser->token.place;
    es_advance(parser);
    ES_TRY(es_parse_weight(parser, &tree->chance));
    ES_TRY(parse_side(parser, own->from, &own->n_from, "the chords that are replaced"));
    if (!es_accept_sign(parser, '-') || !es_at_sign(parser, '>')) {
        return es_expected(parser, "'->' and the chords that come instead");
    }
    es_advance(parser);
    ES_TRY(parse_side(parser, own->to, &own->n_to, "the chords that come instead"));
    const unsigned before = beats_of(own->from, own->n_from), after = beats_of(own->to, own->n_to);
    if (before != after) {
        return es_style_error(parser, tree->place, "%u beats of chords cannot take the place of %u",
                              after, before);
    }
    while (*last) {
        last = &(*last)->next;
        count++;
    }
    if (count > ES_MAX_NAMED) {
        return es_style_error(parser, tree->place, "a style has at most %d substitutions",
                              ES_MAX_NAMED);
    }
    *last = tree;
    return es_end_line(parser, "a chord or the end of the line");
}

estro_status es_compile_substitutes(es_build *build)
{
    es_style *style = build->style;
    double chance;

    for (const es_substitute_tree *t = build->tree.substitutes; t; t = t->next) {
        style->n_substitutions++;
    }
    style->substitutions =
        es_arena_calloc(&style->arena, style->n_substitutions + 1, sizeof *style->substitutions);
    if (!style->substitutions) {
        return es_build_no_memory(build);
    }
    es_substitution *out = style->substitutions;
    for (const es_substitute_tree *t = build->tree.substitutes; t; t = t->next) {
        ES_TRY(es_expr_check(build, NULL, t->chance));
        ES_TRY(es_weight_value(build, (es_bindings){0}, t->chance, &chance));
        if (chance > 1) {
            return es_build_fail(build, ESTRO_ERR_STYLE, t->place,
                                 "the chance of a substitution is 0 to 1, not %.6g", chance);
        }
        *out = t->substitution;
        out++->chance = chance;
    }
    return ESTRO_OK;
}
