/**
 * @file voices.h
 * How many voices a file has, and making it have no more.
 */
#ifndef ES_ANALYSIS_VOICES_H
#define ES_ANALYSIS_VOICES_H

#include "analysis/analysis.h"

/** Parts that are not drums, whether they play in this piece or not. */
int es_count_parts(const es_analysis *analysis);

/**
 * Voices that hold nearly all notes, drums apart: for each part as many as sound at once, but for one note in twenty. A
 * double stop does not make two voices. @return 0 when there are no notes but those of drums; at most ES_MAX_VOICES.
 */
int es_count_voices(const es_analysis *analysis);

/**
 * Take out what goes beyond these voices, part by part: of notes that begin together the lower ones. The notes only;
 * of what analysis found, `polyphony` follows. @return How many were taken out.
 */
size_t es_thin_voices(es_analysis *analysis);

#endif
