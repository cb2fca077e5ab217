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
    es_smf_track *tracks; /* [n_tracks] */
    size_t n_tracks, capacity;
    int64_t end;
} smf_sink;

/* To 960 a quarter, to the nearest. */
static int64_t file_tick(int64_t tick)
{
    return (tick * ES_FILE_QUARTER + ES_QUARTER / 2) / ES_QUARTER;
}

/* Tracks up to number `last`. */
static estro_status make_tracks(smf_sink *sink, uint16_t last, estro_diag *diag)
{
    while (sink->n_tracks <= last) {
        if (!es_grow(&sink->tracks, sink->n_tracks, &sink->capacity, sizeof *sink->tracks)) {
            return es_fail_memory(diag);
        }
        sink->tracks[sink->n_tracks++] = (es_smf_track){0};
    }
    return ESTRO_OK;
}

static estro_status add_event(smf_sink *sink, const estro_message *message, es_smf_event event,
                              const uint8_t *payload, estro_diag *diag)
{
    if (message->track > MOST_TRACKS - 1) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "more tracks than a MIDI file can hold");
    }
    ES_TRY(make_tracks(sink, message->track, diag));
    event.tick = file_tick(message->tick);
    ES_TRY(es_smf_track_add(&sink->tracks[message->track], &event, payload, diag));
    if (event.tick > sink->end) {
        sink->end = event.tick;
    }
    return ESTRO_OK;
}

static estro_status add_meta(smf_sink *sink, const estro_message *message, uint8_t type,
                             const void *bytes, size_t size, estro_diag *diag)
{
    if (size > UINT32_MAX) {
        return es_fail(diag, ESTRO_ERR_IO, "more text than a MIDI file can hold");
    }
    return add_event(sink, message,
                     (es_smf_event){.status = ES_SMF_META, .data1 = type, .size = (uint32_t)size},
                     bytes, diag);
}

static estro_status add_text(smf_sink *sink, const estro_message *message, uint8_t type,
                             estro_diag *diag)
{
    const char *const text = message->text ? message->text : "";

    return add_meta(sink, message, type, text, strlen(text), diag);
}

/* A chord's text says what it is. */
static estro_status add_chord(smf_sink *sink, const estro_message *message, estro_diag *diag)
{
    char text[256];
    const int length = snprintf(text, sizeof text, "chord %s", message->text ? message->text : "");

    return add_meta(sink, message, ES_SMF_TEXT, text,
                    length < (int)sizeof text ? (size_t)length : sizeof text - 1, diag);
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
                         NULL, diag);
    case ESTRO_TEMPO:
        return add_meta(sink, message, ES_SMF_TEMPO, tempo, sizeof tempo, diag);
    case ESTRO_METER:
        return add_meter(sink, message, diag);
    case ESTRO_KEY:
        return add_meta(sink, message, ES_SMF_KEY, message->data, 2, diag);
    case ESTRO_TEXT:
        return add_text(sink, message, ES_SMF_TEXT, diag);
    case ESTRO_MARKER:
        return add_text(sink, message, ES_SMF_MARKER, diag);
    case ESTRO_CHORD:
        return add_chord(sink, message, diag);
    case ESTRO_TRACK:
        return add_text(sink, message, ES_SMF_TRACK_NAME, diag);
    case ESTRO_FINISH:
        if (file_tick(message->tick) > sink->end) {
            sink->end = file_tick(message->tick);
        }
        return ESTRO_OK;
    }
    return ESTRO_OK;
}

static estro_status write_file(smf_sink *sink, estro_diag *diag)
{
    uint8_t *bytes = NULL;
    size_t size = 0;

    ES_TRY(make_tracks(sink, 0, diag));
    estro_status status = es_smf_join(&bytes, &size, sink->tracks, (uint16_t)sink->n_tracks,
                                      sink->end, ES_FILE_QUARTER, diag);
    if (status == ESTRO_OK) {
        status = es_file_write_soon(sink->path, bytes, size, diag);
    }
    es_free(bytes);
    return status;
}

static estro_status smf_close(void *self, bool commit, estro_diag *diag)
{
    smf_sink *const sink = self;
    const estro_status status = commit ? write_file(sink, diag) : ESTRO_OK;

    for (size_t t = 0; t < sink->n_tracks; t++) {
        es_smf_track_done(&sink->tracks[t]);
    }
    es_free(sink->tracks);
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
    *ops = &smf_ops;
    *self = sink;
    return ESTRO_OK;
}
