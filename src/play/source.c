/*
 * Bars to messages: take a bar, perform it, schedule it, hand out its messages. Nothing is kept of a bar once the next is taken.
 */
#include "play/source.h"

#include "base/diag.h"
#include "base/mem.h"
#include "sched/sched.h"
#include "sink/sink.h"

typedef struct bars_source {
    es_bar_source bars;
    es_sched *sched;
    uint8_t track[ES_MAX_PARTS]; /* of each part, from 0 */
    es_played *played;
    size_t capacity; /* of `played` */
    es_note *drawn;  /* of a bar, without what is given */
    size_t drawn_capacity;
    uint32_t bar;
    uint64_t bar_ns;
    bool is_over;
} bars_source;

static void bars_free(void *self)
{
    bars_source *const source = self;

    es_sched_free(source->sched);
    es_free(source->played);
    es_free(source->drawn);
    es_free(source);
}

/* From parts to tracks; notes of parts without one drop out. */
static size_t keep_heard(const bars_source *source, es_played *played, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const uint8_t part = played[i].part;
        if ((source->bars.parts >> part) & 1) {
            played[kept] = played[i];
            played[kept].part = source->track[part];
            kept++;
        }
    }
    return kept;
}

static estro_status leave_kept(bars_source *source, es_bar *bar, estro_diag *diag)
{
    if (bar->n_notes > source->drawn_capacity) {
        es_note *const grown = es_realloc(source->drawn, bar->n_notes, sizeof *grown);
        if (!grown) {
            return es_fail_memory(diag);
        }
        source->drawn = grown;
        source->drawn_capacity = bar->n_notes;
    }
    es_kept_leave(bar, source->drawn);
    return ESTRO_OK;
}

static estro_status take_bar(bars_source *source, estro_diag *diag)
{
    es_bar bar;
    es_tempo_point tempo[ES_MAX_TEMPO_POINTS];
    size_t n_tempo = 0;
    uint64_t end_ns;
    const es_kept *const kept = source->bars.kept;
    const estro_status status = source->bars.next(source->bars.self, &bar, diag);

    if (status == ESTRO_END) {
        es_sched_finish(source->sched);
        source->is_over = true;
        return ESTRO_OK;
    }
    ES_TRY(status);
    size_t most = es_perform_most(&bar), first;
    if (kept) {
        ES_TRY(leave_kept(source, &bar, diag));
        most += es_kept_of(kept, bar.index, &first);
    }
    if (most > source->capacity) {
        es_played *const grown = es_realloc(source->played, most, sizeof *grown);
        if (!grown) {
            return es_fail_memory(diag);
        }
        source->played = grown;
        source->capacity = most;
    }
    size_t count = bar.n_notes;
    if (source->bars.as_written) {
        es_perform_plain(source->bars.style, &bar, source->played, tempo, &n_tempo);
    } else {
        count = es_perform_bar(source->bars.style, source->bars.seed, &bar, source->played, tempo,
                               &n_tempo);
    }
    if (kept) {
        count = es_kept_put(kept, bar.index, source->played, count);
    }
    const size_t heard = keep_heard(source, source->played, count);
    ES_TRY(es_sched_bar(source->sched, &bar, source->played, heard, tempo, n_tempo, diag));
    source->bar = bar.index;
    es_sched_span(source->sched, &source->bar_ns, &end_ns);
    return ESTRO_OK;
}

static estro_status bars_next(void *self, es_cue *cue, estro_diag *diag)
{
    bars_source *const source = self;

    while (!es_sched_next(source->sched, &cue->message)) {
        if (source->is_over) {
            return ESTRO_END;
        }
        ES_TRY(take_bar(source, diag));
    }
    cue->bar = source->bar;
    cue->bar_ns = source->bar_ns;
    return ESTRO_OK;
}

static void bars_clock(void *self)
{
    es_sched_clock(((bars_source *)self)->sched);
}

static void bars_finish(void *self)
{
    const bars_source *const source = self;

    source->bars.finish(source->bars.self);
}

static const es_source_ops bars_ops = {bars_next, bars_clock, bars_finish, bars_free};

static estro_status new_sched(bars_source *source, estro_diag *diag)
{
    const es_style *const style = source->bars.style;
    es_sched_track tracks[ES_MAX_PARTS];
    uint8_t n_tracks = 0;

    for (uint32_t i = 0; i < style->n_parts; i++) {
        const es_part *const part = &style->parts[i];
        if (!((source->bars.parts >> i) & 1)) {
            continue;
        }
        source->track[i] = n_tracks;
        tracks[n_tracks++] = (es_sched_track){
            .name = part->name,
            .channel = part->channel,
            .program = part->program,
            .volume = part->volume,
            .pan = part->pan,
            .pedal = source->bars.as_written ? ES_PEDAL_NONE : part->pedal,
            .is_drums = part->role == ES_ROLE_DRUMS,
        };
    }
    return es_sched_new(&source->sched, tracks, n_tracks, source->bars.about, diag);
}

estro_status es_source_bars(estro_source **out, const es_bar_source *bars, estro_diag *diag)
{
    estro_source *const source = es_calloc(1, sizeof *source);
    bars_source *const self = es_calloc(1, sizeof *self);
    estro_status status = ESTRO_ERR_MEMORY;

    if (source && self) {
        self->bars = *bars;
        status = new_sched(self, diag);
    } else {
        es_fail_memory(diag);
    }
    if (status != ESTRO_OK) {
        es_free(self);
        es_free(source);
        return status;
    }
    source->ops = &bars_ops;
    source->self = self;
    *out = source;
    return ESTRO_OK;
}

void es_source_free(estro_source *source)
{
    if (source) {
        source->ops->free(source->self);
        es_free(source);
    }
}

estro_status es_source_next(estro_source *source, es_cue *cue, estro_diag *diag)
{
    if (atomic_load_explicit(&source->is_stopped, memory_order_relaxed)) {
        return es_fail(diag, ESTRO_ERR_CANCELLED, "stopped before the end");
    }
    return source->ops->next(source->self, cue, diag);
}

void es_source_stop(estro_source *source)
{
    atomic_store_explicit(&source->is_stopped, true, memory_order_relaxed);
}

void es_source_clock(estro_source *source)
{
    source->ops->clock(source->self);
}

void es_source_finish(estro_source *source)
{
    source->ops->finish(source->self);
}

estro_status es_render(estro_source *source, estro_sink *sink, estro_diag *diag)
{
    es_cue cue;
    estro_status status;

    if (sink->wants_clock) {
        es_source_clock(source);
    }
    while ((status = es_source_next(source, &cue, diag)) == ESTRO_OK) {
        ES_TRY(sink->ops->write(sink->self, &cue.message, diag));
    }
    return status == ESTRO_END ? ESTRO_OK : status;
}
