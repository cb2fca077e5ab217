/**
 * @file texture.h
 * Which pattern each part plays in each bar of a phrase, and what its motif letters ask.
 */
#ifndef ES_PLAN_TEXTURE_H
#define ES_PLAN_TEXTURE_H

#include "base/rng.h"
#include "plan/plan.h"

/** Fill in the patterns of the bars. Cannot fail. */
void es_texture_lay(es_plan_phrase *phrase, const es_style *style);

/**
 * Fill in cell, cell_bar and echo of the bars; those that repeat another keep what they have where conditions let them. All else is settled.
 *
 * @return ESTRO_ERR_CONFLICT where the conditions of a pattern leave no cell.
 */
estro_status es_texture_draw(es_plan_phrase *phrase, const es_style *style, uint64_t seed,
                             uint32_t attempt, estro_diag *diag);

/** The pattern of a part in bar `bar` of a phrase of `n_bars`: index, -1 free rhythm, -2 silent. */
int16_t es_texture_pattern(const es_texture_part *part, uint16_t bar, uint16_t n_bars);

/**
 * The parts that can play a bar of another phrase again as bar `b` of this one, as the texture lets them play there what they play in `bar`.
 *
 * @param phrase Its bars before `b` are settled.
 * @return Bit p: part p; 0 where none that sounds can.
 */
uint16_t es_texture_repeats(const es_plan_phrase *phrase, const es_style *style, uint16_t b,
                            const es_plan_bar *bar);

#endif
