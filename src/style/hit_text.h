/**
 * @file hit_text.h
 * Hits of a rhythm as the language writes them.
 */
#ifndef ES_STYLE_HIT_TEXT_H
#define ES_STYLE_HIT_TEXT_H

#include "base/text.h"
#include "style/style.h"

/** A length as note values: "8.", "4~16"; what no values make is written in ticks, "123 ticks". */
void es_value_text(es_text *text, es_tick ticks);

/** A hit: "8:c>", "4:b-". */
void es_hit_text(es_text *text, const es_hit *hit);

/**
 * The hits of a cell that begin in [from, to): "8 8:c 4:r". Of drums each with the beats, from 1, on which it is hit, with "?" where it is
 * left to chance: "kick 1 3, snare 2 4?".
 */
void es_cell_text(es_text *text, const es_cell *cell, es_tick from, es_tick to, es_tick beat);

/** A condition of a cell: "function = tonic". */
void es_condition_text(es_text *text, const es_condition *condition);

#endif
