/**
 * @file merge.h
 * The tracks of a MIDI file as one row of events in order of time.
 */
#ifndef ES_PLAY_MERGE_H
#define ES_PLAY_MERGE_H

#include "smf/smf.h"

#include <stdbool.h>

/** Each track keeps its own order; at one instant note-offs go first, then lower tracks. Format 2: track after track. */
typedef struct es_merge {
    const es_smf *smf;
    size_t *at;     /**< [n_tracks]: next event of each track. */
    uint16_t *heap; /**< Tracks that have events left, the one to go first on top. */
    size_t n_heap;
    uint16_t next_track; /**< Format 2: the track to come. */
    int64_t base;        /**< Format 2: where the present track begins. */
    int64_t end;         /**< The last tick met. */
} es_merge;

/** @param smf Kept. False when there is no memory. */
bool es_merge_init(es_merge *merge, const es_smf *smf);
void es_merge_done(es_merge *merge);

/** The next event and its tick, from the start of the file; NULL after the last. */
const es_smf_event *es_merge_next(es_merge *merge, int64_t *tick);

/** Does the event end a note: a note-off, or a note-on of velocity 0? */
bool es_smf_is_off(const es_smf_event *event);

#endif
