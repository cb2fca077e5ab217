/**
 * @file source.h
 * Where messages come from: bars that are composed, performed and scheduled, or a MIDI file. One at a time, in order of time.
 */
#ifndef ES_PLAY_SOURCE_H
#define ES_PLAY_SOURCE_H

#include "perform/kept.h"

#include <estro/estro.h>

#include <stdatomic.h>

/** A message, and the bar that it belongs to. */
typedef struct es_cue {
    estro_message message;
    uint32_t bar;    /**< From 0. */
    uint64_t bar_ns; /**< When that bar begins. */
} es_cue;

/** Functions of a kind of source; `self` first. */
typedef struct es_source_ops {
    estro_status (*next)(void *self, es_cue *cue, estro_diag *diag);
    void (*clock)(void *self);
    void (*finish)(void *self);
    void (*free)(void *self);
} es_source_ops;

struct estro_source {
    const es_source_ops *ops;
    void *self;
    atomic_bool is_stopped; /**< By es_source_stop: no more messages. */
};

/** What gives bars: a composer, or a test. */
typedef struct es_bar_source {
    void *self; /**< Kept, as are style and about. */
    estro_status (*next)(void *self, es_bar *bar,
                         estro_diag *diag); /**< ESTRO_END after the last. */
    void (*finish)(void *self);             /**< End properly, soon. */
    const es_style *style;                  /**< Parts and performance. */
    uint32_t parts; /**< Those with a track, bit i = part i; notes of others are left out. */
    uint64_t seed;
    const char *about; /**< How the piece is made; may be NULL. */
    const es_kept
        *kept;       /**< Stands for the notes that are given; NULL = those are performed, too. */
    bool as_written; /**< No performance: straight times, written durations. */
} es_bar_source;

/** A source of bars. @return ESTRO_ERR_MEMORY. */
estro_status es_source_bars(estro_source **out, const es_bar_source *bars, estro_diag *diag);

/** As estro_source_file: any format and division. @return ESTRO_ERR_IO, ESTRO_ERR_FORMAT, ESTRO_ERR_MEMORY. */
estro_status es_source_file(estro_source **out, const char *path, estro_diag *diag);

/** The same from memory. @param bytes [size], owned from now on, even on failure. @param name For messages; borrowed. */
estro_status es_source_bytes(estro_source **out, uint8_t *bytes, size_t size, const char *name,
                             estro_diag *diag);

/** Accepts NULL. */
void es_source_free(estro_source *source);

/**
 * The next message. Its text lives until the next call.
 *
 * @return ESTRO_END after ESTRO_FINISH, ESTRO_ERR_CANCELLED after es_source_stop, or what the composer says.
 */
estro_status es_source_next(estro_source *source, es_cue *cue, estro_diag *diag);

/** Send MIDI clock too; before the first message. */
void es_source_clock(estro_source *source);

/** End soon: a composed piece by a proper close, a file at the next bar line. */
void es_source_finish(estro_source *source);

/** As estro_source_stop. */
void es_source_stop(estro_source *source);

/** As estro_render. */
estro_status es_render(estro_source *source, estro_sink *sink, estro_diag *diag);

#endif
