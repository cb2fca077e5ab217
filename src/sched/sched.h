/**
 * @file sched.h
 * The scheduler: played bars in, messages out, in order of time.
 *
 * It alone makes note-offs, and keeps the ledger of what sounds: a key that sounds on a channel is ended before it is struck again.
 * Pure: no clock, no thread; after es_sched_new it allocates only when a bar is larger than any before.
 *
 * Order at one instant:
 *  1. note-offs;
 *  2. MIDI clock (start before the first pulse);
 *  3. how the piece was made, then the names of the tracks (both at the start only);
 *  4. tempo, metre, key, section, phrase, chord;
 *  5. programs, then controllers;
 *  6. note-ons;
 *  7. the end of the piece.
 * Within one of these: by channel, then by key, then as they came.
 */
#ifndef ES_SCHED_SCHED_H
#define ES_SCHED_SCHED_H

#include "perform/perform.h"

#include <estro/estro.h>

typedef struct es_sched es_sched;

/** A track: what is said once at the start. */
typedef struct es_sched_track {
    const char *name; /**< Kept. */
    uint8_t channel;
    uint8_t program;
    uint8_t volume;
    int8_t pan;
    uint8_t pedal; /**< es_pedal: when the pedal (control 64) is changed while the track plays. */
    bool is_drums;
} es_sched_track;

/**
 * @param tracks  [n_tracks], borrowed; its names are kept.
 * @param about   How the piece is made, the first text; kept, may be NULL.
 * @return ESTRO_ERR_ARGUMENT for a channel past 15, ESTRO_ERR_MEMORY.
 */
estro_status es_sched_new(es_sched **out, const es_sched_track *tracks, size_t n_tracks,
                          const char *about, estro_diag *diag);
void es_sched_free(es_sched *sched);

/** Send MIDI clock as well: start, 24 pulses a quarter, stop. Before the first bar. */
void es_sched_clock(es_sched *sched);

/**
 * Take a bar and what is played in it. Its messages up to its end (and its end's note-offs) can then be had.
 *
 * Each phrase gives the text "phrase LABEL BARS CADENCE", each chord ESTRO_CHORD with "SYMBOL ROMAN". Tempo, metre and key are said
 * where they change.
 *
 * @param bar     Begins where the one before ended, or later; its section is kept until the next bar.
 * @param played  [n_played], by start. Two strikes of a key at one instant are one.
 * @return ESTRO_ERR_ARGUMENT for a bar out of place or a part without a track, ESTRO_ERR_MEMORY; nothing is taken then.
 */
estro_status es_sched_bar(es_sched *sched, const es_bar *bar, const es_played *played,
                          size_t n_played, const es_tempo_point *tempo, size_t n_tempo,
                          estro_diag *diag);

/** The next message of the bars given; false when there is none yet. Text pointers live until the next es_sched_bar. */
bool es_sched_next(es_sched *sched, estro_message *message);

/** No more bars: what sounds is ended at its time or at the last bar line, and ESTRO_FINISH follows. */
void es_sched_finish(es_sched *sched);

/** What sounds now is ended at `time_ns`: note-offs for it can be had from es_sched_next, nothing else after them. */
void es_sched_silence(es_sched *sched, uint64_t time_ns);

/** When the last bar given begins and ends. */
void es_sched_span(const es_sched *sched, uint64_t *start_ns, uint64_t *end_ns);

#endif
