/*
 * Form and harmony. The form is a grammar of phrases; each phrase asks the harmony of its mode for a rule that can fill
 * its beats. Every phrase is answered for all modes, and must have an answer in those that its key can have.
 */
#include "style/blocks.h"

#include "base/text.h"
#include "style/compile.h"
#include "style/expand.h"
#include "style/grammar.h"
#include "style/parse.h"
#include "style/rules.h"

#include <string.h>

/* ---- keys ---- */

/* The harmony block of a mode, or NULL. */
static es_block *block_of(es_tree *tree, int mode)
{
    if (tree->harmony[mode].is_given) {
        return &tree->harmony[mode];
    }
    return tree->harmony[ES_MODE_COUNT].is_given ? &tree->harmony[ES_MODE_COUNT] : NULL;
}

/* A style that names no key stands on the white keys, in the first mode that has a harmony. */
static estro_status default_key(es_build *build)
{
    static const uint8_t tonics[ES_MODE_COUNT] = {0, 9, 2, 7, 4, 5};
    es_style *style = build->style;

    if (style->n_keys) {
        return ESTRO_OK;
    }
    style->keys = es_arena_calloc(&style->arena, 1, sizeof *style->keys);
    if (!style->keys) {
        return es_build_no_memory(build);
    }
    for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
        if (block_of(&build->tree, mode)) {
            style->keys[0] = (es_key_choice){{tonics[mode], (uint8_t)mode}, 1};
            style->n_keys = 1;
            return ESTRO_OK;
        }
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, build->tree.name_place,
                         "style '%s' has no harmony block", style->name);
}

static unsigned home_modes(const es_style *style)
{
    unsigned set = 0;

    for (uint32_t i = 0; i < style->n_keys; i++) {
        set |= 1u << style->keys[i].key.mode;
    }
    return set;
}

/* ---- form ---- */

static void mark_texture(es_build *build, int16_t index)
{
    for (es_texture_tree *t = build->tree.textures; t; t = t->next) {
        t->is_used |= strcmp(t->name.text, build->style->textures[index].name) == 0;
    }
}

static estro_status find_texture(es_build *build, const es_phrase_tree *phrase, int16_t *out)
{
    const es_style *style = build->style;
    const bool is_named = phrase->texture.text != NULL;
    const char *name = is_named ? phrase->texture.text : "main";
    es_guess guess;

    for (uint32_t i = 0; i < style->n_textures; i++) {
        const es_meter meter = style->textures[i].meter;
        if ((strcmp(style->textures[i].name, name) == 0 || (!is_named && build->n_textures <= 1)) &&
            (!meter.numerator || es_meter_equal(meter, phrase->leaf.meter))) {
            *out = (int16_t)i;
            return ESTRO_OK;
        }
    }
    if (is_named) {
        es_guess_init(&guess, name);
        for (uint32_t i = 0; i < style->n_textures; i++) {
            es_guess_try(&guess, style->textures[i].name);
        }
        return es_build_fail(build, ESTRO_ERR_STYLE, phrase->texture.place,
                             "there is no texture '%s'%s", name, es_guess_text(&guess));
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, phrase->place,
                         "say 'with' which texture: the style has %u, and none is called 'main'",
                         (unsigned)build->n_textures);
}

static estro_status compile_phrases(es_build *build)
{
    es_style *style = build->style;
    const es_block *block = &build->tree.form;
    const es_phrase_tree *trees = block->leaves;

    style->phrases = es_arena_calloc(&style->arena, block->n_leaves + 1, sizeof *style->phrases);
    if (!style->phrases) {
        return es_build_no_memory(build);
    }
    for (size_t i = 0; i < block->n_leaves; i++) {
        style->phrases[i] = trees[i].leaf;
        for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
            style->phrases[i].harmony[mode] = -1;
        }
        if (trees[i].is_idle) {
            continue;
        }
        ES_TRY(find_texture(build, &trees[i], &style->phrases[i].texture));
        mark_texture(build, style->phrases[i].texture);
    }
    return ESTRO_OK;
}

