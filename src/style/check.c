/*
 * Looking over a style that compiles: the form, cadences, what nothing uses, parts. Rules are in check_rules.c, constraints in
 * check_constraints.c.
 */
#include "style/check.h"

#include "base/mem.h"
#include "style/check_parts.h"
#include "style/names.h"

#include <stdio.h>
#include <string.h>

/* ---- labels: phrases of one label are one idea, and repeat it only where they are of one length ---- */

enum { LABELS = 26 };

/* Which lengths the phrases of each label can have below a symbol: bit n for n bars. */
typedef struct lengths {
    uint64_t bars[LABELS];
} lengths;

static bool join(lengths *to, const lengths *from)
{
    bool is_new = false;

    for (int i = 0; i < LABELS; i++) {
        is_new |= (from->bars[i] & ~to->bars[i]) != 0;
        to->bars[i] |= from->bars[i];
    }
    return is_new;
}

static lengths item_lengths(const es_style *style, const lengths *below, const es_item *item)
{
    lengths one = {{0}};

    if (!item->is_leaf) {
        return below[item->index];
    }
    const es_phrase_leaf *leaf = &style->phrases[item->index];
    one.bars[leaf->label - 'a'] = UINT64_C(1) << leaf->bars;
    return one;
}

/* Warn where two things in one row have a label in common that cannot be of one length. */
static void check_row(const es_checker *c, const lengths *below, const es_rule *rule,
                      uint32_t *warned)
{
    lengths before = {{0}};

    for (uint32_t i = 0; i < rule->n_items; i++) {
        const lengths now =
            item_lengths(c->style, below, &c->style->form.items[rule->first_item + i]);
        for (int k = 0; k < LABELS; k++) {
            if (before.bars[k] && now.bars[k] && !(before.bars[k] & now.bars[k]) &&
                !(*warned >> k & 1)) {
                *warned |= UINT32_C(1) << k;
                es_warn(
                    c, es_line_place(rule->line),
                    "phrases '%c' that can follow each other here differ in length: they cannot "
                    "be one idea",
                    'a' + k);
            }
        }
        join(&before, &now);
    }
}

static void check_labels(const es_checker *c)
{
    const es_grammar *form = &c->style->form;
    lengths *below = es_calloc(form->n_symbols, sizeof *below);
    uint32_t warned = 0;
    bool is_new = below != NULL;

    /* Rounds until nothing is new; no more than deep forms need. */
    for (int round = 0; is_new && round < 64; round++) {
        is_new = false;
        for (uint32_t s = form->n_symbols; s-- > 0;) {
            const es_symbol *symbol = &form->symbols[s];
            for (uint32_t r = symbol->first_rule; r < symbol->first_rule + symbol->n_rules; r++) {
                for (uint32_t i = 0; i < form->rules[r].n_items; i++) {
                    const lengths found =
                        item_lengths(c->style, below, &form->items[form->rules[r].first_item + i]);
                    is_new |= join(&below[s], &found);
                }
            }
        }
    }
    for (uint32_t r = 0; r < form->n_rules && below; r++) {
        check_row(c, below, &form->rules[r], &warned);
    }
    es_free(below);
}

/* ---- lengths of the form, ends of the harmony ---- */

/* The mean number of bars of a piece, by rounds; where it grows without end the form hardly ever stops. */
static void check_form_length(const es_checker *c)
{
    enum { ROUNDS = 200, MANY_BARS = 2000 };
    const es_grammar *form = &c->style->form;
    double *bars = es_calloc(form->n_symbols, sizeof *bars);

    for (int round = 0; round < ROUNDS && bars && bars[c->style->form_start] < MANY_BARS; round++) {
        for (uint32_t s = form->n_symbols; s-- > 0;) {
            const es_symbol *symbol = &form->symbols[s];
            double mean = 0;
            for (uint32_t r = symbol->first_rule; r < symbol->first_rule + symbol->n_rules; r++) {
                const es_rule *rule = &form->rules[r];
                double sum = 0;
                for (uint32_t i = 0; i < rule->n_items; i++) {
                    const es_item *item = &form->items[rule->first_item + i];
                    sum += item->is_leaf ? form->leaf_length[item->index] : bars[item->index];
                }
                mean += rule->weight * sum;
            }
            bars[s] = mean < MANY_BARS ? mean : MANY_BARS;
        }
    }
    if (bars && bars[c->style->form_start] >= MANY_BARS) {
        es_warn(
            c, c->build->tree.form.place,
            "the form goes on for %d bars and more in the mean: give its turns back less weight",
            MANY_BARS);
    }
    es_free(bars);
}

/* Whether a chord is one that a cadence can end on, in a mode. */
static bool ends_cadence(const char *roman, int mode, int cadence)
{
    const es_key key = {0, (uint8_t)mode};
    es_chord chord;

    if (!es_roman_parse(&chord, roman, key) || chord.quality >= ES_QUALITY_UNKNOWN) {
        return true;
    }
    switch ((es_cadence)cadence) {
    case ES_CADENCE_AUTHENTIC:
    case ES_CADENCE_PLAGAL:
        return chord.root == 0 && chord.bass == 0;
    case ES_CADENCE_DECEPTIVE:
        return chord.root != 0;
    default:
        return true;
    }
}

