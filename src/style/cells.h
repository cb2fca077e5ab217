/**
 * @file cells.h
 * Patterns: all ways of a rhythm rule to fill its span, and the hits of grooves.
 */
#ifndef ES_STYLE_CELLS_H
#define ES_STYLE_CELLS_H

#include "style/grammar.h"

/**
 * Spans of all grooves in a metre, and hits of those that are used or not imported, over those of another metre; their leaves in the rhythm get
 * their spans.
 *
 * @return ESTRO_ERR_STYLE when steps do not divide the bar of the style's own metre; a groove that has no place in another metre has
 *         no span there, and a leaf that fits nowhere.
 */
estro_status es_grooves_make(es_build *build, es_meter meter);

/** Hits of a groove that is used: an imported one that nothing uses need not fit the metre. @return As es_grooves_make. */
estro_status es_groove_use(es_build *build, es_groove *groove);

/** Lists cells of patterns from one grammar; its tables serve all of them. */
typedef struct es_cell_lister es_cell_lister;

/** In scratch memory; NULL when there is none. @param order From es_expand_finish. */
es_cell_lister *es_cell_lister_new(es_build *build, const es_grammar *grammar,
                                   const uint32_t *order, es_meter meter);

/**
 * List the cells of a pattern.
 *
 * The span is the smallest of 1, 2, 4 and 8 bars that the symbol can fill. Ways that sound alike become one cell.
 *
 * @param pattern  Its name, line and metre are set; the rest is overwritten. Cells are in the arena of the style.
 * @param place    Where it is asked for.
 * @return ESTRO_ERR_STYLE: it fills no such span (says by how much), or in more than ES_MAX_CELLS ways.
 */
estro_status es_cells_list(es_cell_lister *lister, es_pattern *pattern, uint32_t symbol,
                           es_place place);

/** The one cell of a groove, made in the pattern's metre. */
estro_status es_cells_groove(es_pattern *pattern, es_build *build, const es_groove *groove,
                             es_place place);

#endif
