/*
 * A style for programs, as it was compiled: names are looked up, arguments worked out, the ways to fill each pattern listed.
 */
#include "api/api.h"

#include "base/diag.h"
#include "style/hit_text.h"
#include "style/names.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where something stands: a line, and its file if that is not the style's own. */
static void add_place(json_t *to, const es_style *style, int32_t line)
{
    json_object_set_new(to, "line", json_integer(es_style_line(line)));
    if (es_style_source(style, line) != style->source) {
        json_object_set_new(to, "source", json_string(es_style_source(style, line)));
    }
}

static json_t *pair(double a, double b)
{
    return json_pack("[f, f]", a, b);
}

static json_t *names_of(const es_style *style, uint32_t parts)
{
    json_t *names = json_array();

    for (uint32_t i = 0; i < style->n_parts; i++) {
        if (parts >> i & 1) {
            json_array_append_new(names, json_string(style->parts[i].name));
        }
    }
    return names;
}

/* ---- rules ---- */

/* A leaf of a grammar: a phrase by its index, or a chord. */
static json_t *item_of(const es_grammar *g, const es_item *item, const es_chord_leaf *chords)
{
    if (!item->is_leaf) {
        return json_pack("{s:s}", "rule", g->symbols[item->index].name);
    }
    return chords ? json_pack("{s:s, s:i}", "chord", chords[item->index].roman, "beats",
                              chords[item->index].beats)
                  : json_pack("{s:i}", "phrase", item->index);
}

static json_t *grammar_of(const es_style *style, const es_grammar *g, const es_chord_leaf *chords)
{
    json_t *rules = json_array();

    for (uint32_t s = 0; s < g->n_symbols; s++) {
        json_t *alternatives = json_array();
        for (uint32_t r = 0; r < g->symbols[s].n_rules; r++) {
            const es_rule *rule = &g->rules[g->symbols[s].first_rule + r];
            json_t *items = json_array();
            for (uint32_t i = 0; i < rule->n_items; i++) {
                json_array_append_new(items, item_of(g, &g->items[rule->first_item + i], chords));
            }
            json_t *one = json_pack("{s:f, s:o}", "weight", rule->weight, "items", items);
            add_place(one, style, rule->line);
            json_array_append_new(alternatives, one);
        }
        json_t *row =
            json_pack("{s:s, s:o}", "rule", g->symbols[s].name, "alternatives", alternatives);
        add_place(row, style, g->symbols[s].line);
        json_array_append_new(rules, row);
    }
    return rules;
}

static json_t *harmony_of(const es_style *style)
{
    json_t *harmony = json_object();

    for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
        int like = 0;
        while (like < mode && style->harmony[like].rules != style->harmony[mode].rules) {
            like++;
        }
        if (style->harmony[mode].n_symbols) {
            json_object_set_new(
                harmony, es_mode_name(mode),
                like < mode ? json_string(es_mode_name(like))
                            : grammar_of(style, &style->harmony[mode], style->chords[mode]));
        }
    }
    return harmony;
}

static json_t *chords_of(const es_chord_leaf *chords, uint8_t count)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < count; i++) {
        json_array_append_new(
            list, json_pack("{s:s, s:i}", "chord", chords[i].roman, "beats", chords[i].beats));
    }
    return list;
}

static json_t *substitutions_of(const es_style *style)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < style->n_substitutions; i++) {
        const es_substitution *s = &style->substitutions[i];
        json_array_append_new(list, json_pack("{s:f, s:o, s:o}", "chance", s->chance, "from",
                                              chords_of(s->from, s->n_from), "to",
                                              chords_of(s->to, s->n_to)));
    }
    return list;
}

static json_t *phrase_of(const es_style *style, const es_phrase_leaf *leaf)
{
    const char label[2] = {leaf->label, '\0'};
    json_t *starts = json_object(), *themes = json_array();

    for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
        if (leaf->harmony[mode] >= 0) {
            const es_symbol *start = &style->harmony[mode].symbols[leaf->harmony[mode]];
            json_object_set_new(starts, es_mode_name(mode), json_string(start->name));
        }
    }
    for (int kind = 0; kind < ES_THEME_KINDS; kind++) {
        if (leaf->theme >> kind & 1) {
            json_array_append_new(themes, json_string(es_theme_kind_name((es_theme_kind)kind)));
        }
    }
    return json_pack("{s:s, s:i, s:i, s:s, s:s, s:s?, s:s?, s:[i,i], s:[i,i], s:[i,i], s:f, s:f, "
                     "s:b, s:s, s:o, s:o}",
                     "label", label, "primes", leaf->primes, "bars", leaf->bars, "cadence",
                     es_cadence_name((es_cadence)leaf->cadence), "section", leaf->section, "degree",
                     leaf->degree, "mode",
                     leaf->key_mode >= 0 ? es_mode_name(leaf->key_mode) : NULL, "level",
                     leaf->level[0], leaf->level[1], "tension", leaf->tension[0], leaf->tension[1],
                     "meter", leaf->meter.numerator, leaf->meter.denominator, "tempo", leaf->tempo,
                     "ritard", leaf->ritard, "fermata", (int)leaf->has_fermata, "texture",
                     style->textures[leaf->texture].name, "theme", themes, "harmony", starts);
}

