/**
 * @file grid.h
 * Where notes stand: the grid they were written on, and where its bar lines are.
 */
#ifndef ES_ANALYSIS_GRID_H
#define ES_ANALYSIS_GRID_H

#include "analysis/gather.h"

/** What was found about the times of the notes. */
typedef struct es_grid_found {
    uint8_t grid;      /**< Steps to a quarter. */
    bool on_grid;      /**< Nearly all onsets stand on it. */
    int tolerance;     /**< Ticks by which a time may miss the grid. */
    bool ends_on_grid; /**< Nearly all ends too; else notes are shortened by their articulation. */
} es_grid_found;

/** The coarsest grid that holds nearly all onsets; 4 when none does. */
es_grid_found es_grid_find(const es_gathered *gathered);

/**
 * Move onsets, ends and the first bar line to the finest grid, when notes are on one (the few that are not on the coarse one are not lost).
 * Ends that articulation moved go to where they were written, as far as that shows.
 */
void es_grid_snap(es_gathered *gathered, es_grid_found found);

/**
 * Shift all notes so that bar lines stand at multiples of a bar.
 *
 * The file tells the place of the first bar line by its metre. Where it was written without an upbeat's bar, the loudest
 * notes may tell another one: if nearly all of them stand at one place of the bar, it is the first of it.
 *
 * @return By how much.
 */
es_tick es_grid_align(es_gathered *gathered);

#endif
