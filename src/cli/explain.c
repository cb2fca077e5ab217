/*
 * estro explain: how a piece came about, as a tree and as a lead sheet.
 */
#include "compose.h"

static int print(const char *text)
{
    if (!text) {
        return cli_fail("out of memory");
    }
    fputs(text, stdout);
    return CLI_OK;
}

static int explain(const cli_command *command, const char *name, cli_compose *compose,
                   int wants_json, int wants_sheet)
{
    estro_explanation *explanation = NULL;
    cli_music music = {0};
    estro_diag diag = {0};

    int status = cli_compose_read(compose, command);
    if (status == CLI_GO_ON && compose->parts) {
        status = cli_misuse(command, "--parts: all parts are explained");
    }
    if (status == CLI_GO_ON) {
        status = cli_music_load(&music, name, compose);
    }
    if (status != CLI_GO_ON) {
        return status;
    }
    if (estro_explanation_new(&explanation, music.style, &compose->options, &diag) != ESTRO_OK) {
        status = cli_report(&diag);
    } else if (wants_json) {
        status = print(estro_explanation_json(explanation));
        putchar('\n');
    } else if (wants_sheet) {
        status = print(estro_explanation_sheet(explanation));
    } else {
        status = print(estro_explanation_text(explanation));
    }
    estro_explanation_free(explanation);
    cli_music_done(&music);
    return status;
}

int cli_explain(const cli_command *command, int argc, const char **argv)
{
    struct poptOption compose_rows[CLI_COMPOSE_ROWS];
    cli_compose compose = {0};
    cli_arguments arguments = {0};
    int wants_json = 0, wants_sheet = 0;
    struct poptOption table[] = {
        {"sheet", '\0', POPT_ARG_NONE, &wants_sheet, 0, "A lead sheet in place of the tree", NULL},
        {"json", '\0', POPT_ARG_NONE, &wants_json, 0, "Write JSON", NULL},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, compose_rows, 0, "The piece:", NULL},
        POPT_TABLEEND};

    cli_compose_table(&compose, compose_rows);
    int status = cli_options(&arguments, command, table, 1, 1, argc, argv);
    if (status == CLI_GO_ON) {
        status = wants_json && wants_sheet
                     ? cli_misuse(command, "--json and --sheet exclude each other")
                     : explain(command, arguments.names[0], &compose, wants_json, wants_sheet);
        cli_options_done(&arguments);
    }
    cli_compose_done(&compose);
    return status;
}
