/**
 * @file toy_style.h
 * Styles and plans made by hand, small enough to be counted through.
 */
#ifndef ES_TEST_TOY_STYLE_H
#define ES_TEST_TOY_STYLE_H

#include "plan/plan.h"

#include <string.h>

enum { TOY_CONSTRAINTS = 16 };

/** A style with room for what it points to. */
typedef struct toy_style {
    es_style style;
    es_constraint constraints[TOY_CONSTRAINTS];
    es_phrase_leaf leaf;
    es_plan_phrase phrase;
} toy_style;

static inline void toy_part(toy_style *toy, int index, const char *name, int low, int high,
                            int home, es_tick grid)
{
    static const double move[13] = {1, 4, 6, 3, 2, 1, 0, 0.5};
    es_part *part = &toy->style.parts[index];

    *part = (es_part){.name = name,
                      .role = index == 0 ? ES_ROLE_COUNTER : ES_ROLE_BASS,
                      .n_lines = 1,
                      .first_line = (uint8_t)index,
                      .low = (uint8_t)low,
                      .high = (uint8_t)high,
                      .home = (uint8_t)home,
                      .grid = grid,
                      .tone_strong = {1, 0.3, 0},
                      .tone_weak = {1, 0.8, 0},
                      .onset = {3, 2, 1.5, 0.5}};
    memcpy(part->move, move, sizeof part->move);
}

static inline void toy_constraint(toy_style *toy, es_constraint_kind kind, int n, uint32_t parts,
                                  bool is_pair, es_scope scope, double prefer)
{
    toy->constraints[toy->style.n_constraints++] =
        (es_constraint){.kind = (uint8_t)kind,
                        .scope = (uint8_t)scope,
                        .is_never = prefer == 0,
                        .weight = prefer > 0 ? prefer : 1,
                        .n = n,
                        .parts = parts,
                        .is_pair = is_pair,
                        .line = 1};
}

/** Two voices, one group, one phrase of one bar in C major: a chord a beat, and the first chord after. */
static inline void toy_begin(toy_style *toy, es_meter meter, const es_chord *chords, es_chord next,
                             es_tick grid)
{
    memset(toy, 0, sizeof *toy);
    es_style *style = &toy->style;
    style->name = style->title = style->source = "toy";
    style->meter = meter;
    style->n_parts = style->n_lines = 2;
    style->n_groups = 1;
    style->groups[0] =
        (es_group){.name = "all", .n_parts = 2, .part = {0, 1}, .exponent = 1, .temperature = 1};
    style->constraints = toy->constraints;
    toy_part(toy, 0, "upper", 67, 76, 72, grid);
    toy_part(toy, 1, "lower", 60, 69, 64, grid);
    toy->leaf = (es_phrase_leaf){.section = "toy", .label = 'a', .bars = 1};
    es_plan_phrase *phrase = &toy->phrase;
    phrase->leaf = &toy->leaf;
    phrase->quotes = phrase->next_quotes = -1;
    phrase->n_bars = 1;
    phrase->is_first = true;
    phrase->next_chord = next;
    es_plan_bar *bar = &phrase->bar[0];
    bar->meter = meter;
    bar->copy = -1;
    for (int b = 0; b < es_meter_beats(meter); b++) {
        bar->chord[b] = chords[b];
        bar->chord_starts[b] = true;
    }
    for (int p = 0; p < ES_MAX_PARTS; p++) {
        bar->pattern[p] = p < 2 ? -1 : -2;
        bar->cell[p] = bar->echo[p] = -1;
    }
}

#endif
