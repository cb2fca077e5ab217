/**
 * @file options.h
 * Reading a command's options from its popt table; its help is made from the same table.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli.h"

#include <popt.h>
#include <stdint.h>

/** A command line as read. Strings of the table's options are owned by whoever holds the table's variables. */
typedef struct cli_arguments {
    poptContext context;
    const char *const *names; /**< What is not an option, NULL-ended; borrowed from the context. */
    int n_names;
} cli_arguments;

/** Returned by cli_options when the command is to go on. */
enum { CLI_GO_ON = -1 };

/**
 * Read the options.
 *
 * @param table     popt rows of the command, whose values are set here; "--help" is added.
 * @param low,high  How many names there may be.
 * @return CLI_GO_ON, or the exit status: help was printed, or the line is wrong and that was said.
 */
int cli_options(cli_arguments *out, const cli_command *command, struct poptOption *table, int low,
                int high, int argc, const char **argv);
void cli_options_done(cli_arguments *arguments);

/** Options of a style: params set to what "--set NAME=VALUE" says. @param settings NULL-ended; NULL: none. Borrowed. */
estro_style_options cli_style_options(char *const *settings);
/** Free what popt put into a POPT_ARG_ARGV. NULL is fine. */
void cli_free_list(char **list);

/** A whole number such as a seed. @return False when `text` is something else. */
bool cli_read_number(uint64_t *out, const char *text);

/** A time: "90", "90s", "1m30s", "1:30", "2h". @param out Seconds. @return False when `text` is something else. */
bool cli_read_seconds(double *out, const char *text);

#endif