/* What a style imports and does not reach need not fit it. */
static void idle_phrases(es_build *build)
{
    const es_grammar *form = &build->style->form;
    es_phrase_tree *trees = build->tree.form.leaves;

    for (size_t i = 0; i < build->tree.form.n_leaves; i++) {
        trees[i].is_idle |= trees[i].place.source > 0;
    }
    for (uint32_t i = 0; i < form->n_items; i++) {
        if (form->items[i].is_leaf) {
            trees[form->items[i].index].is_idle = false;
        }
    }
}

static estro_status compile_form_rules(es_build *build)
{
    es_style *style = build->style;
    es_block *block = &build->tree.form;
    const es_word piece = {"piece", block->place};
    es_expander expander;
    uint32_t *order;
    int symbol = 0;

    if (!block->is_given) {
        return es_build_fail(build, ESTRO_ERR_STYLE, build->tree.name_place,
                             "style '%s' has no form block", style->name);
    }
    ES_TRY(es_block_resolve(build, block));
    if (!es_block_find(block, piece.text)) {
        return es_build_fail(build, ESTRO_ERR_STYLE, block->place,
                             "the form has no rule 'piece', with which it starts");
    }
    es_expand_init(&expander, build, block);
    ES_TRY(es_expand_root(&expander, &piece, NULL, 0, &symbol));
    ES_TRY(es_expand_finish(&expander, &style->arena, &style->form, &order));
    idle_phrases(build);
    uint32_t *bars = es_arena_calloc(&style->arena, block->n_leaves + 1, sizeof *bars);
    if (!bars) {
        return es_build_no_memory(build);
    }
    for (size_t i = 0; i < block->n_leaves; i++) {
        bars[i] = ((const es_phrase_tree *)block->leaves)[i].leaf.bars;
    }
    style->form.leaf_length = bars;
    style->form_start = symbol;
    return ESTRO_OK;
}

/* ---- harmony ---- */

/* A harmony block being compiled for the modes that it serves. */
typedef struct harmony {
    es_build *build;
    es_block *block;
    unsigned modes;
    es_expander expander;
    int16_t *start; /* By phrase: symbol or -1. */
} harmony;

static bool needs(const es_style *style, const es_phrase_leaf *phrase, unsigned modes)
{
    const unsigned wanted = phrase->key_mode >= 0 ? 1u << phrase->key_mode : home_modes(style);

    return (wanted & modes) != 0;
}

static const char *block_name(const es_block *block)
{
    return block->mode < 0 ? "the harmony" : es_mode_name(block->mode);
}

/* The parser has read them in the mode of their block; a block for several modes is tried in each. */
static estro_status check_chords(const harmony *h)
{
    const es_chord_tree *trees = h->block->leaves;
    es_chord chord;

    for (int mode = 0; mode < ES_MODE_COUNT && h->block->mode < 0; mode++) {
        for (size_t i = 0; i < h->block->n_leaves && h->modes >> mode & 1; i++) {
            const char *roman = trees[i].leaf.roman;
            if (!trees[i].is_idle &&
                es_roman_parse(&chord, roman, (es_key){0, (uint8_t)mode}) != strlen(roman)) {
                return es_build_fail(h->build, ESTRO_ERR_STYLE, trees[i].place,
                                     "'%s' is not a chord in %s", roman, es_mode_name(mode));
            }
        }
    }
    return ESTRO_OK;
}

/* No rule for a phrase that needs one. */
static estro_status fail_start(harmony *h, const es_phrase_tree *phrase, const es_word *name)
{
    const char *cadence = es_cadence_name((es_cadence)phrase->leaf.cadence);
    char where[64];

    es_style_where(where, sizeof where, h->build->style, es_line_of(h->block->place));
    if (phrase->over.name.text && !es_block_find(h->block, name->text)) {
        return es_block_unknown(h->build, h->block, name);
    }
    return es_build_fail(h->build, ESTRO_ERR_STYLE, name->place,
                         "%s (%s) has no rule '%s(%s%s)' for this phrase", block_name(h->block),
                         where, name->text, phrase->over.n_args ? "..., " : "", cadence);
}

