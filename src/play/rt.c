/*
 * The playing thread. Each message is due at `start_ns` plus its own time, never at a time after the one before, so nothing adds
 * up. What comes too late does not hold up the rest: note-ons long past their time are left out and the time goes on; note-offs and all
 * else are sent whenever they come. However it ends, nothing is left sounding.
 */
#include "play/rt.h"

#include "base/thread.h"

#include <string.h>

static const uint64_t lead_ns = 20000000;  /* from having the first bar to its start */
static const uint64_t slice_ns = 10000000; /* a stop is noticed at least this often */
static const uint64_t empty_ns = 1000000;  /* and so often is an empty ring looked at */
static const uint64_t late_ns = 50000000;  /* from here on a bar counts as late ... */
static const uint64_t drop_ns = 100000000; /* ... and from here on its notes are left out */

enum { MIDI_STOP = 0xFC };

static bool is_stopped(const es_play_rt *rt)
{
    return atomic_load_explicit(&rt->stop, memory_order_relaxed) == ES_PLAY_STOP;
}

static uint64_t now(const es_play_rt *rt) ES_REALTIME
{
    return rt->clock.now(rt->clock.self);
}

/* False when stopped meanwhile. The composing thread is told how far the time is. */
static bool wait_until(es_play_rt *rt, uint64_t due_ns) ES_REALTIME
{
    for (;;) {
        if (is_stopped(rt)) {
            return false;
        }
        const uint64_t present = now(rt);
        if (present > rt->start_ns) {
            atomic_store_explicit(&rt->played_ns, present - rt->start_ns, memory_order_relaxed);
        }
        if (present >= due_ns) {
            return true;
        }
        rt->clock.sleep_until(rt->clock.self,
                              due_ns - present > slice_ns ? present + slice_ns : due_ns);
    }
}

static bool is_note_on(const estro_message *message)
{
    return message->kind == ESTRO_MIDI && (message->data[0] & 0xF0) == 0x90 && message->data[2] > 0;
}

/* How late a message is; counts its bar once. */
static uint64_t lateness(es_play_rt *rt, const es_cue *cue) ES_REALTIME
{
    const uint64_t due_ns = rt->start_ns + cue->message.time_ns;
    const uint64_t present = now(rt);
    const uint64_t late = present > due_ns ? present - due_ns : 0;

    if (late > atomic_load_explicit(&rt->worst_ns, memory_order_relaxed)) {
        atomic_store_explicit(&rt->worst_ns, late, memory_order_relaxed);
    }
    if (late > late_ns && rt->late_bar != cue->bar + 1) {
        rt->late_bar = cue->bar + 1;
        atomic_fetch_add_explicit(&rt->late, 1, memory_order_relaxed);
    }
    return late;
}

static void tell_section(es_play_rt *rt, const char *section) ES_REALTIME
{
    es_play_news *const news = es_ring_slot(&rt->news);

    if (news) {
        const size_t length = strnlen(section, ES_PLAY_SECTION - 1);
        memcpy(news->section, section, length);
        news->section[length] = '\0';
        es_ring_commit(&rt->news);
    }
}

static estro_status send(es_play_rt *rt, const estro_message *message) ES_REALTIME
{
    const estro_status status = rt->sink->ops->write(rt->sink->self, message, &rt->diag);

    rt->has_failed = status != ESTRO_OK;
    es_ledger_see(&rt->ledger, message);
    if (message->kind == ESTRO_MIDI && message->size == 1) {
        rt->has_clock_started = message->data[0] != MIDI_STOP;
    }
    return status;
}

/* Play one message at its time. ESTRO_ERR_CANCELLED when stopped before. */
static estro_status play(es_play_rt *rt, const es_play_record *record) ES_REALTIME
{
    estro_message message = record->cue.message;

    message.text = record->has_text ? record->text : NULL;
    if (rt->sink->ops->is_live) {
        if (!wait_until(rt, rt->start_ns + message.time_ns)) {
            return ESTRO_ERR_CANCELLED;
        }
        const uint64_t late = lateness(rt, &record->cue);
        if (late > drop_ns && is_note_on(&message)) {
            rt->has_dropped = true;
            return ESTRO_OK;
        }
    } else if (is_stopped(rt)) {
        return ESTRO_ERR_CANCELLED;
    }
    if (rt->has_dropped && !es_ledger_wants(&rt->ledger, &message)) {
        return ESTRO_OK;
    }
    if (record->cue.bar + 1 != rt->bar) {
        rt->bar = record->cue.bar + 1;
        atomic_store_explicit(&rt->bars, rt->bar, memory_order_relaxed);
    }
    if (message.kind == ESTRO_MARKER && message.text) {
        tell_section(rt, message.text);
    }
    return send(rt, &message);
}

/* Until the first bar is there; then the music's time begins. */
static bool wait_for_music(es_play_rt *rt)
{
    while (!atomic_load_explicit(&rt->is_ready, memory_order_acquire)) {
        if (is_stopped(rt)) {
            return false;
        }
        rt->clock.idle(rt->clock.self, empty_ns);
    }
    rt->start_ns = now(rt) + lead_ns;
    return true;
}

static estro_status play_all(es_play_rt *rt) ES_REALTIME
{
    for (;;) {
        const es_play_record *const record = es_ring_peek(&rt->messages);
        if (!record) {
            if (is_stopped(rt)) {
                return ESTRO_ERR_CANCELLED;
            }
            rt->clock.idle(rt->clock.self, empty_ns);
            continue;
        }
        const estro_status status = record->is_end ? record->status : play(rt, record);
        if (record->is_end || status != ESTRO_OK) {
            return status;
        }
        es_ring_pop(&rt->messages);
    }
}

/* Note-offs for what sounds, and the stop of the clock; where a write has failed, the sink's own way. */
static void silence(es_play_rt *rt) ES_REALTIME
{
    const uint64_t present = now(rt);
    estro_message message = {.time_ns = present > rt->start_ns ? present - rt->start_ns : 0};

    while (!rt->has_failed && es_ledger_silence(&rt->ledger, &message)) {
        send(rt, &message);
    }
    if (!rt->has_failed && rt->has_clock_started) {
        const estro_message end = {
            .kind = ESTRO_MIDI, .size = 1, .data = {MIDI_STOP}, .time_ns = message.time_ns};
        send(rt, &end);
    }
    if (rt->has_failed && rt->sink->ops->panic) {
        rt->sink->ops->panic(rt->sink->self);
    }
}

void *es_play_rt_run(void *self)
{
    es_play_rt *const rt = self;
    estro_status status = ESTRO_ERR_CANCELLED;

    if (rt->sink->ops->is_live) {
        es_thread_raise();
    }
    if (wait_for_music(rt)) {
        status = play_all(rt);
        silence(rt);
    }
    atomic_store_explicit(&rt->status, (int)status, memory_order_relaxed);
    atomic_store_explicit(&rt->is_over, true, memory_order_release);
    return NULL;
}
