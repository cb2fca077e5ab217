/**
 * @file api.h
 * What the public objects are inside: shared by the files of src/api, seen by nobody else.
 */
#ifndef ES_API_API_H
#define ES_API_API_H

#include "gen/composer.h"

#include <estro/estro.h>

/** Most sections that a composer remembers of its form. */
enum { ES_API_SECTIONS = 64 };

struct estro_style {
    es_style *style;
};

struct estro_model {
    es_model *model;
};

struct estro_composer {
    es_composer *composer;
    const es_style *style; /**< What is composed: parts and performance are read from it. */
    uint64_t seed;
    char about
        [512]; /**< How it is made: "estro 0.1.0; style NAME DIGEST; ...". Written into files. */
    es_chord *chords;                    /**< The given sheet, a chord a beat; owned. */
    char form[1024];                     /**< Sections met so far, separated by spaces. */
    uint32_t bars;                       /**< Bars given so far. */
    char beat_chords[ES_MAX_BEATS * 16]; /**< Text of the present bar's chords. */
};

/** The next bar, with the form noted. All bars are taken through this. @return As es_composer_next. */
estro_status es_api_next(estro_composer *composer, es_bar *bar, estro_diag *diag);

#endif
