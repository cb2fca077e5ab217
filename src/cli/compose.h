/**
 * @file compose.h
 * What `generate` and `play` share: options of a composition, and the objects made from them.
 */
#ifndef CLI_COMPOSE_H
#define CLI_COMPOSE_H

#include "options.h"

/** Values of the options, as popt fills them; zero-initialise; cli_compose_done. */
typedef struct cli_compose {
    char *seed, *bars, *duration, *key, *tempo, *chords, *temperature, *candidates, *max_copy,
        *parts, *theme;
    char **models, **settings;
    int no_model;
    int score;
    estro_compose_options options; /**< Made by cli_compose_read; borrows from the strings. */
} cli_compose;

enum { CLI_COMPOSE_ROWS = 16 };

/** Fill the option table's rows for `compose`. */
void cli_compose_table(cli_compose *compose, struct poptOption rows[CLI_COMPOSE_ROWS]);

/** Read the values. Without a seed one is taken from the clock. @return CLI_GO_ON or an exit status. */
int cli_compose_read(cli_compose *compose, const cli_command *command);
void cli_compose_done(cli_compose *compose);

/** A style with its models, loaded. Zero-initialise; cli_music_done. */
typedef struct cli_music {
    estro_style *style; /**< NULL: by model alone. */
    estro_model *models[ESTRO_MAX_MODELS];
    uint32_t n_models;
    const char *name; /**< Of the style, or of the model. */
} cli_music;

/**
 * Load a style and its models: those that the options name, or those that lie beside the style or can be found by the name
 * that the style gives them. A model that the style asks for and that is nowhere is said, and done without.
 *
 * @param style    Name or path; NULL for a model alone.
 * @param compose  Its options get the models.
 * @return CLI_GO_ON or an exit status.
 */
int cli_music_load(cli_music *music, const char *style, cli_compose *compose);
void cli_music_done(cli_music *music);

/** Load one more model, by its name: beside the style, else from the style folders. @return CLI_GO_ON or an exit status. */
int cli_music_add_model(cli_music *music, const char *style_path, const char *name);

/** All is loaded, or that ended with `status`: name the music, give `compose` the models. @return `status`. */
int cli_music_loaded(cli_music *music, cli_compose *compose, int status);

#endif
