/*
 * estro render: a MIDI file to a sound file, or to any other that a sink writes.
 */
#include "sound.h"
#include "stop.h"

#include <stdlib.h>
#include <string.h>

static int render(const cli_command *command, cli_sound *sound, const char *input,
                  const char *output)
{
    const char *kind = NULL;
    estro_source *source = NULL;
    estro_sink *sink = NULL;
    estro_diag diag = {0}, unused;

    int go = cli_sound_read(sound, command);
    if (go == CLI_GO_ON) {
        go = cli_sound_kind(&kind, command, output);
    }
    if (go != CLI_GO_ON) {
        return go;
    }
    estro_status status = estro_source_file(&source, input, &diag);
    if (status == ESTRO_OK) {
        status = estro_sink_open(&sink, kind, output, &sound->options, &diag);
    }
    if (status == ESTRO_OK) {
        cli_stop_source(source);
        status = estro_render(source, sink, &diag);
        cli_stop_source(NULL);
    }
    const bool is_good = status == ESTRO_OK;
    const estro_status closed = estro_sink_close(sink, is_good, is_good ? &diag : &unused);
    estro_source_free(source);
    return is_good && closed == ESTRO_OK ? CLI_OK : cli_report(&diag);
}

/** NAME.flac for NAME.mid, without its folder. */
static char *default_output(const char *input)
{
    const char *slash = strrchr(input, '/');
    const char *name = slash ? slash + 1 : input;
    const char *dot = strrchr(name, '.');
    const size_t stem = dot ? (size_t)(dot - name) : strlen(name);
    char *output = malloc(stem + sizeof ".flac");

    if (output) {
        memcpy(output, name, stem);
        memcpy(output + stem, ".flac", sizeof ".flac");
    }
    return output;
}

int cli_render(const cli_command *command, int argc, const char **argv)
{
    cli_sound sound = {0};
    char *output = NULL;
    struct poptOption sound_rows[CLI_SOUND_ROWS];
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &output, 0,
         "Where to: .wav .flac .ogg .opus (default: FILE.flac)", "FILE"},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, sound_rows, 0, "Sound:", NULL},
        POPT_TABLEEND};
    cli_arguments arguments = {0};

    cli_sound_table(&sound, sound_rows);
    int status = cli_options(&arguments, command, table, 1, 1, argc, argv);
    if (status == CLI_GO_ON) {
        if (!output) {
            output = default_output(arguments.names[0]);
        }
        status = output ? render(command, &sound, arguments.names[0], output)
                        : cli_fail("out of memory");
        cli_options_done(&arguments);
    }
    cli_sound_done(&sound);
    free(output);
    return status;
}
