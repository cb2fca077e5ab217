/**
 * @file cast.h
 * Which track is which part of a style, told by rhythms and ranges; and how the bars of each fit the patterns it may play.
 */
#ifndef ES_RECOGNISE_CAST_H
#define ES_RECOGNISE_CAST_H

#include "recognise/bar.h"

typedef struct es_casting {
    es_arena arena;
    es_hearing hearing[ES_MAX_PARTS]; /**< By part. */
    uint32_t *
        slot; /**< [n_patterns]: where the bars of a pattern begin among the slots; free rhythm and silence come first. */
    uint32_t n_slots;
    es_fit **fits; /**< [n_parts * n_slots * n_bars], made when first needed. */
} es_casting;

/**
 * Give the tracks to parts, both in their order, such that as many bars as can be fit some pattern of their part.
 *
 * @param is_cast  False when there is no way: more tracks than parts, or notes out of range.
 * @return ESTRO_ERR_MEMORY.
 */
estro_status es_casting_make(es_casting *out, const es_style *style, const es_heard *heard,
                             bool *is_cast, estro_diag *diag);
void es_casting_done(es_casting *casting);

/** How a bar of a part fits what it may play. Borrowed; NULL when there is no memory. */
const es_fit *es_casting_fit(es_casting *casting, uint32_t part, es_playing playing, uint32_t bar);

#endif
