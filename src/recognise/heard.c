/*
 * Tracks to events: note-ons alone, as a style decides when notes begin; those of one instant are one event. Bars follow the time
 * signatures of the file.
 */
#include "recognise/heard.h"

#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

enum { MOST_BARS = 65536 };

static es_tick tick_of(const es_smf *smf, const es_smf_event *event)
{
    return (event->tick * ES_QUARTER + smf->division / 2) / smf->division;
}

static bool begins_note(const es_smf_event *event)
{
    return (event->status & 0xF0) == 0x90 && event->data2 > 0;
}

/* Insert into the descending keys of an event. */
static void add_key(es_heard_event *event, uint8_t key)
{
    int at = 0;

    while (at < event->count && event->key[at] > key) {
        at++;
    }
    if (event->count == ES_HEARD_TOGETHER || (at < event->count && event->key[at] == key)) {
        return;
    }
    memmove(&event->key[at + 1], &event->key[at], (size_t)(event->count - at));
    event->key[at] = key;
    event->count++;
}

static estro_status read_track(es_heard_track *track, const es_smf *smf, uint16_t t,
                               estro_diag *diag)
{
    for (size_t i = smf->track_first[t]; i < smf->track_first[t + 1]; i++) {
        const es_smf_event *event = &smf->events[i];
        if (!begins_note(event)) {
            continue;
        }
        const es_tick start = tick_of(smf, event);
        if (track->n_events == 0 || track->events[track->n_events - 1].start != start) {
            if (!es_grow(&track->events, track->n_events, &track->capacity,
                         sizeof *track->events)) {
                return es_fail_memory(diag);
            }
            track->events[track->n_events++] = (es_heard_event){.start = start};
        }
        add_key(&track->events[track->n_events - 1], event->data1);
    }
    return ESTRO_OK;
}

static estro_status read_tracks(es_heard *out, const es_smf *smf, estro_diag *diag)
{
    out->tracks = es_calloc(smf->n_tracks ? smf->n_tracks : 1, sizeof *out->tracks);
    if (!out->tracks) {
        return es_fail_memory(diag);
    }
    for (uint16_t t = 0; t < smf->n_tracks; t++) {
        es_heard_track *track = &out->tracks[out->n_tracks];
        ES_TRY(read_track(track, smf, t, diag));
        for (size_t e = 0; e < track->n_events; e++) {
            out->n_notes += track->events[e].count;
        }
        out->n_tracks += track->n_events > 0;
    }
    return out->n_notes ? ESTRO_OK : es_fail(diag, ESTRO_ERR_FORMAT, "no notes");
}

static es_tick end_of(const es_smf *smf)
{
    es_tick end = 0;

    for (size_t i = 0; i < smf->n_events; i++) {
        const es_tick tick = tick_of(smf, &smf->events[i]);
        end = tick > end ? tick : end;
    }
    return end;
}

/* The metre that the file states last at or before a tick; 4/4 if none. */
static es_meter meter_at(const es_smf *smf, es_tick tick)
{
    es_meter meter = {4, 4};
    es_tick found = -1;

    for (size_t i = 0; i < smf->n_events; i++) {
        const es_smf_event *event = &smf->events[i];
        const es_tick at = tick_of(smf, event);
        if (event->status == ES_SMF_META && event->data1 == ES_SMF_METER && event->size >= 2 &&
            at <= tick && at >= found && smf->bytes[event->offset] > 0 &&
            smf->bytes[event->offset + 1] <= 5) {
            meter = (es_meter){smf->bytes[event->offset],
                               (uint8_t)(1u << smf->bytes[event->offset + 1])};
            found = at;
        }
    }
    return meter;
}

static estro_status lay_bars(es_heard *out, const es_smf *smf, estro_diag *diag)
{
    const es_tick end = end_of(smf);
    size_t starts = 0, meters = 0;
    es_tick at = 0;

    do {
        const es_meter meter = meter_at(smf, at);
        if (out->n_bars == MOST_BARS) {
            return es_fail(diag, ESTRO_ERR_FORMAT, "more than %d bars", MOST_BARS);
        }
        if (!es_grow(&out->bar_start, out->n_bars + 1, &starts, sizeof *out->bar_start) ||
            !es_grow(&out->bar_meter, out->n_bars, &meters, sizeof *out->bar_meter)) {
            return es_fail_memory(diag);
        }
        out->bar_start[out->n_bars] = at;
        out->bar_meter[out->n_bars++] = meter;
        at += es_meter_bar(meter);
        out->bar_start[out->n_bars] = at;
    } while (at < end && !es_heard_same(at, end));
    return ESTRO_OK;
}

static estro_status index_bars(es_heard *out, estro_diag *diag)
{
    for (size_t t = 0; t < out->n_tracks; t++) {
        es_heard_track *track = &out->tracks[t];
        size_t e = 0;
        track->bar_first = es_calloc(out->n_bars + 1, sizeof *track->bar_first);
        if (!track->bar_first) {
            return es_fail_memory(diag);
        }
        for (uint32_t b = 0; b < out->n_bars; b++) {
            while (e < track->n_events && track->events[e].start < out->bar_start[b] &&
                   !es_heard_same(track->events[e].start, out->bar_start[b])) {
                e++;
            }
            track->bar_first[b] = e;
        }
        track->bar_first[out->n_bars] = track->n_events;
    }
    return ESTRO_OK;
}

estro_status es_heard_read(es_heard *out, const es_smf *smf, estro_diag *diag)
{
    es_heard heard = {0};
    estro_status status;

    if (smf->division <= 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "its time is in frames, not in beats");
    }
    status = read_tracks(&heard, smf, diag);
    status = status == ESTRO_OK ? lay_bars(&heard, smf, diag) : status;
    status = status == ESTRO_OK ? index_bars(&heard, diag) : status;
    if (status != ESTRO_OK) {
        es_heard_done(&heard);
        return status;
    }
    *out = heard;
    return ESTRO_OK;
}

void es_heard_done(es_heard *heard)
{
    for (size_t t = 0; t < heard->n_tracks; t++) {
        es_free(heard->tracks[t].events);
        es_free(heard->tracks[t].bar_first);
    }
    es_free(heard->tracks);
    es_free(heard->bar_start);
    es_free(heard->bar_meter);
    *heard = (es_heard){0};
}