static json_t *phrases_of(const es_style *style)
{
    json_t *phrases = json_array();

    for (uint32_t i = 0; i < style->form.n_leaves; i++) {
        json_array_append_new(phrases, phrase_of(style, &style->phrases[i]));
    }
    return phrases;
}

/* ---- patterns and textures ---- */

static json_t *cell_of(const es_pattern *pattern, const es_cell *cell)
{
    const es_tick end = pattern->bars * es_meter_bar(pattern->meter);
    es_text text = {0};

    es_cell_text(&text, cell, 0, end, es_meter_beat(pattern->meter));
    json_t *out =
        json_pack("{s:f, s:s}", "weight", cell->weight, "hits", text.text ? text.text : "");
    es_text_done(&text);
    for (uint32_t i = 0; i < cell->n_conditions; i++) {
        es_text_add(&text, "%s", i ? " and " : "");
        es_condition_text(&text, &cell->conditions[i]);
    }
    if (text.text) {
        json_object_set_new(out, "if", json_string(text.text));
    }
    es_text_done(&text);
    return out;
}

static json_t *patterns_of(const es_style *style)
{
    json_t *patterns = json_array();

    for (uint32_t i = 0; i < style->n_patterns; i++) {
        const es_pattern *pattern = &style->patterns[i];
        json_t *cells = json_array();
        for (uint32_t c = 0; c < pattern->n_cells; c++) {
            json_array_append_new(cells, cell_of(pattern, &pattern->cells[c]));
        }
        json_t *row =
            json_pack("{s:s, s:i, s:[i,i], s:b, s:o}", "name", pattern->name, "bars", pattern->bars,
                      "meter", pattern->meter.numerator, pattern->meter.denominator, "drums",
                      (int)pattern->is_drums, "cells", cells);
        add_place(row, style, pattern->line);
        json_array_append_new(patterns, row);
    }
    return patterns;
}

static void add_pattern(json_t *to, const char *key, const es_style *style, int16_t pattern)
{
    if (pattern >= 0) {
        json_object_set_new(to, key, json_string(style->patterns[pattern].name));
    }
}

static json_t *textures_of(const es_style *style)
{
    json_t *textures = json_array();

    for (uint32_t t = 0; t < style->n_textures; t++) {
        json_t *parts = json_array();
        for (uint32_t p = 0; p < style->n_parts; p++) {
            const es_texture_part *play = &style->textures[t].part[p];
            if (!play->plays) {
                continue;
            }
            json_t *row = json_pack("{s:s, s:b}", "part", style->parts[p].name, "free",
                                    (int)(play->pattern < 0));
            add_pattern(row, "pattern", style, play->pattern);
            add_pattern(row, "first", style, play->first_pattern);
            add_pattern(row, "last", style, play->last_pattern);
            if (play->motif[0]) {
                json_object_set_new(row, "motif", json_string(play->motif));
            }
            json_array_append_new(parts, row);
        }
        json_array_append_new(
            textures, json_pack("{s:s, s:o}", "name", style->textures[t].name, "parts", parts));
    }
    return textures;
}

/* ---- parts and groups ---- */

static json_t *numbers(const double *values, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_real(values[i]));
    }
    return list;
}

/* A scale as semitones above the tonic; null: that of the key. */
static json_t *scale_of(uint16_t set)
{
    json_t *scale = set ? json_array() : json_null();

    for (int i = 0; i < 12; i++) {
        if (set >> i & 1) {
            json_array_append_new(scale, json_integer(i));
        }
    }
    return scale;
}

