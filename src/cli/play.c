/*
 * estro play: a style, composed as it plays, or a MIDI file, to a device or to the synthesizer.
 */
#include "compose.h"
#include "live.h"
#include "sound.h"
#include "stop.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct job {
    const cli_command *command;
    cli_compose compose;
    cli_sound sound;
    cli_music music;
    char *device, *control;
    cli_live live;
    int wants_synth, wants_text, is_endless, has_clock, latency_ms;
} job;

static bool ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);

    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

/** Whether what is to be played is a MIDI file; anything else is a style. */
static bool is_midi_file(const char *name)
{
    static const char *const endings[] = {".mid", ".midi", ".MID", ".MIDI", ".rmi", ".kar"};

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (ends_in(name, endings[i])) {
            return true;
        }
    }
    return strcmp(name, "-") == 0;
}

static void print_place(const estro_report *report, bool is_terminal)
{
    if (!is_terminal) {
        return;
    }
    fprintf(stderr, "\r\033[Kbar %llu  %s", (unsigned long long)report->bars,
            report->section ? report->section : "");
    if (report->late) {
        fprintf(stderr, "  (late: %llu, worst %.1f ms)", (unsigned long long)report->late,
                (double)report->worst_ns / 1e6);
    }
    fflush(stderr);
}

/** Wait until it is over, saying where it is. */
static void follow(job *j, estro_player *player)
{
    const struct timespec pause = {.tv_nsec = 50000000};
    const bool is_terminal = isatty(STDERR_FILENO);
    estro_report report = {0};
    uint64_t shown = UINT64_MAX;
    bool is_said = false;

    for (;;) {
        estro_player_poll(player, &report);
        if (report.is_over) {
            break;
        }
        if (report.bars != shown) {
            print_place(&report, is_terminal);
            shown = report.bars;
        }
        if (cli_stop_count() == 1 && !is_said) {
            fputs("\nending at the next cadence; Ctrl-C again stops at once\n", stderr);
            is_said = true;
        }
        cli_live_poll(&j->live, j->music.style);
        nanosleep(&pause, NULL);
    }
    if (is_terminal) {
        fputs("\r\033[K", stderr);
    }
    fprintf(stderr, "%llu bars played", (unsigned long long)report.bars);
    if (report.late) {
        fprintf(stderr, ", %llu late, worst by %.1f ms", (unsigned long long)report.late,
                (double)report.worst_ns / 1e6);
    }
    fputc('\n', stderr);
}

static estro_status play(job *j, estro_source *source, estro_diag *diag)
{
    const char *kind = j->device ? "portmidi" : j->wants_text ? "text" : "synth";
    const char *target = j->device ? j->device : j->wants_text ? "-" : NULL;
    estro_sink *sink = NULL;
    estro_player *player = NULL;
    estro_diag unused;

    cli_stop_note(); /* A synthesizer takes its time: who stops it meanwhile stops the player. */
    estro_status status = estro_sink_open(&sink, kind, target, &j->sound.options, diag);
    if (status == ESTRO_OK) {
        status = estro_player_start(&player, source, sink, diag);
    }
    if (status == ESTRO_OK) {
        cli_stop_player(player);
        follow(j, player);
        cli_stop_player(NULL);
        status = estro_player_free(player, diag);
    }
    if (status == ESTRO_ERR_CANCELLED || status == ESTRO_END) {
        status = ESTRO_OK; /* The person wished it so. */
    }
    const bool is_good = status == ESTRO_OK;
    const estro_status closed = estro_sink_close(sink, true, is_good ? diag : &unused);
    return is_good ? closed : status;
}

static int play_file(job *j, const char *path)
{
    estro_source *source = NULL;
    estro_diag diag = {0};

    estro_status status = estro_source_file(&source, path, &diag);
    if (status == ESTRO_OK) {
        status = play(j, source, &diag);
    }
    estro_source_free(source);
    return status == ESTRO_OK ? CLI_OK : cli_report(&diag);
}

