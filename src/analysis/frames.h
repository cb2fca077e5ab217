/**
 * @file frames.h
 * The notes of a file as chords on a grid, without voices.
 */
#ifndef ES_ANALYSIS_FRAMES_H
#define ES_ANALYSIS_FRAMES_H

#include "analysis/analysis.h"
#include "stream/notes_roll.h"

/**
 * All notes but those of drums, of all parts together: what sounds in each step of the grid, and what begins in it.
 *
 * Times go to the nearest step; a note lasts a step at least. Of more than ES_NOTES_MOST notes at once the lowest, then the topmost are kept.
 *
 * @param out      Overwritten; untouched on failure. Ends with the last note.
 * @param dropped  Notes that do not begin in any step; may be NULL.
 * @return ESTRO_ERR_FORMAT when only drums play or it has more than 2^22 steps, ESTRO_ERR_MEMORY.
 */
estro_status es_analysis_frames(es_frames *out, const es_analysis *analysis, int grid,
                                size_t *dropped, estro_diag *diag);

#endif
