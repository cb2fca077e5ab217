/**
 * @file passage.h
 * The tune that a phrase gets from a passage of a theme.
 */
#ifndef ES_THEME_PASSAGE_H
#define ES_THEME_PASSAGE_H

#include "theme/meters.h"
#include "theme/setting.h"
#include "theme/voice.h"

/** What of the theme, and how. */
typedef struct es_passage {
    uint16_t kinds;     /**< Set of es_theme_kind; 0 = nothing. */
    uint32_t bar;       /**< Of the theme, where it begins. */
    bool has_new_end;   /**< The phrase repeats another up to its end. */
    int32_t other_than; /**< As in es_tune. */
    size_t position;    /**< In the form, ... */
    size_t idea;        /**< ... and that of the first phrase with the same. */
} es_passage;

/** The phrase that it is for. */
typedef struct es_passage_frame {
    const es_theme *theme;
    const es_theme_voice *voice;
    uint8_t part;
    double density; /**< Notes a bar that the part usually has. */
    es_meter meter;
    uint16_t n_bars;
    bool has_cadence, ends_piece;
} es_passage_frame;

/** A tune, and what was done for it. */
typedef struct es_theme_tune {
    es_tune tune; /**< First, so that the one can be found from the other. */
    es_theme_use use;
    es_note *notes;  /**< Owned; those of the tune. */
    es_tick *source; /**< Owned; those of the use. */
} es_theme_tune;

/** Times of the theme in a metre, in those values with which it has about `density` notes a bar. */
void es_passage_map(es_meter_map *map, const es_theme *theme, es_meter meter, double density);

/** @param out  Owned by the caller. Without notes where nothing of the theme is left. */
estro_status es_passage_make(es_theme_tune **out, const es_passage *passage,
                             const es_passage_frame *frame, es_rng *rng, estro_diag *diag);
void es_theme_tune_free(es_theme_tune *tune);

#endif
