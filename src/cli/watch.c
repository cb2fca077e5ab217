/*
 * What goes along with a training. Nothing here changes what is learned, and what fails here (a full disk) is said and does not
 * end the training; only the first checkpoint must succeed, so that a folder that cannot be written to is found out at once.
 */
#include "watch.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const double sample_seconds = 180; /* Between samples, at least. */
static const double plot_seconds = 10;

static double now_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- progress ---- */

static void print_time(double seconds)
{
    const unsigned long s = seconds > 0 && seconds < 1e8 ? (unsigned long)seconds : 0;

    fprintf(stderr, "%lu:%02lu", s / 60, s % 60);
}

static void print_progress(const estro_train_progress *p, bool is_terminal)
{
    enum { CELLS = 24 };
    const int full = (int)(p->share * CELLS);

    if (is_terminal) {
        fputs("\r\033[K[", stderr);
        for (int i = 0; i < CELLS; i++) {
            fputc(i < full ? '#' : '.', stderr);
        }
        fputs("] ", stderr);
    }
    fprintf(stderr, "%3.0f %%  epoch %u  train %.4f  valid %.4f  best %.4f  %.0f tokens/s  ",
            100 * p->share, (unsigned)p->epoch, p->train_nats, p->valid_nats, p->best_nats,
            p->tokens_per_second);
    print_time(p->seconds_left);
    fputs(is_terminal ? " left" : " left\n", stderr);
    fflush(stderr);
}

/* A line of its own, below the bar that moves. */
static void begin_line(const cli_watch *w)
{
    if (w->is_terminal) {
        fputc('\n', stderr);
    }
}

/* ---- checkpoints ---- */

static bool is_regular(const char *path)
{
    struct stat status;

    return strcmp(path, "-") != 0 && (stat(path, &status) != 0 || S_ISREG(status.st_mode));
}

static int name_checkpoint(cli_watch *w)
{
    if (w->is_quiet && !w->resumes) {
        return CLI_OK;
    }
    if (!(w->checkpoint_seconds > 0) || !is_regular(w->output)) {
        return w->resumes ? cli_fail("--resume needs a model in a file, and checkpoints beside it")
                          : CLI_OK;
    }
    const int length = snprintf(w->checkpoint, sizeof w->checkpoint, "%s.checkpoint", w->output);
    if (length < 0 || (size_t)length + sizeof ".new" > sizeof w->checkpoint) {
        return cli_fail("-o: this name is too long");
    }
    return CLI_OK;
}

