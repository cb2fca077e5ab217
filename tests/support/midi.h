/* A MIDI file made by a test: 480 ticks to a quarter; messages may come in any order of time. */
#ifndef ES_TESTS_MIDI_H
#define ES_TESTS_MIDI_H

#include "analysis/analysis.h"
#include "base/mem.h"
#include "music/chord.h"
#include "smf/smf.h"

#include <stdbool.h>
#include <string.h>

enum { MIDI_EVENTS = 4000, Q = 480 };

typedef struct midi {
    es_smf smf;
    es_smf_event events[MIDI_EVENTS];
    uint8_t payload[1024];
    uint8_t *bytes; /* Of the file, once it is made. */
    size_t n_bytes;
} midi;

static inline void midi_begin(midi *m)
{
    memset(m, 0, sizeof *m);
    m->smf = (es_smf){
        .format = 1, .n_tracks = 1, .division = Q, .events = m->events, .bytes = m->payload};
}

static inline void midi_message(midi *m, int track, int tick, int status, int data1, int data2)
{
    assert_true(m->smf.n_events < MIDI_EVENTS);
    m->events[m->smf.n_events++] = (es_smf_event){.tick = tick,
                                                  .track = (uint16_t)track,
                                                  .status = (uint8_t)status,
                                                  .data1 = (uint8_t)data1,
                                                  .data2 = (uint8_t)data2};
    if (track >= m->smf.n_tracks) {
        m->smf.n_tracks = (uint16_t)(track + 1);
    }
}

static inline void midi_meta(midi *m, int track, int tick, int type, const void *bytes, size_t size)
{
    midi_message(m, track, tick, 0xFF, type, 0);
    es_smf_event *const event = &m->events[m->smf.n_events - 1];
    event->offset = (uint32_t)m->smf.n_bytes;
    event->size = (uint32_t)size;
    assert_true(m->smf.n_bytes + size <= sizeof m->payload);
    memcpy(m->payload + m->smf.n_bytes, bytes, size);
    m->smf.n_bytes += size;
}

static inline void midi_note(midi *m, int track, int channel, int key, int tick, int length)
{
    midi_message(m, track, tick, 0x90 | channel, key, 80);
    midi_message(m, track, tick + length, 0x80 | channel, key, 0);
}

static inline void midi_meter(midi *m, int tick, int numerator, int exponent)
{
    const uint8_t bytes[4] = {(uint8_t)numerator, (uint8_t)exponent, 24, 8};

    midi_meta(m, 0, tick, 0x58, bytes, 4);
}

/* By track and time, ends of notes first, else as they were made. */
static inline bool midi_comes_before(const es_smf_event *a, const es_smf_event *b)
{
    if (a->track != b->track) {
        return a->track < b->track;
    }
    if (a->tick != b->tick) {
        return a->tick < b->tick;
    }
    return (a->status & 0xF0) == 0x80 && (b->status & 0xF0) == 0x90;
}

/* Make the file and read it. The result is to be freed by midi_done. */
static inline const es_smf *midi_read(midi *m, es_smf *out)
{
    for (size_t k = 1; k < m->smf.n_events; k++) {
        const es_smf_event event = m->events[k];
        size_t at = k;
        for (; at > 0 && midi_comes_before(&event, &m->events[at - 1]); at--) {
            m->events[at] = m->events[at - 1];
        }
        m->events[at] = event;
    }
    assert_int_equal(es_smf_write(&m->bytes, &m->n_bytes, &m->smf, NULL), ESTRO_OK);
    assert_int_equal(es_smf_read(out, m->bytes, m->n_bytes, "test", NULL), ESTRO_OK);
    return out;
}

static inline void midi_done(midi *m, es_smf *read)
{
    es_smf_done(read);
    es_free(m->bytes);
    m->bytes = NULL;
}

/* Notes of one length, from names such as "C4 E4 -": a rest. */
static inline void midi_tune(midi *m, int track, const char *names, int length)
{
    int tick = 0;

    while (*names) {
        int pitch;
        const size_t n = es_pitch_parse(&pitch, names);
        if (n > 0) {
            midi_note(m, track, track, pitch, tick, length);
            names += n;
        } else {
            names++;
        }
        while (*names == ' ') {
            names++;
        }
        tick += length;
    }
}

/* Make the file and analyse it. */
static inline es_analysis midi_analyse(midi *m)
{
    es_smf smf;
    es_analysis analysis;
    estro_diag diag;

    if (es_analyse(&analysis, midi_read(m, &smf), &diag) != ESTRO_OK) {
        fail_msg("%s", diag.text);
    }
    midi_done(m, &smf);
    return analysis;
}

#endif
