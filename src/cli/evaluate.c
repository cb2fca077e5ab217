/*
 * estro evaluate: exact nats of pieces under a model. A sum is kept for each argument and for all; what a mean is over is said in the
 * output, so that a figure can be compared with others.
 */
#include "options.h"

#include <jansson.h>

static const char counted[] = "Minus the log of the probability of each choice given all before "
                              "it, from a zero state, the first step scored; lengths of "
                              "pieces are given.";
static const char hidden_is[] =
    "hidden: the model is not told any plan; the figure to compare with other models.";
static const char given_is[] = "given: it sees the key, metre and chords that analysis read from "
                               "the whole piece, which cost `plan`.";

/* The ways in which nats are divided. */
enum { PER_VOICE_STEP, PER_STEP, PER_TOKEN, PER_NOTE, N_RATES };
static const char *const rate_names[N_RATES] = {"nats_per_voice_step", "nats_per_step",
                                                "nats_per_token", "nats_per_note"};

typedef struct figures {
    double nats;
    double rate[N_RATES];
} figures;

typedef struct counts {
    double nats;
    size_t by[N_RATES];
} counts;

/* Pieces that belong together. */
typedef struct sums {
    size_t pieces;
    counts hidden, given;
    figures hidden_mean, given_mean; /* Sums of the pieces' figures. */
    double plan_nats;
    size_t plan_tokens, with_plan;
} sums;

typedef struct job {
    const estro_model *model;
    json_t *pieces; /* With --json. */
    json_t *groups;
    sums group, all;
    int status;
} job;

static counts counts_of(const estro_evaluation *e, double nats)
{
    return (counts){nats, {e->steps * e->voices, e->steps, e->tokens, e->notes}};
}

static figures divide(const counts *c)
{
    figures f = {.nats = c->nats};

    for (int i = 0; i < N_RATES; i++) {
        f.rate[i] = c->by[i] ? c->nats / (double)c->by[i] : 0;
    }
    return f;
}

static void add_counts(counts *to, figures *mean, const counts *c)
{
    const figures f = divide(c);

    to->nats += c->nats;
    mean->nats += f.nats;
    for (int i = 0; i < N_RATES; i++) {
        to->by[i] += c->by[i];
        mean->rate[i] += f.rate[i];
    }
}

static void add(sums *to, const estro_evaluation *e)
{
    const counts hidden = counts_of(e, e->nats);

    to->pieces++;
    add_counts(&to->hidden, &to->hidden_mean, &hidden);
    if (e->plan_tokens) {
        const counts given = counts_of(e, e->nats_given_plan);
        to->with_plan++;
        to->plan_nats += e->nats_plan;
        to->plan_tokens += e->plan_tokens;
        add_counts(&to->given, &to->given_mean, &given);
    }
}

static figures mean_of(figures sum, size_t pieces)
{
    const double n = pieces ? (double)pieces : 1;

    sum.nats /= n;
    for (int i = 0; i < N_RATES; i++) {
        sum.rate[i] /= n;
    }
    return sum;
}

/* ---- as text ---- */

static void print_figures(const figures *f)
{
    printf("%11.3f", f->nats);
    for (int i = 0; i < N_RATES; i++) {
        printf(" %8.4f", f->rate[i]);
    }
}

static void print_row(const figures *hidden, const figures *given, double plan_nats,
                      const char *name)
{
    print_figures(hidden);
    if (given) {
        printf(" | %9.3f |", plan_nats);
        print_figures(given);
    } else {
        printf(" | %9s |%47s", "-", "-");
    }
    printf("  %s\n", name);
}

static void print_head(void)
{
    printf("%s\n%s\n%s\n\n", counted, hidden_is, given_is);
    printf("%-47s | %9s | %s\n", "hidden: nats, per", "plan:", "given: nats, per");
    for (int i = 0; i < 2; i++) {
        printf("%11s %8s %8s %8s %8s", "piece", "voi.step", "step", "token", "note");
        printf(i ? "  %s\n" : " | %9s |", i ? "file" : "piece");
    }
}

static void print_sums(const sums *s, const char *name)
{
    char text[512];
    const figures micro = divide(&s->hidden);
    const figures micro_given = divide(&s->given);
    const figures macro = mean_of(s->hidden_mean, s->pieces);
    const figures macro_given = mean_of(s->given_mean, s->with_plan);
    const double n = s->with_plan ? (double)s->with_plan : 1;

    snprintf(text, sizeof text, "%s, %zu pieces: micro (total over total)", name, s->pieces);
    print_row(&micro, s->with_plan ? &micro_given : NULL, s->plan_nats, text);
    snprintf(text, sizeof text, "%s, %zu pieces: macro (mean of the pieces)", name, s->pieces);
    print_row(&macro, s->with_plan ? &macro_given : NULL, s->plan_nats / n, text);
}

static void print_piece(const estro_evaluation *e, const char *path)
{
    const counts hidden = counts_of(e, e->nats);
    const counts given = counts_of(e, e->nats_given_plan);
    const figures h = divide(&hidden);
    const figures g = divide(&given);
    char name[4200];

    snprintf(name, sizeof name,
             e->transposed ? "%s (moved by %+d to fit the model's ranges)" : "%s", path,
             (int)e->transposed);
    print_row(&h, e->plan_tokens ? &g : NULL, e->nats_plan, name);
}