static int resume(cli_watch *w, estro_training *training)
{
    const bool is_there = w->checkpoint[0] && access(w->checkpoint, F_OK) == 0;
    estro_diag diag = {0};

    if (w->is_quiet && !is_there) {
        return CLI_OK;
    }
    if (is_there && !w->resumes) {
        return cli_fail(
            "%s is of a training that was interrupted; go on with --resume, or remove it",
            w->checkpoint);
    }
    if (!w->resumes) {
        return CLI_OK;
    }
    if (!is_there) {
        fprintf(stderr, "no checkpoint %s: training begins anew\n", w->checkpoint);
        return CLI_OK;
    }
    if (estro_training_resume(training, w->checkpoint, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    w->has_checkpoint = true;
    return CLI_OK;
}

static int write_checkpoint(cli_watch *w, estro_training *training)
{
    estro_diag diag = {0};

    if (estro_training_checkpoint(training, w->checkpoint, &diag) == ESTRO_OK) {
        if (w->is_failing) {
            begin_line(w);
            fprintf(stderr, "%s is written again\n", w->checkpoint);
        }
        w->is_failing = false;
        w->has_checkpoint = true;
        return CLI_OK;
    }
    begin_line(w);
    if (!w->has_checkpoint) {
        return cli_report(&diag);
    }
    if (!w->is_failing) {
        fprintf(stderr, "%s: warning: %s; the last checkpoint stays, and training goes on\n",
                w->checkpoint, diag.text);
    }
    w->is_failing = true;
    return CLI_OK;
}

/* ---- the log ---- */

/* Where the lines up to this step end: a log of a killed process may have some more, and half a one. */
static long log_end(FILE *file, uint64_t step)
{
    char *line = NULL;
    size_t room = 0;
    long end = 0;
    ssize_t length;

    while ((length = getline(&line, &room, file)) > 0 && line[length - 1] == '\n') {
        json_t *object = json_loadb(line, (size_t)length, 0, NULL);
        const json_t *number = json_object_get(object, "step");
        const bool belongs =
            json_is_integer(number) && (uint64_t)json_integer_value(number) <= step;
        json_decref(object);
        if (!belongs) {
            break;
        }
        end += length;
    }
    free(line);
    return end;
}

/* Cut the log back to where the training goes on. */
static void cut_log(const char *path, uint64_t step)
{
    FILE *const file = fopen(path, "r");

    if (!file) {
        return;
    }
    const long end = log_end(file, step);
    fclose(file);
    if (truncate(path, (off_t)end) != 0) {
        fprintf(stderr, "%s: warning: cannot cut it back: %s\n", path, strerror(errno));
    }
}

static int open_log(cli_watch *w, const estro_train_progress *from)
{
    if (!w->log) {
        return CLI_OK;
    }
    if (w->has_checkpoint) {
        cut_log(w->log, from->steps);
    }
    w->log_file = fopen(w->log, w->has_checkpoint ? "a" : "w");
    if (!w->log_file) {
        return cli_fail("%s: cannot write: %s", w->log, strerror(errno));
    }
    w->logged_seconds = from->seconds;
    w->logged_tokens = from->tokens;
    w->logged_epoch = from->epoch;
    w->logged_validations = from->validations;
    return CLI_OK;
}

/* A line an epoch, and a validation. */
static void write_log(cli_watch *w, const estro_train_progress *p)
{
    if (!w->log_file || (p->epoch == w->logged_epoch && p->validations == w->logged_validations)) {
        return;
    }
    const double seconds = p->seconds - w->logged_seconds;
    const double tokens = (double)(p->tokens - w->logged_tokens);
    json_t *object =
        json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:f, s:f}", "step", (json_int_t)p->steps,
                  "epoch", p->epochs, "train", p->train_nats, "valid", p->valid_nats, "best",
                  p->best_nats, "rate", p->rate, "tokens", (json_int_t)p->tokens,
                  "tokens_per_second", seconds > 0 ? tokens / seconds : 0.0, "seconds", p->seconds);
    const bool is_out = object && json_dumpf(object, w->log_file, JSON_REAL_PRECISION(6)) == 0 &&
                        fputc('\n', w->log_file) != EOF && fflush(w->log_file) == 0;

    json_decref(object);
    if (!is_out) {
        begin_line(w);
        fprintf(stderr, "%s: warning: cannot write: %s; training goes on without a log\n", w->log,
                strerror(errno));
        fclose(w->log_file);
        w->log_file = NULL;
    }
    w->logged_seconds = p->seconds;
    w->logged_tokens = p->tokens;
    w->logged_epoch = p->epoch;
    w->logged_validations = p->validations;
}

/* ---- samples and plot ---- */

static int make_folder(const cli_watch *w)
{
    if (w->samples && mkdir(w->samples, 0777) != 0 && errno != EEXIST) {
        return cli_fail("%s: cannot make this folder: %s", w->samples, strerror(errno));
    }
    return CLI_OK;
}

static void sample(cli_watch *w, estro_training *training, const estro_train_progress *p)
{
    if (w->samples && p->validations != w->sampled_validations && now_seconds() >= w->next_sample) {
        cli_watch_sample(w, training, p->steps);
        w->sampled_validations = p->validations;
        w->next_sample = now_seconds() + sample_seconds;
    }
}

