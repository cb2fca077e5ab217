/*
 * estro doctor: what is built in, what is found on this machine, what is missing and how to get it.
 */
#include "options.h"

int cli_doctor(const cli_command *command, int argc, const char **argv)
{
    const struct poptOption table[] = {POPT_TABLEEND};
    cli_arguments arguments;

    const int go = cli_options(&arguments, command, table, 0, 0, argc, argv);
    if (go != CLI_GO_ON) {
        return go;
    }
    cli_options_done(&arguments);
    printf("estro %s, built in: %s\n", estro_version(), estro_features());
    return CLI_OK;
}
