/**
 * @file stop.h
 * Ctrl-C and SIGTERM, passed on to what is at work.
 */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include "cli.h"

/**
 * From now on Ctrl-C and SIGTERM stop the rendering of `source`, which then leaves no file behind. NULL: nothing is at work, and
 * they end the program.
 */
void cli_stop_source(estro_source *source);

/** The first Ctrl-C ends `player` at the next cadence, a second one and SIGTERM at once. NULL: as above. */
void cli_stop_player(estro_player *player);

/** Only take note of them, for cli_stop_count. */
void cli_stop_note(void);

/** How often the person has asked to stop. */
int cli_stop_count(void);

#endif
