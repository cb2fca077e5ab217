/*
 * The training loop. An epoch visits every piece once, transposed at random, in batches of pieces of like length; a batch
 * shows its plans or hides them, in turn. The rate follows one cycle over the whole way, whose length is given in time or in
 * epochs; the averaged weights that are best on the pieces kept apart are what is saved.
 */
#include "train/trainer.h"
#include "train/augment.h"
#include "train/state.h"

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BATCH = 64 };

static const double step_seconds = 1;       /* A call of es_training_step trains about so long. */
static const double evaluation_share = 0.2; /* Of the time, at most, goes into validation. */
static const double long_seconds = 60;      /* Longer epochs are validated in between too. */

static double now_seconds(void)
{
    return (double)es_clock_monotonic.now(es_clock_monotonic.self) * 1e-9;
}

/* ---- the way ---- */

static double share_of_way(const estro_training *t)
{
    const estro_train_options *o = &t->options;
    const double epochs = t->epoch + (double)t->next_batch / (double)t->n_batches;
    const double by_epochs = o->epochs ? epochs / o->epochs : 0;
    const double by_time = o->minutes > 0 ? t->seconds / (60 * o->minutes) : 0;
    const double share = by_epochs > by_time ? by_epochs : by_time;

    return share < 1 ? share : 1;
}

/* One cycle: up in a tenth of the way, then down along a cosine to nearly nothing. */
static float rate_at(const estro_training *t, double share)
{
    const double pi = 3.14159265358979323846;
    const double warm = 0.1;
    const double least = 0.002;
    const double factor =
        share < warm ? share / warm : 0.5 * (1 + cos(pi * (share - warm) / (1 - warm)));

    return (float)(t->options.rate * (factor > least ? factor : least));
}

/* ---- epochs ---- */

typedef struct keyed {
    uint64_t key;
    uint32_t index;
} keyed;

static int compare_keyed(const void *a, const void *b)
{
    const keyed *x = a;
    const keyed *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

/* Pieces in order of their lengths, a little blurred; the batches cut from that row in any order. */
static estro_status begin_epoch(estro_training *t, estro_diag *diag)
{
    const size_t most = t->n_train > t->n_batches ? t->n_train : t->n_batches;
    es_rng rng = es_rng_at(t->options.seed, ES_FOR_TRAINING, 1, t->epoch, 0);
    keyed *row = es_calloc(most, sizeof *row);

    if (!row) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < t->n_train; i++) {
        const uint32_t steps = t->corpus.pieces[t->train[i]].roll.n_steps;
        row[i] = (keyed){(uint64_t)steps * (1024 + es_rng_below(&rng, 256)), t->train[i]};
    }
    qsort(row, t->n_train, sizeof *row, compare_keyed);
    for (size_t i = 0; i < t->n_train; i++) {
        t->train[i] = row[i].index;
    }
    for (size_t i = 0; i < t->n_batches; i++) {
        row[i] = (keyed){es_rng_next(&rng), (uint32_t)i};
    }
    qsort(row, t->n_batches, sizeof *row, compare_keyed);
    for (size_t i = 0; i < t->n_batches; i++) {
        t->batch_order[i] = row[i].index;
    }
    es_free(row);
    t->next_batch = 0;
    t->epoch_nats = 0;
    t->epoch_cells = 0;
    return ESTRO_OK;
}

/* ---- batches ---- */

static estro_status train_coded(estro_training *t, const es_coded *coded, size_t count, bool hidden,
                                size_t cells, estro_diag *diag)
{
    const es_sequence *batch[MOST_BATCH];
    size_t draws = 0;
    double nats = 0;

    for (size_t i = 0; i < count; i++) {
        batch[i] = &coded[i].sequence;
    }
    ES_TRY(es_learner_step(t->learner, batch, count, rate_at(t, share_of_way(t)), &nats, &draws,
                           diag));
    t->draws += draws;
    if (hidden) {
        t->epoch_nats += nats;
        t->epoch_cells += cells;
    }
    return ESTRO_OK;
}

