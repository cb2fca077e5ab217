/**
 * @file key.h
 * Key finding with what a file says about its key; without: es_analyse_key.
 */
#ifndef ES_ANALYSIS_KEY_H
#define ES_ANALYSIS_KEY_H

#include "analysis/analysis.h"

/** As es_analyse_key, with the sharps (negative: flats) of the file's key signature as one more sign. */
es_key es_key_find_signed(const es_note *notes, size_t n_notes, const es_found_part *parts,
                          int signature, double *confidence);

#endif
