/**
 * @file gather.h
 * What a MIDI file says by itself: notes in musical time, parts, metre, tempo, key signature. The first step of analysis.
 */
#ifndef ES_ANALYSIS_GATHER_H
#define ES_ANALYSIS_GATHER_H

#include "analysis/analysis.h"

/** A note that is still being worked on. */
typedef struct es_found_note {
    es_note note;
    uint8_t velocity;
} es_found_note;

/** What was gathered. `notes` is owned (es_free). */
typedef struct es_gathered {
    es_found_note *notes; /**< Sorted by start, part, key (es_found_notes_sort). */
    size_t n_notes;
    es_found_part parts[ES_FOUND_PARTS]; /**< Name, channel, program and is_drums are filled. */
    size_t n_parts;
    es_meter meter;   /**< In force for most of the piece. */
    es_tick bar_line; /**< Where it begins. */
    double tempo;
    bool has_signature;
    int8_t signature;  /**< Sharps of the first key signature, negative: flats. */
    es_tick file_tick; /**< Length of one tick of the file, rounded up: how exact its times are. */
} es_gathered;

estro_status es_gather(es_gathered *out, const es_smf *smf, estro_diag *diag);

/** Sort by start, part, key, duration, velocity. */
void es_found_notes_sort(es_found_note *notes, size_t count);

#endif
