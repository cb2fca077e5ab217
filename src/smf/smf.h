/**
 * @file smf.h
 * Standard MIDI files: bytes to events and back (Standard MIDI Files 1.0, RP-001).
 *
 * Pure: memory in, memory out. Reads formats 0, 1 and 2, running status, all meta events, system exclusive and escapes, SMPTE and
 * quarter divisions, unknown chunks, and RIFF (RMID) wrapping. Oddities that occur in the wild are read and noted; what cannot be
 * read is one error with its byte offset.
 */
#ifndef ES_SMF_SMF_H
#define ES_SMF_SMF_H

#include <estro/status.h>

#include <stddef.h>
#include <stdint.h>

/** An event. Channel messages have status 0x80-0xEF; 0xFF is meta, 0xF0 system exclusive, 0xF7 escape. */
typedef struct es_smf_event {
    int64_t tick;    /**< From the start of its track, in the file's division. */
    uint32_t offset; /**< Meta, sysex, escape: where in es_smf.bytes its payload is ... */
    uint32_t size;   /**< ... and how many bytes it has. Channel messages: both 0. */
    uint16_t track;
    uint8_t status;
    uint8_t data1; /**< Channel message: first data byte. Meta: its type. */
    uint8_t data2;
    uint8_t reserved[3];
} es_smf_event;

enum {
    ES_SMF_NOTES = 8,
    ES_SMF_META = 0xFF /**< Status of a meta event; its types are below. */
};

/** Types of meta events that are read or written here and above. */
enum {
    ES_SMF_TEXT = 0x01,
    ES_SMF_TRACK_NAME = 0x03,
    ES_SMF_MARKER = 0x06,
    ES_SMF_LAST_TEXT = 0x0F, /**< Text is all from ES_SMF_TEXT to this. */
    ES_SMF_END_OF_TRACK = 0x2F,
    ES_SMF_TEMPO = 0x51,
    ES_SMF_METER = 0x58,
    ES_SMF_KEY = 0x59
};

/** A file. Every track ends with an end of track event and has no other. */
typedef struct es_smf {
    uint16_t format;
    uint16_t n_tracks;
    int32_t division;     /**< Ticks to a quarter; 0 when SMPTE. */
    int32_t smpte_fps;    /**< 24, 25, 29 (30 drop), 30; 0 when not SMPTE. */
    int32_t smpte_ticks;  /**< Ticks to a frame. */
    es_smf_event *events; /**< [n_events], owned: track after track, each by tick. */
    size_t n_events;
    size_t *track_first;  /**< [n_tracks + 1], owned: first event of each track. */
    const uint8_t *bytes; /**< Kept: payloads of meta and sysex events. */
    size_t n_bytes;
    uint8_t *
        owned; /**< The same, where they go with the events (es_smf_take, es_smf_load); else NULL. */
    char note[ES_SMF_NOTES][96]; /**< Oddities that were met: texts. */
    int n_notes;
} es_smf;

/**
 * Read.
 *
 * System real-time and common messages, which have no place in a file, are skipped and noted. A track that lacks its end gets one.
 *
 * @param bytes [size], kept; less than 4 GiB.
 * @return ESTRO_ERR_FORMAT with the byte offset and what was expected, ESTRO_ERR_MEMORY.
 */
estro_status es_smf_read(es_smf *out, const uint8_t *bytes, size_t size, const char *source,
                         estro_diag *diag);
/** The same of bytes that go with it: es_smf_done frees them, and so does a failure, after which `out` is empty. */
estro_status es_smf_take(es_smf *out, uint8_t *bytes, size_t size, const char *source,
                         estro_diag *diag);
void es_smf_done(es_smf *smf);

/** A track in the making, as the bytes of a file. Zero-initialise; es_smf_track_done. */
typedef struct es_smf_track {
    uint8_t *bytes; /**< Owned. */
    size_t size, capacity;
    int64_t tick; /**< Of its last event. */
    uint8_t running;
} es_smf_track;

/**
 * Add an event; running status is used.
 *
 * @param event    Its tick, status, data and size count; no end of track.
 * @param payload  [event->size], for meta and sysex events.
 * @return ESTRO_ERR_ARGUMENT for an event out of order or range, ESTRO_ERR_MEMORY.
 */
estro_status es_smf_track_add(es_smf_track *track, const es_smf_event *event,
                              const uint8_t *payload, estro_diag *diag);
void es_smf_track_done(es_smf_track *track);

/**
 * A file of format 1 of tracks, each of which is ended at `end`.
 *
 * @param out, out_size Owned by the caller, es_free.
 * @return ESTRO_ERR_ARGUMENT when the end is before an event, ESTRO_ERR_MEMORY.
 */
estro_status es_smf_join(uint8_t **out, size_t *out_size, const es_smf_track *tracks,
                         uint16_t n_tracks, int64_t end, uint16_t division, estro_diag *diag);

/**
 * Write. Running status is used. Events must be as es_smf has them; the end of track may be left out, it then stands at the last event.
 *
 * @param out, out_size Owned by the caller, es_free.
 * @return ESTRO_ERR_ARGUMENT for events out of order or range (a step over 2^28-1 ticks too), ESTRO_ERR_MEMORY.
 */
estro_status es_smf_write(uint8_t **out, size_t *out_size, const es_smf *smf, estro_diag *diag);

#endif
