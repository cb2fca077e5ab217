/*
 * estro show: what is in a MIDI file.
 */
#include "options.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/** Width of the terminal, or 100. */
static int terminal_columns(void)
{
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    uint64_t value;

    if (columns && cli_read_number(&value, columns) && value >= 40 && value <= 1000) {
        return (int)value;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
        return size.ws_col;
    }
    return 100;
}

int cli_show(const cli_command *command, int argc, const char **argv)
{
    int wants_json = 0, columns = 0;
    struct poptOption table[] = {
        {"columns", '\0', POPT_ARG_INT, &columns, 0, "Width (default: that of the terminal)", "N"},
        {"json", '\0', POPT_ARG_NONE, &wants_json, 0, "Write JSON", NULL},
        POPT_TABLEEND};
    cli_arguments arguments = {0};
    estro_analysis *analysis = NULL;
    estro_diag diag = {0};

    int status = cli_options(&arguments, command, table, 1, 1, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (columns && (columns < 40 || columns > 1000)) {
        status = cli_misuse(command, "--columns: from 40 to 1000");
    } else if (estro_analysis_file(&analysis, arguments.names[0], &diag) != ESTRO_OK) {
        status = cli_report(&diag);
    } else {
        const char *text =
            wants_json ? estro_analysis_json(analysis)
                       : estro_analysis_text(analysis, columns ? columns : terminal_columns());
        status = text && fputs(text, stdout) >= 0 ? CLI_OK : cli_fail("out of memory");
    }
    estro_analysis_free(analysis);
    cli_options_done(&arguments);
    return status;
}
