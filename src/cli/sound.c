/*
 * Options of sinks.
 */
#include "sound.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cli_sound_table(cli_sound *s, struct poptOption rows[CLI_SOUND_ROWS])
{
    const struct poptOption table[CLI_SOUND_ROWS] = {
        {"sound-font", '\0', POPT_ARG_STRING, &s->sound_font, 0,
         "Instruments, an .sf2 or .sf3 file (default: the first that is found)", "FILE"},
        {"gain", '\0', POPT_ARG_STRING, &s->gain, 0, "Of the synthesizer (default: as is good)",
         "X"},
        {"rate", '\0', POPT_ARG_STRING, &s->rate, 0, "Samples a second in sound files", "HZ"},
        POPT_TABLEEND};

    memcpy(rows, table, sizeof table);
}

int cli_sound_read(cli_sound *s, const cli_command *command)
{
    uint64_t rate = 0;
    char *end = NULL;

    s->options = estro_sink_options_default();
    s->options.sound_font = s->sound_font;
    if (s->gain) {
        errno = 0;
        s->options.gain = strtod(s->gain, &end);
        if (end == s->gain || *end || errno || !(s->options.gain > 0 && s->options.gain <= 10)) {
            return cli_misuse(command, "--gain: '%s' is no number above 0, at most 10", s->gain);
        }
    }
    if (s->rate && (!cli_read_number(&rate, s->rate) || rate < 8000 || rate > 192000)) {
        return cli_misuse(command, "--rate: '%s' is no rate from 8000 to 192000", s->rate);
    }
    s->options.sample_rate = (uint32_t)rate;
    return CLI_GO_ON;
}

void cli_sound_done(cli_sound *s)
{
    free(s->sound_font);
    free(s->gain);
    free(s->rate);
}

int cli_sound_kind(const char **kind, const cli_command *command, const char *path)
{
    if (strcmp(path, "-") == 0) {
        if (isatty(STDOUT_FILENO)) {
            return cli_misuse(command, "a MIDI file is not for a terminal; name a file with -o");
        }
        *kind = "smf";
        return CLI_GO_ON;
    }
    *kind = estro_sink_kind_of(path);
    if (!*kind) {
        return cli_misuse(
            command,
            "-o: the ending of '%s' says nothing; known are .mid .wav .flac .ogg .opus .txt", path);
    }
    return CLI_GO_ON;
}