/* The rule that a phrase starts from: NAME(arguments, CADENCE), else NAME(arguments). */
static estro_status find_start(harmony *h, const es_phrase_tree *phrase, int16_t *out)
{
    const es_call *over = &phrase->over;
    const es_word name = over->name.text ? over->name : (es_word){"phrase", phrase->place};
    es_value values[ES_MAX_ARGUMENTS + 1];
    uint32_t n = over->n_args;
    int symbol = 0;

    *out = -1;
    if (phrase->is_model || phrase->is_idle) {
        return ESTRO_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        ES_TRY(es_arg_value(h->build, (es_bindings){0}, &over->args[i], &values[i]));
    }
    values[n] = (es_value){es_cadence_name((es_cadence)phrase->leaf.cadence), 0};
    const bool with_cadence = es_expand_has(&h->expander, name.text, values, n + 1);
    if (with_cadence || es_expand_has(&h->expander, name.text, values, n)) {
        ES_TRY(es_expand_root(&h->expander, &name, values, n + with_cadence, &symbol));
        *out = (int16_t)symbol;
        return ESTRO_OK;
    }
    return needs(h->build->style, &phrase->leaf, h->modes) ? fail_start(h, phrase, &name)
                                                           : ESTRO_OK;
}

/* "it can fill 3, 4, 5 beats": lengths near the one wanted. */
static void write_lengths(char *out, size_t size, const es_lengths *lengths, uint32_t symbol,
                          uint32_t wanted)
{
    *out = '\0';
    for (uint32_t n = wanted > 4 ? wanted - 4 : 1; n <= wanted + 4; n++) {
        if (es_lengths_symbol(lengths, symbol, n)) {
            es_append(out, size, "%s%u", *out ? ", " : "", (unsigned)n);
        }
    }
}

static uint32_t phrase_beats(const es_phrase_leaf *leaf)
{
    return leaf->bars * (uint32_t)es_meter_beats(leaf->meter);
}

/* Whether each phrase can be filled; those that need not be and cannot lose their start. */
static estro_status check_lengths(harmony *h, const es_grammar *grammar, const uint32_t *order)
{
    es_build *build = h->build;
    const es_block *form = &build->tree.form;
    const es_phrase_tree *trees = form->leaves;
    uint32_t longest = 0;
    es_lengths lengths;
    char near[64], where[64];

    for (size_t i = 0; i < form->n_leaves; i++) {
        const uint32_t beats = phrase_beats(&trees[i].leaf);
        longest = beats > longest ? beats : longest;
    }
    ES_TRY(es_lengths_make(&lengths, build, grammar, order, longest + 4, 1, h->block->place));
    for (size_t i = 0; i < form->n_leaves; i++) {
        const uint32_t wanted = phrase_beats(&trees[i].leaf);
        const int16_t start = h->start[i];
        if (start < 0 || es_lengths_symbol(&lengths, (uint32_t)start, wanted)) {
            continue;
        }
        if (needs(build->style, &trees[i].leaf, h->modes)) {
            write_lengths(near, sizeof near, &lengths, (uint32_t)start, wanted);
            es_style_where(where, sizeof where, build->style, grammar->symbols[start].line);
            return es_build_fail(build, ESTRO_ERR_STYLE, trees[i].place,
                                 "'%s' of %s (%s) cannot fill the %u beats of this phrase%s%s%s",
                                 grammar->symbols[start].name, block_name(h->block), where,
                                 (unsigned)wanted, *near ? "; it can fill " : "", near,
                                 *near ? " beats" : "");
        }
        h->start[i] = -1;
    }
    return ESTRO_OK;
}

