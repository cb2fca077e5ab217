/*
 * A Standard MIDI file, format 1: track 0 holds what concerns all, each part has a track of its own. Messages are collected and
 * written whole when the sink is closed, so a file that could not be finished never appears.
 *
 * Invariant: events of one track stay in the order in which they came; ticks are rounded from the one grid to the file's, which keeps
 * the order.
 */
#include "sink/sink.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "music/time.h"
#include "smf/smf.h"

#include <stdio.h>
#include <string.h>

enum { MOST_TRACKS = 65535, CLOCKS_PER_QUARTER = 24, THIRTY_SECONDS_PER_QUARTER = 8 };

typedef struct smf_sink {
    char *path;
    es_smf_event *events; /* as they came */
    size_t n_events, capacity;
    uint8_t *bytes; /* payloads */
    size_t n_bytes, bytes_capacity;
    uint16_t n_tracks;
    int64_t end;
} smf_sink;

/* To 960 a quarter, to the nearest. */
static int64_t file_tick(int64_t tick)
{
    return (tick * ES_FILE_QUARTER + ES_QUARTER / 2) / ES_QUARTER;
}

static estro_status add_event(smf_sink *sink, const estro_message *message, es_smf_event event,
                              estro_diag *diag)
{
    if (message->track > MOST_TRACKS - 1) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "more tracks than a MIDI file can hold");
    }
    if (!es_grow(&sink->events, sink->n_events, &sink->capacity, sizeof *sink->events)) {
        return es_fail_memory(diag);
    }
    event.tick = file_tick(message->tick);
    event.track = message->track;
    sink->events[sink->n_events++] = event;
    if (message->track >= sink->n_tracks) {
        sink->n_tracks = (uint16_t)(message->track + 1);
    }
    if (event.tick > sink->end) {
        sink->end = event.tick;
    }
    return ESTRO_OK;
}

static bool add_bytes(smf_sink *sink, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!es_grow(&sink->bytes, sink->n_bytes, &sink->bytes_capacity, 1)) {
            return false;
        }
        sink->bytes[sink->n_bytes++] = ((const uint8_t *)bytes)[i];
    }
    return true;
}

static estro_status add_meta(smf_sink *sink, const estro_message *message, uint8_t type,
                             const void *bytes, size_t size, estro_diag *diag)
{
    const size_t offset = sink->n_bytes;

    if (offset + size > UINT32_MAX) {
        return es_fail(diag, ESTRO_ERR_IO, "more text than a MIDI file can hold");
    }
    if (!add_bytes(sink, bytes, size)) {
        return es_fail_memory(diag);
    }
    return add_event(sink, message,
                     (es_smf_event){.status = ES_SMF_META,
                                    .data1 = type,
                                    .offset = (uint32_t)offset,
                                    .size = (uint32_t)size},
                     diag);
}

static estro_status add_text(smf_sink *sink, const estro_message *message, uint8_t type,
                             const char *before, estro_diag *diag)
{
    const char *const text = message->text ? message->text : "";
    const size_t offset = sink->n_bytes;

    if (!add_bytes(sink, before, strlen(before))) {
        return es_fail_memory(diag);
    }
    ES_TRY(add_meta(sink, message, type, text, strlen(text), diag));
    es_smf_event *const event = &sink->events[sink->n_events - 1];
    event->size += event->offset - (uint32_t)offset;
    event->offset = (uint32_t)offset;
    return ESTRO_OK;
}

static estro_status add_meter(smf_sink *sink, const estro_message *message, estro_diag *diag)
{
    const es_meter meter = {message->data[0], (uint8_t)(1u << (message->data[1] & 7))};
    const es_tick clocks = es_meter_beat(meter) * CLOCKS_PER_QUARTER / ES_QUARTER;
    const uint8_t bytes[] = {message->data[0], message->data[1], (uint8_t)(clocks < 1 ? 1 : clocks),
                             THIRTY_SECONDS_PER_QUARTER};

    return add_meta(sink, message, ES_SMF_METER, bytes, sizeof bytes, diag);
}

