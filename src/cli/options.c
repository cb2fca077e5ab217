/*
 * popt does the reading and the help; here its errors become messages and exit statuses, and the few kinds of value that it
 * does not know are read.
 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int print_help(poptContext context, const cli_command *command)
{
    printf("%s\n\n", command->summary);
    poptSetOtherOptionHelp(context, command->arguments);
    poptPrintHelp(context, stdout, 0);
    return cli_finish(CLI_OK);
}

/* ---- texts ---- */

enum { MOST_TEXTS = 64 };

/* Variables of the tables that popt writes texts to. Row n - 1 is that of the option with value n. */
typedef struct texts {
    struct {
        char **variable;
        char *text; /* What popt has put there last. */
    } row[MOST_TEXTS];
    int n;
} texts;

static void find_texts(texts *out, struct poptOption *row)
{
    for (; row->longName || row->shortName || row->arg; row++) {
        const unsigned kind = row->argInfo & POPT_ARG_MASK;
        if (kind == POPT_ARG_INCLUDE_TABLE) {
            find_texts(out, row->arg);
        } else if (kind == POPT_ARG_STRING && out->n < MOST_TEXTS) {
            out->row[out->n++].variable = row->arg;
            row->val = out->n;
        }
    }
}

/* popt stops at each text. What is given twice counts as given last; popt would leave the first text to nobody. */
static int read_options(poptContext context, texts *read)
{
    int found;

    while ((found = poptGetNextOpt(context)) > 0) {
        char *const before = read->row[found - 1].text;
        read->row[found - 1].text = *read->row[found - 1].variable;
        free(before);
    }
    return found;
}

/* ---- all ---- */

static int count(const char *const *names)
{
    int n = 0;

    while (names && names[n]) {
        n++;
    }
    return n;
}

int cli_options(cli_arguments *out, const cli_command *command, struct poptOption *table, int low,
                int high, int argc, const char **argv)
{
    texts read = {.n = 0};
    int wants_help = 0;
    const struct poptOption help[] = {
        {"help", 'h', POPT_ARG_NONE, &wants_help, 0, "Show this help", NULL}, POPT_TABLEEND};
    const struct poptOption all[] = {
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, table, 0, NULL, NULL},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, (void *)(uintptr_t)help, 0, NULL, NULL},
        POPT_TABLEEND};

    *out = (cli_arguments){.context = poptGetContext(NULL, argc, argv, all, 0)};
    if (!out->context) {
        return cli_fail("out of memory");
    }
    find_texts(&read, table);
    const int result = read_options(out->context, &read);
    int status = CLI_GO_ON;
    if (wants_help) {
        status = print_help(out->context, command);
    } else if (result < -1) {
        status = cli_misuse(command, "%s: %s", poptBadOption(out->context, POPT_BADOPTION_NOALIAS),
                            poptStrerror(result));
    } else {
        out->names = (const char *const *)poptGetArgs(out->context);
        out->n_names = count(out->names);
        if (out->n_names < low) {
            status = cli_misuse(command, "something is missing");
        } else if (out->n_names > high) {
            status = cli_misuse(command, "what is '%s' for?", out->names[high]);
        }
    }
    if (status != CLI_GO_ON) {
        cli_options_done(out);
    }
    return status;
}

void cli_options_done(cli_arguments *arguments)
{
    poptFreeContext(arguments->context);
    *arguments = (cli_arguments){0};
}

estro_style_options cli_style_options(char *const *settings)
{
    estro_style_options options = estro_style_options_default();

    options.settings = (const char *const *)settings;
    while (settings && settings[options.n_settings]) {
        options.n_settings++;
    }
    return options;
}

void cli_free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++) {
        free(list[i]);
    }
    free(list);
}

bool cli_read_number(uint64_t *out, const char *text)
{
    char *end;

    if (!isdigit((unsigned char)*text)) {
        return false;
    }
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (*end || errno) {
        return false;
    }
    *out = value;
    return true;
}

static double unit_of(char c)
{
    return c == 'h' ? 3600 : c == 'm' ? 60 : c == 's' ? 1 : 0;
}

bool cli_read_seconds(double *out, const char *text)
{
    double total = 0, last_unit = 1e9;
    const bool has_colon = strchr(text, ':') != NULL;

    if (!*text) {
        return false;
    }
    while (*text) {
        char *end;
        if (!isdigit((unsigned char)*text) && *text != '.') {
            return false;
        }
        const double value = strtod(text, &end);
        if (end == text || !isfinite(value)) {
            return false;
        }
        if (has_colon) {
            total = total * 60 + value;
            if (*end == ':' && end[1]) {
                end++;
            } else if (*end) {
                return false;
            }
        } else {
            const double unit = *end ? unit_of(*end) : 1;
            if (unit <= 0 || unit >= last_unit) {
                return false;
            }
            total += value * unit;
            last_unit = unit;
            end += *end != '\0';
        }
        text = end;
    }
    *out = total;
    return true;
}
