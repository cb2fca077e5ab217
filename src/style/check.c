/*
 * Looking over a style that compiles. Most of it is read off the parse tree, in which the compiler has marked what it used;
 * the last part tries constraints against what a part has to play, where the answer needs no composing.
 */
#include "style/check.h"

#include "base/mem.h"
#include "style/compile.h"
#include "style/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct checker {
    const es_build *build;
    const es_style *style;
    es_style_warn *warn;
    void *self;
} checker;

static void warn(const checker *c, es_place place, const char *format, ...) ES_PRINTF(3, 4);

static void warn(const checker *c, es_place place, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    c->warn(c->self, c->build->sources[place.source].name, place.line, place.column, text);
}

/* ---- rules ---- */

static void check_weights(const checker *c, const es_alternative *alternative)
{
    for (; alternative; alternative = alternative->next) {
        if (alternative->weight <= 0) {
            warn(c, alternative->place, "this alternative has the weight 0: it is never taken");
        }
        for (const es_element *e = alternative->elements; e; e = e->next) {
            if (e->kind == ES_ELEMENT_GROUP) {
                check_weights(c, e->group);
            }
        }
    }
}

/* "name(a, b)" as it was written. */
static void write_head(char *out, size_t size, const es_head *head)
{
    size_t used = (size_t)snprintf(out, size, "%s", head->def->name);

    for (uint32_t i = 0; i < head->n_args && used < size; i++) {
        const es_arg *arg = &head->args[i];
        char number[16];
        snprintf(number, sizeof number, "%d", (int)arg->number);
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "(",
                                 arg->kind == ES_ARG_NUMBER ? number : arg->word);
    }
    if (head->n_args && used < size) {
        snprintf(out + used, size - used, ")");
    }
}

static void check_rules(const checker *c, const es_block *block)
{
    char name[96];

    for (const es_def *def = block->defs; def; def = def->next) {
        for (const es_head *head = def->heads; head; head = head->next) {
            if (!head->is_used && head->place.source == 0) {
                write_head(name, sizeof name, head);
                warn(c, head->place, "nothing uses this rule '%s'", name);
            }
            check_weights(c, head->alternatives);
        }
    }
}

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
static void check_row(const checker *c, const lengths *below, const es_rule *rule, uint32_t *warned)
{
    lengths before = {{0}};

    for (uint32_t i = 0; i < rule->n_items; i++) {
        const lengths now =
            item_lengths(c->style, below, &c->style->form.items[rule->first_item + i]);
        for (int k = 0; k < LABELS; k++) {
            if (before.bars[k] && now.bars[k] && !(before.bars[k] & now.bars[k]) &&
                !(*warned >> k & 1)) {
                *warned |= UINT32_C(1) << k;
                warn(c, es_line_place(rule->line),
                     "phrases '%c' that can follow each other here differ in length: they cannot "
                     "be one idea",
                     'a' + k);
            }
        }
        join(&before, &now);
    }
}

static void check_labels(const checker *c)
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
static void check_form_length(const checker *c)
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
        warn(c, c->build->tree.form.place,
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
static void check_cadences(const checker *c, int mode)
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
            warn(c, es_line_place(g->symbols[start].line),
                 "'%s' can end on %s, which is no end for this cadence", name, roman);
        }
    }
    es_free(seen);
    es_free(list);
}

/* ---- what nothing uses ---- */

static void check_unused(const checker *c)
{
    for (const es_groove *g = c->build->tree.grooves; g; g = g->next) {
        if (!g->is_used && g->name.place.source == 0) {
            warn(c, g->name.place, "nothing uses the groove '%s'", g->name.text);
        }
    }
    for (const es_texture_tree *t = c->build->tree.textures; t; t = t->next) {
        if (!t->is_used && t->name.place.source == 0) {
            warn(c, t->name.place, "no phrase has the texture '%s'", t->name.text);
        }
    }
}

/* ---- parts ---- */

static bool plays(const es_style *style, uint32_t part)
{
    for (uint32_t i = 0; i < style->n_textures; i++) {
        if (style->textures[i].part[part].plays) {
            return true;
        }
    }
    return false;
}

static void check_range(const checker *c, const es_part_tree *tree, const es_part *part)
{
    const es_instrument *instrument = es_instrument_get(part->program);
    char low[8], high[8];

    if (tree->has_range && part->role != ES_ROLE_DRUMS &&
        (part->low < instrument->low || part->high > instrument->high)) {
        es_pitch_write(low, sizeof low, instrument->low, NULL);
        es_pitch_write(high, sizeof high, instrument->high, NULL);
        warn(c, tree->range_place, "the %s sounds well in %s..%s", instrument->name, low, high);
    }
}

static void check_parts(const checker *c)
{
    for (uint32_t i = 0; i < c->style->n_parts; i++) {
        const es_part_tree *tree = &c->build->tree.parts[i];
        check_range(c, tree, &c->style->parts[i]);
        if (!plays(c->style, i)) {
            warn(c, tree->place, "no texture lets '%s' play", tree->part.name);
        }
    }
}

/* ---- constraints against what a part has to play ---- */

