/*
 * Options of a composition. They stay text until all are read, so that a wrong one is named as the person wrote it.
 */
#include "compose.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void cli_compose_table(cli_compose *c, struct poptOption rows[CLI_COMPOSE_ROWS])
{
    const struct poptOption table[CLI_COMPOSE_ROWS] = {
        {"seed", 's', POPT_ARG_STRING, &c->seed, 0, "Same seed, same piece (default: a new one)",
         "N"},
        {"model", 'm', POPT_ARG_ARGV, &c->models, 0,
         "Model for the parts that the style leaves to it (default: the style's own); may be "
         "repeated",
         "MODEL"},
        {"no-model", '\0', POPT_ARG_NONE, &c->no_model, 0, "By the weights of the style alone",
         NULL},
        {"bars", 'b', POPT_ARG_STRING, &c->bars, 0, "Length wanted, in bars", "N"},
        {"duration", 'd', POPT_ARG_STRING, &c->duration, 0, "Length wanted: 90, 1m30s, 1:30",
         "TIME"},
        {"key", 'k', POPT_ARG_STRING, &c->key, 0, "Such as C, Eb, \"f# minor\", \"d dorian\"",
         "KEY"},
        {"tempo", 't', POPT_ARG_STRING, &c->tempo, 0, "Quarters per minute", "BPM"},
        {"chords", 'c', POPT_ARG_STRING, &c->chords, 0,
         "A chord sheet in place of the style's harmony: \"Dm7 G7 | Cmaj7\"", "SHEET"},
        {"theme", '\0', POPT_ARG_STRING, &c->theme, 0,
         "A tune to be stated and developed: FILE.mid, FILE.abc, or \"c d e g |\"", "THEME"},
        {"parts", 'p', POPT_ARG_STRING, &c->parts, 0, "Only these are heard: bass,drums", "NAMES"},
        {"set", '\0', POPT_ARG_ARGV, &c->settings, 0,
         "A param of the style (estro styles -v shows them); may be repeated", "NAME=VALUE"},
        {"temperature", '\0', POPT_ARG_STRING, &c->temperature, 0,
         "Freedom of the model: 1 as learned, more is freer", "X"},
        {"candidates", '\0', POPT_ARG_STRING, &c->candidates, 0,
         "Phrases drawn for each that is kept", "N"},
        {"max-copy", '\0', POPT_ARG_STRING, &c->max_copy, 0,
         "Notes in a row that may stand in the training material; 0 = any", "N"},
        {"score", '\0', POPT_ARG_NONE, &c->score, 0,
         "As written: straight times, full lengths, plain velocities", NULL},
        POPT_TABLEEND};

    memcpy(rows, table, sizeof table);
}

static bool read_real(double *out, const char *text)
{
    char *end;

    errno = 0;
    *out = strtod(text, &end);
    return end != text && !*end && !errno && isfinite(*out) && *out > 0;
}

static bool read_count(uint32_t *out, const char *text, uint64_t least)
{
    uint64_t value;

    if (!cli_read_number(&value, text) || value < least || value > UINT32_MAX) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

/** Nine digits, so that a person can read them to another. */
static uint64_t seed_of_now(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t mixed = ((uint64_t)now.tv_sec * 1000000007u) ^ ((uint64_t)now.tv_nsec << 20) ^
                           ((uint64_t)getpid() << 8);
    return (mixed * 0x9e3779b97f4a7c15u >> 32) % 1000000000u;
}

int cli_compose_read(cli_compose *c, const cli_command *command)
{
    estro_compose_options *o = &c->options;

    *o = estro_compose_options_default();
    o->seed = seed_of_now();
    if (c->seed && !cli_read_number(&o->seed, c->seed)) {
        return cli_misuse(command, "--seed: '%s' is no whole number", c->seed);
    }
    if (c->bars && !read_count(&o->bars, c->bars, 1)) {
        return cli_misuse(command, "--bars: '%s' is no number of bars (1 or more)", c->bars);
    }
    if (c->duration && (!cli_read_seconds(&o->seconds, c->duration) || !(o->seconds > 0))) {
        return cli_misuse(command, "--duration: '%s' is no time (such as 90, 1m30s, 1:30)",
                          c->duration);
    }
    if (c->tempo && !read_real(&o->tempo, c->tempo)) {
        return cli_misuse(command, "--tempo: '%s' is no tempo in quarters per minute", c->tempo);
    }
    if (c->temperature && !read_real(&o->temperature, c->temperature)) {
        return cli_misuse(command, "--temperature: '%s' is no number above 0", c->temperature);
    }
    if (c->candidates && !read_count(&o->candidates, c->candidates, 1)) {
        return cli_misuse(command, "--candidates: '%s' is no number of 1 or more", c->candidates);
    }
    if (c->max_copy && !read_count(&o->max_copy, c->max_copy, 0)) {
        return cli_misuse(command, "--max-copy: '%s' is no number of 0 or more", c->max_copy);
    }
    if (c->models && c->no_model) {
        return cli_misuse(command, "--model and --no-model exclude each other");
    }
    if (c->bars && c->duration) {
        return cli_misuse(command, "--bars and --duration exclude each other");
    }
    o->key = c->key;
    o->chords = c->chords;
    o->parts = c->parts;
    o->theme = c->theme;
    o->as_written = c->score != 0;
    return CLI_GO_ON;
}

void cli_compose_done(cli_compose *c)
{
    char *const strings[] = {c->seed,     c->bars,   c->duration,    c->key,
                             c->tempo,    c->chords, c->temperature, c->candidates,
                             c->max_copy, c->parts,  c->theme};

    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        free(strings[i]);
    }
    cli_free_list(c->models);
    cli_free_list(c->settings);
}

