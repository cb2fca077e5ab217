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

/** Where a file states its metre or its key. */
typedef struct es_statement {
    es_tick at;
    es_meter meter;   /**< The one in force from here on. */
    es_tick meter_at; /**< Where it began. */
    bool has_signature;
    int8_t signature; /**< The one in force. */
} es_statement;

/** What was gathered. Owned arrays; es_gathered_done. */
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
    es_statement *statements; /**< In order of time, one a time; the first at 0. */
    size_t n_statements;
} es_gathered;

estro_status es_gather(es_gathered *out, const es_smf *smf, estro_diag *diag);
void es_gathered_done(es_gathered *gathered);

/** All that follows gathering. @param gathered Its times are moved to the grid and to bar lines. */
estro_status es_analyse_gathered(es_analysis *out, es_gathered *gathered, estro_diag *diag);

/** Sort by start, part, key, duration, velocity. */
void es_found_notes_sort(es_found_note *notes, size_t count);

#endif
