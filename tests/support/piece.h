/*
 * A whole piece in memory: its notes, and its chords beat by beat.
 */
#ifndef PIECE_H
#define PIECE_H

#include "base/diag.h"
#include "base/mem.h"
#include "gen/composer.h"
#include "gen/given.h"

#include <string.h>

enum { MOST_NOTES = 4096, MOST_BEATS = 512 };

typedef struct piece {
    es_note notes[MOST_NOTES];
    size_t n;
    es_chord chord[MOST_BEATS]; /* A beat. */
    es_key key[MOST_BEATS];
    const char *roman[MOST_BEATS];
    uint32_t beats;
    es_tick beat, bar, end;
    int per_bar;
    uint64_t draws; /* By a model. */
} piece;

/* `models` has one of two voices and one of three, or is NULL. */
static inline estro_status compose_given(piece *out, const es_style *style, const es_model *models,
                                         uint64_t seed, const es_given *given, es_given *record,
                                         estro_diag *diag)
{
    es_compose_options options = es_compose_options_default();
    es_composer *composer = NULL;
    es_bar bar;

    options.plan.seed = seed;
    options.given = given;
    options.record = record;
    for (int i = 0; i < 2 && models; i++) {
        options.models[options.n_models++] = &models[i];
    }
    memset(out, 0, sizeof *out);
    estro_status status = es_composer_new(&composer, style, &options, diag);
    while (status == ESTRO_OK && (status = es_composer_next(composer, &bar, diag)) == ESTRO_OK) {
        for (size_t i = 0; i < bar.n_notes; i++) {
            assert_true(out->n < MOST_NOTES);
            assert_true(bar.notes[i].start >= bar.start &&
                        bar.notes[i].start < bar.start + bar.length);
            out->notes[out->n++] = bar.notes[i];
        }
        for (int b = 0; b < bar.n_beats; b++) {
            out->chord[out->beats] = bar.chord[b];
            out->roman[out->beats] = bar.roman[b];
            out->key[out->beats++] = bar.key;
        }
        out->bar = bar.length;
        out->per_bar = bar.n_beats;
        out->beat = bar.length / bar.n_beats;
        out->end = bar.start + bar.length;
    }
    if (composer) {
        out->draws = es_composer_stats(composer).draws;
    }
    es_composer_free(composer);
    return status == ESTRO_END ? ESTRO_OK : status;
}

static inline estro_status compose(piece *out, const es_style *style, const es_model *models,
                                   uint64_t seed, estro_diag *diag)
{
    return compose_given(out, style, models, seed, NULL, NULL, diag);
}

#endif