/* Why a pattern by itself cannot keep a constraint, NULL if it can. */
static const char *cell_breach(const es_constraint *k, const es_cell *cell)
{
    bool n_at_once = false, m_at_once = false, has_n = false;
    es_tick at = -1;

    for (uint32_t i = 0; i < cell->n_hits; i++) {
        const es_hit *hit = &cell->hits[i];
        if (hit->start != at) {
            n_at_once = m_at_once = false;
            at = hit->start;
        }
        const bool is_sure = hit->chance == 100;
        n_at_once |= hit->drum == k->n;
        m_at_once |= hit->drum == k->m;
        has_n |= hit->drum == k->n && is_sure;
        if (k->kind == ES_CONSTRAINT_TOGETHER && n_at_once && m_at_once) {
            return "has both drums at once";
        }
        if (hit->drum || hit->tone == ES_TONE_REST) {
            continue;
        }
        if (k->kind == ES_CONSTRAINT_SHORT && hit->duration < k->n) {
            return "has a shorter note";
        }
        if (k->kind == ES_CONSTRAINT_LONG && hit->duration > k->n) {
            return "has a longer note";
        }
    }
    return k->kind == ES_CONSTRAINT_ABSENT && !has_n ? "has a bar without this drum" : NULL;
}

/* A pattern all of whose cells break the rule is a conflict; some of them are avoided. */
static const char *pattern_breach(const es_constraint *k, const es_pattern *pattern)
{
    const char *why = NULL;

    for (uint32_t i = 0; i < pattern->n_cells; i++) {
        why = cell_breach(k, &pattern->cells[i]);
        if (!why) {
            return NULL;
        }
    }
    return why;
}

static void check_patterns(const checker *c, const es_constraint *k, es_place place)
{
    for (uint32_t p = 0; p < c->style->n_patterns; p++) {
        const es_pattern *pattern = &c->style->patterns[p];
        const char *why = pattern_breach(k, pattern);
        bool is_played = false;
        char where[64];
        for (uint32_t t = 0; t < c->style->n_textures && why; t++) {
            for (uint32_t i = 0; i < c->style->n_parts; i++) {
                const es_texture_part *part = &c->style->textures[t].part[i];
                is_played |= (k->parts >> i & 1) && part->plays &&
                             (part->pattern == (int)p || part->first_pattern == (int)p ||
                              part->last_pattern == (int)p);
            }
        }
        if (is_played) {
            es_style_where(where, sizeof where, c->style, pattern->line);
            warn(c, place, "the pattern '%s' (%s) %s", pattern->name, where, why);
        }
    }
}

/* Whether a part can move at all under a limit on its leaps. */
static void check_moves(const checker *c, const es_constraint *k, es_place place)
{
    for (uint32_t i = 0; i < c->style->n_parts; i++) {
        const es_part *part = &c->style->parts[i];
        bool can_move = false;
        char where[64];
        for (int n = 1; n <= 12; n++) {
            can_move |=
                part->move[n] > 0 && (k->kind == ES_CONSTRAINT_LEAP ? n <= k->n : n != k->n);
        }
        if (k->parts >> i & 1 && !can_move) {
            es_style_where(where, sizeof where, c->style, part->line);
            warn(c, place, "'%s' (%s) has no other moves", part->name, where);
        }
    }
}

static void check_outside(const checker *c, const es_constraint *k, es_place place)
{
    for (uint32_t i = 0; i < c->style->n_parts; i++) {
        const es_part *part = &c->style->parts[i];
        if (k->parts >> i & 1 && (part->low > k->m || part->high < k->n)) {
            char where[64];
            es_style_where(where, sizeof where, c->style, part->line);
            warn(c, place, "'%s' (%s) has no pitch in this range", part->name, where);
        }
    }
}

/* Only what holds everywhere, and must: elsewhere the plan decides. */
static void check_constraints(const checker *c)
{
    const es_constraint_tree *tree = c->build->tree.constraints;

    for (uint32_t i = 0; i < c->style->n_constraints; i++, tree = tree->next) {
        const es_constraint *k = &c->style->constraints[i];
        if (!k->is_never || k->scope != ES_SCOPE_EVERYWHERE) {
            continue;
        }
        switch ((es_constraint_kind)k->kind) {
        case ES_CONSTRAINT_SHORT:
        case ES_CONSTRAINT_LONG:
        case ES_CONSTRAINT_TOGETHER:
        case ES_CONSTRAINT_ABSENT:
            check_patterns(c, k, tree->place);
            break;
        case ES_CONSTRAINT_LEAP:
        case ES_CONSTRAINT_INTERVAL:
            check_moves(c, k, tree->place);
            break;
        case ES_CONSTRAINT_OUTSIDE:
            check_outside(c, k, tree->place);
            break;
        default:
            break;
        }
    }
}

estro_status es_style_check(const char *text, size_t size, const char *source, es_style_warn *each,
                            void *self, estro_diag *diag)
{
    es_build build = {.n_sources = 0};
    const estro_status status = es_build_style(&build, text, size, source, diag);

    if (status == ESTRO_OK) {
        const checker c = {&build, build.style, each, self};
        check_rules(&c, &build.tree.form);
        for (int mode = 0; mode <= ES_MODE_COUNT; mode++) {
            check_rules(&c, &build.tree.harmony[mode]);
        }
        check_rules(&c, &build.tree.rhythm);
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
        check_constraints(&c);
    }
    es_style_free(build.style);
    es_build_done(&build);
    return status;
}
