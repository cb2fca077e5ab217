/**
 * @file api.h
 * What the public objects are inside: shared by the files of src/api, seen by nobody else.
 */
#ifndef ES_API_API_H
#define ES_API_API_H

#include "api/again.h"
#include "api/given.h"
#include "gen/composer.h"
#include "theme/setting.h"

#include <estro/estro.h>

#include <stdatomic.h>

struct estro_style {
    es_style *style;
    atomic_int holders; /**< Besides the host. */
};

/** Let go of what estro_composer_restyle has held. */
void es_api_style_release(estro_style *style);

struct estro_model {
    es_model *model;
};

enum { ES_API_TAKEN = 5 };

enum { ES_API_ABOUT = 4096, ES_API_FORM = 1024 };

struct estro_composer {
    es_composer *composer;
    _Atomic(estro_style *)
        wanted; /**< What estro_composer_restyle gave last and the composing thread has not taken; held. NULL: nothing. */
    estro_style *taken[ES_API_TAKEN]; /**< What it has taken, the last one first; held. */
    uint32_t since[ES_API_TAKEN];     /**< Phrases given when that came. */
    uint32_t n_phrases;               /**< Given, the present one too. */
    const es_style *style;            /**< Parts and performance are read from it. */
    es_style *own_style;              /**< The same, where the composer made it; owned. */
    uint64_t seed;
    bool as_written;          /**< Without the performance step. */
    uint32_t parts;           /**< Parts to be heard, bit i = part i: only these have tracks. */
    char about[ES_API_ABOUT]; /**< How it is made; written into files. */
    char form[ES_API_FORM];   /**< Sections met so far, separated by spaces. */
    es_user_parts *user;      /**< Parts that the user gives, or NULL; owned. */
    es_again *again;          /**< What it was, where some of it is drawn anew; owned. */
    es_chord *chords;         /**< The given sheet, a chord a beat; owned. */
    char beat_chords[ES_MAX_BEATS * ES_CHORD_TEXT]; /**< Text of the present bar's chords. */
    es_note *heard[2];    /**< Notes of this bar and the last that are heard; owned. */
    estro_note *notes[2]; /**< The same for the host; owned. */
    size_t heard_capacity[2], notes_capacity[2];
    uint32_t n_bars;       /**< Bars given so far. */
    es_theme *theme;       /**< Owned, or NULL. */
    es_setting *setting;   /**< Of the theme in the style; owned. */
    estro_theme_use *uses; /**< Of the theme, so far; owned. */
    size_t n_uses, uses_capacity;
};

/** A part by its name of `length` bytes. @return ESTRO_ERR_ARGUMENT, and which name may be meant, or which there are. */
estro_status es_api_part(uint32_t *part, const es_style *style, const char *text, size_t length,
                         estro_diag *diag);
/** Names of the parts of a style, each after a space. */
void es_api_part_names(char *out, size_t size, const es_style *style);

/** Read the options but reroll, pin and keep, which ask for a piece that is made first. @return ESTRO_ERR_ARGUMENT. */
estro_status es_api_options(estro_composer *self, es_compose_options *out,
                            const estro_compose_options *given, estro_diag *diag);

/** Write how the piece is made. */
void es_api_about(estro_composer *self, const estro_compose_options *given);

/**
 * The next bar: with the notes of those parts only that are to be heard, and its section noted in the form. All bars are
 * taken through this. @return As es_composer_next.
 */
estro_status es_api_next(estro_composer *composer, es_bar *bar, estro_diag *diag);

/**
 * Read a chord sheet: bars are divided by "|", the chords of a bar share its beats evenly, "%" repeats the bar before.
 *
 * @param chords  A chord a beat, owned (es_free). @return ESTRO_ERR_ARGUMENT with the column.
 */
estro_status es_api_chords(es_chord **chords, uint32_t *n_chords, const char *text, es_meter meter,
                           estro_diag *diag);

/**
 * Read the theme of the options, and let the planner know.
 *
 * @param out  The rest of the options is read.
 */
estro_status es_api_theme(estro_composer *self, es_compose_options *out, const char *theme,
                          estro_diag *diag);
/** Shortest time that each part knows: what a model writes stands on its grid. @param grids [ES_MAX_PARTS], overwritten. */
void es_api_grids(es_tick grids[ES_MAX_PARTS], const es_style *style,
                  const es_compose_options *options);
/** The same theme for a piece that is composed again. */
estro_status es_api_theme_anew(estro_composer *self, es_compose_options *out, estro_diag *diag);
/** Note what the phrase that begins with a bar does with the theme. */
estro_status es_api_theme_bar(estro_composer *self, const es_bar *bar, estro_diag *diag);
void es_api_theme_done(estro_composer *self);

/**
 * A style that leaves everything to a model: its voices, plain forms, all the harmony of the key, no constraints.
 *
 * @param out Owned, es_style_free.
 */
estro_status es_api_style_of_model(es_style **out, const es_model *model, estro_diag *diag);

#endif
