/*
 * Set-up and tear-down of playing, and the composing thread, which keeps the ring some seconds ahead of what sounds: far enough
 * that a phrase can be composed meanwhile, near enough that an ending asked for comes soon.
 *
 * The source belongs to the composing thread and the sink to the playing thread, from start to free.
 */
#include "play/player.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/thread.h"
#include "play/rt.h"

#include <string.h>

enum { RING_RECORDS = 4096, NEWS_RECORDS = 16 };

static const uint64_t ahead_ns = 4000000000; /* composed but not yet played */
static const uint64_t nap_ns = 5000000;

struct estro_player {
    es_play_rt rt;
    estro_source *source;
    es_thread composing, playing;
    estro_diag source_diag; /* the composing thread's */
    es_play_news section;   /* of the last poll */
};

/* ---- the composing thread ---- */

static es_play_stop wanted(const estro_player *player)
{
    return (es_play_stop)atomic_load_explicit(&player->rt.stop, memory_order_relaxed);
}

static bool is_done(const estro_player *player)
{
    return wanted(player) == ES_PLAY_STOP ||
           atomic_load_explicit(&player->rt.is_over, memory_order_acquire);
}

static void set_ready(estro_player *player)
{
    atomic_store_explicit(&player->rt.is_ready, true, memory_order_release);
}

/* A free record, NULL when the playing is over. */
static es_play_record *wait_for_room(estro_player *player, uint64_t composed_ns)
{
    const es_play_rt *const rt = &player->rt;

    while (!is_done(player)) {
        const uint64_t played_ns = atomic_load_explicit(&rt->played_ns, memory_order_relaxed);
        const bool is_ahead = rt->sink->ops->is_live && composed_ns > played_ns + ahead_ns &&
                              atomic_load_explicit(&rt->is_ready, memory_order_relaxed);
        es_play_record *const record = es_ring_slot(&player->rt.messages);
        if (record && !is_ahead) {
            return record;
        }
        set_ready(player); /* a first bar that fills the ring has to do */
        es_clock_monotonic.idle(NULL, nap_ns);
    }
    return NULL;
}

static void fill(es_play_record *record, const es_cue *cue)
{
    const char *const text = cue->message.text;

    record->cue = *cue;
    record->cue.message.text = NULL;
    record->is_end = false;
    record->has_text = text != NULL;
    if (text) {
        const size_t length = strnlen(text, ES_PLAY_TEXT - 1);
        memcpy(record->text, text, length);
        record->text[length] = '\0';
    }
}

static void *compose(void *self)
{
    estro_player *const player = self;
    es_play_record *record;
    es_cue cue = {0};
    bool is_told = false;

    while ((record = wait_for_room(player, cue.message.time_ns)) != NULL) {
        if (!is_told && wanted(player) == ES_PLAY_FINISH) {
            is_told = true;
            es_source_finish(player->source);
        }
        const estro_status status = es_source_next(player->source, &cue, &player->source_diag);
        if (status != ESTRO_OK) {
            record->is_end = true;
            record->status = status == ESTRO_END ? ESTRO_OK : status;
            es_ring_commit(&player->rt.messages);
            break;
        }
        fill(record, &cue);
        es_ring_commit(&player->rt.messages);
        if (cue.bar > 0) {
            set_ready(player);
        }
    }
    set_ready(player);
    return NULL;
}

/* ---- from outside ---- */

static void release(estro_player *player)
{
    es_ring_done(&player->rt.messages);
    es_ring_done(&player->rt.news);
    es_free(player);
}

static void join(estro_player *player)
{
    es_thread_join(&player->playing);
    es_thread_join(&player->composing);
}

estro_status es_player_start(estro_player **out, estro_source *source, estro_sink *sink,
                             const es_clock *clock, estro_diag *diag)
{
    estro_player *const player = es_calloc(1, sizeof *player);

    if (!player) {
        return es_fail_memory(diag);
    }
    if (!es_ring_init(&player->rt.messages, RING_RECORDS, sizeof(es_play_record)) ||
        !es_ring_init(&player->rt.news, NEWS_RECORDS, sizeof(es_play_news))) {
        release(player);
        return es_fail_memory(diag);
    }
    player->source = source;
    player->rt.clock = clock ? *clock : es_clock_monotonic;
    player->rt.sink = sink;
    es_diag_init(&player->source_diag, NULL);
    es_diag_init(&player->rt.diag, NULL);
    if (sink->wants_clock) {
        es_source_clock(source);
    }
    if (!es_thread_start(&player->composing, compose, player) ||
        !es_thread_start(&player->playing, es_play_rt_run, &player->rt)) {
        es_player_stop(player, true);
        join(player);
        release(player);
        return es_fail(diag, ESTRO_ERR_MEMORY, "the system starts no more threads");
    }
    *out = player;
    return ESTRO_OK;
}

void es_player_poll(estro_player *player, estro_report *report)
{
    es_play_rt *const rt = &player->rt;
    const es_play_news *news;

    /* `is_over` first: what it stands for is then in the rest. */
    const bool is_over = atomic_load_explicit(&rt->is_over, memory_order_acquire);
    while ((news = es_ring_peek(&rt->news)) != NULL) {
        player->section = *news;
        es_ring_pop(&rt->news);
    }
    *report = (estro_report){
        .is_over = is_over,
        .status = (estro_status)atomic_load_explicit(&rt->status, memory_order_relaxed),
        .bars = atomic_load_explicit(&rt->bars, memory_order_relaxed),
        .late = atomic_load_explicit(&rt->late, memory_order_relaxed),
        .worst_ns = atomic_load_explicit(&rt->worst_ns, memory_order_relaxed),
        .section = player->section.section[0] ? player->section.section : NULL,
    };
}

void es_player_stop(estro_player *player, bool at_once)
{
    int present = ES_PLAY_ON;

    if (at_once) {
        atomic_store(&player->rt.stop, ES_PLAY_STOP);
    } else {
        /* Never back from a stop to an ending. */
        atomic_compare_exchange_strong(&player->rt.stop, &present, ES_PLAY_FINISH);
    }
}

estro_status es_player_free(estro_player *player, estro_diag *diag)
{
    if (!player) {
        return ESTRO_OK;
    }
    join(player);
    const estro_status status = (estro_status)atomic_load(&player->rt.status);
    if (status == ESTRO_ERR_CANCELLED) {
        es_fail(diag, status, "stopped");
    } else if (status != ESTRO_OK && diag) {
        *diag = player->rt.diag.status == status ? player->rt.diag : player->source_diag;
        diag->status = status;
    }
    release(player);
    return status;
}