/* ---- loading ---- */

static int add_model(cli_music *music, const char *path)
{
    estro_diag diag = {0};

    if (music->n_models == ESTRO_MAX_MODELS) {
        return cli_fail("there can be %d models at most", ESTRO_MAX_MODELS);
    }
    if (estro_model_load(&music->models[music->n_models], path, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    music->n_models++;
    return CLI_GO_ON;
}

/** Where a model lies that a style asks for: beside the style, else in the style folders. */
static bool find_model(char *path, size_t size, const char *style_path, const char *name)
{
    const char *slash = strrchr(style_path, '/');
    const int folder = slash ? (int)(slash - style_path) + 1 : 0;
    const int length = snprintf(path, size, "%.*s%s.model", folder, style_path, name);

    return (length > 0 && (size_t)length < size && access(path, R_OK) == 0) ||
           estro_find(path, size, name, ".model", NULL) == ESTRO_OK;
}

static int load_own_models(cli_music *music, const char *style_path)
{
    char path[4096];
    const char *name;

    for (size_t i = 0; (name = estro_style_model(music->style, i)); i++) {
        if (!find_model(path, sizeof path, style_path, name)) {
            fprintf(stderr,
                    "estro: no model '%s' is found; its parts are written by the style's weights\n",
                    name);
            continue;
        }
        const int go = add_model(music, path);
        if (go != CLI_GO_ON) {
            return go;
        }
    }
    return CLI_GO_ON;
}

static int load(cli_music *music, const char *style, const cli_compose *compose)
{
    char path[4096] = "-";
    estro_diag diag = {0};

    if (style && strcmp(style, "-") != 0 &&
        estro_find(path, sizeof path, style, ".style", &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    const estro_style_options options = cli_style_options(compose->settings);
    if (style && estro_style_load(&music->style, path, &options, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    for (size_t i = 0; compose->models && compose->models[i]; i++) {
        const int go = add_model(music, compose->models[i]);
        if (go != CLI_GO_ON) {
            return go;
        }
    }
    if (style && !compose->models && !compose->no_model) {
        return load_own_models(music, path);
    }
    return CLI_GO_ON;
}

int cli_music_add_model(cli_music *music, const char *style_path, const char *name)
{
    char path[4096];

    return find_model(path, sizeof path, style_path, name)
               ? add_model(music, path)
               : cli_fail("no model '%s' is found", name);
}

int cli_music_loaded(cli_music *music, cli_compose *compose, int status)
{
    if (status != CLI_GO_ON) {
        cli_music_done(music);
        return status;
    }
    music->name =
        music->style ? estro_style_name(music->style) : estro_model_name(music->models[0]);
    compose->options.n_models = music->n_models;
    memcpy(compose->options.models, music->models, sizeof music->models);
    return CLI_GO_ON;
}

int cli_music_load(cli_music *music, const char *style, cli_compose *compose)
{
    return cli_music_loaded(music, compose, load(music, style, compose));
}

void cli_music_done(cli_music *music)
{
    for (uint32_t i = 0; i < music->n_models; i++) {
        estro_model_free(music->models[i]);
    }
    estro_style_free(music->style);
    *music = (cli_music){0};
}
