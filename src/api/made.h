/**
 * @file made.h
 * A file that was made here: how, and its notes.
 */
#ifndef ES_API_MADE_H
#define ES_API_MADE_H

#include "analysis/gather.h"
#include "style/style.h"

#include <estro/estro.h>

enum { ES_MOST_SETTINGS = 64 };

/** A name with the digest of what it names, in hexadecimal digits. */
typedef struct es_made_of {
    const char *name, *digest;
} es_made_of;

struct estro_made {
    char *path;
    char *about; /**< As it stands in the file. */
    char *text;  /**< The same, cut into pieces, to which all below points. */
    es_made_of style, models[ESTRO_MAX_MODELS];
    size_t n_models;
    const char *settings[ES_MOST_SETTINGS + 1];
    size_t n_settings;
    estro_compose_options options; /**< Without models. */
    es_gathered found;
};

/** Whether a digest is the one that is written. */
bool es_made_is(const es_made_of *made, const uint8_t digest[8]);

#endif
