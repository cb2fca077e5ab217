/*
 * A composer for tests: two parts (a melody and drums), bars of 4/4 with known notes, and ways to be slow or to fail.
 */
#ifndef FAKE_BARS_H
#define FAKE_BARS_H

#include "base/clock.h"
#include "base/diag.h"
#include "play/source.h"

#include <stdatomic.h>
#include <string.h>

enum { FAKE_BAR = 4 * ES_QUARTER, FAKE_NOTES = 12 };

typedef struct fake_bars {
    uint32_t n_bars; /* 0 = endless */
    uint32_t next;
    uint32_t fails_at; /* this bar fails; 0 = none */
    uint32_t slow_bar; /* before this one ... */
    uint64_t slow_ns;  /* ... time goes by */
    double tempo;
    atomic_uint finishing; /* bars still to come + 1, once told to finish */
    es_style style;
    es_note notes[2][FAKE_NOTES];
} fake_bars;

static inline void fake_bars_init(fake_bars *fake, uint32_t n_bars)
{
    memset(fake, 0, sizeof *fake);
    fake->n_bars = n_bars;
    fake->tempo = 120;
    fake->style.n_parts = 2;
    fake->style.meter = (es_meter){4, 4};
    fake->style.parts[0] = (es_part){.name = "lead",
                                     .role = ES_ROLE_MELODY,
                                     .program = 73,
                                     .channel = 0,
                                     .low = 48,
                                     .high = 84,
                                     .home = 66,
                                     .volume = 100};
    fake->style.parts[1] =
        (es_part){.name = "drums", .role = ES_ROLE_DRUMS, .channel = 9, .volume = 90};
    fake->style.performance = (es_performance){.swing = 0.6,
                                               .swing_unit = ES_QUARTER / 2,
                                               .velocity_low = 50,
                                               .velocity_high = 100,
                                               .accent = 12,
                                               .arch = 0.1,
                                               .gate = 0.9,
                                               .human_ms = 8,
                                               .human_velocity = 4,
                                               .ritard = 0.7,
                                               .breath = 0.25};
}

static inline es_bar fake_bar(fake_bars *fake, uint32_t index, uint32_t n_bars)
{
    es_note *const notes = fake->notes[index % 2];
    es_bar bar = {
        .index = index,
        .start = (es_tick)index * FAKE_BAR,
        .length = FAKE_BAR,
        .meter = {4, 4},
        .key = {7, ES_MAJOR},
        .tempo = fake->tempo,
        .level = 5,
        .section = index % 4 == 0 ? (index % 8 == 0 ? "verse" : "chorus") : NULL,
        .phrase_bar = (uint16_t)(index % 4),
        .phrase_bars = 4,
        .label = 'a',
        .cadence = ES_CADENCE_AUTHENTIC,
        .in_last_phrase = n_bars && index + 4 >= n_bars,
        .is_cadence = index % 4 == 3,
        .is_last = n_bars && index + 1 == n_bars,
        .n_beats = 4,
        .chord_starts = {true},
        .chord = {{.root = 7, .quality = ES_QUALITY_MAJ}},
        .roman = {"I"},
        .notes = notes,
        .n_notes = FAKE_NOTES,
    };

    for (uint32_t i = 0; i < 8; i++) {
        notes[i] = (es_note){.start = bar.start + i * (ES_QUARTER / 2),
                             .duration = ES_QUARTER / 2,
                             .key = (uint8_t)(60 + (index + 2 * i) % 12)};
    }
    for (uint32_t i = 0; i < 4; i++) {
        notes[8 + i] = (es_note){.start = bar.start + i * ES_QUARTER,
                                 .duration = ES_QUARTER / 4,
                                 .key = i % 2 ? 38 : 36,
                                 .part = 1};
    }
    if (bar.is_last) {
        notes[7].duration = ES_QUARTER / 2;
    } else {
        notes[7].duration = ES_QUARTER; /* into the next bar */
    }
    return bar;
}

static inline estro_status fake_next(void *self, es_bar *bar, estro_diag *diag)
{
    fake_bars *const fake = self;
    const uint32_t left = atomic_load(&fake->finishing);
    const uint32_t index = fake->next;

    if (left == 1 || (fake->n_bars && index >= fake->n_bars)) {
        return ESTRO_END;
    }
    if (left) {
        atomic_store(&fake->finishing, left - 1);
    }
    if (fake->fails_at && index == fake->fails_at) {
        return es_fail(diag, ESTRO_ERR_CONFLICT, "bar %u cannot be", index + 1);
    }
    if (fake->slow_ns && index == fake->slow_bar) {
        es_clock_monotonic.idle(NULL, fake->slow_ns);
    }
    *bar = fake_bar(fake, index, left ? index + left - 1 : fake->n_bars);
    fake->next++;
    return ESTRO_OK;
}

/* The phrase is completed, and one more is made. */
static inline void fake_finish(void *self)
{
    fake_bars *const fake = self;

    if (!atomic_load(&fake->finishing)) {
        atomic_store(&fake->finishing, 1 + (4 - fake->next % 4) % 4 + 4);
    }
}

static inline estro_source *fake_source(fake_bars *fake)
{
    const es_bar_source bars = {.self = fake,
                                .next = fake_next,
                                .finish = fake_finish,
                                .style = &fake->style,
                                .parts = 3,
                                .seed = 7,
                                .about = "made by a test"};
    estro_source *source = NULL;

    return es_source_bars(&source, &bars, NULL) == ESTRO_OK ? source : NULL;
}

#endif
