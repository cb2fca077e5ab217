/**
 * @file cli.h
 * The command line: one file a command, each built on the public header alone.
 *
 * Data goes to standard output, talk to standard error. How to add a command: write src/cli/NAME.c with a function of type
 * cli_run, declare it below, add its row to the table in main.c.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <estro/estro.h>

#include <stdbool.h>
#include <stdio.h>

/** Exit statuses. */
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

typedef struct cli_command cli_command;

/** Run a command; argv[0] is "estro NAME". @return An exit status. */
typedef int (*cli_run)(const cli_command *command, int argc, const char **argv);

struct cli_command {
    const char *name;
    const char *arguments; /**< As the usage line shows them. */
    const char *summary;   /**< One line. */
    cli_run run;
};

int cli_generate(const cli_command *command, int argc, const char **argv);
int cli_play(const cli_command *command, int argc, const char **argv);
int cli_render(const cli_command *command, int argc, const char **argv);
int cli_train(const cli_command *command, int argc, const char **argv);
int cli_show(const cli_command *command, int argc, const char **argv);
int cli_explain(const cli_command *command, int argc, const char **argv);
int cli_fmt(const cli_command *command, int argc, const char **argv);
int cli_check(const cli_command *command, int argc, const char **argv);
int cli_evaluate(const cli_command *command, int argc, const char **argv);
int cli_diff(const cli_command *command, int argc, const char **argv);
int cli_recognise(const cli_command *command, int argc, const char **argv);
int cli_styles(const cli_command *command, int argc, const char **argv);
int cli_devices(const cli_command *command, int argc, const char **argv);
int cli_doctor(const cli_command *command, int argc, const char **argv);

#if defined(__GNUC__)
#define CLI_PRINTF(format_index, first_argument)                                                   \
    __attribute__((format(printf, format_index, first_argument)))
#else
#define CLI_PRINTF(format_index, first_argument)
#endif

/** Print a diagnostic: "name:line:col: error: text", the source line, a caret. @return CLI_FAILED. */
int cli_report(const estro_diag *diag);

/** Print "estro: error: text". @return CLI_FAILED. */
int cli_fail(const char *format, ...) CLI_PRINTF(1, 2);

/** Print "estro NAME: text" and where help is. @return CLI_USAGE. */
int cli_misuse(const cli_command *command, const char *format, ...) CLI_PRINTF(2, 3);

/** For commands that are over soon: the heap, of which nothing may be taken yet, lies on one large page where there are any. */
void cli_heap_on_large_page(void);

/** Flush standard output. @return `status`, or CLI_FAILED with a message when what was written did not arrive. */
int cli_finish(int status);

#endif
