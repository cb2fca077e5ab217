/*
 * Pieces composed from the text of a style, kept as a whole: what the tests of the language look at.
 */
#ifndef COMPOSED_H
#define COMPOSED_H

#include "base/diag.h"
#include "base/mem.h"
#include "gen/composer.h"

#include <string.h>

enum { COMPOSED_BARS = 128, COMPOSED_NOTES = 8192 };

typedef struct composed {
    es_style *style;
    es_bar bar[COMPOSED_BARS]; /* Their notes point into `notes`. */
    es_note notes[COMPOSED_NOTES];
    uint32_t n_bars, n_notes;
    estro_status status; /* ESTRO_END: it was composed to its end. */
    estro_diag diag;
} composed;

/* Compose the style by its weights alone. @param chords Given chords, a beat each, or NULL. composed_done. */
static inline void compose(composed *out, const char *text, uint64_t seed, const es_chord *chords,
                           uint32_t n_chords)
{
    es_compose_options options = es_compose_options_default();
    es_composer *composer = NULL;

    memset(out, 0, sizeof *out);
    options.plan.seed = seed;
    options.plan.chords = chords;
    options.plan.n_chords = n_chords;
    out->status = es_style_parse(&out->style, text, strlen(text), "test.style", &out->diag);
    if (out->status == ESTRO_OK) {
        out->status = es_composer_new(&composer, out->style, &options, &out->diag);
    }
    while (out->status == ESTRO_OK && out->n_bars < COMPOSED_BARS) {
        es_bar *bar = &out->bar[out->n_bars];
        out->status = es_composer_next(composer, bar, &out->diag);
        if (out->status != ESTRO_OK || out->n_notes + bar->n_notes > COMPOSED_NOTES) {
            break;
        }
        memcpy(out->notes + out->n_notes, bar->notes, bar->n_notes * sizeof *bar->notes);
        bar->notes = out->notes + out->n_notes;
        out->n_notes += (uint32_t)bar->n_notes;
        out->n_bars++;
    }
    es_composer_free(composer);
}

static inline void composed_done(composed *piece)
{
    es_style_free(piece->style);
    piece->style = NULL;
}

#endif
