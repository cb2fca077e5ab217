/*
 * estro diff: in which bars and parts two MIDI files differ. Exit status 0 when they are the same, 1 when they are not.
 */
#include "options.h"

#include <jansson.h>
#include <string.h>

typedef struct listing {
    json_t *rows; /**< With --json. */
    unsigned count;
} listing;

static void add_count(char *text, size_t size, unsigned count, const char *what, const char *way)
{
    const size_t used = strlen(text);

    if (count > 0) {
        snprintf(text + used, size - used, "%s%u %s%s %s", used ? ", " : "", count, what,
                 count == 1 ? "" : "s", way);
    }
}

static void list(void *self, const estro_difference *d)
{
    listing *l = self;
    char text[160] = "";

    l->count++;
    if (l->rows) {
        json_t *part = json_string(d->part);
        json_array_append_new(
            l->rows, json_pack("{s:i, s:o, s:i, s:i, s:i, s:i}", "bar", (int)d->bar + 1, "part",
                               part ? part : json_string("?"), "notes_gone", (int)d->notes_gone,
                               "notes_new", (int)d->notes_new, "others_gone", (int)d->others_gone,
                               "others_new", (int)d->others_new));
        return;
    }
    add_count(text, sizeof text, d->notes_gone, "note", "gone");
    add_count(text, sizeof text, d->notes_new, "note", "new");
    add_count(text, sizeof text, d->others_gone, "other event", "gone");
    add_count(text, sizeof text, d->others_new, "other event", "new");
    printf("bar %u, %s: %s\n", (unsigned)d->bar + 1, d->part, text);
}

int cli_diff(const cli_command *command, int argc, const char **argv)
{
    int wants_json = 0;
    struct poptOption table[] = {
        {"json", '\0', POPT_ARG_NONE, &wants_json, 0, "Write it as JSON", NULL}, POPT_TABLEEND};
    cli_arguments arguments = {0};
    listing l = {0};
    estro_diag diag = {0};

    int status = cli_options(&arguments, command, table, 2, 2, argc, argv);
    if (status == CLI_GO_ON) {
        l.rows = wants_json ? json_array() : NULL;
        status = estro_diff(arguments.names[0], arguments.names[1], list, &l, &diag) == ESTRO_OK
                     ? CLI_OK
                     : cli_report(&diag);
        if (l.rows && status == CLI_OK) {
            json_dumpf(l.rows, stdout, JSON_INDENT(2));
            putchar('\n');
        }
        json_decref(l.rows);
        cli_options_done(&arguments);
    }
    return status == CLI_OK && l.count > 0 ? CLI_FAILED : status;
}
