/*
 * Events to Standard MIDI file bytes.
 *
 * A first pass checks every event and adds up how many bytes the file has at most; the second one writes without a check. So a
 * failure leaves nothing half made, and the bytes are never out of bounds.
 */
#include "smf/smf.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdbool.h>
#include <string.h>

enum {
    MAX_STEP_TICKS = 0x0FFFFFFF,
    MAX_EVENT_BYTES = 4 + 2 + 4, /* A step, status and type, a length. */
    FILE_HEADER_BYTES = 14,
    TRACK_HEADER_BYTES = 8,
    END_BYTES = 4
};

static bool is_long(uint8_t status)
{
    return status == 0xF0 || status == 0xF7 || status == ES_SMF_META;
}

static bool is_end(const es_smf_event *event)
{
    return event->status == ES_SMF_META && event->data1 == ES_SMF_END_OF_TRACK;
}

static bool is_writable(const es_smf_event *event)
{
    if (is_long(event->status)) {
        return event->size <= MAX_STEP_TICKS;
    }
    return event->status >= 0x80 && event->status < 0xF0 && event->data1 < 0x80 &&
           event->data2 < 0x80;
}

/* Check all events; `bound` is how many bytes suffice. */
static estro_status check_events(const es_smf *smf, size_t *bound, estro_diag *diag)
{
    uint64_t total = FILE_HEADER_BYTES + smf->n_tracks * (uint64_t)(TRACK_HEADER_BYTES + END_BYTES);
    int64_t tick = 0;

    for (size_t i = 0; i < smf->n_events; i++) {
        const es_smf_event *const event = &smf->events[i];
        const bool is_first = i == 0 || event->track != event[-1].track;
        if (event->track >= smf->n_tracks || (i > 0 && event->track < event[-1].track)) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "event %lu: tracks out of order",
                           (unsigned long)i);
        }
        const int64_t from = is_first ? 0 : tick;
        tick = event->tick;
        if (tick < from || tick - from > MAX_STEP_TICKS) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "event %lu: a step of time out of range",
                           (unsigned long)i);
        }
        const bool has_bytes =
            !is_long(event->status) ||
            (event->offset <= smf->n_bytes && event->size <= smf->n_bytes - event->offset);
        if (!is_writable(event) || !has_bytes) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "event %lu: no event of a MIDI file",
                           (unsigned long)i);
        }
        if (!is_first && is_end(event - 1)) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "event %lu: after the end of its track",
                           (unsigned long)i);
        }
        total += MAX_EVENT_BYTES + (uint64_t)(is_long(event->status) ? event->size : 0);
    }
    if (total > UINT32_MAX) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "more than 4 GiB of events");
    }
    *bound = (size_t)total;
    return ESTRO_OK;
}

static uint8_t *put_big_endian(uint8_t *p, uint32_t value, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        *p++ = (uint8_t)(value >> shift);
    }
    return p;
}

static uint8_t *put_number(uint8_t *p, uint32_t value)
{
    for (int shift = 21; shift > 0; shift -= 7) {
        if (value >> shift) {
            *p++ = (uint8_t)(0x80 | (value >> shift & 0x7F));
        }
    }
    *p++ = (uint8_t)(value & 0x7F);
    return p;
}

static uint8_t *put_event(uint8_t *p, const uint8_t *payload, const es_smf_event *event,
                          uint8_t *running)
{
    if (is_long(event->status)) {
        *running = 0;
        *p++ = event->status;
        if (event->status == ES_SMF_META) {
            *p++ = event->data1;
        }
        p = put_number(p, event->size);
        if (event->size > 0) {
            memcpy(p, payload, event->size);
        }
        return p + event->size;
    }
    if (event->status != *running) {
        *running = event->status;
        *p++ = event->status;
    }
    *p++ = event->data1;
    if ((event->status & 0xE0) != 0xC0) {
        *p++ = event->data2;
    }
    return p;
}

static uint8_t *put_track_header(uint8_t *p, size_t size)
{
    memcpy(p, "MTrk", 4);
    return put_big_endian(p + 4, (uint32_t)size, 4);
}

static uint8_t *put_file_header(uint8_t *p, uint16_t format, uint16_t n_tracks, uint32_t division)
{
    memcpy(p, "MThd", 4);
    p = put_big_endian(p + 4, 6, 4);
    p = put_big_endian(p, format, 2);
    p = put_big_endian(p, n_tracks, 2);
    return put_big_endian(p, division, 2);
}

