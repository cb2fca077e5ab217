/**
 * @file sched.h
 * The scheduler: played bars in, messages out, in order of time.
 *
 * It alone makes note-offs, and keeps the ledger of what sounds: a key that sounds on a channel is ended before it is struck again.
 * Order at one instant: note-off; tempo, metre, key, markers and texts; program; control; note-on; then channel; then key. Pure: no clock,
 * no thread; after es_sched_new it allocates only when a bar is larger than any before.
 */
#ifndef ES_SCHED_SCHED_H
#define ES_SCHED_SCHED_H

#include "perform/perform.h"

#include <estro/estro.h>

typedef struct es_sched es_sched;

/** A track: what is said once at the start. */
typedef struct es_sched_track {
    const char *name;   /**< Kept. */
    uint8_t channel;
    uint8_t program;
    uint8_t volume;
    int8_t pan;
    bool is_drums;
} es_sched_track;

estro_status es_sched_new(es_sched **out, const es_sched_track *tracks, size_t n_tracks,
                          const char *about, estro_diag *diag);
void es_sched_free(es_sched *sched);

/** Take a bar and what is played in it. Its messages up to its end (and its end's note-offs) can then be had. */
estro_status es_sched_bar(es_sched *sched, const es_bar *bar, const es_played *played,
                          size_t n_played, const es_tempo_point *tempo, size_t n_tempo,
                          estro_diag *diag);

/** The next message before the end of the last bar given; false when there is none yet. Text pointers live until the next es_sched_bar. */
bool es_sched_next(es_sched *sched, estro_message *message);

/** No more bars: what sounds is ended at its time or at the last bar line, and ESTRO_FINISH follows. */
void es_sched_finish(es_sched *sched);

/** What sounds now is ended at `time_ns`: note-offs for it can be had from es_sched_next, nothing else after them. */
void es_sched_silence(es_sched *sched, uint64_t time_ns);

#endif
