/*
 * estro train: a model out of folders of MIDI files. What will be used is said before training begins; Ctrl-C keeps the best so far, and where it stood.
 */
#include "options.h"
#include "stop.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

typedef struct job {
    const cli_command *command;
    char *output, *seed, *minutes, *name, *licence, *core, *log, *checkpoint, *plot, *samples,
        *cache, *profile, *from;
    char **valid, **teachers;
    int lessons, epochs, threads, hidden, decoder, layers, batch, voices, no_bars, wants_plan,
        resumes, patience;
    double rate, dropout, decay, checkpoint_seconds;
} job;

static size_t count_of(char *const *texts)
{
    size_t n = 0;

    while (texts && texts[n]) {
        n++;
    }
    return n;
}

static void say_skipped(void *self, const char *path, const char *why)
{
    (void)self;
    fprintf(stderr, "skipped %s: %s\n", path, why);
}

/* ---- options ---- */

static int read_counts(const job *j, estro_train_options *o)
{
    const struct {
        const char *name;
        int value, high;
        uint32_t *out;
    } rows[] = {{"--epochs", j->epochs, 1000000, &o->epochs},
                {"--threads", j->threads, 256, &o->threads},
                {"--hidden", j->hidden, 4096, &o->hidden},
                {"--decoder", j->decoder, 4096, &o->decoder},
                {"--layers", j->layers, 4, &o->layers},
                {"--batch", j->batch, 1024, &o->batch},
                {"--voices", j->voices, 8, &o->voices},
                {"--lessons", j->lessons, 1000000, &o->lessons},
                {"--patience", j->patience, 1000000, &o->patience}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].value < 0 || rows[i].value > rows[i].high) {
            return cli_misuse(j->command, "%s: from 1 to %d", rows[i].name, rows[i].high);
        }
        *rows[i].out = (uint32_t)rows[i].value;
    }
    return CLI_GO_ON;
}

static int read_options(job *j, estro_train_options *o)
{
    double seconds = 0;

    *o = estro_train_options_default();
    if (!j->output) {
        return cli_misuse(j->command, "-o MODEL is missing");
    }
    if (j->seed && !cli_read_number(&o->seed, j->seed)) {
        return cli_misuse(j->command, "--seed: '%s' is no whole number", j->seed);
    }
    if (j->minutes && (!cli_read_seconds(&seconds, j->minutes) || !(seconds > 0))) {
        return cli_misuse(j->command, "--time: '%s' is no time (such as 30m, 2h, 90s)", j->minutes);
    }
    if (j->checkpoint && !cli_read_seconds(&j->checkpoint_seconds, j->checkpoint)) {
        return cli_misuse(j->command, "--checkpoint: '%s' is no time (such as 30s, 5m; 0: none)",
                          j->checkpoint);
    }
    if (j->core && strcmp(j->core, "gru") != 0 && strcmp(j->core, "lstm") != 0) {
        return cli_misuse(j->command, "--core: gru or lstm, not '%s'", j->core);
    }
    if (j->profile && strcmp(j->profile, "notes") != 0 && strcmp(j->profile, "voices") != 0) {
        return cli_misuse(j->command, "--profile: voices or notes, not '%s'", j->profile);
    }
    if (!(j->rate >= 0 && j->rate <= 10)) {
        return cli_misuse(j->command, "--rate: from 0 to 10");
    }
    if (!(j->dropout >= 0 && j->dropout < 1) || !(j->decay >= 0 && j->decay <= 1)) {
        return cli_misuse(j->command, "--dropout and --decay: from 0, below 1");
    }
    o->minutes = seconds / 60;
    o->lstm = j->core && strcmp(j->core, "lstm") == 0;
    o->rate = j->rate;
    o->dropout = j->dropout;
    o->decay = j->decay;
    o->no_bars = j->no_bars != 0;
    o->chords = j->profile && strcmp(j->profile, "notes") == 0;
    o->name = j->name;
    o->cache = j->cache;
    o->licence = j->licence;
    o->valid = (const char *const *)j->valid;
    o->n_valid = count_of(j->valid);
    o->from = j->from;
    o->teachers = (const char *const *)j->teachers;
    o->n_teachers = count_of(j->teachers);
    return read_counts(j, o);
}

/* ---- what is said ---- */

