/**
 * @file made.h
 * A file that was made here: how, and its notes.
 */
#ifndef ES_API_MADE_H
#define ES_API_MADE_H

#include "music/time.h"
#include "smf/smf.h"
#include "style/style.h"
#include "theme/theme.h"

#include <estro/estro.h>

enum { ES_MOST_SETTINGS = 64 };

/** A name with the digest of what it names, in hexadecimal digits. */
typedef struct es_made_of {
    const char *name, *digest;
} es_made_of;

typedef struct es_made_note {
    es_tick start, duration;
    uint16_t track;
    uint8_t key, velocity;
} es_made_note;

struct estro_made {
    char *path;
    char *about; /**< As it stands in the file. */
    char *text;  /**< The same, cut into pieces, to which all below points. */
    es_made_of style, models[ESTRO_MAX_MODELS], theme; /**< Without a theme, NULLs. */
    size_t n_models;
    const char *settings[ES_MOST_SETTINGS + 1];
    size_t n_settings;
    estro_compose_options options; /**< Without models. */
    char **tracks;                 /**< Owned, [n_tracks]: their names, NULL = it has none. */
    size_t n_tracks;
    es_made_note *notes; /**< Owned; by start, track, key. */
    size_t n_notes;
};

/** Read notes and tracks. @return ESTRO_ERR_FORMAT, ESTRO_ERR_MEMORY. */
estro_status es_made_notes(estro_made *made, const es_smf *smf, estro_diag *diag);

/** Whether a digest is the one that is written. */
bool es_made_is(const es_made_of *made, const uint8_t digest[8]);

/** Whether style and models are those that a file was made with. @return ESTRO_ERR_ARGUMENT, and which is not. */
estro_status es_made_check(const estro_made *made, const es_style *style,
                           const estro_compose_options *given, estro_diag *diag);
/** The same of its theme. @param theme NULL: without one. */
estro_status es_made_check_theme(const estro_made *made, const es_theme *theme, estro_diag *diag);

#endif
