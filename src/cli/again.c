/*
 * --keep, --reroll, --pin, --given. A file that was made here says how; with it nothing else may be said of the piece.
 */
#include "again.h"

#include <stdlib.h>
#include <string.h>

void cli_again_table(cli_again *a, struct poptOption rows[CLI_AGAIN_ROWS])
{
    const struct poptOption table[CLI_AGAIN_ROWS] = {
        {"keep", '\0', POPT_ARG_STRING, &a->keep, 0,
         "The piece is this file, made by estro and perhaps edited since; its notes stay but for "
         "what is drawn anew; a theme is named again",
         "FILE.mid"},
        {"given", '\0', POPT_ARG_STRING, &a->given, 0,
         "Tracks of this file that are named like parts of the style are played as they stand "
         "there, "
         "the others are drawn around them; its only track is the melody",
         "FILE.mid"},
        {"reroll", '\0', POPT_ARG_ARGV, &a->reroll, 0,
         "Draw these bars and parts anew, and keep all else as it was: bar=17,part=alto or "
         "bar=17..20 or part=bass,try=2; may be repeated",
         "BARS"},
        {"pin", '\0', POPT_ARG_ARGV, &a->pin, 0,
         "Keep these bars and parts as they were, and draw all else anew; may be repeated", "BARS"},
        POPT_TABLEEND};

    memcpy(rows, table, sizeof table);
}

/** All texts of a list, divided by spaces; NULL when there is no list. */
static char *join(char *const *list)
{
    size_t size = 1;

    for (size_t i = 0; list && list[i]; i++) {
        size += strlen(list[i]) + 1;
    }
    char *const text = list ? calloc(1, size) : NULL;
    for (size_t i = 0; text && list[i]; i++) {
        strcat(text, list[i]);
        strcat(text, list[i + 1] ? " " : "");
    }
    return text;
}

/** With --keep the file says it. */
static int refuse(const cli_compose *c, const cli_command *command)
{
    const struct {
        const char *name;
        bool is_given;
    } options[] = {{"model", c->models != NULL},
                   {"no-model", c->no_model != 0},
                   {"set", c->settings != NULL},
                   {"bars", c->bars != NULL},
                   {"duration", c->duration != NULL},
                   {"key", c->key != NULL},
                   {"tempo", c->tempo != NULL},
                   {"chords", c->chords != NULL},
                   {"parts", c->parts != NULL},
                   {"temperature", c->temperature != NULL},
                   {"candidates", c->candidates != NULL},
                   {"max-copy", c->max_copy != NULL},
                   {"score", c->score != 0}};

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (options[i].is_given) {
            return cli_misuse(command, "--keep and --%s exclude each other: the file says it",
                              options[i].name);
        }
    }
    return CLI_GO_ON;
}

static int read_kept(cli_again *a, cli_compose *compose, const cli_command *command)
{
    estro_diag diag = {0};
    const uint64_t seed = compose->options.seed;

    const int go = refuse(compose, command);
    if (go != CLI_GO_ON) {
        return go;
    }
    if (estro_made_read(&a->made, a->keep, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    compose->options = estro_made_options(a->made);
    compose->options.keep = a->made;
    compose->options.theme = compose->theme;
    if (compose->seed) {
        compose->options.seed = seed;
    }
    return CLI_GO_ON;
}

int cli_again_read(cli_again *a, cli_compose *compose, const cli_command *command)
{
    if (a->given && (a->keep || a->reroll || a->pin || compose->theme)) {
        return cli_misuse(command, "--given excludes --keep, --reroll, --pin and --theme");
    }
    if (a->reroll && a->pin) {
        return cli_misuse(command, "--reroll and --pin exclude each other");
    }
    if (a->keep) {
        const int go = read_kept(a, compose, command);
        if (go != CLI_GO_ON) {
            return go;
        }
    }
    a->reroll_text = join(a->reroll);
    a->pin_text = join(a->pin);
    compose->options.reroll = a->reroll_text;
    compose->options.pin = a->pin_text;
    compose->options.given = a->given;
    return CLI_GO_ON;
}

/* ---- loading ---- */

static int load_models(const cli_again *a, cli_music *music, const char *style_path)
{
    const char *name;

    for (size_t i = 0; (name = estro_made_model(a->made, i)); i++) {
        const int go = cli_music_add_model(music, style_path, name);
        if (go != CLI_GO_ON) {
            return go;
        }
    }
    return CLI_GO_ON;
}

/** A model alone makes a style for itself, of its name: it is meant when no style of that name is the one. */
static bool is_by_model_alone(const cli_again *a, const estro_style *style)
{
    return estro_made_model(a->made, 0) && !estro_made_model(a->made, 1) &&
           strcmp(estro_made_model(a->made, 0), estro_made_style(a->made)) == 0 &&
           !(style && estro_made_is_of(a->made, style));
}

static int load(const cli_again *a, cli_music *music, const char *name)
{
    char path[4096] = "";
    estro_diag diag = {0};
    estro_style_options options = estro_style_options_default();

    options.settings = estro_made_settings(a->made, &options.n_settings);
    estro_status status =
        estro_find(path, sizeof path, name ? name : estro_made_style(a->made), ".style", &diag);
    if (status == ESTRO_OK) {
        status = estro_style_load(&music->style, path, &options, &diag);
    }
    if (!name && is_by_model_alone(a, music->style)) {
        estro_style_free(music->style);
        music->style = NULL;
        status = ESTRO_OK;
    }
    return status == ESTRO_OK ? load_models(a, music, path) : cli_report(&diag);
}

int cli_again_load(const cli_again *a, cli_music *music, const char *style, cli_compose *compose)
{
    const int go = load(a, music, style);

    return cli_music_loaded(music, compose, go);
}

void cli_again_done(cli_again *a)
{
    estro_made_free(a->made);
    cli_free_list(a->reroll);
    cli_free_list(a->pin);
    free(a->reroll_text);
    free(a->pin_text);
    free(a->keep);
    free(a->given);
}
