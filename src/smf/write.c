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

static bool is_writable(const es_smf *smf, const es_smf_event *event)
{
    if (is_long(event->status)) {
        return event->size <= MAX_STEP_TICKS && event->offset <= smf->n_bytes &&
               event->size <= smf->n_bytes - event->offset;
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
        if (!is_writable(smf, event)) {
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

static uint8_t *put_event(uint8_t *p, const es_smf *smf, const es_smf_event *event,
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
            memcpy(p, smf->bytes + event->offset, event->size);
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
        p = put_event(p, smf, event, &running);
        tick = event->tick;
        ended = is_end(event);
    }
    if (!ended) {
        memcpy(p, "\0\xFF\x2F\0", END_BYTES);
        p += END_BYTES;
    }
    memcpy(*out, "MTrk", 4);
    put_big_endian(*out + 4, (uint32_t)(p - start), 4);
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
    memcpy(bytes, "MThd", 4);
    uint8_t *p = put_big_endian(bytes + 4, 6, 4);
    p = put_big_endian(p, smf->format, 2);
    p = put_big_endian(p, smf->n_tracks, 2);
    p = put_big_endian(p,
                       is_smpte ? (uint32_t)(256 - smf->smpte_fps) << 8 | (uint32_t)smf->smpte_ticks
                                : (uint32_t)smf->division,
                       2);
    for (uint16_t track = 0; track < smf->n_tracks; track++) {
        next = put_track(&p, smf, track, next);
    }
    *out = bytes;
    *out_size = (size_t)(p - bytes);
    return ESTRO_OK;
}