/* The compiled block into the style, for each mode that it serves. */
static estro_status store_harmony(harmony *h, const es_grammar *grammar)
{
    es_style *style = h->build->style;
    const es_chord_tree *trees = h->block->leaves;
    es_chord_leaf *chords = es_arena_calloc(&style->arena, h->block->n_leaves + 1, sizeof *chords);

    if (!chords) {
        return es_build_no_memory(h->build);
    }
    for (size_t i = 0; i < h->block->n_leaves; i++) {
        chords[i] = trees[i].leaf;
    }
    for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
        if (h->modes >> mode & 1) {
            style->harmony[mode] = *grammar;
            style->chords[mode] = chords;
            for (size_t i = 0; i < h->build->tree.form.n_leaves; i++) {
                style->phrases[i].harmony[mode] = h->start[i];
            }
        }
    }
    return ESTRO_OK;
}

static estro_status compile_harmony(es_build *build, es_block *block, unsigned modes)
{
    harmony h = {.build = build, .block = block, .modes = modes};
    const size_t n_phrases = build->tree.form.n_leaves;
    const es_phrase_tree *trees = build->tree.form.leaves;
    es_grammar grammar;
    uint32_t *order;

    ES_TRY(es_block_resolve(build, block));
    h.start = es_build_scratch(build, n_phrases + 1, sizeof *h.start);
    uint32_t *beats = es_arena_calloc(&build->style->arena, block->n_leaves + 1, sizeof *beats);
    if (!h.start || !beats) {
        return es_build_no_memory(build);
    }
    for (size_t i = 0; i < block->n_leaves; i++) {
        beats[i] = ((const es_chord_tree *)block->leaves)[i].leaf.beats;
    }
    ES_TRY(check_chords(&h));
    es_expand_init(&h.expander, build, block);
    for (size_t i = 0; i < n_phrases; i++) {
        ES_TRY(find_start(&h, &trees[i], &h.start[i]));
    }
    ES_TRY(es_expand_finish(&h.expander, &build->style->arena, &grammar, &order));
    grammar.leaf_length = beats;
    ES_TRY(check_lengths(&h, &grammar, order));
    return store_harmony(&h, &grammar);
}

/* A phrase whose mode has no harmony at all. */
static estro_status check_modes(es_build *build)
{
    const es_phrase_tree *trees = build->tree.form.leaves;

    for (size_t i = 0; i < build->tree.form.n_leaves; i++) {
        for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
            if (!trees[i].is_idle && !block_of(&build->tree, mode) &&
                needs(build->style, &trees[i].leaf, 1u << mode)) {
                return es_build_fail(build, ESTRO_ERR_STYLE, trees[i].place,
                                     "this phrase can be in %s, and there is no harmony for it",
                                     es_mode_name(mode));
            }
        }
    }
    return ESTRO_OK;
}

estro_status es_compile_phrases(es_build *build)
{
    ES_TRY(compile_form_rules(build));
    es_phrase_tree *trees = build->tree.form.leaves;
    for (size_t i = 0; i < build->tree.form.n_leaves; i++) {
        if (!trees[i].leaf.meter.numerator) {
            trees[i].leaf.meter = build->style->meter;
        }
    }
    return ESTRO_OK;
}

estro_status es_compile_form(es_build *build)
{
    es_tree *tree = &build->tree;
    unsigned shared = 0;

    ES_TRY(default_key(build));
    ES_TRY(compile_phrases(build));
    ES_TRY(check_modes(build));
    for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
        if (tree->harmony[mode].is_given) {
            ES_TRY(compile_harmony(build, &tree->harmony[mode], 1u << mode));
        } else {
            shared |= 1u << mode;
        }
    }
    if (tree->harmony[ES_MODE_COUNT].is_given && shared) {
        ES_TRY(compile_harmony(build, &tree->harmony[ES_MODE_COUNT], shared));
    }
    return ESTRO_OK;
}
