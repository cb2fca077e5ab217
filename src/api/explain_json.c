/*
 * How a piece came about, for programs. Trees are objects with "items"; phrases and their bars stand in a row, and the leaves of the form
 * name them by their place in it.
 */
#include "api/explained.h"

#include "style/hit_text.h"

#include <jansson.h>

/* ---- trees ---- */

static json_t *leaf_of(const estro_explanation *self, const es_explained_phrase *phrase,
                       const es_derived *node, size_t *n_leaves)
{
    if (!phrase) {
        return json_pack("{s:I, s:i}", "phrase", (json_int_t)(*n_leaves)++, "bars",
                         (int)node->length);
    }
    (*n_leaves)++;
    return json_pack("{s:s, s:i}", "chord",
                     self->style->chords[phrase->plan.key.mode][node->index].roman, "beats",
                     (int)node->length);
}

static json_t *rule_of(const estro_explanation *self, const es_grammar *g, const es_derived *node)
{
    const es_symbol *symbol = &g->symbols[node->index];
    const es_rule *rule = &g->rules[node->rule];

    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:f, s:i, s:[]}", "rule", symbol->name, "source",
                     es_style_source(self->style, rule->line), "line", es_style_line(rule->line),
                     "alternative", (int)(node->rule - symbol->first_rule + 1), "of",
                     (int)symbol->n_rules, "probability", rule->weight, "length", (int)node->length,
                     "items");
}

/* The nodes of a tree in a row, made into objects: the open ones are found by their depth. */
static json_t *tree_of(const estro_explanation *self, const es_explained_phrase *phrase,
                       const es_derivation *tree)
{
    const es_grammar *g = es_explained_grammar(self, phrase);
    json_t *roots = json_array();
    size_t n_leaves = 0;

    for (size_t i = 0; i < tree->n_nodes; i++) {
        const es_derived *node = &tree->nodes[i];
        json_t *items = roots;
        for (uint16_t depth = 0; depth < node->depth && items; depth++) {
            items = json_object_get(json_array_get(items, json_array_size(items) - 1), "items");
        }
        json_array_append_new(items, node->is_leaf ? leaf_of(self, phrase, node, &n_leaves)
                                                   : rule_of(self, g, node));
    }
    return roots;
}

/* ---- phrases ---- */

static json_t *chords_of(const es_plan_phrase *plan, const es_plan_bar *bar)
{
    json_t *chords = json_array();
    char symbol[ES_CHORD_TEXT];

    for (int beat = 0; beat < es_meter_beats(bar->meter); beat++) {
        es_chord_symbol(symbol, sizeof symbol, bar->chord[beat], &plan->key);
        if (bar->chord_starts[beat] || beat == 0) {
            json_array_append_new(chords, json_pack("{s:i, s:s, s:s?}", "beat", beat + 1, "symbol",
                                                    symbol, "roman", bar->roman[beat]));
        }
    }
    return chords;
}

static json_t *part_of(const estro_explanation *self, const es_explained_phrase *phrase, uint16_t b,
                       uint8_t part)
{
    const es_plan_bar *bar = &phrase->plan.bar[b];
    const int16_t cell = phrase->cell[b][part];
    json_t *out = json_pack("{s:s}", "part", self->style->parts[part].name);

    if (bar->repeats >> part & 1) {
        json_object_set_new(out, "again", json_true());
    }

    if (bar->pattern[part] < 0) {
        json_object_set_new(out, "free", json_true());
        return out;
    }
    const es_pattern *pattern = &self->style->patterns[bar->pattern[part]];
    json_object_set_new(out, "pattern", json_string(pattern->name));
    json_object_set_new(out, "cells", json_integer((json_int_t)pattern->n_cells));
    if (cell >= 0) {
        const es_tick length = es_meter_bar(bar->meter), from = bar->cell_bar[part] * length;
        es_text text = {0};
        es_cell_text(&text, &pattern->cells[cell], from, from + length, es_meter_beat(bar->meter));
        json_object_set_new(out, "cell", json_integer(cell + 1));
        json_object_set_new(out, "probability", json_real(pattern->cells[cell].weight));
        json_object_set_new(out, "hits", json_string(text.text ? text.text : ""));
        es_text_done(&text);
    }
    return out;
}

static json_t *bars_of(const estro_explanation *self, const es_explained_phrase *phrase)
{
    json_t *bars = json_array();

    for (uint16_t b = 0; b < phrase->plan.n_bars; b++) {
        const es_plan_bar *bar = &phrase->plan.bar[b];
        json_t *parts = json_array();
        for (uint8_t p = 0; p < self->style->n_parts; p++) {
            if (bar->pattern[p] != -2) {
                json_array_append_new(parts, part_of(self, phrase, b, p));
            }
        }
        json_t *out =
            json_pack("{s:i, s:s?, s:i, s:i, s:o, s:o}", "bar", (int)phrase->plan.first_bar + b + 1,
                      "copy", NULL, "level", bar->level, "tension", bar->tension, "chords",
                      chords_of(&phrase->plan, bar), "parts", parts);
        if (bar->copy >= 0) {
            json_object_set_new(out, "copy",
                                json_pack("{s:i, s:i, s:i}", "phrase", (int)phrase->plan.quotes,
                                          "bar", bar->copy, "semitones", phrase->plan.shift));
        }
        json_array_append_new(bars, out);
    }
    return bars;
}

static json_t *phrase_of(const estro_explanation *self, const es_explained_phrase *phrase)
{
    const es_phrase_leaf *leaf = phrase->plan.leaf;
    const char label[2] = {leaf->label, '\0'};
    char key[24];

    es_key_write(key, sizeof key, phrase->plan.key);
    return json_pack("{s:s, s:i, s:s, s:i, s:i, s:s, s:s, s:s, s:o, s:o}", "label", label, "primes",
                     leaf->primes, "section", leaf->section, "first_bar",
                     (int)phrase->plan.first_bar + 1, "bars", phrase->plan.n_bars, "cadence",
                     es_cadence_name(phrase->plan.cadence), "key", key, "texture",
                     self->style->textures[leaf->texture].name, "harmony",
                     tree_of(self, phrase, &phrase->harmony), "measures", bars_of(self, phrase));
}

const char *estro_explanation_json(estro_explanation *self)
{
    json_t *phrases = json_array();
    char key[24], meter[16];

    if (self->json) {
        json_decref(phrases);
        return self->json;
    }
    es_key_write(key, sizeof key, self->frame.key);
    snprintf(meter, sizeof meter, "%d/%d", self->frame.meter.numerator,
             self->frame.meter.denominator);
    for (size_t i = 0; i < self->n_phrases; i++) {
        json_array_append_new(phrases, phrase_of(self, &self->phrases[i]));
    }
    json_t *root =
        json_pack("{s:s, s:I, s:s, s:s, s:f, s:s, s:i, s:o, s:o}", "style", self->style->name,
                  "seed", (json_int_t)self->seed, "about", self->about, "key", key, "tempo",
                  self->frame.tempo, "meter", meter, "bars", (int)self->frame.n_bars, "form",
                  tree_of(self, NULL, &self->form), "phrases", phrases);
    self->json = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    json_decref(root);
    return self->json;
}