static json_t *part_of(const es_style *style, const es_part *part)
{
    static const char *const voicings[ES_VOICING_COUNT] = {
        [ES_VOICING_ANY] = "any",     [ES_VOICING_CLOSE] = "close", [ES_VOICING_OPEN] = "open",
        [ES_VOICING_DROP2] = "drop2", [ES_VOICING_SHELL] = "shell", [ES_VOICING_POWER] = "power",
    };
    static const char *const pedals[ES_PEDAL_COUNT] = {
        [ES_PEDAL_NONE] = "none", [ES_PEDAL_CHORD] = "chord", [ES_PEDAL_BAR] = "bar"};

    json_t *ornaments = json_object();
    es_text grid = {0};

    for (int i = 0; i < ES_ORNAMENTS; i++) {
        if (part->ornament[i] > 0) {
            json_object_set_new(ornaments, es_mark_name((es_mark)i), json_real(part->ornament[i]));
        }
    }
    es_value_text(&grid, part->grid);
    json_t *out =
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:[i,i], s:i, s:i, s:i, s:s?}", "name", part->name,
                  "role", es_role_name((es_role)part->role), "instrument",
                  part->role == ES_ROLE_DRUMS ? "drums" : es_instrument_get(part->program)->name,
                  "program", part->program, "lines", part->n_lines, "range", part->low, part->high,
                  "home", part->home, "pan", part->pan, "volume", part->volume, "grid", grid.text);
    es_text_done(&grid);
    json_object_set_new(out, "strong", numbers(part->tone_strong, 3));
    json_object_set_new(out, "weak", numbers(part->tone_weak, 3));
    json_object_set_new(out, "move", numbers(part->move, 13));
    json_object_set_new(out, "onset", numbers(part->onset, 4));
    json_object_set_new(out, "fine", json_real(part->fine));
    json_object_set_new(out, "rest", json_real(part->rest));
    json_object_set_new(out, "strum_ms", json_real(part->strum_ms));
    json_object_set_new(out, "ornaments", ornaments);
    json_object_set_new(out, "voicing", json_string(voicings[part->voicing]));
    json_object_set_new(out, "pedal", json_string(pedals[part->pedal]));
    json_object_set_new(out, "scale_major", scale_of(part->scale[0]));
    json_object_set_new(out, "scale_minor", scale_of(part->scale[1]));
    add_place(out, style, part->line);
    return out;
}

static json_t *parts_of(const es_style *style)
{
    json_t *parts = json_array();

    for (uint32_t i = 0; i < style->n_parts; i++) {
        json_array_append_new(parts, part_of(style, &style->parts[i]));
    }
    return parts;
}

static json_t *groups_of(const es_style *style)
{
    json_t *groups = json_array();

    for (uint32_t i = 0; i < style->n_groups; i++) {
        const es_group *group = &style->groups[i];
        uint32_t set = 0;
        for (uint8_t p = 0; p < group->n_parts; p++) {
            set |= UINT32_C(1) << group->part[p];
        }
        json_array_append_new(groups, json_pack("{s:s, s:o, s:s?, s:f}", "name", group->name,
                                                "parts", names_of(style, set), "model",
                                                group->model, "exponent", group->exponent));
    }
    return groups;
}

/* ---- constraints and expectations ---- */

static json_t *constraints_of(const es_style *style)
{
    static const char *const kinds[] = {
#define WORD(name, word, text) word,
        ES_CONSTRAINT_LIST(WORD)
#undef WORD
    };
    static const char *const scopes[] = {
        [ES_SCOPE_EVERYWHERE] = "everywhere",
        [ES_SCOPE_BEATS] = "beats",
        [ES_SCOPE_STRONG] = "strong",
        [ES_SCOPE_CADENCE] = "cadence",
        [ES_SCOPE_END] = "end",
        [ES_SCOPE_DOWNBEAT] = "downbeats",
    };
    json_t *constraints = json_array();

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        const es_constraint *c = &style->constraints[i];
        json_t *row = json_pack("{s:s, s:b, s:f, s:i, s:i, s:o, s:b, s:s}", "kind", kinds[c->kind],
                                "never", (int)c->is_never, "weight", c->weight, "n", (int)c->n, "m",
                                (int)c->m, "parts", names_of(style, c->parts), "between",
                                (int)c->is_pair, "scope", scopes[c->scope]);
        add_place(row, style, c->line);
        json_array_append_new(constraints, row);
    }
    return constraints;
}

static json_t *expects_of(const es_style *style)
{
    json_t *expects = json_array();

    for (uint32_t i = 0; i < style->n_expects; i++) {
        const es_expect *e = &style->expects[i];
        json_t *row = json_pack("{s:s, s:s, s:o, s:f, s:s?}", "text", e->text, "measure",
                                es_measure_word(e->measure), "parts", names_of(style, e->parts),
                                "share", e->share, "chord", e->chord);
        if (isfinite(e->low)) {
            json_object_set_new(row, "low", json_real(e->low));
        }
        if (isfinite(e->high)) {
            json_object_set_new(row, "high", json_real(e->high));
        }
        add_place(row, style, e->line);
        json_array_append_new(expects, row);
    }
    return expects;
}

