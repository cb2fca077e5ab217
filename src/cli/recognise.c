/*
 * estro recognise: which of the styles a piece is in, by how likely its notes are under each.
 */
#include "options.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STYLES = 256 };

typedef struct candidate {
    const char *name;
    estro_style *style;
    estro_recognition found;
} candidate;

typedef struct job {
    candidate *candidates; /* [MOST_STYLES] */
    size_t count;
    json_t *rows;
    int status;
} job;

static bool add_style(void *self, const char *name, const char *path)
{
    job *j = self;
    candidate *c = &j->candidates[j->count];
    estro_diag diag = {0};

    if (j->count == MOST_STYLES) {
        return false;
    }
    if (estro_style_load(&c->style, path, NULL, &diag) != ESTRO_OK) {
        j->status = cli_report(&diag);
        return true;
    }
    c->name = estro_style_name(c->style);
    (void)name;
    j->count++;
    return true;
}

/* Likeliest first; those that cannot have written it last, by name. */
static int compare(const void *a, const void *b)
{
    const candidate *x = a;
    const candidate *y = b;

    if (x->found.is_derivable != y->found.is_derivable) {
        return x->found.is_derivable ? -1 : 1;
    }
    if (x->found.is_derivable && x->found.nats != y->found.nats) {
        return x->found.nats < y->found.nats ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

static void print(const job *j, const char *path)
{
    printf("%s:", path);
    for (size_t i = 0; i < j->count && j->candidates[i].found.is_derivable; i++) {
        const candidate *c = &j->candidates[i];
        printf("%s %s %.3f", i ? "," : "", c->name, c->found.nats / (double)c->found.notes);
    }
    puts(j->count && j->candidates[0].found.is_derivable ? " nats a note"
                                                         : " no style can have written it");
}

static json_t *json_of(const job *j, const char *path)
{
    json_t *styles = json_array();

    for (size_t i = 0; i < j->count && j->candidates[i].found.is_derivable; i++) {
        const candidate *c = &j->candidates[i];
        json_array_append_new(styles,
                              json_pack("{s:s, s:f, s:I}", "style", c->name, "nats", c->found.nats,
                                        "notes", (json_int_t)c->found.notes));
    }
    return json_pack("{s:s, s:o}", "file", path, "styles", styles);
}

static void recognise(job *j, const char *path)
{
    estro_diag diag = {0};

    for (size_t i = 0; i < j->count; i++) {
        candidate *c = &j->candidates[i];
        if (estro_recognise(c->style, path, &c->found, &diag) != ESTRO_OK) {
            j->status = cli_report(&diag);
            return;
        }
    }
    qsort(j->candidates, j->count, sizeof *j->candidates, compare);
    if (j->rows) {
        json_array_append_new(j->rows, json_of(j, path));
    } else {
        print(j, path);
    }
}

static int run(job *j, char **wanted, const cli_arguments *arguments)
{
    estro_diag diag = {0};

    for (size_t i = 0; wanted && wanted[i]; i++) {
        add_style(j, wanted[i], wanted[i]);
    }
    if (!wanted && estro_style_each(add_style, j, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    for (int i = 0; i < arguments->n_names && j->count; i++) {
        recognise(j, arguments->names[i]);
    }
    if (j->rows) {
        json_dumpf(j->rows, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    return cli_finish(j->status);
}

int cli_recognise(const cli_command *command, int argc, const char **argv)
{
    int wants_json = 0;
    char **wanted = NULL;
    struct poptOption table[] = {
        {"style", 's', POPT_ARG_ARGV, &wanted, 0,
         "A style to compare with (default: all that can be found); may be repeated", "STYLE"},
        {"json", '\0', POPT_ARG_NONE, &wants_json, 0, "Write JSON", NULL},
        POPT_TABLEEND};
    cli_arguments arguments = {0};

    int status = cli_options(&arguments, command, table, 1, 1 << 20, argc, argv);
    if (status == CLI_GO_ON) {
        job j = {.candidates = calloc(MOST_STYLES, sizeof(candidate)),
                 .rows = wants_json ? json_array() : NULL,
                 .status = CLI_OK};
        status = j.candidates ? run(&j, wanted, &arguments) : cli_fail("not enough memory");
        for (size_t i = 0; i < j.count; i++) {
            estro_style_free(j.candidates[i].style);
        }
        free(j.candidates);
        json_decref(j.rows);
        cli_options_done(&arguments);
    }
    for (size_t i = 0; wanted && wanted[i]; i++) {
        free(wanted[i]);
    }
    free(wanted);
    return status;
}