static estro_status smf_write(void *self, const estro_message *message, estro_diag *diag)
{
    smf_sink *const sink = self;
    const uint32_t us = message->value;
    const uint8_t tempo[] = {(uint8_t)(us >> 16), (uint8_t)(us >> 8), (uint8_t)us};

    switch ((estro_message_kind)message->kind) {
    case ESTRO_MIDI:
        /* System messages have no place in a file: the clock of a device is made anew from the tempo. */
        if (message->data[0] < 0x80 || message->data[0] >= 0xF0) {
            return ESTRO_OK;
        }
        return add_event(sink, message,
                         (es_smf_event){.status = message->data[0],
                                        .data1 = message->data[1],
                                        .data2 = message->size > 2 ? message->data[2] : 0},
                         diag);
    case ESTRO_TEMPO:
        return add_meta(sink, message, ES_SMF_TEMPO, tempo, sizeof tempo, diag);
    case ESTRO_METER:
        return add_meter(sink, message, diag);
    case ESTRO_KEY:
        return add_meta(sink, message, ES_SMF_KEY, message->data, 2, diag);
    case ESTRO_TEXT:
        return add_text(sink, message, ES_SMF_TEXT, "", diag);
    case ESTRO_MARKER:
        return add_text(sink, message, ES_SMF_MARKER, "", diag);
    case ESTRO_CHORD:
        return add_text(sink, message, ES_SMF_TEXT, "chord ", diag);
    case ESTRO_TRACK:
        return add_text(sink, message, ES_SMF_TRACK_NAME, "", diag);
    case ESTRO_FINISH:
        if (file_tick(message->tick) > sink->end) {
            sink->end = file_tick(message->tick);
        }
        return ESTRO_OK;
    }
    return ESTRO_OK;
}

/*
 * Track after track, each ended on the last bar line. `sorted` [n_events + n_tracks]; `track_first` [n_tracks + 1], zeroed.
 * Counting keeps the order within a track.
 */
static void sort_by_track(const smf_sink *sink, es_smf_event *sorted, size_t *track_first)
{
    for (size_t i = 0; i < sink->n_events; i++) {
        track_first[sink->events[i].track + 1]++;
    }
    for (uint16_t track = 0; track < sink->n_tracks; track++) {
        track_first[track + 1] += track_first[track] + 1;
    }
    /* Each track is filled from its first place, which moves on and is set back behind. */
    for (size_t i = 0; i < sink->n_events; i++) {
        sorted[track_first[sink->events[i].track]++] = sink->events[i];
    }
    for (uint16_t track = 0; track < sink->n_tracks; track++) {
        sorted[track_first[track]] = (es_smf_event){
            .tick = sink->end, .track = track, .status = ES_SMF_META, .data1 = ES_SMF_END_OF_TRACK};
    }
    for (uint16_t track = sink->n_tracks; track > 0; track--) {
        track_first[track] = track_first[track - 1] + 1;
    }
    track_first[0] = 0;
}

static estro_status write_file(const smf_sink *sink, estro_diag *diag)
{
    const size_t count = sink->n_events + sink->n_tracks;
    es_smf_event *const sorted = es_calloc(count, sizeof *sorted);
    size_t *const track_first = es_calloc((size_t)sink->n_tracks + 1, sizeof *track_first);
    uint8_t *bytes = NULL;
    size_t size = 0;
    estro_status status = ESTRO_OK;

    if (!sorted || !track_first) {
        status = es_fail_memory(diag);
        goto done;
    }
    sort_by_track(sink, sorted, track_first);
    const es_smf smf = {
        .format = 1,
        .n_tracks = sink->n_tracks,
        .division = ES_FILE_QUARTER,
        .events = sorted,
        .n_events = count,
        .track_first = track_first,
        .bytes = sink->bytes,
        .n_bytes = sink->n_bytes,
    };
    status = es_smf_write(&bytes, &size, &smf, diag);
    if (status == ESTRO_OK) {
        status = es_file_write(sink->path, bytes, size, diag);
    }
done:
    es_free(bytes);
    es_free(track_first);
    es_free(sorted);
    return status;
}

static estro_status smf_close(void *self, bool commit, estro_diag *diag)
{
    smf_sink *const sink = self;
    const estro_status status = commit ? write_file(sink, diag) : ESTRO_OK;

    es_free(sink->events);
    es_free(sink->bytes);
    es_free(sink->path);
    es_free(sink);
    return status;
}

static const estro_sink_ops smf_ops = {
    .abi = ESTRO_SINK_ABI,
    .name = "smf",
    .is_live = false,
    .write = smf_write,
    .panic = NULL,
    .close = smf_close,
};

estro_status es_smf_sink_open(const estro_sink_ops **ops, void **self, const char *target,
                              const estro_sink_options *options, estro_diag *diag)
{
    (void)options;
    if (!target) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a MIDI file needs a name");
    }
    smf_sink *const sink = es_calloc(1, sizeof *sink);
    char *const path = es_strdup(target);
    if (!sink || !path) {
        es_free(sink);
        es_free(path);
        return es_fail_memory(diag);
    }
    sink->path = path;
    sink->n_tracks = 1;
    *ops = &smf_ops;
    *self = sink;
    return ESTRO_OK;
}