/* ---- as JSON ---- */

static json_t *json_figures(const figures *f)
{
    json_t *object = json_pack("{s:f}", "nats", f->nats);

    for (int i = 0; i < N_RATES; i++) {
        json_object_set_new(object, rate_names[i], json_real(f->rate[i]));
    }
    return object;
}

static json_t *json_piece(const estro_evaluation *e, const char *path)
{
    const counts hidden = counts_of(e, e->nats);
    const counts given = counts_of(e, e->nats_given_plan);
    const figures h = divide(&hidden);
    const figures g = divide(&given);
    json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:i, s:o}", "file", path, "steps",
                               (json_int_t)e->steps, "voices", (json_int_t)e->voices, "voice_steps",
                               (json_int_t)(e->steps * e->voices), "tokens", (json_int_t)e->tokens,
                               "notes", (json_int_t)e->notes, "transposed", (int)e->transposed,
                               "hidden", json_figures(&h));

    if (e->plan_tokens) {
        json_object_set_new(
            object, "plan",
            json_pack("{s:f, s:I}", "nats", e->nats_plan, "tokens", (json_int_t)e->plan_tokens));
        json_object_set_new(object, "given", json_figures(&g));
    }
    return object;
}

static json_t *json_means(const figures *hidden, const figures *given, size_t with_plan)
{
    json_t *object = json_pack("{s:o}", "hidden", json_figures(hidden));

    if (with_plan) {
        json_object_set_new(object, "given", json_figures(given));
    }
    return object;
}

static json_t *json_sums(const sums *s, const char *name)
{
    const figures micro = divide(&s->hidden);
    const figures micro_given = divide(&s->given);
    const figures macro = mean_of(s->hidden_mean, s->pieces);
    const figures macro_given = mean_of(s->given_mean, s->with_plan);

    return json_pack("{s:s, s:I, s:f, s:I, s:o, s:o}", "name", name, "pieces",
                     (json_int_t)s->pieces, "plan_nats", s->plan_nats, "plan_tokens",
                     (json_int_t)s->plan_tokens, "micro",
                     json_means(&micro, &micro_given, s->with_plan), "macro",
                     json_means(&macro, &macro_given, s->with_plan));
}

/* ---- the pieces ---- */

static bool try_piece(void *self, const char *path)
{
    job *j = self;
    estro_evaluation e;
    estro_diag diag = {0};

    if (estro_evaluate(j->model, path, &e, &diag) != ESTRO_OK) {
        j->status = cli_report(&diag);
        return true;
    }
    add(&j->group, &e);
    add(&j->all, &e);
    if (j->pieces) {
        json_array_append_new(j->pieces, json_piece(&e, path));
    } else {
        print_piece(&e, path);
    }
    return true;
}

static void try_argument(job *j, const char *path)
{
    estro_diag diag = {0};

    j->group = (sums){0};
    if (estro_midi_file_each(path, try_piece, j, &diag) != ESTRO_OK) {
        j->status = cli_report(&diag);
    }
    if (j->group.pieces > 1 && j->groups) {
        json_array_append_new(j->groups, json_sums(&j->group, path));
    } else if (j->group.pieces > 1) {
        print_sums(&j->group, path);
    }
}

static void finish(job *j)
{
    if (j->pieces) {
        json_t *all = json_pack("{s:{s:s, s:s, s:s}, s:O, s:O, s:o}", "counted", "how", counted,
                                "hidden", hidden_is, "given", given_is, "pieces", j->pieces,
                                "groups", j->groups, "total", json_sums(&j->all, "all"));
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    } else if (j->all.pieces > 1 && j->all.pieces != j->group.pieces) {
        print_sums(&j->all, "all");
    }
}

static int evaluate(const cli_arguments *arguments, job *j)
{
    char path[4096];
    estro_model *model = NULL;
    estro_diag diag = {0};

    if (estro_find(path, sizeof path, arguments->names[0], ".model", &diag) != ESTRO_OK ||
        estro_model_load(&model, path, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    j->model = model;
    if (!j->pieces) {
        print_head();
    }
    for (int i = 1; i < arguments->n_names; i++) {
        try_argument(j, arguments->names[i]);
    }
    finish(j);
    estro_model_free(model);
    return cli_finish(j->status);
}

int cli_evaluate(const cli_command *command, int argc, const char **argv)
{
    int wants_json = 0;
    struct poptOption table[] = {
        {"json", '\0', POPT_ARG_NONE, &wants_json, 0, "Write JSON", NULL}, POPT_TABLEEND};
    cli_arguments arguments = {0};

    int status = cli_options(&arguments, command, table, 2, 1 << 20, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    job j = {.pieces = wants_json ? json_array() : NULL,
             .groups = wants_json ? json_array() : NULL,
             .status = CLI_OK};
    status = evaluate(&arguments, &j);
    json_decref(j.pieces);
    json_decref(j.groups);
    cli_options_done(&arguments);
    return status;
}
