/*
 * Standard MIDI file bytes to events, in one pass.
 *
 * The bytes are a row of chunks; a track chunk is a row of events, each a step of time and a message. What programs in the wild get wrong,
 * but can be understood only one way, is read and counted as an oddity; anything else is one error, which says where and what
 * was expected.
 *
 * Invariant: a cursor never passes its limit, and a limit never passes the end of the bytes; every read of a byte is checked
 * against the limit.
 */
#include "smf/smf.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    CHUNK_HEADER_BYTES = 8,
    HEADER_BYTES = 6,
    MAX_SIZE_BYTES = 4,   /* Of a number of variable length. */
    MAX_JUNK_BYTES = 256, /* Before the header: MacBinary has 128. */
    MAX_TRACKS = 65535
};

/* What is read although the standard does not allow it. */
#define ODDITIES(X)                                                                                \
    X(JUNK_BEFORE, "bytes before the header")                                                      \
    X(LONG_HEADER, "header longer than 6 bytes")                                                   \
    X(RIFF_LENGTH, "RIFF data longer than the file")                                               \
    X(UNKNOWN_CHUNK, "unknown chunk skipped")                                                      \
    X(TRACK_COUNT, "header tells another number of tracks")                                        \
    X(FORMAT_0_TRACKS, "format 0 with more than one track")                                        \
    X(TRACK_LENGTH, "wrong length of a track")                                                     \
    X(NO_END, "track without end of track")                                                        \
    X(AFTER_END, "bytes after end of track")                                                       \
    X(RUNNING_STATUS, "running status after a meta or sysex event")                                \
    X(SYSTEM_MESSAGE, "system real-time or common message skipped")                                \
    X(META_TYPE, "meta event of a type over 127")                                                  \
    X(TRAILING, "bytes after the last track")

typedef enum oddity {
#define ODDITY_ENUM(name, text) ODD_##name,
    ODDITIES(ODDITY_ENUM)
#undef ODDITY_ENUM
        ODDITY_COUNT
} oddity;

typedef struct reader {
    es_smf smf;
    size_t events_capacity;
    size_t tracks_capacity;
    size_t size;      /* Where the file proper ends: its own, or that of the RIFF data. */
    size_t format_at; /* Of the header; the number of tracks comes after it. */
    const char *source;
    estro_diag *diag;
    size_t odd_count[ODDITY_COUNT];
    size_t odd_first[ODDITY_COUNT];
} reader;

/* A place in a track. */
typedef struct cursor {
    size_t at;
    size_t limit;
    int64_t tick;
    uint16_t track;
    uint8_t running;     /* Status of the last channel message, 0 before the first. */
    bool running_broken; /* A meta or sysex event came since. */
} cursor;

static void note_oddity(reader *r, oddity kind, size_t offset)
{
    if (r->odd_count[kind]++ == 0) {
        r->odd_first[kind] = offset;
    }
}

static estro_status fail_at(const reader *r, size_t offset, const char *expected)
{
    if (offset >= r->size) {
        return es_fail_offset(r->diag, ESTRO_ERR_FORMAT, r->source, (int64_t)offset,
                              "expected %s, found the end of the file", expected);
    }
    return es_fail_offset(r->diag, ESTRO_ERR_FORMAT, r->source, (int64_t)offset,
                          "expected %s, found 0x%02x", expected, r->smf.bytes[offset]);
}

static estro_status fail_number(const reader *r, size_t offset, const char *expected,
                                uint32_t found)
{
    return es_fail_offset(r->diag, ESTRO_ERR_FORMAT, r->source, (int64_t)offset,
                          "expected %s, found %lu", expected, (unsigned long)found);
}

/* As fail_at inside a track, where the limit may be the end of the chunk. */
static estro_status fail_in_track(const reader *r, const cursor *c, const char *expected)
{
    if (c->at >= c->limit && c->limit < r->size) {
        return es_fail_offset(r->diag, ESTRO_ERR_FORMAT, r->source, (int64_t)c->at,
                              "expected %s, found the end of the track", expected);
    }
    return fail_at(r, c->at, expected);
}

