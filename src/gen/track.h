/**
 * @file track.h
 * The notes of each line in the present phrase.
 */
#ifndef ES_GEN_TRACK_H
#define ES_GEN_TRACK_H

#include "gen/constraint.h"

/** End of a note that still sounds. */
#define ES_OPEN_END INT64_MAX

typedef struct es_track_note {
    es_tick start, end;
    int16_t pitch;
    int8_t accent;
    uint16_t marks;
} es_track_note;

/** A line. Notes do not overlap; the last may be open. */
typedef struct es_track {
    es_track_note *notes; /**< Owned. */
    size_t count, capacity;
    int16_t entry; /**< Sounding up to the start of the phrase, or ES_SILENT. */
} es_track;

/** Begin a note; the one before is closed. @return False when there is no memory. */
bool es_track_strike(es_track *track, es_tick tick, int pitch, int accent, uint16_t marks);
/** Close the last note if it is open. */
void es_track_close(es_track *track, es_tick tick);

/** What the line sounds before and from `tick` on; bits are left 0. */
es_sound es_track_at(const es_track *track, es_tick tick);

/** Index of the last note that begins at or before `tick`, -1 = none. */
int es_track_find(const es_track *track, es_tick tick);

/** The next tick after `tick` at which the line begins or ends a note; ES_OPEN_END when none. */
es_tick es_track_next(const es_track *track, es_tick tick);

#endif