static estro_status train_batch(estro_training *t, estro_diag *diag)
{
    const size_t index = t->batch_order[t->next_batch];
    const size_t first = index * t->options.batch;
    const size_t end = first + t->options.batch;
    const bool hidden = (index + t->epoch) % 2 == 0;
    es_coded coded[MOST_BATCH];
    size_t count = 0;
    size_t cells = 0;
    estro_status status = ESTRO_OK;

    for (size_t i = first; i < t->n_train && i < end && status == ESTRO_OK; i++) {
        const uint32_t piece = t->train[i];
        const es_roll *roll = &t->corpus.pieces[piece].roll;
        es_rng rng = es_rng_at(t->options.seed, ES_FOR_TRAINING, 2, t->epoch, piece);
        size_t own = 0;
        status = es_augment_code(&coded[count], roll, &t->corpus.coding, hidden || !roll->chord,
                                 &rng, &own, diag);
        if (status == ESTRO_OK) {
            count++;
            cells += own;
        }
    }
    if (status == ESTRO_OK) {
        status = train_coded(t, coded, count, hidden, cells, diag);
    }
    for (size_t i = 0; i < count; i++) {
        es_coded_done(&coded[i]);
    }
    t->next_batch++;
    return status;
}

/* ---- validation ---- */

estro_status es_training_validate(estro_training *t, estro_diag *diag)
{
    const double start = now_seconds();
    double nats[ES_MAX_SLOTS] = {0};
    size_t count[ES_MAX_SLOTS] = {0};
    double sum = 0;

    for (size_t i = 0; i < t->n_valid; i += MOST_BATCH) {
        const es_sequence *some[MOST_BATCH];
        size_t n = 0;
        for (; n < MOST_BATCH && i + n < t->n_valid; n++) {
            some[n] = &t->valid[i + n].sequence;
        }
        ES_TRY(es_learner_score_all(t->learner, some, n, nats, count, diag));
    }
    for (int s = 0; s < ES_MAX_SLOTS; s++) {
        sum += nats[s];
    }
    t->valid_nats = sum / (double)t->valid_cells;
    if (t->best_epoch == 0 || t->valid_nats < t->best_nats) {
        t->best_nats = t->valid_nats;
        t->best_epoch = t->epoch + 1;
        es_learner_weights(t->learner, t->best);
    }
    t->evaluation_seconds = now_seconds() - start;
    t->evaluated_at = t->seconds;
    return ESTRO_OK;
}

/* Has enough time gone by since the last validation? */
static bool is_due(const estro_training *t)
{
    return t->seconds - t->evaluated_at > t->evaluation_seconds / evaluation_share;
}

static estro_status end_epoch(estro_training *t, estro_diag *diag)
{
    const bool is_last = share_of_way(t) >= 1;

    if (t->epoch_cells) {
        t->train_nats = t->epoch_nats / (double)t->epoch_cells;
    }
    if (is_last || t->epoch == 0 || is_due(t)) {
        ES_TRY(es_training_validate(t, diag));
    }
    t->epoch++;
    return begin_epoch(t, diag);
}

/* ---- steps ---- */

static void tell(const estro_training *t, estro_train_progress *progress)
{
    const double share = t->is_over ? 1 : share_of_way(t);

    *progress = (estro_train_progress){
        .epoch = t->epoch,
        .train_nats = t->train_nats,
        .valid_nats = t->valid_nats,
        .best_nats = t->best_nats,
        .share = share,
        .seconds = t->seconds,
        .seconds_left = share > 0 ? t->seconds * (1 - share) / share : 0,
        .tokens_per_second = t->seconds > 0 ? (double)t->draws / t->seconds : 0,
        .is_over = t->is_over,
    };
}

estro_status es_training_step(estro_training *t, estro_train_progress *progress, estro_diag *diag)
{
    const double start = now_seconds();
    const double before = t->seconds;

    while (!t->is_over && now_seconds() - start < step_seconds) {
        ES_TRY(train_batch(t, diag));
        t->seconds = before + now_seconds() - start;
        const bool is_end = share_of_way(t) >= 1;
        if (is_end || t->next_batch == t->n_batches) {
            ES_TRY(end_epoch(t, diag));
        } else if (t->seconds - t->evaluated_at > long_seconds && is_due(t)) {
            ES_TRY(es_training_validate(t, diag));
        }
        t->seconds = before + now_seconds() - start;
        t->is_over = is_end;
    }
    tell(t, progress);
    return ESTRO_OK;
}

/* ---- setting up ---- */

static estro_status divide(estro_training *t, estro_diag *diag)
{
    const es_corpus *corpus = &t->corpus;

    for (size_t i = 0; i < corpus->n_pieces; i++) {
        t->n_valid += corpus->pieces[i].is_valid;
    }
    t->n_train = corpus->n_pieces - t->n_valid;
    if (t->n_train == 0 || t->n_valid == 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "%zu pieces to train on, %zu to validate on",
                       t->n_train, t->n_valid);
    }
    t->train = es_calloc(t->n_train, sizeof *t->train);
    t->valid = es_calloc(t->n_valid, sizeof *t->valid);
    if (!t->train || !t->valid) {
        return es_fail_memory(diag);
    }
    size_t train = 0;
    size_t valid = 0;
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        const es_piece *piece = &corpus->pieces[i];
        if (!piece->is_valid) {
            t->train[train++] = (uint32_t)i;
            continue;
        }
        ES_TRY(es_roll_code(&t->valid[valid++], &piece->roll, &corpus->coding, 0, true, diag));
        t->valid_cells += (size_t)piece->roll.n_steps * piece->roll.n_voices;
    }
    return ESTRO_OK;
}

