/* Random MIDI files as lists of events, and their comparison. */
#ifndef ES_TESTS_MIDI_RANDOM_H
#define ES_TESTS_MIDI_RANDOM_H

#include "base/rng.h"
#include "smf/smf.h"

#include <stdbool.h>
#include <stdint.h>

enum { MAX_EVENTS = 200, MAX_PAYLOAD = 300 };

static inline es_smf_event random_event(es_rng *rng, const uint8_t *status_of_last)
{
    static const uint8_t kinds[] = {0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0, 0xF0, 0xF7, 0xFF};
    es_smf_event event = {.status = kinds[es_rng_below(rng, sizeof kinds)]};

    if (event.status < 0xF0) {
        event.status = (uint8_t)(event.status | es_rng_below(rng, 16));
        if (*status_of_last < 0xF0 && es_rng_below(rng, 2)) {
            event.status = *status_of_last;
        }
        event.data1 = (uint8_t)es_rng_below(rng, 128);
        event.data2 = (uint8_t)((event.status & 0xE0) == 0xC0 ? 0 : es_rng_below(rng, 128));
        return event;
    }
    event.size = es_rng_below(rng, MAX_PAYLOAD);
    event.offset = es_rng_below(rng, MAX_PAYLOAD);
    if (event.status == 0xFF) {
        event.data1 = (uint8_t)es_rng_below(rng, 128);
        event.data1 = event.data1 == ES_SMF_END_OF_TRACK ? 1 : event.data1;
    }
    return event;
}

/* Steps of all magnitudes, 0 most of all. */
static inline int64_t random_step(es_rng *rng)
{
    static const uint32_t limits[] = {1, 1, 0x80, 0x4000, 0x200000, 0x10000000};

    return es_rng_below(rng, limits[es_rng_below(rng, 6)]);
}

static inline void make_random(es_smf *smf, es_smf_event *events, es_rng *rng)
{
    uint8_t last = 0x90;
    int64_t tick = 0;
    uint16_t track = 0;

    smf->n_tracks = (uint16_t)(1 + es_rng_below(rng, 5));
    smf->format = smf->n_tracks == 1 ? 0 : (uint16_t)(1 + es_rng_below(rng, 2));
    smf->division = 0;
    smf->smpte_fps = 25;
    smf->smpte_ticks = (int32_t)(1 + es_rng_below(rng, 255));
    if (es_rng_below(rng, 4)) {
        smf->division = (int32_t)(1 + es_rng_below(rng, 0x7FFF));
        smf->smpte_fps = smf->smpte_ticks = 0;
    }
    smf->n_events = 0;
    smf->events = events;
    while (track < smf->n_tracks) {
        const bool ends = es_rng_below(rng, 20) == 0 || smf->n_events >= MAX_EVENTS;
        es_smf_event event = random_event(rng, &last);
        if (ends) {
            event = (es_smf_event){.status = 0xFF, .data1 = ES_SMF_END_OF_TRACK};
        }
        event.track = track;
        event.tick = tick += random_step(rng);
        events[smf->n_events++] = event;
        last = event.status;
        if (ends) {
            track++;
            tick = 0;
        }
    }
}

static inline void assert_same_event(const es_smf *a, const es_smf *b, size_t i)
{
    const es_smf_event *const x = &a->events[i];
    const es_smf_event *const y = &b->events[i];

    assert_int_equal(x->tick, y->tick);
    assert_int_equal(x->track, y->track);
    assert_int_equal(x->status, y->status);
    assert_int_equal(x->data1, y->data1);
    assert_int_equal(x->data2, y->data2);
    assert_int_equal(x->size, y->size);
    assert_memory_equal(a->bytes + x->offset, b->bytes + y->offset, x->size);
}

/* Payloads that random events point into: [2 * MAX_PAYLOAD]. */
static inline void make_payload(uint8_t *payload)
{
    es_rng rng = es_rng_at(2, ES_FOR_TEST, 0, 0, 0);

    for (size_t i = 0; i < 2 * MAX_PAYLOAD; i++) {
        payload[i] = (uint8_t)es_rng_next(&rng);
    }
}

static inline void assert_same_smf(const es_smf *a, const es_smf *b)
{
    assert_int_equal(a->format, b->format);
    assert_int_equal(a->n_tracks, b->n_tracks);
    assert_int_equal(a->division, b->division);
    assert_int_equal(a->smpte_fps, b->smpte_fps);
    assert_int_equal(a->smpte_ticks, b->smpte_ticks);
    assert_int_equal(a->n_events, b->n_events);
    for (size_t i = 0; i < a->n_events; i++) {
        assert_same_event(a, b, i);
    }
}

#endif
