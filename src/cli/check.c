/*
 * estro check: whether a style, a model or a MIDI file is good. A style is also composed with, without a model, for some seeds, so
 * that constraints which leave no choice are found before the music is wanted.
 */
#include "options.h"

#include <string.h>

static bool ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);

    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

/** Compose a piece, and drop it. */
static estro_status try_seed(const estro_style *style, uint64_t seed, uint64_t *redrawn,
                             estro_diag *diag)
{
    estro_compose_options options = estro_compose_options_default();
    estro_composer *composer = NULL;
    estro_bar bar;

    options.seed = seed;
    estro_status status = estro_composer_new(&composer, style, &options, diag);
    while (status == ESTRO_OK) {
        status = estro_composer_next(composer, &bar, diag);
    }
    if (composer) {
        const estro_compose_stats stats = estro_composer_stats(composer);
        *redrawn += stats.redrawn_phrases;
    }
    estro_composer_free(composer);
    return status == ESTRO_END ? ESTRO_OK : status;
}

static void print_warning(void *self, int line, int column, const char *text)
{
    fprintf(stderr, "%s:%d:%d: warning: %s\n", (const char *)self, line, column, text);
}

static int check_style(const char *name, int seeds)
{
    estro_style *style = NULL;
    estro_diag diag = {0};
    uint64_t redrawn = 0;

    char source[1024];
    snprintf(source, sizeof source, "%s", name);
    const bool is_stream = strcmp(name, "-") == 0; /* can be read only once */
    if ((!is_stream && estro_style_check(name, print_warning, source, &diag) != ESTRO_OK) ||
        estro_style_load(&style, name, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    int status = CLI_OK;
    for (int seed = 1; seed <= seeds && status == CLI_OK; seed++) {
        if (try_seed(style, (uint64_t)seed, &redrawn, &diag) != ESTRO_OK) {
            status = cli_report(&diag);
            fprintf(stderr, "estro: the style compiles, but seed %d cannot be composed\n", seed);
        }
    }
    if (status == CLI_OK) {
        printf("%s: good style '%s', %d pieces composed, %llu phrases redrawn\n", name,
               estro_style_name(style), seeds, (unsigned long long)redrawn);
    }
    estro_style_free(style);
    return status;
}

static int check_model(const char *name)
{
    estro_model *model = NULL;
    estro_diag diag = {0};

    if (estro_model_load(&model, name, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    printf("%s: good model '%s'\n%s\n", name, estro_model_name(model), estro_model_card(model));
    estro_model_free(model);
    return CLI_OK;
}

static int check_file(const char *name)
{
    estro_analysis *analysis = NULL;
    estro_diag diag = {0};

    if (estro_analysis_file(&analysis, name, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    printf("%s: good MIDI file\n", name);
    estro_analysis_free(analysis);
    return CLI_OK;
}

static int check(const char *name, int seeds)
{
    static const char *const midi[] = {".mid", ".midi", ".MID", ".MIDI", ".rmi", ".kar"};

    for (size_t i = 0; i < sizeof midi / sizeof *midi; i++) {
        if (ends_in(name, midi[i])) {
            return check_file(name);
        }
    }
    return ends_in(name, ".model") ? check_model(name) : check_style(name, seeds);
}

int cli_check(const cli_command *command, int argc, const char **argv)
{
    int seeds = 8;
    const struct poptOption table[] = {
        {"seeds", '\0', POPT_ARG_INT, &seeds, 0, "Pieces to try a style with (default: 8)", "N"},
        POPT_TABLEEND};
    cli_arguments arguments = {0};

    int status = cli_options(&arguments, command, table, 1, 1 << 20, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (seeds < 0) {
        status = cli_misuse(command, "--seeds: 0 or more");
    } else {
        status = CLI_OK;
        for (int i = 0; i < arguments.n_names; i++) {
            const int one = check(arguments.names[i], seeds);
            status = one == CLI_OK ? status : one;
        }
    }
    cli_options_done(&arguments);
    return status;
}
