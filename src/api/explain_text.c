/*
 * How a piece came about, for a terminal: the tree of its form, below each phrase the tree of its harmony and what the parts play; and a
 * lead sheet.
 */
#include "api/explained.h"

#include "style/hit_text.h"

#include <string.h>

static void add_head(es_text *text, const estro_explanation *self)
{
    char key[24];

    es_key_write(key, sizeof key, self->frame.key);
    es_text_add(text, "%s, seed %llu: %s, %.4g quarters a minute, %lu bars of %d/%d\n",
                self->style->name, (unsigned long long)self->seed, key, self->frame.tempo,
                (unsigned long)self->frame.n_bars, self->frame.meter.numerator,
                self->frame.meter.denominator);
}

/* "(line 12; 3 of 5)": where a rule stands, and which alternative it is. */
static void add_rule(es_text *text, const es_style *style, const es_grammar *g,
                     const es_derived *node)
{
    const es_symbol *symbol = &g->symbols[node->index];
    char where[64];

    es_style_where(where, sizeof where, style, g->rules[node->rule].line);
    es_text_add(text, "%s  (%s", es_explained_name(symbol), where);
    if (symbol->n_rules > 1) {
        es_text_add(text, "; %lu of %lu, %.2g",
                    (unsigned long)(node->rule - symbol->first_rule + 1),
                    (unsigned long)symbol->n_rules, g->rules[node->rule].weight);
    }
    es_text_add(text, ")\n");
}

static void add_label(es_text *text, const es_phrase_leaf *leaf)
{
    es_text_add(text, "%c", leaf->label);
    es_text_fill(text, '\'', leaf->primes);
}

/* ---- the tree ---- */

static void add_chord(es_text *text, const es_chord_leaf *leaf)
{
    es_text_add(text, "%s", leaf->roman);
    if (leaf->beats != 1) {
        es_text_add(text, ":%d", leaf->beats);
    }
    es_text_add(text, "\n");
}

static void add_harmony(es_text *text, const estro_explanation *self,
                        const es_explained_phrase *phrase, size_t indent)
{
    const es_grammar *g = es_explained_grammar(self, phrase);

    for (size_t i = 0; i < phrase->harmony.n_nodes; i++) {
        const es_derived *node = &phrase->harmony.nodes[i];
        es_text_fill(text, ' ', indent + 2u * node->depth);
        if (node->is_leaf) {
            add_chord(text, &self->style->chords[phrase->plan.key.mode][node->index]);
        } else {
            add_rule(text, self->style, g, node);
        }
    }
}

/* Chords of a bar: a symbol where one begins, "." where it goes on. */
static void add_chords(es_text *text, const es_plan_phrase *plan, uint16_t bar)
{
    const es_plan_bar *b = &plan->bar[bar];
    char symbol[ES_CHORD_TEXT];

    for (int beat = 0; beat < es_meter_beats(b->meter); beat++) {
        es_chord_symbol(symbol, sizeof symbol, b->chord[beat], &plan->key);
        es_text_add(text, "%s%s", beat ? " " : "",
                    b->chord_starts[beat] || beat == 0 ? symbol : ".");
    }
}

static void add_part(es_text *text, const estro_explanation *self,
                     const es_explained_phrase *phrase, uint16_t bar, uint8_t part)
{
    const es_plan_bar *b = &phrase->plan.bar[bar];
    const int16_t cell = phrase->cell[bar][part];

    if (b->pattern[part] < 0) {
        es_text_add(text, "free");
        return;
    }
    const es_pattern *pattern = &self->style->patterns[b->pattern[part]];
    es_text_add(text, "%s", pattern->name);
    if (cell < 0) {
        es_text_add(text, ", none of its cells");
        return;
    }
    const es_tick length = es_meter_bar(b->meter), from = b->cell_bar[part] * length;
    if (pattern->n_cells > 1) {
        es_text_add(text, " %d of %lu", cell + 1, (unsigned long)pattern->n_cells);
    }
    es_text_add(text, "  ");
    es_cell_text(text, &pattern->cells[cell], from, from + length, es_meter_beat(b->meter));
}

/* What each part plays in a bar, but for those that say one again; parts that play alike share a line. */
static void add_parts(es_text *text, const estro_explanation *self,
                      const es_explained_phrase *phrase, uint16_t bar, size_t indent)
{
    const es_plan_bar *b = &phrase->plan.bar[bar];
    es_text lines[ES_MAX_PARTS] = {{0}};

    for (uint8_t part = 0; part < self->style->n_parts; part++) {
        if (b->pattern[part] != -2 && !(b->repeats >> part & 1)) {
            add_part(&lines[part], self, phrase, bar, part);
            text->has_failed |= lines[part].has_failed || !lines[part].text;
        }
    }
    for (uint8_t part = 0; part < self->style->n_parts && !text->has_failed; part++) {
        if (!lines[part].text) {
            continue;
        }
        es_text_fill(text, ' ', indent);
        for (uint8_t other = part; other < self->style->n_parts; other++) {
            if (lines[other].text && strcmp(lines[other].text, lines[part].text) == 0) {
                es_text_add(text, "%s%s", other > part ? ", " : "", self->style->parts[other].name);
                if (other > part) {
                    es_text_done(&lines[other]);
                }
            }
        }
        es_text_add(text, ": %s\n", lines[part].text);
    }
    for (uint8_t part = 0; part < ES_MAX_PARTS; part++) {
        es_text_done(&lines[part]);
    }
}

