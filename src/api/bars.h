/**
 * @file bars.h
 * Which bars and parts of a piece are meant: "bar=17,part=alto".
 */
#ifndef ES_API_BARS_H
#define ES_API_BARS_H

#include "style/style.h"

#include <estro/status.h>

enum { ES_MOST_BAR_SETS = 64 };

typedef struct es_bars_of_part {
    uint32_t first, last; /**< Bars from 0; UINT32_MAX = to the end. */
    uint32_t parts;       /**< Bit i = part i. */
    uint32_t attempt;     /**< try=N, from 1. */
} es_bars_of_part;

/** @param scopes [ES_MOST_BAR_SETS], overwritten. @param text  Scopes divided by spaces. @return ESTRO_ERR_ARGUMENT, which says where. */
estro_status es_bars_parse(es_bars_of_part *scopes, size_t *count, const char *text,
                           const es_style *style, estro_diag *diag);

/** Whether a scope goes beyond the piece. @return ESTRO_ERR_ARGUMENT, which says how long it is. */
estro_status es_bars_check(const es_bars_of_part *scopes, size_t count, uint32_t n_bars,
                           estro_diag *diag);

/** The scope in which a bar of a part lies, NULL = none. */
const es_bars_of_part *es_bars_find(const es_bars_of_part *scopes, size_t count, uint32_t bar,
                                    int part);

#endif