/* A wrong last chord below a symbol, or NULL. Symbols seen are marked, so that each is looked at once. */
static const char *wrong_end(const es_style *style, int mode, int cadence, uint32_t start,
                             bool *seen, uint32_t *list)
{
    const es_grammar *g = &style->harmony[mode];
    uint32_t n_list = 1;

    list[0] = start;
    seen[start] = true;
    for (uint32_t at = 0; at < n_list; at++) {
        const es_symbol *symbol = &g->symbols[list[at]];
        for (uint32_t r = symbol->first_rule; r < symbol->first_rule + symbol->n_rules; r++) {
            const es_item *last = &g->items[g->rules[r].first_item + g->rules[r].n_items - 1];
            if (!last->is_leaf && !seen[last->index]) {
                seen[last->index] = true;
                list[n_list++] = last->index;
            } else if (last->is_leaf &&
                       !ends_cadence(style->chords[mode][last->index].roman, mode, cadence)) {
                return style->chords[mode][last->index].roman;
            }
        }
    }
    return NULL;
}

/* The rules "phrase(CADENCE)" end on the chord of their cadence; other rules may lead elsewhere on purpose. */
static void check_cadences(const es_checker *c, int mode)
{
    const es_grammar *g = &c->style->harmony[mode];
    bool *seen = es_calloc(g->n_symbols, sizeof *seen);
    uint32_t *list = es_calloc(g->n_symbols, sizeof *list);

    for (int cadence = 0; cadence < ES_CADENCE_COUNT && seen && list; cadence++) {
        char name[32];
        snprintf(name, sizeof name, "phrase(%s)", es_cadence_name((es_cadence)cadence));
        const int start = es_grammar_find(g, name);
        memset(seen, 0, g->n_symbols * sizeof *seen);
        const char *roman =
            start < 0 ? NULL : wrong_end(c->style, mode, cadence, (uint32_t)start, seen, list);
        if (roman) {
            es_warn(c, es_line_place(g->symbols[start].line),
                    "'%s' can end on %s, which is no end for this cadence", name, roman);
        }
    }
    es_free(seen);
    es_free(list);
}

/* ---- what nothing uses ---- */

static void check_unused(const es_checker *c)
{
    if (c->build->is_cut) {
        return;
    }
    for (const es_groove *g = c->build->tree.grooves; g; g = g->next) {
        if (!g->is_used && g->name.place.source == 0) {
            es_warn(c, g->name.place, "nothing uses the groove '%s'", g->name.text);
        }
    }
    for (const es_texture_tree *t = c->build->tree.textures; t; t = t->next) {
        if (!t->is_used && t->name.place.source == 0) {
            es_warn(c, t->name.place, "no phrase has the texture '%s'", t->name.text);
        }
    }
}

/* ---- parts ---- */

/* Whether a part plays in a texture that some phrase has; a style that names none has one in which all play. */
static bool plays(const es_checker *c, uint32_t part)
{
    bool does = !c->build->tree.textures;

    for (const es_texture_tree *t = c->build->tree.textures; t; t = t->next) {
        does |= t->is_used && c->style->textures[t->index].part[part].plays;
    }
    return does;
}

static void check_range(const es_checker *c, const es_part_tree *tree, const es_part *part)
{
    const es_instrument *instrument = es_instrument_get(part->program);
    char low[8], high[8];

    if (tree->has_range && part->role != ES_ROLE_DRUMS &&
        (part->low < instrument->least || part->high > instrument->most)) {
        es_pitch_write(low, sizeof low, instrument->least, NULL);
        es_pitch_write(high, sizeof high, instrument->most, NULL);
        es_warn(c, tree->range_place, "the %s has the notes %s..%s", instrument->name, low, high);
    }
}

static void check_parts(const es_checker *c)
{
    for (uint32_t i = 0; i < c->style->n_parts; i++) {
        const es_part_tree *tree = &c->build->tree.parts[i];
        check_range(c, tree, &c->style->parts[i]);
        if (!c->build->is_cut && !plays(c, i)) {
            es_warn(c, tree->place, "no texture of a phrase lets '%s' play", tree->part.name);
        }
    }
}

estro_status es_style_check(const char *text, size_t size, const char *source,
                            const es_settings *settings, es_style_warn *each, void *self,
                            estro_diag *diag)
{
    es_build build = {.n_sources = 0};
    estro_status status = es_build_style(&build, text, size, source, settings, diag);

    if (status == ESTRO_ERR_STYLE && build.is_sound_library) {
        es_diag_init(diag, NULL);
        status = ESTRO_END;
    }
    if (status == ESTRO_OK) {
        const es_checker c = {&build, build.style, each, self};
        es_check_rules(&c);
        check_labels(&c);
        check_form_length(&c);
        for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
            const bool is_shared =
                mode > 0 && c.style->harmony[mode].rules == c.style->harmony[mode - 1].rules;
            if (c.style->harmony[mode].n_symbols && !is_shared) {
                check_cadences(&c, mode);
            }
        }
        check_unused(&c);
        check_parts(&c);
        es_check_ranges(&c);
        es_check_conditions(&c);
        es_check_constraints(&c);
    }
    es_style_free(build.style);
    es_build_done(&build);
    return status;
}
