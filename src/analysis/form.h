/**
 * @file form.h
 * Which bars repeat which.
 */
#ifndef ES_ANALYSIS_FORM_H
#define ES_ANALYSIS_FORM_H

#include "score/score.h"

#include <estro/status.h>

#include <stdbool.h>

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

/** A passage that repeats an earlier one, bar by bar. */
typedef struct es_repeat {
    uint32_t first, count; /**< Its bars. */
    uint32_t like; /**< First bar of the earlier passage, which ends before this one begins. */
} es_repeat;

/**
 * The next repeat of two bars or more from bar `from` on, the longest that begins where it does.
 *
 * @return False when there is none.
 */
bool es_form_next_repeat(es_repeat *out, const int16_t *bar_like, uint32_t n_bars, uint32_t from);

#endif
