/*
 * Before instantiation every name on a right side is looked up, so that rules that nothing reaches are checked too.
 */
#include "style/rules.h"

#include "music/guess.h"
#include "music/sheet.h"
#include "style/blocks.h"
#include "style/expr.h"
#include "style/parse.h"
#include "style/subject.h"

#include <string.h>

/* A groove in a rhythm rule is a leaf. */
static estro_status make_groove_leaf(es_build *build, es_block *block, es_groove *groove,
                                     es_element *element)
{
    if (element->call->n_args) {
        return es_build_fail(build, ESTRO_ERR_STYLE, element->place,
                             "'%s' is a groove: it has no arguments", groove->name.text);
    }
    groove->is_used = true;
    if (!groove->leaf) {
        uint32_t index;
        es_hit_tree *leaf = es_block_add_leaf(build, block, &index);
        if (!leaf) {
            return es_build_no_memory(build);
        }
        leaf->groove = groove;
        leaf->hit.duration = groove->span;
        groove->leaf = index + 1;
    }
    element->kind = ES_ELEMENT_LEAF;
    element->leaf = groove->leaf - 1;
    return ESTRO_OK;
}

static estro_status resolve_call(es_build *build, es_block *block, const es_head *head,
                                 es_element *element)
{
    es_call *call = element->call;

    for (uint32_t i = 0; i < call->n_args; i++) {
        ES_TRY(es_arg_check(build, head, &call->args[i]));
    }
    call->def = es_block_find(block, call->name.text);
    if (!call->def) {
        es_groove *groove =
            block->kind == ES_BLOCK_RHYTHM ? es_groove_find(build, call->name.text) : NULL;
        return groove ? make_groove_leaf(build, block, groove, element)
                      : es_block_unknown(build, block, &call->name);
    }
    for (const es_head *h = call->def->heads; h; h = h->next) {
        if (h->n_args == call->n_args) {
            return ESTRO_OK;
        }
    }
    const uint32_t wanted = call->def->heads->n_args;
    return es_build_fail(build, ESTRO_ERR_STYLE, call->name.place,
                         "'%s' takes %u argument%s, not %u", call->name.text, (unsigned)wanted,
                         wanted == 1 ? "" : "s", (unsigned)call->n_args);
}

/* A chord of a sheet, as a leaf of the block at the end of a list of elements. */
static estro_status add_sheet_chord(es_build *build, es_block *block, const es_sheet_tree *sheet,
                                    es_place place, es_chord chord, int beats, es_element **last)
{
    char roman[ES_CHORD_TEXT], symbol[ES_CHORD_TEXT];
    es_chord again;
    uint32_t index;
    es_element *element = es_build_scratch(build, 1, sizeof *element);
    es_chord_tree *leaf = es_block_add_leaf(build, block, &index);

    es_roman_write(roman, sizeof roman, chord, sheet->key);
    if (es_roman_parse(&again, roman, sheet->key) != strlen(roman) ||
        !es_chord_equal(again, chord)) {
        es_chord_symbol(symbol, sizeof symbol, chord, &sheet->key);
        return es_build_fail(build, ESTRO_ERR_STYLE, place,
                             "'%s' has no Roman numeral in this key: write it in another way",
                             symbol);
    }
    if (!element || !leaf) {
        return es_build_no_memory(build);
    }
    leaf->leaf.roman = es_arena_text(&build->style->arena, roman, strlen(roman));
    leaf->leaf.beats = (uint16_t)beats;
    leaf->place = place;
    *element =
        (es_element){.kind = ES_ELEMENT_LEAF, .repeat = 1, .leaf = index, .place = sheet->place};
    *last = element;
    return leaf->leaf.roman ? ESTRO_OK : es_build_no_memory(build);
}

/* The chords of a bar; equal ones in a row are one. */
static estro_status add_sheet_bar(es_build *build, es_block *block, const es_sheet_tree *tree,
                                  es_place place, const es_sheet *sheet, es_element ***last)
{
    int next;

    for (int beat = 0; beat < sheet->beats; beat = next) {
        next = beat + 1;
        while (next < sheet->beats && es_chord_equal(sheet->bar[beat], sheet->bar[next])) {
            next++;
        }
        if (++build->n_elements > ES_MAX_ELEMENTS) {
            return es_build_fail(build, ESTRO_ERR_STYLE, place,
                                 "the rules of a style hold at most %d elements", ES_MAX_ELEMENTS);
        }
        ES_TRY(add_sheet_chord(build, block, tree, place, sheet->bar[beat], next - beat, *last));
        *last = &(**last)->next;
    }
    return ESTRO_OK;
}

