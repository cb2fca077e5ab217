/**
 * @file form.h
 * Which bars repeat which.
 */
#ifndef ES_ANALYSIS_FORM_H
#define ES_ANALYSIS_FORM_H

#include "score/score.h"

#include <estro/status.h>

/**
 * For each bar, the first earlier bar in which the same notes begin, or -1. Empty bars are like none.
 *
 * @param notes     [n_notes], in score order.
 * @param exact     Durations count too.
 * @param step      Onsets (and durations) are compared rounded to this.
 * @param bar_like  [n_bars], overwritten.
 * @return ESTRO_ERR_MEMORY.
 */
estro_status es_form_find(int16_t *bar_like, uint32_t n_bars, const es_note *notes, size_t n_notes,
                          es_tick bar, es_tick step, bool exact);

#endif
