/**
 * @file source.h
 * What a theme is read from, as notes in time.
 */
#ifndef ES_THEME_SOURCE_H
#define ES_THEME_SOURCE_H

#include "score/score.h"
#include "theme/theme.h"

/** A melody: one line, with bar lines at multiples of a bar. */
typedef struct es_melody {
    es_meter meter;
    es_key key;
    double tempo;
    es_tick pickup; /**< Silence that was put before it, so that bar lines stand where they do. */
    es_note *notes; /**< Owned. */
    size_t n_notes;
} es_melody;

/** @param out  Zero; its notes are the caller's in any case. */
estro_status es_melody_read(es_melody *out, const uint8_t *bytes, size_t size, const char *source,
                            es_theme_form form, estro_diag *diag);

#endif
