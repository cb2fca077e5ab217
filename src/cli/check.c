/*
 * estro check: whether a style, a model or a MIDI file is good. A style is also composed with, without a model, for some seeds, so
 * that constraints which leave no choice are found before the music is wanted, and that what it expects of its pieces is measured.
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SEEDS = 1000000 };

static bool ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);

    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

/** Seeds to try a style with, one after another. */
typedef struct seeds {
    uint64_t first, count;
} seeds;

/** "12": seeds 1 to 12; "20..29": these. */
static bool read_seeds(seeds *out, const char *text)
{
    const char *dots = strstr(text, "..");
    char first[24];
    uint64_t last;

    if (!dots) {
        out->first = 1;
        return cli_read_number(&out->count, text) && out->count <= MOST_SEEDS;
    }
    if (dots - text >= (int)sizeof first) {
        return false;
    }
    snprintf(first, sizeof first, "%.*s", (int)(dots - text), text);
    if (!cli_read_number(&out->first, first) || !cli_read_number(&last, dots + 2) ||
        last < out->first || last - out->first >= MOST_SEEDS) {
        return false;
    }
    out->count = last - out->first + 1;
    return true;
}

/** What was found where a style expects something else. */
static void print_finding(const estro_finding *f)
{
    fprintf(stderr, "%s:%d:%d: error: '%s': ", f->source, f->line, f->column, f->text);
    if (f->pieces == 0) {
        fputs("in no piece was there anything to measure\n", stderr);
        return;
    }
    fprintf(stderr,
            "found %.4g..%.4g, in the mean %.4g, over %u piece%s; not so in %u, first seed %llu "
            "(%.4g)\n",
            f->low, f->high, f->mean, (unsigned)f->pieces, f->pieces == 1 ? "" : "s",
            (unsigned)f->missed, (unsigned long long)f->first_seed, f->first_value);
}

/** Say which expectations do not hold. @param kept, open Counted. @return An exit status. */
static int judge(const estro_trial *trial, size_t *kept, size_t *open)
{
    estro_finding finding;
    int status = CLI_OK;

    *kept = *open = 0;
    for (size_t i = 0; estro_trial_finding(trial, i, &finding); i++) {
        if (!finding.holds) {
            print_finding(&finding);
            status = CLI_FAILED;
        }
        *(finding.is_open ? open : kept) += 1;
    }
    return status;
}

/** The line about a style that is good. */
static void print_good(const estro_style *style, const char *name, uint64_t pieces,
                       uint64_t redrawn, size_t kept, size_t open)
{
    printf("%s: good style '%s', %llu pieces composed, %llu phrases redrawn", name,
           estro_style_name(style), (unsigned long long)pieces, (unsigned long long)redrawn);
    if (kept > 0) {
        printf(", %zu expectations kept", kept);
    }
    if (open > 0) {
        printf(", %zu not judged with so few pieces", open);
    }
    putchar('\n');
}

/** Compose with all seeds. @return An exit status. */
static int try_style(const estro_style *style, const char *name, const seeds *s)
{
    estro_compose_options options = estro_compose_options_default();
    estro_trial *trial = NULL;
    estro_diag diag = {0};
    uint64_t redrawn = 0;
    size_t kept = 0, open = 0;

    if (estro_trial_new(&trial, style, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    int status = CLI_OK;
    for (uint64_t i = 0; i < s->count && status == CLI_OK; i++) {
        estro_compose_stats stats;
        options.seed = s->first + i;
        if (estro_trial_piece(trial, &options, &stats, &diag) != ESTRO_OK) {
            status = cli_report(&diag);
            fprintf(stderr, "estro: the style compiles, but seed %llu cannot be composed\n",
                    (unsigned long long)options.seed);
        } else {
            redrawn += stats.redrawn_phrases;
        }
    }
    if (status == CLI_OK && s->count > 0) {
        status = judge(trial, &kept, &open);
    }
    if (status == CLI_OK) {
        print_good(style, name, s->count, redrawn, kept, open);
    }
    estro_trial_free(trial);
    return status;
}

static void print_warning(void *self, const char *source, int line, int column, const char *text)
{
    (void)self;
    fprintf(stderr, "%s:%d:%d: warning: %s\n", source, line, column, text);
}

static int check_style(const char *name, const seeds *s, const estro_style_options *options)
{
    estro_style *style = NULL;
    estro_diag diag = {0};

    const bool is_stream = strcmp(name, "-") == 0; /* can be read only once */
    const estro_status checked =
        is_stream ? ESTRO_OK : estro_style_check(name, options, print_warning, NULL, &diag);
    if (checked == ESTRO_END) {
        printf("%s: good library\n", name);
        return CLI_OK;
    }
    if (checked != ESTRO_OK || estro_style_load(&style, name, options, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    const int status = try_style(style, name, s);
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

static int check(const char *name, const seeds *s, const estro_style_options *options)
{
    static const char *const midi[] = {".mid", ".midi", ".MID", ".MIDI", ".rmi", ".kar"};

    for (size_t i = 0; i < sizeof midi / sizeof *midi; i++) {
        if (ends_in(name, midi[i])) {
            return check_file(name);
        }
    }
    return ends_in(name, ".model") ? check_model(name) : check_style(name, s, options);
}

int cli_check(const cli_command *command, int argc, const char **argv)
{
    char *text = NULL, **settings = NULL;
    seeds s = {1, 8};
    struct poptOption table[] = {
        {"seeds", '\0', POPT_ARG_STRING, &text, 0,
         "Pieces to try a style with: 100, or seeds 20..29 (default: 8)", "N|A..B"},
        {"set", '\0', POPT_ARG_ARGV, &settings, 0,
         "A param of the styles (estro styles -v shows them); may be repeated", "NAME=VALUE"},
        POPT_TABLEEND};
    cli_arguments arguments = {0};

    int status = cli_options(&arguments, command, table, 1, 1 << 20, argc, argv);
    if (status == CLI_GO_ON && text && !read_seeds(&s, text)) {
        status =
            cli_misuse(command, "--seeds: '%s' is no number up to %d, and no range such as 1..100",
                       text, MOST_SEEDS);
        cli_options_done(&arguments);
    }
    if (status == CLI_GO_ON) {
        const estro_style_options options = cli_style_options(settings);
        status = CLI_OK;
        for (int i = 0; i < arguments.n_names; i++) {
            const int one = check(arguments.names[i], &s, &options);
            status = one == CLI_OK ? status : one;
        }
        cli_options_done(&arguments);
    }
    free(text);
    cli_free_list(settings);
    return status;
}