static uint32_t big_endian_32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t little_endian_32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool is_chunk_at(const reader *r, size_t offset, const char *id)
{
    return offset < r->size && r->size - offset >= 4 && memcmp(r->smf.bytes + offset, id, 4) == 0;
}

/* A chunk's name is four printable characters; what else stands between chunks is garbage. */
static bool is_chunk_name(const uint8_t *name)
{
    for (int i = 0; i < 4; i++) {
        if (name[i] < 0x20 || name[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

/* number = { 0x80-0xFF } 0x00-0x7F, at most four bytes, seven bits each. */
static inline estro_status read_number(const reader *r, cursor *c, uint32_t *out, const char *what)
{
    const size_t start = c->at;
    uint32_t value = 0;

    for (int i = 0; i < MAX_SIZE_BYTES; i++) {
        if (c->at >= c->limit) {
            return fail_in_track(r, c, what);
        }
        const uint8_t byte = r->smf.bytes[c->at++];
        value = value << 7 | (byte & 0x7Fu);
        if (byte < 0x80) {
            *out = value;
            return ESTRO_OK;
        }
    }
    return es_fail_offset(r->diag, ESTRO_ERR_FORMAT, r->source, (int64_t)start,
                          "expected %s of at most four bytes, found a longer one", what);
}

static inline estro_status read_data_byte(const reader *r, cursor *c, uint8_t *out)
{
    if (c->at >= c->limit || r->smf.bytes[c->at] >= 0x80) {
        return fail_in_track(r, c, "a data byte (0x00-0x7f)");
    }
    *out = r->smf.bytes[c->at++];
    return ESTRO_OK;
}

/* Room for one more event, which counts once it is whole; NULL when there is no memory. */
static inline es_smf_event *new_event(reader *r)
{
    es_smf *const smf = &r->smf;

    if (smf->n_events == r->events_capacity &&
        !es_grow(&smf->events, smf->n_events, &r->events_capacity, sizeof *smf->events)) {
        return NULL;
    }
    return &smf->events[smf->n_events];
}

/* channel message = status data [data]; `status` may have been read earlier (running status). */
static inline estro_status read_channel_message(reader *r, cursor *c, uint8_t status)
{
    es_smf_event *const event = new_event(r);
    uint8_t data1 = 0;
    uint8_t data2 = 0;

    if (!event) {
        return es_fail_memory(r->diag);
    }
    ES_TRY(read_data_byte(r, c, &data1));
    if ((status & 0xE0) != 0xC0) { /* All but program change and channel pressure. */
        ES_TRY(read_data_byte(r, c, &data2));
    }
    *event = (es_smf_event){
        .tick = c->tick, .track = c->track, .status = status, .data1 = data1, .data2 = data2};
    r->smf.n_events++;
    return ESTRO_OK;
}

static estro_status add_long_event(reader *r, const cursor *c, uint8_t status, uint8_t type,
                                   uint32_t size)
{
    es_smf_event *const event = new_event(r);

    if (!event) {
        return es_fail_memory(r->diag);
    }
    *event = (es_smf_event){.tick = c->tick,
                            .offset = (uint32_t)c->at,
                            .size = size,
                            .track = c->track,
                            .status = status,
                            .data1 = type};
    r->smf.n_events++;
    return ESTRO_OK;
}

/* meta = 0xFF type number { byte };  sysex = 0xF0 number { byte };  escape = 0xF7 number { byte } */
static estro_status read_long_event(reader *r, cursor *c, uint8_t status, bool *is_end)
{
    uint8_t type = 0;
    uint32_t size = 0;

    if (status == ES_SMF_META) {
        if (c->at >= c->limit) {
            return fail_in_track(r, c, "the type of a meta event");
        }
        type = r->smf.bytes[c->at++];
        if (type >= 0x80) {
            note_oddity(r, ODD_META_TYPE, c->at - 1);
        }
    }
    const size_t size_at = c->at;
    ES_TRY(read_number(r, c, &size, "the length of an event"));
    if (size > c->limit - c->at) {
        return es_fail_offset(r->diag, ESTRO_ERR_FORMAT, r->source, (int64_t)size_at,
                              "expected %lu bytes of an event, found %lu before the end of the %s",
                              (unsigned long)size, (unsigned long)(c->limit - c->at),
                              c->limit < r->size ? "track" : "file");
    }
    ES_TRY(add_long_event(r, c, status, type, size));
    c->at += size;
    *is_end = status == ES_SMF_META && type == ES_SMF_END_OF_TRACK;
    return ESTRO_OK;
}

/* System messages that are no events of a file, by their low nibble: bytes after the status, -1 = no such message. */
static estro_status skip_system_message(reader *r, cursor *c, uint8_t status)
{
    static const int8_t lengths[16] = {-1, 1, 2, 1, -1, -1, 0, -1, 0, -1, 0, 0, 0, -1, 0, -1};
    uint8_t ignored;

    if (lengths[status & 15] < 0) {
        c->at--;
        return fail_in_track(r, c, "a status byte that exists");
    }
    note_oddity(r, ODD_SYSTEM_MESSAGE, c->at - 1);
    for (int i = 0; i < lengths[status & 15]; i++) {
        ES_TRY(read_data_byte(r, c, &ignored));
    }
    return ESTRO_OK;
}

/* event = number message; a message without a status byte has that of the channel message before. */
static inline estro_status read_event(reader *r, cursor *c, bool *is_end)
{
    uint32_t delta = 0;

    ES_TRY(read_number(r, c, &delta, "a step of time"));
    c->tick += delta;
    if (c->at >= c->limit) {
        return fail_in_track(r, c, "an event");
    }
    const uint8_t status = r->smf.bytes[c->at];
    if (status < 0x80) {
        if (!c->running) {
            return fail_in_track(r, c, "a status byte (0x80-0xff)");
        }
        if (c->running_broken) {
            note_oddity(r, ODD_RUNNING_STATUS, c->at);
        }
        return read_channel_message(r, c, c->running);
    }
    c->at++;
    if (status < 0xF0) {
        c->running = status;
        c->running_broken = false;
        return read_channel_message(r, c, status);
    }
    if (status == ES_SMF_META || status == 0xF0 || status == 0xF7) {
        c->running_broken = true;
        return read_long_event(r, c, status, is_end);
    }
    return skip_system_message(r, c, status);
}

static estro_status start_track(reader *r)
{
    es_smf *smf = &r->smf;

    if (smf->n_tracks == MAX_TRACKS || !es_grow(&smf->track_first, (size_t)smf->n_tracks + 1,
                                                &r->tracks_capacity, sizeof *smf->track_first)) {
        return es_fail_memory(r->diag);
    }
    smf->track_first[smf->n_tracks++] = smf->n_events;
    return ESTRO_OK;
}

/*
 * track = { event } end-of-track
 *
 * `end` is where the chunk ends by its own length. Where that is plainly wrong (beyond the file, or 0 as a recorder that was cut off
 * leaves it), events are read to the end of track; `next` is where the next chunk is to be looked for.
 */
static estro_status read_track(reader *r, size_t start, uint64_t end, size_t *next)
{
    cursor c = {.at = start, .limit = (size_t)end, .track = r->smf.n_tracks};
    bool is_end = false;

    ES_TRY(start_track(r));
    if (end > r->size ||
        (end == start && r->size - start >= 4 && !is_chunk_name(r->smf.bytes + start))) {
        note_oddity(r, ODD_TRACK_LENGTH, start - 4);
        c.limit = r->size;
    }
    while (!is_end && c.at < c.limit) {
        ES_TRY(read_event(r, &c, &is_end));
    }
    if (!is_end) {
        note_oddity(r, ODD_NO_END, c.at);
        ES_TRY(add_long_event(r, &c, ES_SMF_META, ES_SMF_END_OF_TRACK, 0));
    }
    *next = c.limit;
    if (c.at < c.limit) {
        const bool length_is_wrong = end != c.limit || is_chunk_at(r, c.at, "MTrk");
        note_oddity(r, length_is_wrong ? ODD_TRACK_LENGTH : ODD_AFTER_END, c.at);
        *next = length_is_wrong ? c.at : c.limit;
    }
    return ESTRO_OK;
}

/* riff = "RIFF" size "RMID" { chunk }; the file proper is the chunk named "data". Sets where it starts and r->size. */
static estro_status enter_riff(reader *r, size_t *start)
{
    size_t at = 12;

    if (!is_chunk_at(r, 8, "RMID")) {
        return fail_at(r, r->size < 8 ? r->size : 8, "\"RMID\"");
    }
    while (!is_chunk_at(r, at, "data")) {
        if (at > r->size || r->size - at < CHUNK_HEADER_BYTES) {
            return fail_at(r, r->size, "a chunk \"data\"");
        }
        const uint64_t length = little_endian_32(r->smf.bytes + at + 4);
        if (length + 1 > r->size - at - CHUNK_HEADER_BYTES) {
            return fail_at(r, r->size, "a chunk \"data\"");
        }
        at += CHUNK_HEADER_BYTES + (size_t)(length + (length & 1));
    }
    if (r->size - at < CHUNK_HEADER_BYTES) {
        return fail_at(r, r->size, "the length of the chunk \"data\"");
    }
    const size_t length = little_endian_32(r->smf.bytes + at + 4);
    *start = at + CHUNK_HEADER_BYTES;
    if (length > r->size - *start) {
        note_oddity(r, ODD_RIFF_LENGTH, at + 4);
    } else {
        r->size = *start + length;
    }
    return ESTRO_OK;
}

/* Where "MThd" is: at the start as a rule, after some bytes of wrapping in the wild. */
static estro_status find_header(reader *r, size_t *start)
{
    const size_t from = *start;

    while (!is_chunk_at(r, *start, "MThd")) {
        if (*start - from == MAX_JUNK_BYTES || *start >= r->size) {
            return fail_at(r, from, "\"MThd\"");
        }
        ++*start;
    }
    if (*start > from) {
        note_oddity(r, ODD_JUNK_BEFORE, from);
    }
    return ESTRO_OK;
}

static estro_status read_division(reader *r, size_t at)
{
    const uint8_t high = r->smf.bytes[at];
    const uint8_t low = r->smf.bytes[at + 1];

    if (high < 0x80) {
        r->smf.division = high << 8 | low;
        return r->smf.division > 0 ? ESTRO_OK : fail_number(r, at, "a division above 0", 0);
    }
    r->smf.smpte_fps = 256 - high;
    r->smf.smpte_ticks = low;
    if (r->smf.smpte_fps != 24 && r->smf.smpte_fps != 25 && r->smf.smpte_fps != 29 &&
        r->smf.smpte_fps != 30) {
        return fail_number(r, at, "a frame rate of 24, 25, 29 or 30", 256u - high);
    }
    return low > 0 ? ESTRO_OK : fail_number(r, at + 1, "ticks to a frame above 0", 0);
}

/* header = "MThd" length format tracks division */
static estro_status read_header(reader *r, size_t *at, uint16_t *tracks)
{
    const uint8_t *const bytes = r->smf.bytes;

    ES_TRY(find_header(r, at));
    if (r->size - *at < CHUNK_HEADER_BYTES + HEADER_BYTES) {
        return fail_at(r, r->size, "14 bytes of header");
    }
    const uint32_t length = big_endian_32(bytes + *at + 4);
    *at += CHUNK_HEADER_BYTES;
    if (length < HEADER_BYTES || length > r->size - *at) {
        return fail_number(r, *at - 4, "a header length of 6", length);
    }
    if (length > HEADER_BYTES) {
        note_oddity(r, ODD_LONG_HEADER, *at - 4);
    }
    r->format_at = *at;
    r->smf.format = (uint16_t)(bytes[*at] << 8 | bytes[*at + 1]);
    if (r->smf.format > 2) {
        return fail_number(r, *at, "format 0, 1 or 2", r->smf.format);
    }
    *tracks = (uint16_t)(bytes[*at + 2] << 8 | bytes[*at + 3]);
    ES_TRY(read_division(r, *at + 4));
    *at += length;
    return ESTRO_OK;
}

/* file = header { track | unknown chunk }; what stands after the last track and is no chunk is left alone. */
static estro_status read_chunks(reader *r, size_t at, uint16_t declared)
{
    while (at < r->size) {
        if (r->size - at < CHUNK_HEADER_BYTES || !is_chunk_name(r->smf.bytes + at)) {
            if (r->smf.n_tracks == 0) {
                return fail_at(r, r->size - at < CHUNK_HEADER_BYTES ? r->size : at, "\"MTrk\"");
            }
            note_oddity(r, ODD_TRAILING, at);
            break;
        }
        const uint64_t length = big_endian_32(r->smf.bytes + at + 4);
        const size_t start = at + CHUNK_HEADER_BYTES;
        if (is_chunk_at(r, at, "MTrk")) {
            ES_TRY(read_track(r, start, start + length, &at));
            continue;
        }
        note_oddity(r, ODD_UNKNOWN_CHUNK, at);
        at = length > r->size - start ? r->size : start + (size_t)length;
    }
    if (r->smf.n_tracks == 0) {
        return fail_at(r, r->size, "\"MTrk\"");
    }
    if (r->smf.n_tracks != declared) {
        note_oddity(r, ODD_TRACK_COUNT, r->format_at + 2);
    }
    if (r->smf.format == 0 && r->smf.n_tracks > 1) {
        note_oddity(r, ODD_FORMAT_0_TRACKS, r->format_at);
    }
    r->smf.track_first[r->smf.n_tracks] = r->smf.n_events;
    return ESTRO_OK;
}

static void write_notes(reader *r)
{
    static const char *const texts[] = {
#define ODDITY_TEXT(name, text) text,
        ODDITIES(ODDITY_TEXT)
#undef ODDITY_TEXT
    };

    for (int kind = 0; kind < ODDITY_COUNT && r->smf.n_notes < ES_SMF_NOTES; kind++) {
        const unsigned long first = (unsigned long)r->odd_first[kind];
        char *const note = r->smf.note[r->smf.n_notes];
        if (r->odd_count[kind] == 0) {
            continue;
        }
        if (r->odd_count[kind] == 1) {
            snprintf(note, sizeof r->smf.note[0], "%s (byte %lu)", texts[kind], first);
        } else {
            snprintf(note, sizeof r->smf.note[0], "%s (%lu times, first at byte %lu)", texts[kind],
                     (unsigned long)r->odd_count[kind], first);
        }
        r->smf.n_notes++;
    }
}

estro_status es_smf_read(es_smf *out, const uint8_t *bytes, size_t size, const char *source,
                         estro_diag *diag)
{
    reader r = {
        .smf = {.bytes = bytes, .n_bytes = size}, .size = size, .source = source, .diag = diag};
    size_t at = 0;
    uint16_t declared = 0;
    estro_status status = ESTRO_OK;

    if (size > UINT32_MAX) {
        return es_fail_offset(diag, ESTRO_ERR_FORMAT, source, 0,
                              "expected a file of less than 4 GiB");
    }
    if (is_chunk_at(&r, 0, "RIFF")) {
        status = enter_riff(&r, &at);
    }
    if (status == ESTRO_OK) {
        status = read_header(&r, &at, &declared);
    }
    if (status == ESTRO_OK) {
        status = read_chunks(&r, at, declared);
    }
    if (status != ESTRO_OK) {
        es_smf_done(&r.smf);
        return status;
    }
    write_notes(&r);
    *out = r.smf;
    return ESTRO_OK;
}

estro_status es_smf_take(es_smf *out, uint8_t *bytes, size_t size, const char *source,
                         estro_diag *diag)
{
    *out = (es_smf){0};
    const estro_status status = es_smf_read(out, bytes, size, source, diag);
    if (status != ESTRO_OK) {
        es_free(bytes);
        return status;
    }
    out->owned = bytes;
    return ESTRO_OK;
}

void es_smf_done(es_smf *smf)
{
    es_free(smf->events);
    es_free(smf->track_first);
    es_free(smf->owned);
    smf->owned = NULL;
    smf->events = NULL;
    smf->track_first = NULL;
    smf->n_events = 0;
    smf->n_tracks = 0;
}
