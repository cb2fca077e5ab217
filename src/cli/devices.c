/*
 * estro devices: MIDI devices that can be played to.
 */
#include "options.h"

#include <jansson.h>

typedef struct listing {
    json_t *rows; /**< NULL: as text. */
    size_t count;
} listing;

static bool add(void *self, const char *name, bool is_default)
{
    listing *list = self;

    list->count++;
    if (list->rows) {
        json_array_append_new(list->rows,
                              json_pack("{s:s, s:b}", "name", name, "default", (int)is_default));
    } else {
        printf("%s%s\n", name, is_default ? "  (default)" : "");
    }
    return true;
}

int cli_devices(const cli_command *command, int argc, const char **argv)
{
    int wants_json = 0;
    struct poptOption table[] = {
        {"json", '\0', POPT_ARG_NONE, &wants_json, 0, "Write JSON", NULL}, POPT_TABLEEND};
    cli_arguments arguments = {0};
    estro_diag diag = {0};

    int status = cli_options(&arguments, command, table, 0, 0, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    cli_options_done(&arguments);
    listing list = {.rows = wants_json ? json_array() : NULL};
    if (estro_device_each(add, &list, &diag) != ESTRO_OK) {
        status = cli_report(&diag);
    } else {
        status = CLI_OK;
        if (list.rows) {
            json_dumpf(list.rows, stdout, JSON_INDENT(2));
            putchar('\n');
        } else if (list.count == 0) {
            fputs("no MIDI device is there; connect one, or start a software synthesizer that "
                  "opens an ALSA port\n",
                  stderr);
        }
    }
    json_decref(list.rows);
    return status;
}