static estro_status make_net(estro_training *t, estro_diag *diag)
{
    const estro_train_options *o = &t->options;
    es_net_shape shape = {.core = o->lstm ? ES_LSTM : ES_GRU,
                          .n_layers = (uint8_t)o->layers,
                          .hidden = (uint16_t)o->hidden,
                          .embed = (uint16_t)o->decoder,
                          .decoder = (uint16_t)o->decoder};

    es_coding_shape(&t->corpus.coding, &shape);
    ES_TRY(es_net_init(&t->net, &shape, diag));
    es_net_randomise(&t->net, o->seed);
    t->best = es_calloc(t->net.n_weights, sizeof *t->best);
    if (!t->best) {
        return es_fail_memory(diag);
    }
    memcpy(t->best, t->net.weights, t->net.n_weights * sizeof *t->best);
    const es_learn_options learn = {
        .rate = (float)o->rate,
        .beta1 = 0.9f,
        .beta2 = 0.99f,
        .decay = (float)o->decay,
        .clip = 1,
        .drop_input = (float)o->dropout * 0.25f,
        .drop_core = (float)o->dropout,
        .drop_decoder = (float)o->dropout,
        .drop_field = (float)o->dropout * 0.25f,
        .average = 0.99f,
        .threads = (int)o->threads,
        .seed = o->seed,
    };
    return es_learner_new(&t->learner, &t->net, &learn, diag);
}

static void keep_text(char *out, size_t size, const char *text)
{
    const size_t length = text ? strlen(text) : 0;
    const size_t kept = length < size - 1 ? length : size - 1;

    if (kept) {
        memcpy(out, text, kept);
    }
    out[kept] = '\0';
}

static estro_status set_up(estro_training *t, estro_diag *diag)
{
    ES_TRY(divide(t, diag));
    t->n_batches = (t->n_train + t->options.batch - 1) / t->options.batch;
    t->batch_order = es_calloc(t->n_batches, sizeof *t->batch_order);
    if (!t->batch_order) {
        return es_fail_memory(diag);
    }
    ES_TRY(make_net(t, diag));
    return begin_epoch(t, diag);
}

estro_status es_training_on(estro_training **out, es_corpus *corpus,
                            const estro_train_options *options, estro_diag *diag)
{
    estro_training *t = es_calloc(1, sizeof *t);
    estro_status status;

    if (!t) {
        es_corpus_done(corpus);
        return es_fail_memory(diag);
    }
    t->corpus = *corpus;
    *corpus = (es_corpus){0};
    t->options = *options;
    keep_text(t->name, sizeof t->name, options->name);
    keep_text(t->licence, sizeof t->licence, options->licence);
    es_training_settle(&t->options, &t->corpus);
    t->options.batch = t->options.batch < MOST_BATCH ? t->options.batch : MOST_BATCH;
    status = set_up(t, diag);
    if (status != ESTRO_OK) {
        es_training_free(t);
        return status;
    }
    *out = t;
    return ESTRO_OK;
}

estro_status es_training_new(estro_training **out, const estro_train_options *options,
                             void (*skipped)(void *self, const char *path, const char *why),
                             void *self, estro_diag *diag)
{
    const es_corpus_options wanted = {.paths = options->paths,
                                      .n_paths = options->n_paths,
                                      .valid = options->valid,
                                      .n_valid = options->valid ? options->n_valid : 0,
                                      .seed = options->seed,
                                      .voices = (int)options->voices,
                                      .no_bars = options->no_bars,
                                      .skipped = skipped,
                                      .self = self};
    es_corpus corpus;

    ES_TRY(es_corpus_read(&corpus, &wanted, diag));
    return es_training_on(out, &corpus, options, diag);
}

void es_training_free(estro_training *t)
{
    if (!t) {
        return;
    }
    es_learner_free(t->learner);
    es_net_done(&t->net);
    for (size_t i = 0; t->valid && i < t->n_valid; i++) {
        es_coded_done(&t->valid[i]);
    }
    es_free(t->valid);
    es_free(t->train);
    es_free(t->batch_order);
    es_free(t->best);
    es_corpus_done(&t->corpus);
    es_free(t);
}
