/*
 * Rules that compile, and alternatives of them that nothing comes of: no call reaches them, no condition holds, or nothing that they
 * are part of has a length that is asked for.
 */
#include "style/check_parts.h"

#include "base/text.h"
#include "style/fill.h"

#include <stdarg.h>
#include <stdio.h>

void es_warn(const es_checker *c, es_place place, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    c->warn(c->self, c->build->sources[place.source].name, place.line, place.column, text);
}

/* What can be said of the alternatives of a block. */
typedef struct looked {
    const es_block *block;
    bool is_marked; /* By es_fill_mark. */
} looked;

static void check_alternative(const es_checker *c, const looked *l, const es_alternative *a,
                              bool is_only)
{
    if (a->weight && a->weight->kind == ES_EXPR_NUMBER && a->weight->number <= 0) {
        es_warn(c, a->place, "this alternative has the weight 0: it is never taken");
    } else if (c->build->is_cut) {
        ; /* what is idle now may be there when params are set otherwise */
    } else if (!a->is_left) {
        es_warn(c, a->place, "the condition of this alternative never holds");
    } else if (l->is_marked && !a->is_used) {
        es_warn(c, a->place,
                l->block->kind == ES_BLOCK_RHYTHM
                    ? "no bar has room for this alternative: with it none is filled exactly"
                    : "no phrase has room for this alternative: with it none is filled exactly");
    }
    if (a->weight && is_only) {
        es_warn(c, a->place, "this weight changes nothing: there is no other alternative");
    }
}

static void check_alternatives(const es_checker *c, const looked *l, const es_alternative *first)
{
    for (const es_alternative *a = first; a; a = a->next) {
        check_alternative(c, l, a, a == first && !a->next);
        for (const es_element *e = a->elements; e; e = e->next) {
            if (e->kind == ES_ELEMENT_GROUP && a->is_left && (!l->is_marked || a->is_used)) {
                check_alternatives(c, l, e->group);
            }
        }
    }
}

/* "name(a, b)" as it was written. */
static void write_head(char *out, size_t size, const es_head *head)
{
    snprintf(out, size, "%s", head->def->name);
    for (uint32_t i = 0; i < head->n_args; i++) {
        const es_arg *arg = &head->args[i];
        char number[16];
        snprintf(number, sizeof number, "%d", (int)arg->number);
        es_append(out, size, "%s%s", i ? ", " : "(",
                  arg->kind == ES_ARG_NUMBER ? number : arg->word);
    }
    es_append(out, size, "%s", head->n_args ? ")" : "");
}

static void check_block(const es_checker *c, const looked *l)
{
    char name[96];

    for (const es_def *def = l->block->defs; def; def = def->next) {
        for (const es_head *head = def->heads; head; head = head->next) {
            if (head->place.source != 0) {
                continue; /* a library has more than one style takes */
            }
            if (head->is_used) {
                check_alternatives(c, l, head->alternatives);
            } else if (!c->build->is_cut) {
                write_head(name, sizeof name, head);
                es_warn(c, head->place, "nothing uses this rule '%s'", name);
            }
        }
    }
}

/* ---- what each block is asked to fill ---- */

/* Every pattern its bars. */
static bool mark_rhythm(const es_checker *c, es_block *block)
{
    const es_hit_tree *leaves = block->leaves;
    uint32_t *lengths = es_build_scratch(c->build, block->n_leaves + 1, sizeof *lengths);
    es_fill_root *roots = es_build_scratch(c->build, c->style->n_patterns + 1, sizeof *roots);
    size_t n_roots = 0;

    if (!lengths || !roots) {
        return false;
    }
    for (size_t i = 0; i < block->n_leaves; i++) {
        lengths[i] = (uint32_t)leaves[i].hit.duration;
    }
    for (uint32_t i = 0; i < c->style->n_patterns; i++) {
        const es_pattern *pattern = &c->style->patterns[i];
        const int symbol = es_grammar_find(&block->grammar, pattern->name);
        if (symbol >= 0) {
            roots[n_roots++] = (es_fill_root){
                (uint32_t)symbol, (uint32_t)(pattern->bars * es_meter_bar(pattern->meter))};
        }
    }
    return n_roots > 0 && es_fill_mark(c->build, block, lengths, roots, n_roots);
}

/* Every phrase its beats. */
static bool mark_harmony(const es_checker *c, es_block *block, int mode)
{
    const es_chord_tree *leaves = block->leaves;
    const uint32_t n_phrases = c->style->form.n_leaves;
    uint32_t *lengths = es_build_scratch(c->build, block->n_leaves + 1, sizeof *lengths);
    es_fill_root *roots = es_build_scratch(c->build, n_phrases + 1, sizeof *roots);
    size_t n_roots = 0;

    if (!lengths || !roots) {
        return false;
    }
    for (size_t i = 0; i < block->n_leaves; i++) {
        lengths[i] = leaves[i].leaf.beats;
    }
    for (uint32_t i = 0; i < n_phrases; i++) {
        const es_phrase_leaf *phrase = &c->style->phrases[i];
        if (phrase->harmony[mode] >= 0) {
            roots[n_roots++] =
                (es_fill_root){(uint32_t)phrase->harmony[mode],
                               phrase->bars * (uint32_t)es_meter_beats(phrase->meter)};
        }
    }
    return n_roots > 0 && es_fill_mark(c->build, block, lengths, roots, n_roots);
}

/* A mode that a block serves, or -1. */
static int mode_of(const es_checker *c, const es_block *block)
{
    for (int mode = 0; mode < ES_MODE_COUNT && block->grammar.n_symbols; mode++) {
        if (c->style->harmony[mode].rules == block->grammar.rules) {
            return mode;
        }
    }
    return -1;
}

void es_check_rules(const es_checker *c)
{
    es_tree *tree = &c->build->tree;
    estro_diag *diag = c->build->diag;

    c->build->diag = NULL; /* what cannot be found out is no error */
    check_block(c, &(looked){&tree->form, false});
    for (int i = 0; i <= ES_MODE_COUNT; i++) {
        es_block *block = &tree->harmony[i];
        const int mode = mode_of(c, block);
        check_block(c, &(looked){block, mode >= 0 && mark_harmony(c, block, mode)});
    }
    check_block(c, &(looked){&tree->rhythm,
                             tree->rhythm.grammar.n_symbols > 0 && mark_rhythm(c, &tree->rhythm)});
    c->build->diag = diag;
}
