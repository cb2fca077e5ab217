/*
 * estro evaluate: exact nats of pieces under a model.
 */
#include "options.h"

#include <jansson.h>

typedef struct total {
    json_t *rows; /**< With --json. */
    double nats;
    size_t notes, voice_steps, pieces;
} total;

static double per(double nats, size_t count)
{
    return count ? nats / (double)count : 0;
}

static void print_row(double nats, size_t notes, size_t voice_steps, const char *name)
{
    printf("%12.3f %9.4f %9.4f  %s\n", nats, per(nats, notes), per(nats, voice_steps), name);
}

static void add(total *t, const char *path, const estro_evaluation *e)
{
    const size_t voice_steps = e->steps * e->voices;

    t->nats += e->nats;
    t->notes += e->notes;
    t->voice_steps += voice_steps;
    t->pieces++;
    if (t->rows) {
        json_array_append_new(
            t->rows,
            json_pack("{s:s, s:f, s:f, s:f, s:I, s:I, s:I, s:f, s:f}", "file", path, "nats",
                      e->nats, "nats_plan", e->nats_plan, "nats_given_plan", e->nats_given_plan,
                      "notes", (json_int_t)e->notes, "steps", (json_int_t)e->steps, "voices",
                      (json_int_t)e->voices, "nats_per_note", per(e->nats, e->notes),
                      "nats_per_voice_step", per(e->nats, voice_steps)));
    } else {
        print_row(e->nats, e->notes, voice_steps, path);
    }
}

static void finish(total *t)
{
    if (t->rows) {
        json_t *all =
            json_pack("{s:O, s:{s:i, s:f, s:f, s:f}}", "pieces", t->rows, "total", "pieces",
                      (int)t->pieces, "nats", t->nats, "nats_per_note", per(t->nats, t->notes),
                      "nats_per_voice_step", per(t->nats, t->voice_steps));
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    } else if (t->pieces > 1) {
        print_row(t->nats, t->notes, t->voice_steps, "all");
    }
}

static int evaluate(const char *model_path, const cli_arguments *arguments, total *t)
{
    estro_model *model = NULL;
    estro_diag diag = {0};
    int status = CLI_OK;

    if (estro_model_load(&model, model_path, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    if (!t->rows) {
        printf("%12s %9s %9s  %s\n", "nats", "per note", "per step", "file");
    }
    for (int i = 1; i < arguments->n_names; i++) {
        estro_evaluation e;
        if (estro_evaluate(model, arguments->names[i], &e, &diag) == ESTRO_OK) {
            add(t, arguments->names[i], &e);
        } else {
            status = cli_report(&diag);
        }
    }
    finish(t);
    estro_model_free(model);
    return status;
}

int cli_evaluate(const cli_command *command, int argc, const char **argv)
{
    int wants_json = 0;
    const struct poptOption table[] = {
        {"json", '\0', POPT_ARG_NONE, &wants_json, 0, "Write JSON", NULL}, POPT_TABLEEND};
    cli_arguments arguments = {0};

    int status = cli_options(&arguments, command, table, 2, 1 << 20, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    total t = {.rows = wants_json ? json_array() : NULL};
    status = evaluate(arguments.names[0], &arguments, &t);
    json_decref(t.rows);
    cli_options_done(&arguments);
    return status;
}