/* Nothing new since the last plot, or one so lately: it can wait, but not at the end. */
static void plot(cli_watch *w, const estro_training *training, const estro_train_progress *p)
{
    estro_diag diag = {0};

    if (!w->plot || p->validations == w->drawn_validations ||
        (now_seconds() < w->next_plot && !p->is_over)) {
        return;
    }
    w->drawn_validations = p->validations;
    w->next_plot = now_seconds() + plot_seconds;
    if (estro_training_plot(training, w->plot, &diag) != ESTRO_OK) {
        begin_line(w);
        fprintf(stderr, "%s: warning: %s; training goes on\n", w->plot, diag.text);
    }
}

/* Draw an empty plot at the start: what does not work should not show after an hour. */
static int try_plot(const cli_watch *w, const estro_training *training)
{
    estro_diag diag = {0};

    return w->plot && estro_training_plot(training, w->plot, &diag) != ESTRO_OK ? cli_report(&diag)
                                                                                : CLI_OK;
}

/* ---- all of it ---- */

int cli_watch_begin(cli_watch *w, estro_training *training)
{
    estro_train_progress from = {0};

    w->is_terminal = isatty(STDERR_FILENO);
    int status = name_checkpoint(w);
    if (status == CLI_OK) {
        status = resume(w, training);
    }
    if (status == CLI_OK && !w->is_quiet) {
        status = make_folder(w);
    }
    if (status == CLI_OK && !w->is_quiet) {
        status = try_plot(w, training);
    }
    if (status != CLI_OK) {
        return status;
    }
    if (w->is_quiet) {
        return CLI_OK;
    }
    estro_training_progress(training, &from);
    if (w->has_checkpoint) {
        fprintf(stderr, "going on from %s: step %llu of %llu, epoch %.2f\n", w->checkpoint,
                (unsigned long long)from.steps, (unsigned long long)from.steps_planned,
                from.epochs);
    } else if (w->checkpoint[0]) {
        fprintf(stderr, "checkpoints: %s\n", w->checkpoint);
    }
    w->next_checkpoint = now_seconds() + (w->has_checkpoint ? w->checkpoint_seconds : 0);
    return open_log(w, &from);
}

int cli_watch_step(cli_watch *w, estro_training *training, const estro_train_progress *p)
{
    int status = CLI_OK;

    if (w->is_quiet) {
        return CLI_OK;
    }
    /* On a terminal the bar moves; elsewhere there is a line every half minute. */
    if (w->is_terminal || p->seconds >= w->next_line || p->is_over) {
        print_progress(p, w->is_terminal);
        w->next_line = p->seconds + 30;
    }
    write_log(w, p);
    plot(w, training, p);
    sample(w, training, p);
    if (w->checkpoint[0] && now_seconds() >= w->next_checkpoint) {
        status = write_checkpoint(w, training);
        w->next_checkpoint = now_seconds() + w->checkpoint_seconds;
    }
    return status;
}

void cli_watch_stop(cli_watch *w, estro_training *training)
{
    if (w->is_quiet) {
        return;
    }
    begin_line(w);
    if (w->checkpoint[0] && write_checkpoint(w, training) == CLI_OK && !w->is_failing) {
        fputs("stopped; --resume goes on from here\n", stderr);
    }
    fputs("the best model so far is kept\n", stderr);
}

void cli_watch_saved(cli_watch *w)
{
    if (w->has_checkpoint && !w->is_quiet && unlink(w->checkpoint) != 0) {
        fprintf(stderr, "%s: warning: cannot remove it: %s\n", w->checkpoint, strerror(errno));
    }
}

void cli_watch_done(cli_watch *w)
{
    if (w->log_file && fclose(w->log_file) != 0) {
        fprintf(stderr, "%s: warning: cannot write: %s\n", w->log, strerror(errno));
    }
}
