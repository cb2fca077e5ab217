/**
 * @file sound.h
 * What commands share that write or make sound: the sink's options.
 */
#ifndef CLI_SOUND_H
#define CLI_SOUND_H

#include "options.h"

/** Values as popt fills them; zero-initialise; cli_sound_done. */
typedef struct cli_sound {
    char *sound_font, *gain, *rate;
    estro_sink_options options; /**< Made by cli_sound_read; borrows from the strings. */
} cli_sound;

enum { CLI_SOUND_ROWS = 4 };

void cli_sound_table(cli_sound *sound, struct poptOption rows[CLI_SOUND_ROWS]);

/** Read the values. @return CLI_GO_ON or an exit status. */
int cli_sound_read(cli_sound *sound, const cli_command *command);
void cli_sound_done(cli_sound *sound);

/**
 * Which sink writes `path`; "-" is a MIDI file on standard output, if that is no terminal.
 * @param kind  Overwritten; static. @return CLI_GO_ON or an exit status, with the endings that are known.
 */
int cli_sound_kind(const char **kind, const cli_command *command, const char *path);

#endif