static void add_bars(es_text *text, const estro_explanation *self,
                     const es_explained_phrase *phrase, size_t indent)
{
    for (uint16_t bar = 0; bar < phrase->plan.n_bars; bar++) {
        const es_plan_bar *b = &phrase->plan.bar[bar];
        es_text_fill(text, ' ', indent);
        es_text_add(text, "bar %lu | ", (unsigned long)phrase->plan.first_bar + bar + 1);
        add_chords(text, &phrase->plan, bar);
        es_text_add(text, " |");
        if (b->copy >= 0) {
            es_text_add(text, " as bar %d of phrase %ld", b->copy + 1,
                        (long)phrase->plan.quotes + 1);
            if (phrase->plan.shift != 0) {
                es_text_add(text, ", %+d semitones", phrase->plan.shift);
            }
        }
        es_text_add(text, "\n");
        add_parts(text, self, phrase, bar, indent + 2);
    }
}

static void add_phrase(es_text *text, const estro_explanation *self,
                       const es_explained_phrase *phrase, size_t indent)
{
    const es_phrase_leaf *leaf = phrase->plan.leaf;
    char key[24];

    es_key_write(key, sizeof key, phrase->plan.key);
    es_text_add(text, "<");
    add_label(text, leaf);
    es_text_add(text, " %d %s>  phrase %lu, %s, level %d", leaf->bars,
                es_cadence_name((es_cadence)leaf->cadence), (unsigned long)phrase->plan.index + 1,
                key, leaf->level[0]);
    if (leaf->level[1] != leaf->level[0]) {
        es_text_add(text, "..%d", leaf->level[1]);
    }
    es_text_add(text, ", texture %s\n", self->style->textures[leaf->texture].name);
    add_harmony(text, self, phrase, indent + 2);
    add_bars(text, self, phrase, indent + 2);
}

const char *estro_explanation_text(estro_explanation *self)
{
    es_text *text = &self->text;
    size_t phrase = 0;

    if (text->length) {
        return text->text;
    }
    add_head(text, self);
    es_text_add(text, "\n");
    for (size_t i = 0; i < self->form.n_nodes; i++) {
        const es_derived *node = &self->form.nodes[i];
        es_text_fill(text, ' ', 2u * node->depth);
        if (!node->is_leaf) {
            add_rule(text, self->style, &self->style->form, node);
        } else if (phrase < self->n_phrases) {
            add_phrase(text, self, &self->phrases[phrase++], 2u * node->depth);
        } else {
            es_text_add(text, "(not reached)\n");
        }
    }
    return text->has_failed ? NULL : text->text;
}

/* ---- the lead sheet ---- */

enum { BARS_A_LINE = 4 };

static void add_line(es_text *text, const es_explained_phrase *phrase, uint16_t first)
{
    for (uint16_t b = first; b < phrase->plan.n_bars && b < first + BARS_A_LINE; b++) {
        es_text_add(text, "| ");
        add_chords(text, &phrase->plan, b);
        es_text_add(text, " ");
    }
    es_text_add(text, "|\n");
}

const char *estro_explanation_sheet(estro_explanation *self)
{
    es_text *text = &self->sheet;
    const char *section = NULL;

    if (text->length) {
        return text->text;
    }
    add_head(text, self);
    for (size_t i = 0; i < self->n_phrases; i++) {
        const es_explained_phrase *phrase = &self->phrases[i];
        const es_phrase_leaf *leaf = phrase->plan.leaf;
        char key[24];
        if (!section || strcmp(section, leaf->section) != 0) {
            es_text_add(text, "\n%s\n", leaf->section);
            section = leaf->section;
        }
        for (uint16_t b = 0; b < phrase->plan.n_bars; b += BARS_A_LINE) {
            es_text_add(text, "%5lu ", (unsigned long)phrase->plan.first_bar + b + 1);
            if (b == 0) {
                es_text_add(text, "%c%-3.*s", leaf->label, leaf->primes < 3 ? leaf->primes : 3,
                            "'''");
            } else {
                es_text_add(text, "    ");
            }
            add_line(text, phrase, b);
        }
        if (phrase->plan.key.tonic != self->frame.key.tonic ||
            phrase->plan.key.mode != self->frame.key.mode) {
            es_key_write(key, sizeof key, phrase->plan.key);
            es_text_add(text, "          (in %s)\n", key);
        }
    }
    return text->has_failed ? NULL : text->text;
}
