/*
 * estro generate: compose pieces and write them to files. What was made, and with which seed, is said on standard error, so
 * that it can be made again.
 */
#include "again.h"
#include "compose.h"
#include "sound.h"
#include "stop.h"
#include "theme.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct job {
    const cli_command *command;
    cli_compose compose;
    cli_sound sound;
    cli_music music;
    char *output, *count;
    cli_again again;
    int wants_stats, wants_json;
    uint32_t n_pieces;
    json_t *rows; /**< With --json: an object a piece. */
    char *report;
    json_t *themes; /**< With --theme-report: an object a piece. */
} job;

/** Name of the output of the piece with this seed: what -o says, numbered where there are several, else STYLE-SEED.mid. */
static int name_output(char *out, size_t size, const job *j, uint64_t seed)
{
    int length;

    if (!j->output) {
        length = snprintf(out, size, "%s-%llu.mid", j->music.name, (unsigned long long)seed);
        if (access(out, F_OK) == 0) {
            return cli_fail("%s is there already; -o %s writes it anew", out, out);
        }
    } else if (j->n_pieces == 1) {
        length = snprintf(out, size, "%s", j->output);
    } else {
        const char *dot = strrchr(j->output, '.');
        const int stem = dot ? (int)(dot - j->output) : (int)strlen(j->output);
        length = snprintf(out, size, "%.*s-%llu%s", stem, j->output, (unsigned long long)seed,
                          dot ? dot : "");
    }
    return length > 0 && (size_t)length < size ? CLI_GO_ON
                                               : cli_fail("the name of the output is too long");
}

static json_t *stats_object(const estro_compose_stats *s)
{
    const double share = s->draws ? (double)s->forced / (double)s->draws : 0;

    return json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:I, s:I, s:I}", "draws", (json_int_t)s->draws,
                     "forced", (json_int_t)s->forced, "forced_share", share, "mean_z", s->mean_z,
                     "nats_model", s->nats_model, "nats_sampler", s->nats_sampler,
                     "redrawn_instants", (json_int_t)s->redrawn_instants, "redrawn_bars",
                     (json_int_t)s->redrawn_bars, "redrawn_phrases",
                     (json_int_t)s->redrawn_phrases);
}

static void print_stats(const estro_compose_stats *s)
{
    const double draws = s->draws ? (double)s->draws : 1;

    fprintf(stderr,
            "  draws by a model: %llu, forced: %llu (%.1f %%), mean Z: %.3f\n"
            "  nats under the model: %.1f, as drawn: %.1f\n"
            "  redrawn: %llu instants, %llu bars, %llu phrases\n",
            (unsigned long long)s->draws, (unsigned long long)s->forced,
            100 * (double)s->forced / draws, s->mean_z, s->nats_model, s->nats_sampler,
            (unsigned long long)s->redrawn_instants, (unsigned long long)s->redrawn_bars,
            (unsigned long long)s->redrawn_phrases);
}

static void tell(job *j, const estro_composer *composer, const char *path, uint64_t seed)
{
    const estro_frame frame = estro_composer_frame(composer);
    const char *form = estro_composer_form(composer);
    const estro_compose_stats stats = estro_composer_stats(composer);

    const char *same = estro_composer_unchanged(composer);

    if (*same) {
        fprintf(stderr, "estro: no other notes were found for %s\n", same);
    }
    if (j->rows) {
        json_t *row =
            json_pack("{s:s, s:s, s:I, s:s, s:f, s:s%, s:i, s:s, s:s}", "file", path, "name",
                      j->music.name, "seed", (json_int_t)seed, "key", frame.key, "tempo",
                      frame.tempo, "form", form, strlen(form), "bars", (int)frame.bars, "about",
                      estro_composer_about(composer), "version", estro_version());
        json_object_set_new(row, "stats", stats_object(&stats));
        json_array_append_new(j->rows, row);
    } else {
        fprintf(stderr, "%s: %s, seed %llu, %s, %.0f quarters a minute, %u bars of %u/%u, %s\n",
                path, j->music.name, (unsigned long long)seed, frame.key, frame.tempo,
                (unsigned)frame.bars, frame.meter_numerator, frame.meter_denominator, form);
        if (j->wants_stats) {
            print_stats(&stats);
        }
    }
}

/** Compose into a sink, and close it. */
static estro_status write_piece(estro_composer *composer, const char *kind, const char *path,
                                const estro_sink_options *options, estro_diag *diag)
{
    estro_source *source = NULL;
    estro_sink *sink = NULL;
    estro_diag unused;

    estro_status status = estro_source_compose(&source, composer, diag);
    if (status == ESTRO_OK) {
        status = estro_sink_open(&sink, kind, path, options, diag);
    }
    if (status == ESTRO_OK) {
        cli_stop_source(source);
        status = estro_render(source, sink, diag);
        cli_stop_source(NULL);
    }
    const bool is_good = status == ESTRO_OK;
    const estro_status closed = estro_sink_close(sink, is_good, is_good ? diag : &unused);
    estro_source_free(source);
    return is_good ? closed : status;
}

