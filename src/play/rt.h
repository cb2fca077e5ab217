/**
 * @file rt.h
 * The playing thread, and everything it may touch.
 *
 * It allocates nothing, locks nothing, opens nothing and composes nothing: it takes messages from a ring, waits for their time, and
 * writes them to the sink, whose own call is the only thing that may wait.
 */
#ifndef ES_PLAY_RT_H
#define ES_PLAY_RT_H

#include "base/clock.h"
#include "base/ring.h"
#include "play/source.h"
#include "sched/ledger.h"
#include "sink/sink.h"

#include <stdatomic.h>

#if defined(__clang__) && __clang_major__ >= 20
#define ES_REALTIME __attribute__((nonblocking))
#else
#define ES_REALTIME
#endif

enum {
    ES_PLAY_TEXT = 416, /**< Longest text that is played; what is longer is cut. */
    ES_PLAY_SECTION = 64
};

/** What the composing thread hands over: a message, or the end. */
typedef struct es_play_record {
    es_cue cue; /**< Its text, if any, is `text`. */
    bool is_end;
    bool has_text;
    estro_status status; /**< At the end: ESTRO_OK or what stopped the composer. */
    char text[ES_PLAY_TEXT];
} es_play_record;

/** What the playing thread tells: the section that begins. */
typedef struct es_play_news {
    char section[ES_PLAY_SECTION];
} es_play_news;

/** How a playing is to end. */
typedef enum es_play_stop {
    ES_PLAY_ON,
    ES_PLAY_FINISH, /**< At the next cadence. */
    ES_PLAY_STOP    /**< Now. */
} es_play_stop;

typedef struct es_play_rt {
    /* Settled before the thread starts. */
    es_clock clock;
    const estro_sink *sink;

    /* Shared with other threads. */
    es_ring messages;     /**< es_play_record; written by the composing thread. */
    es_ring news;         /**< es_play_news; read by whoever polls. */
    atomic_int stop;      /**< es_play_stop. */
    atomic_bool is_ready; /**< Enough is in the ring to begin. */
    atomic_bool is_over;  /**< Set last; what stands below may be read then. */
    atomic_uint_fast64_t bars, late, worst_ns;
    atomic_uint_fast64_t played_ns; /**< How far the music's time is; live sinks only. */
    atomic_int status;              /**< estro_status, before is_over is set. */

    /* The thread's own. */
    es_ledger ledger;
    uint64_t start_ns;      /**< On the clock: when the music began. */
    uint32_t bar, late_bar; /**< The bar that plays, and the last that was late; from 1. */
    bool has_dropped;       /**< Notes were left out, so some note-offs have lost theirs. */
    bool has_clock_started;
    bool has_failed; /**< The last write of the sink. */
    estro_diag diag;
} es_play_rt;

/** The thread: plays until the end of the ring's music, a stop, or a failure. @param self es_play_rt. */
void *es_play_rt_run(void *self);

#endif
