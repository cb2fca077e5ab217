/**
 * @file fingerprint.h
 * Fingerprints of runs of notes: how a copy of the training material is known.
 *
 * A run is ES_RUN_NOTES notes of one voice, each as its interval to the note before and the time between their beginnings,
 * so that transposition does not hide it. A model stores the sorted fingerprints of all runs it was trained on. More than
 * ES_RUN_NOTES notes are a copy when the fingerprints of all runs in them are found.
 */
#ifndef ES_STREAM_FINGERPRINT_H
#define ES_STREAM_FINGERPRINT_H

#include "music/time.h"
#include "stream/roll.h"

enum {
    ES_RUN_NOTES = 13, /**< One more than may be copied by default. */
    ES_FINGERPRINT_BITS =
        32 /**< Fingerprints are below 2^32: few bytes each, and chance hits are rare. */
};

/** The last notes of a voice. Plain data: copy it to snapshot it; zero = no notes yet. */
typedef struct es_run {
    uint32_t pair[ES_RUN_NOTES - 1]; /**< Interval and time of the last notes, the latest first. */
    uint8_t n_pairs;
    uint8_t has_note;
    int16_t pitch; /**< Of the last note. */
    es_tick start;
} es_run;

/** Add a note that begins at `start`. Where the coding has no onsets, repeated pitches are one note: do not add them. */
void es_run_push(es_run *run, int pitch, es_tick start);

/** Fingerprint of the run that this note would complete, were it the next; 0 when there are too few notes before. */
uint64_t es_run_fingerprint(const es_run *run, int pitch, es_tick start);

/** Is it in the list? @param sorted [count], ascending; borrowed. 0 never is. */
bool es_fingerprint_find(const uint64_t *sorted, size_t count, uint64_t fingerprint);

/**
 * Large corpora keep fewer bits of each fingerprint: this is what is left of one beside such a list. 0 stays 0.
 *
 * @param mask  es_fingerprints_mask of the list.
 */
uint64_t es_fingerprint_cut(uint64_t fingerprint, uint64_t mask);

/** A growing list of fingerprints: owned array, es_free. Zero-initialise. */
typedef struct es_fingerprints {
    uint64_t *list;
    size_t count, capacity;
} es_fingerprints;

/** Append all runs of a piece. */
estro_status es_fingerprints_add(es_fingerprints *to, const es_roll *roll, bool has_onsets,
                                 estro_diag *diag);

/**
 * Sort, and keep one of each. Of more than 2^18, only so many bits are kept that one run in 24 or fewer is taken for a copy by
 * chance: a byte each in a file instead of two.
 */
void es_fingerprints_sort(es_fingerprints *list);

/** The bits that fingerprints of a list may have: all from the lowest that one of them has. */
uint64_t es_fingerprints_mask(const uint64_t *list, size_t count);

#endif