static int make_piece(job *j, uint64_t seed)
{
    char path[4096];
    const char *kind = NULL;
    estro_composer *composer = NULL;
    estro_diag diag = {0};

    int go = name_output(path, sizeof path, j, seed);
    if (go == CLI_GO_ON) {
        go = cli_sound_kind(&kind, j->command, path);
    }
    if (go != CLI_GO_ON) {
        return go;
    }
    j->compose.options.seed = seed;
    estro_status status = estro_composer_new(&composer, j->music.style, &j->compose.options, &diag);
    if (status == ESTRO_OK) {
        j->sound.options.comment = estro_composer_about(composer);
        status = write_piece(composer, kind, path, &j->sound.options, &diag);
    }
    if (status == ESTRO_OK) {
        tell(j, composer, path, seed);
        if (j->themes) {
            json_array_append_new(j->themes, cli_theme_object(composer, path, seed));
        }
    }
    estro_composer_free(composer);
    return status == ESTRO_OK ? CLI_OK : cli_report(&diag);
}

static int run(job *j, const cli_arguments *arguments)
{
    const char *style = arguments->n_names ? arguments->names[0] : NULL;
    uint64_t count = 1;

    int go = cli_compose_read(&j->compose, j->command);
    if (go == CLI_GO_ON) {
        go = cli_again_read(&j->again, &j->compose, j->command);
    }
    if (go == CLI_GO_ON) {
        go = cli_sound_read(&j->sound, j->command);
    }
    if (go != CLI_GO_ON) {
        return go;
    }
    if (j->count && (!cli_read_number(&count, j->count) || count < 1 || count > 1000000)) {
        return cli_misuse(j->command, "--count: '%s' is no number from 1 to 1000000", j->count);
    }
    if (!style && !j->compose.models && !j->again.made) {
        return cli_misuse(j->command, "a STYLE, --model or --keep is needed");
    }
    if (j->wants_json && j->output && strcmp(j->output, "-") == 0) {
        return cli_misuse(j->command, "--json and -o - both want standard output");
    }
    if (count > 1 && j->output && strcmp(j->output, "-") == 0) {
        return cli_misuse(j->command, "--count and -o - exclude each other");
    }
    if (count > 1 && j->again.made) {
        return cli_misuse(j->command, "--count and --keep exclude each other");
    }
    if (j->report && !j->compose.theme) {
        return cli_misuse(j->command, "--theme-report needs --theme");
    }
    if (j->report && strcmp(j->report, "-") == 0 &&
        (j->wants_json || (j->output && strcmp(j->output, "-") == 0))) {
        return cli_misuse(j->command,
                          "--theme-report - and another option both want standard output");
    }
    j->n_pieces = (uint32_t)count;
    go = j->again.made ? cli_again_load(&j->again, &j->music, style, &j->compose)
                       : cli_music_load(&j->music, style, &j->compose);
    if (go != CLI_GO_ON) {
        return go;
    }
    int status = CLI_OK;
    const uint64_t first = j->compose.options.seed;
    for (uint64_t i = 0; i < count && status == CLI_OK; i++) {
        status = cli_stop_count() ? cli_fail("stopped after %llu pieces", (unsigned long long)i)
                                  : make_piece(j, first + i);
    }
    return status;
}

int cli_generate(const cli_command *command, int argc, const char **argv)
{
    job j = {.command = command};
    struct poptOption compose_rows[CLI_COMPOSE_ROWS], again_rows[CLI_AGAIN_ROWS],
        sound_rows[CLI_SOUND_ROWS];
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &j.output, 0,
         "Where to: .mid .wav .flac .ogg .opus .txt, - is standard output (default: "
         "STYLE-SEED.mid)",
         "FILE"},
        {"count", 'n', POPT_ARG_STRING, &j.count, 0, "Pieces, with this seed and those after it",
         "N"},
        {"theme-report", '\0', POPT_ARG_STRING, &j.report, 0,
         "Write as JSON where the theme is and what was done with it; - is standard output",
         "FILE"},
        {"stats", '\0', POPT_ARG_NONE, &j.wants_stats, 0, "Say how the draws went", NULL},
        {"json", '\0', POPT_ARG_NONE, &j.wants_json, 0, "Write what was made as JSON", NULL},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, compose_rows, 0, "Composition:", NULL},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, again_rows, 0, "With notes that are there:", NULL},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, sound_rows, 0, "Sound files:", NULL},
        POPT_TABLEEND};
    cli_arguments arguments = {0};

    cli_heap_on_large_page();
    cli_compose_table(&j.compose, compose_rows);
    cli_again_table(&j.again, again_rows);
    cli_sound_table(&j.sound, sound_rows);
    int status = cli_options(&arguments, command, table, 0, 1, argc, argv);
    if (status == CLI_GO_ON) {
        j.rows = j.wants_json ? json_array() : NULL;
        j.themes = j.report ? json_array() : NULL;
        status = run(&j, &arguments);
        if (j.themes && status == CLI_OK) {
            status = cli_theme_write(j.themes, j.report);
        }
        json_decref(j.themes);
        if (j.rows && status == CLI_OK) {
            json_dumpf(j.rows, stdout, JSON_INDENT(2));
            putchar('\n');
        }
        json_decref(j.rows);
        cli_options_done(&arguments);
    }
    cli_music_done(&j.music);
    cli_compose_done(&j.compose);
    cli_sound_done(&j.sound);
    cli_again_done(&j.again);
    free(j.output);
    free(j.count);
    free(j.report);
    return status;
}