/* ---- all ---- */

static json_t *performance_of(const es_performance *p)
{
    es_text unit = {0};

    es_value_text(&unit, p->swing_unit);
    json_t *out = json_pack("{s:f, s:s?, s:[i,i], s:i, s:f, s:f, s:f, s:i, s:f, s:f, s:s?, s:f}",
                            "swing", p->swing, "of", unit.text, "velocity", p->velocity_low,
                            p->velocity_high, "accent", p->accent, "arch", p->arch, "gate", p->gate,
                            "human_ms", p->human_ms, "human_velocity", p->human_velocity, "ritard",
                            p->ritard, "breath", p->breath, "feel", p->feel ? p->feel->name : NULL,
                            "feel_share", p->feel ? p->feel_share : 0);
    es_text_done(&unit);
    json_t *stress = json_array();
    for (uint8_t i = 0; i < p->n_stress; i++) {
        json_array_append_new(stress, json_integer(p->stress[i]));
    }
    json_object_set_new(out, "stress", stress);
    return out;
}

static json_t *params_of(const es_style *style)
{
    json_t *params = json_array();

    for (uint32_t i = 0; i < style->n_params; i++) {
        const es_param *param = &style->params[i];
        json_t *row = json_pack("{s:s, s:s}", "name", param->name, "title", param->title);
        if (param->n_words) {
            json_t *words = json_array();
            for (uint32_t k = 0; k < param->n_words; k++) {
                json_array_append_new(words, json_string(param->words[k]));
            }
            json_object_set_new(row, "words", words);
            json_object_set_new(row, "initial", json_string(param->words[(size_t)param->initial]));
            json_object_set_new(row, "value", json_string(param->words[(size_t)param->value]));
        } else {
            json_object_set_new(row, "range", pair(param->low, param->high));
            json_object_set_new(row, "initial", json_real(param->initial));
            json_object_set_new(row, "value", json_real(param->value));
        }
        if (param->controller >= 0) {
            json_object_set_new(row, "controller", json_integer(param->controller));
        }
        add_place(row, style, param->line);
        json_array_append_new(params, row);
    }
    return params;
}

static json_t *head_of(const es_style *style)
{
    json_t *sources = json_array(), *keys = json_array();
    char digest[17], meter[16], key[24];

    for (uint32_t i = 0; i < style->n_sources; i++) {
        json_array_append_new(sources, json_string(style->sources[i]));
    }
    for (uint32_t i = 0; i < style->n_keys; i++) {
        es_key_write(key, sizeof key, style->keys[i].key);
        json_array_append_new(keys,
                              json_pack("{s:s, s:f}", "key", key, "weight", style->keys[i].weight));
    }
    for (size_t i = 0; i < 8; i++) {
        snprintf(digest + 2 * i, sizeof digest - 2 * i, "%02x", style->digest[i]);
    }
    snprintf(meter, sizeof meter, "%d/%d", style->meter.numerator, style->meter.denominator);
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o}", "name", style->name, "title",
                     style->title, "sources", sources, "digest", digest, "meter", meter, "tempo",
                     pair(style->tempo.low, style->tempo.high), "keys", keys);
}

estro_status estro_style_json(const estro_style *style,
                              void (*write)(void *self, const char *text, size_t size), void *self,
                              estro_diag *diag)
{
    const es_style *s = style->style;
    json_t *root = head_of(s);

    es_diag_init(diag, NULL);
    json_object_set_new(root, "params", params_of(s));
    json_object_set_new(root, "form", grammar_of(s, &s->form, NULL));
    json_object_set_new(root, "phrases", phrases_of(s));
    json_object_set_new(root, "harmony", harmony_of(s));
    json_object_set_new(root, "substitutions", substitutions_of(s));
    json_object_set_new(root, "patterns", patterns_of(s));
    json_object_set_new(root, "parts", parts_of(s));
    json_object_set_new(root, "groups", groups_of(s));
    json_object_set_new(root, "textures", textures_of(s));
    json_object_set_new(root, "constraints", constraints_of(s));
    json_object_set_new(root, "expects", expects_of(s));
    json_object_set_new(root, "performance", performance_of(&s->performance));
    if (s->theme_part) {
        json_object_set_new(root, "theme_part", json_string(s->parts[s->theme_part - 1].name));
    }
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    json_decref(root);
    if (!text) {
        return es_fail_memory(diag);
    }
    write(self, text, strlen(text));
    free(text);
    return ESTRO_OK;
}
