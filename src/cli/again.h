/**
 * @file again.h
 * Options by which a piece is composed again, but for some of it.
 */
#ifndef CLI_AGAIN_H
#define CLI_AGAIN_H

#include "compose.h"

/** Values of the options; zero-initialise; cli_again_done. */
typedef struct cli_again {
    char *keep, *given;
    char **reroll, **pin;
    char *reroll_text, *pin_text; /**< Of each all, divided by spaces. */
    estro_made *made;             /**< The file to keep. */
} cli_again;

enum { CLI_AGAIN_ROWS = 5 };

void cli_again_table(cli_again *again, struct poptOption rows[CLI_AGAIN_ROWS]);

/** After cli_compose_read: `compose` gets what the options say, with --keep all that the file says. @return CLI_GO_ON or an exit status. */
int cli_again_read(cli_again *again, cli_compose *compose, const cli_command *command);

/** With --keep: load the style and the models that the file was made with. @param style  Where the style lies, NULL = by its name. */
int cli_again_load(const cli_again *again, cli_music *music, const char *style,
                   cli_compose *compose);

void cli_again_done(cli_again *again);

#endif