/* A sheet becomes a parenthesis of chords. */
static estro_status make_sheet(es_build *build, es_block *block, es_element *element)
{
    const es_sheet_tree *tree = element->sheet;
    es_alternative *group = es_build_scratch(build, 1, sizeof *group);
    es_place place = tree->place;
    es_sheet sheet;

    if (!group) {
        return es_build_no_memory(build);
    }
    *group = (es_alternative){.place = element->place};
    es_element **last = &group->elements;
    es_sheet_init(&sheet, tree->text, tree->size, es_meter_beats(build->style->meter));
    es_sheet_result result = es_sheet_next(&sheet);
    while (result == ES_SHEET_BAR) {
        ES_TRY(add_sheet_bar(build, block, tree, place, &sheet, &last));
        place.column = tree->place.column + (int32_t)sheet.at;
        result = es_sheet_next(&sheet);
    }
    if (result == ES_SHEET_BAD) {
        place.column = tree->place.column + (int32_t)sheet.at;
        return es_build_fail(build, ESTRO_ERR_STYLE, place, "%s", sheet.trouble);
    }
    element->kind = ES_ELEMENT_GROUP;
    element->group = group;
    return ESTRO_OK;
}

/* A word that is no param is no number. */
static estro_status check_phrase_number(es_build *build, const es_head *head, const es_arg *arg,
                                        const char *what)
{
    if (arg->kind == ES_ARG_WORD && !es_param_find(build, arg->word)) {
        return es_build_fail(build, ESTRO_ERR_STYLE, arg->place, "expected %s, found '%s'", what,
                             arg->word);
    }
    return es_arg_check(build, head, arg);
}

/* Variables of a phrase leaf. */
static estro_status resolve_phrase(es_build *build, const es_block *block, const es_head *head,
                                   uint32_t leaf)
{
    const es_phrase_tree *phrase = (const es_phrase_tree *)block->leaves + leaf;

    ES_TRY(check_phrase_number(build, head, &phrase->bars, "the number of bars"));
    for (int i = 0; i < 2; i++) {
        ES_TRY(check_phrase_number(build, head, &phrase->level[i], "a level"));
        ES_TRY(check_phrase_number(build, head, &phrase->tension[i], "a tension"));
    }
    for (uint32_t i = 0; i < phrase->over.n_args; i++) {
        ES_TRY(es_arg_check(build, head, &phrase->over.args[i]));
    }
    return ESTRO_OK;
}

static estro_status resolve_alternatives(es_build *build, es_block *block, const es_head *head,
                                         es_alternative *alternative)
{
    for (; alternative; alternative = alternative->next) {
        ES_TRY(es_expr_check(build, head, alternative->weight));
        for (es_comparison *c = alternative->conditions; c; c = c->next) {
            c->is_late = es_subject_of(block, c) >= 0;
            ES_TRY(c->is_late ? es_subject_check(build, head, c)
                              : es_comparison_check(build, head, c));
        }
        for (es_element *e = alternative->elements; e; e = e->next) {
            if (e->kind == ES_ELEMENT_LEAF && block->kind == ES_BLOCK_FORM) {
                ES_TRY(resolve_phrase(build, block, head, e->leaf));
            } else if (e->kind == ES_ELEMENT_CALL) {
                ES_TRY(resolve_call(build, block, head, e));
            } else if (e->kind == ES_ELEMENT_SHEET) {
                ES_TRY(make_sheet(build, block, e));
            } else if (e->kind == ES_ELEMENT_GROUP) {
                ES_TRY(resolve_alternatives(build, block, head, e->group));
            }
        }
    }
    return ESTRO_OK;
}

estro_status es_block_resolve(es_build *build, es_block *block)
{
    for (const es_def *def = block->defs; def; def = def->next) {
        for (es_head *head = def->heads; head; head = head->next) {
            ES_TRY(resolve_alternatives(build, block, head, head->alternatives));
        }
    }
    return ESTRO_OK;
}
