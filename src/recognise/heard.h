/**
 * @file heard.h
 * A piece as it is heard: which notes begin together on each track, and bar lines; nothing of names, programs, channels, tempo.
 */
#ifndef ES_RECOGNISE_HEARD_H
#define ES_RECOGNISE_HEARD_H

#include "music/time.h"
#include "smf/smf.h"

#include <stdbool.h>
#include <stdint.h>

enum { ES_HEARD_TOGETHER = 12 /**< Notes of a track that begin together; more are left out. */ };

/** Notes of a track that begin at one instant. */
typedef struct es_heard_event {
    es_tick start; /**< From the start of the piece. */
    uint8_t count;
    uint8_t key[ES_HEARD_TOGETHER]; /**< Descending, all different. */
} es_heard_event;

/** A track that has notes. */
typedef struct es_heard_track {
    es_heard_event *events; /**< Owned; by start. */
    size_t n_events, capacity;
    size_t *bar_first; /**< [n_bars + 1], owned: the first event of each bar. */
} es_heard_track;

typedef struct es_heard {
    es_heard_track *tracks; /**< [n_tracks], owned: those with notes, in the order of the file. */
    size_t n_tracks, n_notes;
    uint32_t n_bars;
    es_tick *bar_start;  /**< [n_bars + 1], owned; the last one is the end. */
    es_meter *bar_meter; /**< [n_bars], owned. */
} es_heard;

/**
 * Read what is heard out of a file: times as written, on the file's grid.
 *
 * @return ESTRO_ERR_FORMAT when it has SMPTE time, no notes, or more than 65,536 bars; ESTRO_ERR_MEMORY.
 */
estro_status es_heard_read(es_heard *out, const es_smf *smf, estro_diag *diag);
void es_heard_done(es_heard *heard);

/** Ticks that two times may be apart and still be one, as files round them. */
static inline bool es_heard_same(es_tick a, es_tick b)
{
    return a - b <= ES_QUARTER / ES_FILE_QUARTER && b - a <= ES_QUARTER / ES_FILE_QUARTER;
}

#endif