static void print_corpus(const estro_corpus_report *r)
{
    char what[32] = "drums";

    if (r->chords) {
        snprintf(what, sizeof what, "chords");
    } else if (r->voices) {
        snprintf(what, sizeof what, "%u voices", (unsigned)r->voices);
    }
    fprintf(
        stderr,
        "%zu files: %zu pieces (%zu to train on, %zu to validate on), %zu duplicates, %zu skipped\n"
        "%s, %u steps to a quarter, %zu notes; %zu weights\n",
        r->files, r->pieces, r->train_pieces, r->valid_pieces, r->duplicates, r->skipped, what,
        (unsigned)r->grid, r->notes, r->weights);
    if (r->is_cached) {
        fputs("the corpus is as it was: read from the cache\n", stderr);
    }
    if (r->note) {
        fprintf(stderr, "%s\n", r->note);
    }
    if (r->ranks > 1) {
        fprintf(stderr, "%u processes train together\n", (unsigned)r->ranks);
    }
    if (r->lessons) {
        fprintf(stderr, "%zu lessons composed by the teachers\n", r->lessons);
    }
    if (r->warning) {
        fprintf(stderr, "warning: %s\n", r->warning);
    }
}

/* ---- the loop ---- */

static int save(const job *j, estro_training *training, const cli_watch *watch)
{
    estro_train_progress p = {0};
    estro_diag diag = {0};

    if (estro_training_save(training, j->output, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    estro_training_progress(training, &p);
    if (!watch->is_quiet) {
        fprintf(stderr, "%s: %.4f nats per voice and step on pieces not trained on\n", j->output,
                p.best_nats);
    }
    return CLI_OK;
}

static int loop(const job *j, estro_training *training, cli_watch *watch)
{
    estro_train_progress p = {0};
    estro_diag diag = {0};
    int status = CLI_OK;

    while (!p.is_over && status == CLI_OK && cli_stop_count() == 0) {
        if (estro_training_step(training, &p, &diag) != ESTRO_OK) {
            status = cli_report(&diag);
        } else if (cli_watch_step(watch, training, &p) != CLI_OK) {
            return CLI_FAILED;
        }
    }
    if (p.is_early && !watch->is_quiet) {
        fprintf(stderr, "nothing better in %d epochs: training ends here\n", j->patience);
    }
    /* After a failure what was reached is still worth having. */
    if (!p.is_over) {
        cli_watch_stop(watch, training);
    }
    const int saved = save(j, training, watch);
    if (saved == CLI_OK && p.is_over) {
        cli_watch_saved(watch);
    }
    return status == CLI_OK ? saved : status;
}

static int train(const job *j, estro_training *training, bool is_quiet)
{
    cli_watch watch = {.output = j->output,
                       .log = j->log,
                       .plot = j->plot,
                       .samples = j->samples,
                       .checkpoint_seconds = j->checkpoint_seconds,
                       .resumes = j->resumes != 0,
                       .is_quiet = is_quiet};

    cli_stop_training(training);
    int status = cli_watch_begin(&watch, training);
    if (status == CLI_OK) {
        status = loop(j, training, &watch);
    }
    cli_stop_training(NULL);
    cli_watch_done(&watch);
    return status;
}

static int run(job *j, const cli_arguments *arguments)
{
    estro_train_options options;
    estro_training *training = NULL;
    estro_corpus_report report = {0};
    estro_diag diag = {0};

    const int go = read_options(j, &options);
    if (go != CLI_GO_ON) {
        return go;
    }
    options.paths = arguments->names;
    options.n_paths = (size_t)arguments->n_names;
    if (estro_training_new(&training, &options, say_skipped, NULL, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    estro_training_report(training, &report);
    if (report.rank == 0) {
        print_corpus(&report);
    }
    const int status = j->wants_plan ? CLI_OK : train(j, training, report.rank > 0);
    estro_training_free(training);
    return status;
}

static void done(job *j)
{
    cli_free_list(j->valid);
    cli_free_list(j->teachers);
    free(j->from);
    free(j->output);
    free(j->profile);
    free(j->seed);
    free(j->minutes);
    free(j->name);
    free(j->licence);
    free(j->core);
    free(j->log);
    free(j->plot);
    free(j->cache);
    free(j->samples);
    free(j->checkpoint);
}

int cli_train(const cli_command *command, int argc, const char **argv)
{
    job j = {.command = command, .checkpoint_seconds = 60};
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &j.output, 0, "Where the model goes", "MODEL"},
        {"time", 't', POPT_ARG_STRING, &j.minutes, 0, "Time to train: 30m, 2h (default: by epochs)",
         "TIME"},
        {"epochs", 'e', POPT_ARG_INT, &j.epochs, 0, "Times through the corpus", "N"},
        {"resume", '\0', POPT_ARG_NONE, &j.resumes, 0,
         "Go on from MODEL.checkpoint, to the same bits; all else as in the first command", NULL},
        {"checkpoint", '\0', POPT_ARG_STRING, &j.checkpoint, 0,
         "Time between checkpoints (default: 1m; 0: none)", "TIME"},
        {"patience", '\0', POPT_ARG_INT, &j.patience, 0,
         "End when the last N epochs brought nothing better (default: never)", "N"},
        {"cache", '\0', POPT_ARG_STRING, &j.cache, 0,
         "Where coded corpora are kept (default: $XDG_CACHE_HOME/estro or ~/.cache/estro; '': "
         "nowhere)",
         "DIR"},
        {"log", '\0', POPT_ARG_STRING, &j.log, 0,
         "Losses, rate, tokens/s and time as a JSON object for each epoch", "FILE.jsonl"},
        {"plot", '\0', POPT_ARG_STRING, &j.plot, 0, "Losses over the epochs as a picture",
         "FILE.svg"},
        {"sample", '\0', POPT_ARG_STRING, &j.samples, 0,
         "A piece by the present weights every three minutes, as MIDI into this folder", "DIR"},
        {"valid", '\0', POPT_ARG_ARGV, &j.valid, 0,
         "Files or folders to validate on (default: a tenth of the pieces); may be repeated",
         "PATH"},
        {"seed", 's', POPT_ARG_STRING, &j.seed, 0, "Of split, first weights and order", "N"},
        {"threads", '\0', POPT_ARG_INT, &j.threads, 0, "Default: the processors there are", "N"},
        {"core", '\0', POPT_ARG_STRING, &j.core, 0, "gru (the default) or lstm", "KIND"},
        {"hidden", '\0', POPT_ARG_INT, &j.hidden, 0, "Width of the recurrent layers", "N"},
        {"layers", '\0', POPT_ARG_INT, &j.layers, 0, "Recurrent layers", "N"},
        {"decoder", '\0', POPT_ARG_INT, &j.decoder, 0, "Width of the decoder", "N"},
        {"batch", '\0', POPT_ARG_INT, &j.batch, 0, "Pieces a step", "N"},
        {"rate", '\0', POPT_ARG_DOUBLE, &j.rate, 0, "Highest learning rate", "X"},
        {"dropout", '\0', POPT_ARG_DOUBLE, &j.dropout, 0, "Share that is dropped", "X"},
        {"decay", '\0', POPT_ARG_DOUBLE, &j.decay, 0, "Weight decay", "X"},
        {"from", '\0', POPT_ARG_STRING, &j.from, 0,
         "Begin with the weights of this model, of the same shape", "MODEL"},
        {"teacher", '\0', POPT_ARG_ARGV, &j.teachers, 0,
         "A model of this corpus that composes lessons, of which is learned what all teachers say; "
         "may be repeated",
         "MODEL"},
        {"lessons", '\0', POPT_ARG_INT, &j.lessons, 0,
         "Pieces that the teachers compose (default: four times the corpus)", "N"},
        {"voices", '\0', POPT_ARG_INT, &j.voices, 0,
         "Voices to model (default: what the files have)", "N"},
        {"profile", '\0', POPT_ARG_STRING, &j.profile, 0,
         "voices (the default), or notes: chords without voices, as a piano plays", "KIND"},
        {"no-bars", '\0', POPT_ARG_NONE, &j.no_bars, 0, "Bar lines of these files mean nothing",
         NULL},
        {"corpus", '\0', POPT_ARG_STRING, &j.name, 0, "Name of the corpus, for the model's card",
         "TEXT"},
        {"licence", '\0', POPT_ARG_STRING, &j.licence, 0,
         "Its licence and attribution, for the card", "TEXT"},
        {"dry-run", '\0', POPT_ARG_NONE, &j.wants_plan, 0, "Only say what would be used", NULL},
        POPT_TABLEEND};
    cli_arguments arguments = {0};

    int status = cli_options(&arguments, command, table, 1, 1 << 20, argc, argv);
    if (status == CLI_GO_ON) {
        status = run(&j, &arguments);
        cli_options_done(&arguments);
    }
    done(&j);
    return status;
}