/* Write one track from event `i` on; returns the first event of the next. */
static size_t put_track(uint8_t **out, const es_smf *smf, uint16_t track, size_t i)
{
    uint8_t *const start = *out + TRACK_HEADER_BYTES;
    uint8_t *p = start;
    int64_t tick = 0;
    uint8_t running = 0;
    bool ended = false;

    for (; i < smf->n_events && smf->events[i].track == track; i++) {
        const es_smf_event *const event = &smf->events[i];
        p = put_number(p, (uint32_t)(event->tick - tick));
        p = put_event(p, is_long(event->status) && event->size ? smf->bytes + event->offset : NULL,
                      event, &running);
        tick = event->tick;
        ended = is_end(event);
    }
    if (!ended) {
        memcpy(p, "\0\xFF\x2F\0", END_BYTES);
        p += END_BYTES;
    }
    put_track_header(*out, (size_t)(p - start));
    *out = p;
    return i;
}

estro_status es_smf_write(uint8_t **out, size_t *out_size, const es_smf *smf, estro_diag *diag)
{
    const bool is_smpte = smf->division == 0;
    size_t bound = 0;
    size_t next = 0;

    if (smf->format > 2 || smf->n_tracks == 0 || smf->division < 0 || smf->division > 0x7FFF ||
        (is_smpte && (smf->smpte_fps < 1 || smf->smpte_fps > 128 || smf->smpte_ticks < 1 ||
                      smf->smpte_ticks > 255))) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "no such format, number of tracks or division");
    }
    ES_TRY(check_events(smf, &bound, diag));
    uint8_t *const bytes = es_calloc(bound, 1);
    if (!bytes) {
        return es_fail_memory(diag);
    }
    const uint32_t smpte = (uint32_t)(256 - smf->smpte_fps) << 8 | (uint32_t)smf->smpte_ticks;
    uint8_t *p = put_file_header(bytes, smf->format, smf->n_tracks,
                                 is_smpte ? smpte : (uint32_t)smf->division);
    for (uint16_t track = 0; track < smf->n_tracks; track++) {
        next = put_track(&p, smf, track, next);
    }
    *out = bytes;
    *out_size = (size_t)(p - bytes);
    return ESTRO_OK;
}

/* ---- track by track ---- */

static bool make_room(es_smf_track *track, size_t more)
{
    size_t wanted = track->capacity ? track->capacity : 256;

    if (more <= track->capacity - track->size) {
        return true;
    }
    while (wanted - track->size < more) {
        wanted *= 2;
    }
    uint8_t *const grown = es_realloc(track->bytes, wanted, 1);
    if (!grown) {
        return false;
    }
    track->bytes = grown;
    track->capacity = wanted;
    return true;
}

estro_status es_smf_track_add(es_smf_track *track, const es_smf_event *event,
                              const uint8_t *payload, estro_diag *diag)
{
    const int64_t step = event->tick - track->tick;
    const size_t more = MAX_EVENT_BYTES + (is_long(event->status) ? event->size : 0);

    if (step < 0 || step > MAX_STEP_TICKS || is_end(event) || !is_writable(event)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "an event out of order or range");
    }
    if (track->size > UINT32_MAX - more) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "more than 4 GiB of events");
    }
    if (!make_room(track, more)) {
        return es_fail_memory(diag);
    }
    uint8_t *p = put_number(track->bytes + track->size, (uint32_t)step);
    p = put_event(p, payload, event, &track->running);
    track->size = (size_t)(p - track->bytes);
    track->tick = event->tick;
    return ESTRO_OK;
}

void es_smf_track_done(es_smf_track *track)
{
    es_free(track->bytes);
    *track = (es_smf_track){0};
}

estro_status es_smf_join(uint8_t **out, size_t *out_size, const es_smf_track *tracks,
                         uint16_t n_tracks, int64_t end, uint16_t division, estro_diag *diag)
{
    size_t size = FILE_HEADER_BYTES;

    for (uint16_t t = 0; t < n_tracks; t++) {
        if (end < tracks[t].tick || end - tracks[t].tick > MAX_STEP_TICKS) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "a track that ends out of range");
        }
        size += TRACK_HEADER_BYTES + tracks[t].size + MAX_EVENT_BYTES;
    }
    uint8_t *const bytes = es_calloc(size, 1);
    if (!bytes) {
        return es_fail_memory(diag);
    }
    uint8_t *p = put_file_header(bytes, 1, n_tracks, division);
    for (uint16_t t = 0; t < n_tracks; t++) {
        uint8_t *const start = p + TRACK_HEADER_BYTES;
        uint8_t *q = start + tracks[t].size;
        if (tracks[t].size > 0) {
            memcpy(start, tracks[t].bytes, tracks[t].size);
        }
        q = put_number(q, (uint32_t)(end - tracks[t].tick));
        memcpy(q, "\xFF\x2F\0", END_BYTES - 1);
        q += END_BYTES - 1;
        put_track_header(p, (size_t)(q - start));
        p = q;
    }
    *out = bytes;
    *out_size = (size_t)(p - bytes);
    return ESTRO_OK;
}
