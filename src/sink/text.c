/*
 * Messages as lines that a person can read and two runs can be compared by: tick, seconds, track, what. Whole numbers only, so
 * the text is the same everywhere.
 */
#include "sink/sink.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "music/chord.h"

#include <stdio.h>
#include <string.h>

enum {
    LINE_BYTES = 1024,
    FLUSH_BYTES = 1 << 16 /* standard output gets pieces of this size */
};

typedef struct text_sink {
    char *path;
    bool is_stream; /* standard output: written as it goes */
    char *text;
    size_t size, capacity;
} text_sink;

static estro_status append(text_sink *sink, const char *line, size_t length, estro_diag *diag)
{
    while (sink->size + length > sink->capacity) {
        if (!es_grow(&sink->text, sink->capacity, &sink->capacity, 1)) {
            return es_fail_memory(diag);
        }
    }
    memcpy(sink->text + sink->size, line, length);
    sink->size += length;
    return ESTRO_OK;
}

static estro_status flush(text_sink *sink, estro_diag *diag)
{
    const size_t size = sink->size;

    sink->size = 0;
    return es_file_write_soon(sink->path, sink->text, size, diag);
}

/* A text in quotes; what would break the line is written as \xNN. */
static void quote(char *out, size_t size, const char *text)
{
    size_t at = 0;

    out[at++] = '"';
    for (const unsigned char *c = (const unsigned char *)text; *c && at + 6 < size; c++) {
        if (*c < 0x20 || *c == 0x7F || *c == '"' || *c == '\\') {
            at += (size_t)snprintf(out + at, size - at, "\\x%02x", *c);
        } else {
            out[at++] = (char)*c;
        }
    }
    out[at++] = '"';
    out[at] = '\0';
}

static void describe_midi(char *out, size_t size, const estro_message *message)
{
    const int channel = (message->data[0] & 0x0F) + 1;
    const int a = message->data[1];
    const int b = message->data[2];
    char name[8];

    es_pitch_write(name, sizeof name, a, NULL);
    switch (message->data[0] & 0xF0) {
    case 0x80:
        snprintf(out, size, "note-off ch %d %d %s", channel, a, name);
        break;
    case 0x90:
        snprintf(out, size, "note-on ch %d %d %s velocity %d", channel, a, name, b);
        break;
    case 0xB0:
        snprintf(out, size, "control ch %d %d %d", channel, a, b);
        break;
    case 0xC0:
        snprintf(out, size, "program ch %d %d", channel, a);
        break;
    case 0xE0:
        snprintf(out, size, "bend ch %d %d", channel, a + b * 128 - 8192);
        break;
    default:
        snprintf(out, size, "midi %02x %d %d", message->data[0], a, b);
        break;
    }
}

static void describe(char *out, size_t size, const estro_message *message)
{
    static const char *const word[] = {[ESTRO_TEXT] = "text",
                                       [ESTRO_MARKER] = "marker",
                                       [ESTRO_CHORD] = "chord",
                                       [ESTRO_TRACK] = "track"};
    const uint64_t milli = message->value ? UINT64_C(60000000000) / message->value : 0;

    switch ((estro_message_kind)message->kind) {
    case ESTRO_MIDI:
        describe_midi(out, size, message);
        break;
    case ESTRO_TEMPO:
        snprintf(out, size, "tempo %u (%llu.%03llu a minute)", message->value,
                 (unsigned long long)(milli / 1000), (unsigned long long)(milli % 1000));
        break;
    case ESTRO_METER:
        snprintf(out, size, "meter %d/%d", message->data[0], 1 << (message->data[1] & 7));
        break;
    case ESTRO_KEY:
        snprintf(out, size, "key %+d %s", (int8_t)message->data[0],
                 message->data[1] ? "minor" : "major");
        break;
    case ESTRO_TEXT:
    case ESTRO_MARKER:
    case ESTRO_CHORD:
    case ESTRO_TRACK: {
        const int length = snprintf(out, size, "%s ", word[message->kind]);
        quote(out + length, size - (size_t)length, message->text ? message->text : "");
        break;
    }
    case ESTRO_FINISH:
        snprintf(out, size, "finish");
        break;
    }
}

static estro_status text_write(void *self, const estro_message *message, estro_diag *diag)
{
    text_sink *const sink = self;
    const uint64_t ns = message->time_ns;
    char what[LINE_BYTES - 64] = "";
    char line[LINE_BYTES];

    describe(what, sizeof what, message);
    const int length = snprintf(line, sizeof line, "%8lld %4llu.%09llu %2u %s\n",
                                (long long)message->tick, (unsigned long long)(ns / 1000000000),
                                (unsigned long long)(ns % 1000000000), message->track, what);
    ES_TRY(append(sink, line, (size_t)length, diag));
    return sink->is_stream && sink->size >= FLUSH_BYTES ? flush(sink, diag) : ESTRO_OK;
}

static estro_status text_close(void *self, bool commit, estro_diag *diag)
{
    text_sink *const sink = self;
    const estro_status status = commit ? flush(sink, diag) : ESTRO_OK;

    es_free(sink->text);
    es_free(sink->path);
    es_free(sink);
    return status;
}

static const estro_sink_ops text_ops = {
    .abi = ESTRO_SINK_ABI,
    .name = "text",
    .is_live = false,
    .write = text_write,
    .panic = NULL,
    .close = text_close,
};

estro_status es_text_sink_open(const estro_sink_ops **ops, void **self, const char *target,
                               const estro_sink_options *options, estro_diag *diag)
{
    const char *const path = target ? target : "-";
    text_sink *const sink = es_calloc(1, sizeof *sink);
    char *const copy = es_strdup(path);

    (void)options;
    if (!sink || !copy) {
        es_free(sink);
        es_free(copy);
        return es_fail_memory(diag);
    }
    sink->path = copy;
    sink->is_stream = strcmp(path, "-") == 0;
    *ops = &text_ops;
    *self = sink;
    return ESTRO_OK;
}