static int play_style(job *j, const char *style)
{
    estro_composer *composer = NULL;
    estro_source *source = NULL;
    estro_diag diag = {0};

    int go = cli_music_load(&j->music, style, &j->compose);
    if (go != CLI_GO_ON) {
        return go;
    }
    j->compose.options.endless = j->is_endless != 0;
    estro_status status = estro_composer_new(&composer, j->music.style, &j->compose.options, &diag);
    if (status == ESTRO_OK) {
        const estro_frame frame = estro_composer_frame(composer);
        fprintf(stderr, "%s, seed %llu, %s, %.0f quarters a minute\n", j->music.name,
                (unsigned long long)j->compose.options.seed, frame.key, frame.tempo);
        j->sound.options.comment = estro_composer_about(composer);
        status = estro_source_compose(&source, composer, &diag);
    }
    if (status == ESTRO_OK && j->control) {
        const estro_style_options options = cli_style_options(j->compose.settings);
        go = cli_live_open(&j->live, j->control, style, &options, j->music.style, composer);
    }
    if (status == ESTRO_OK && go == CLI_GO_ON) {
        status = play(j, source, &diag);
    }
    cli_live_done(&j->live);
    estro_source_free(source);
    estro_composer_free(composer);
    if (go != CLI_GO_ON) {
        return go;
    }
    return status == ESTRO_OK ? CLI_OK : cli_report(&diag);
}

static int run(job *j, const cli_arguments *arguments)
{
    const char *name = arguments->n_names ? arguments->names[0] : NULL;

    int go = cli_compose_read(&j->compose, j->command);
    if (go == CLI_GO_ON) {
        go = cli_sound_read(&j->sound, j->command);
    }
    if (go != CLI_GO_ON) {
        return go;
    }
    if ((j->device != NULL) + (j->wants_synth != 0) + (j->wants_text != 0) > 1) {
        return cli_misuse(j->command, "--device, --synth and --text exclude each other");
    }
    if (j->latency_ms < 0 || j->latency_ms > 10000) {
        return cli_misuse(j->command, "--latency: from 0 to 10000 ms");
    }
    j->sound.options.clock = j->has_clock != 0;
    j->sound.options.latency_ms = (uint32_t)j->latency_ms;
    if (j->control && (!name || is_midi_file(name))) {
        return cli_misuse(j->command, "--control moves the params of a STYLE");
    }
    if (!name && !j->compose.models) {
        return cli_misuse(j->command, "a STYLE, a MIDI file or --model is needed");
    }
    return name && is_midi_file(name) ? play_file(j, name) : play_style(j, name);
}

int cli_play(const cli_command *command, int argc, const char **argv)
{
    job j = {.command = command};
    struct poptOption compose_rows[CLI_COMPOSE_ROWS], sound_rows[CLI_SOUND_ROWS];
    struct poptOption table[] = {
        {"device", 'D', POPT_ARG_STRING, &j.device, 0,
         "MIDI device, by name or a part of it; `estro devices` lists them", "NAME"},
        {"synth", '\0', POPT_ARG_NONE, &j.wants_synth, 0, "Synthesizer (the default)", NULL},
        {"text", '\0', POPT_ARG_NONE, &j.wants_text, 0,
         "Print the messages instead of playing them", NULL},
        {"endless", '\0', POPT_ARG_NONE, &j.is_endless, 0, "Go on until Ctrl-C", NULL},
        {"clock", '\0', POPT_ARG_NONE, &j.has_clock, 0, "Send MIDI clock to the device", NULL},
        {"control", '\0', POPT_ARG_STRING, &j.control, 0,
         "MIDI device whose controllers move the style's params, by name or a part of it; '-': "
         "lines NAME=VALUE on standard input",
         "NAME"},
        {"latency", '\0', POPT_ARG_INT, &j.latency_ms, 0, "Of the device", "MS"},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, compose_rows, 0, "Composition:", NULL},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, sound_rows, 0, "Sound:", NULL},
        POPT_TABLEEND};
    cli_arguments arguments = {0};

    cli_compose_table(&j.compose, compose_rows);
    cli_sound_table(&j.sound, sound_rows);
    int status = cli_options(&arguments, command, table, 0, 1, argc, argv);
    if (status == CLI_GO_ON) {
        status = run(&j, &arguments);
        cli_options_done(&arguments);
    }
    cli_music_done(&j.music);
    cli_compose_done(&j.compose);
    cli_sound_done(&j.sound);
    free(j.device);
    free(j.control);
    return status;
}
