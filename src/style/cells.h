/**
 * @file cells.h
 * Patterns: all ways of a rhythm rule to fill its span, and the hits of grooves.
 */
#ifndef ES_STYLE_CELLS_H
#define ES_STYLE_CELLS_H

#include "style/grammar.h"

/** Spans of all grooves, when the metre is known, and hits of those that are not imported. @return ESTRO_ERR_STYLE when steps do not divide the bar. */
estro_status es_grooves_make(es_build *build);

/** Hits of a groove that is used: an imported one that nothing uses need not fit the metre. @return As es_grooves_make. */
estro_status es_groove_use(es_build *build, es_groove *groove);

/** Lists cells of patterns from one grammar; its tables serve all of them. */
typedef struct es_cell_lister es_cell_lister;

/** In scratch memory; NULL when there is none. @param order From es_expand_finish. */
es_cell_lister *es_cell_lister_new(es_build *build, const es_grammar *grammar,
                                   const uint32_t *order);

/**
 * List the cells of a pattern.
 *
 * The span is the smallest of 1, 2, 4 and 8 bars that the symbol can fill. Ways that sound alike become one cell.
 *
 * @param pattern  Its name and line are set; the rest is overwritten. Cells are in the arena of the style.
 * @param place    Where it is asked for.
 * @return ESTRO_ERR_STYLE: it fills no such span (says by how much), or in more than ES_MAX_CELLS ways.
 */
estro_status es_cells_list(es_cell_lister *lister, es_pattern *pattern, uint32_t symbol,
                           es_place place);

/** The one cell of a groove. */
estro_status es_cells_groove(es_pattern *pattern, es_build *build, const es_groove *groove);

#endif
