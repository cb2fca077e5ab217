/**
 * @file stop.h
 * Ctrl-C and SIGTERM, passed on to what is at work.
 */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include "cli.h"

/** From now on Ctrl-C and SIGTERM are only counted, beside what they do to these; where nothing is at work, the third Ctrl-C ends the program: */
void cli_stop_note(void);

/** The rendering of `source` ends, and leaves no file behind. NULL: nothing is at work any more. */
void cli_stop_source(estro_source *source);

/** The first Ctrl-C ends `player` at the next cadence, a second one and SIGTERM at once, also where they came before. NULL: nothing is at work any more. */
void cli_stop_player(estro_player *player);

/** The step of `training` that is under way ends. NULL: nothing is at work any more. */
void cli_stop_training(estro_training *training);

/** How often the person has asked to stop; SIGTERM counts as two. */
int cli_stop_count(void);

#endif
