/*
 * The training loop. An epoch visits every piece once, transposed at random, in batches of pieces of like length; a batch
 * shows its plans or hides them, in turn. The averaged weights that are best on the pieces kept apart are what is saved.
 *
 * What happens depends on the seed and on what is counted (batches, choices), never on the clock: see way.c.
 */
#include "train/trainer.h"
#include "train/profile.h"
#include "train/state.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/path.h"
#include "train/cache.h"
#include "train/hash.h"

#include <string.h>

enum {
    MOST_BATCH = 1024,
    /* Validation goes forward only. It is worth it when so many times as many choices were trained on, */
    VALID_EVERY = 2,
    /* and within an epoch when there were at least so many: about a minute's. */
    MANY_DRAWS = 2500000
};

static const double step_seconds = 0.25; /* A call of es_training_step trains about so long. */

/* ---- epochs ---- */

/* Was there enough training since the last validation to pay for another? */
static bool is_due(const estro_training *t)
{
    const uint64_t draws = t->place.draws - t->place.validated_draws;

    return draws >= VALID_EVERY * t->place.valid_draws;
}

/* Have so many epochs gone by without a better validation that no better one is waited for? */
static bool is_hopeless(const estro_training *t)
{
    const uint64_t patience = (uint64_t)t->options.patience * t->n_batches;

    return patience > 0 && t->place.best_epoch > 0 &&
           t->place.done - t->place.best_done >= patience;
}

static estro_status end_epoch(estro_training *t, estro_diag *diag)
{
    es_train_place *place = &t->place;

    if (place->epoch_cells) {
        place->train_nats = place->epoch_nats / (double)place->epoch_cells;
    }
    if (place->done == place->plan || place->epoch == 0 || is_due(t)) {
        ES_TRY(es_training_validate(t, diag));
    }
    place->epoch++;
    place->next_batch = 0;
    place->epoch_nats = 0;
    place->epoch_cells = 0;
    return es_training_order(t, diag);
}

/* ---- steps ---- */

void es_training_progress(const estro_training *t, estro_train_progress *progress)
{
    const es_train_place *place = &t->place;
    const double share = place->is_over ? 1 : es_training_share(t);

    *progress = (estro_train_progress){
        .epoch = (uint32_t)place->epoch,
        .train_nats = place->train_nats,
        .valid_nats = place->valid_nats,
        .best_nats = place->best_nats,
        .share = share,
        .seconds = place->seconds,
        .seconds_left = share > 0 ? place->seconds * (1 - share) / share : 0,
        .tokens_per_second = place->seconds > 0 ? (double)place->draws / place->seconds : 0,
        .is_over = place->is_over,
        .steps = place->done,
        .steps_planned = place->plan,
        .epochs = t->n_batches ? (double)place->done / (double)t->n_batches : 0,
        .rate = es_training_rate(t, es_training_share(t)),
        .tokens = place->draws,
        .validations = (uint32_t)place->validations,
        .is_early = place->is_over && place->done < place->plan,
    };
}

/* A batch, and what is due after it. @param ends Set when an epoch or a validation ended. */
static estro_status train_on(estro_training *t, bool *ends, estro_diag *diag)
{
    es_train_place *place = &t->place;
    const uint64_t validations = place->validations;
    const uint64_t epoch = place->epoch;

    ES_TRY(es_training_batch(t, es_training_rate(t, es_training_share(t)), diag));
    const bool is_end = place->done == place->plan;
    if (is_end || place->next_batch == t->n_batches) {
        ES_TRY(end_epoch(t, diag));
    } else if (place->draws - place->validated_draws >= MANY_DRAWS && is_due(t)) {
        ES_TRY(es_training_validate(t, diag));
    }
    *ends = place->validations != validations || place->epoch != epoch;
    place->is_over = is_end || (*ends && is_hopeless(t));
    return ESTRO_OK;
}

static estro_status train_a_little(estro_training *t, estro_diag *diag)
{
    bool ends = false;

    ES_TRY(es_training_plan(t, diag));
    const double before = t->place.seconds;
    const double start = es_train_now();
    while (!t->place.is_over && !ends && !atomic_load(&t->is_stopped) &&
           es_train_now() - start < step_seconds) {
        ES_TRY(train_on(t, &ends, diag));
        t->place.seconds = before + es_train_now() - start;
    }
    return ESTRO_OK;
}

estro_status es_training_step(estro_training *t, estro_train_progress *progress, estro_diag *diag)
{
    const estro_status status = train_a_little(t, diag);

    t->is_broken |= status != ESTRO_OK || atomic_load(&t->is_stopped);
    es_training_progress(t, progress);
    return status == ESTRO_ERR_CANCELLED && atomic_load(&t->is_stopped) ? ESTRO_OK : status;
}

void es_training_stop(estro_training *t)
{
    atomic_store(&t->is_stopped, true);
    es_ranks_stop(t->ranks);
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
    size_t valid = 0;
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        const es_corpus_piece *piece = &corpus->pieces[i];
        if (piece->is_valid) {
            t->valid[valid++] = (uint32_t)i;
            t->valid_cells += es_corpus_piece_cells(piece);
        }
    }
    return ESTRO_OK;
}

/* The weights of a model of the same shape. */
static estro_status begin_from(estro_training *t, const char *path, estro_diag *diag)
{
    es_model *model = NULL;
    estro_status status = ESTRO_OK;

    ES_TRY(es_model_load(&model, path, diag));
    if (memcmp(&model->net.shape, &t->net.shape, sizeof t->net.shape) != 0) {
        es_diag_init(diag, path);
        status =
            es_fail(diag, ESTRO_ERR_MODEL, "the net is of another shape than the one to train");
    } else {
        memcpy(t->net.weights, model->net.weights, t->net.n_weights * sizeof *t->net.weights);
        memcpy(t->from, model->digest, sizeof t->from);
    }
    es_model_free(model);
    return status;
}

static estro_status make_net(estro_training *t, estro_diag *diag)
{
    const estro_train_options *o = &t->options;
    es_net_shape shape = {.core = o->lstm ? ES_LSTM : ES_GRU,
                          .n_layers = (uint8_t)o->layers,
                          .hidden = (uint16_t)o->hidden,
                          .embed = (uint16_t)o->decoder,
                          .decoder = (uint16_t)o->decoder};

    es_corpus_shape(&t->corpus, &shape);
    ES_TRY(es_net_init(&t->net, &shape, diag));
    es_net_randomise(&t->net, o->seed);
    if (o->from) {
        ES_TRY(begin_from(t, o->from, diag));
    }
    t->best = es_calloc(t->net.n_weights, sizeof *t->best);
    if (!t->best) {
        return es_fail_memory(diag);
    }
    memcpy(t->best, t->net.weights, t->net.n_weights * sizeof *t->best);
    const es_learn_options learn = {
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
        .ranks = es_ranks_table(t->ranks),
    };
    return es_learner_new(&t->learner, &t->net, &learn, diag);
}

static estro_status keep_text(char *out, size_t size, const char *text, const char *what,
                              estro_diag *diag)
{
    const size_t length = text ? strlen(text) : 0;

    if (length >= size) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT,
                       "the %s has %zu bytes, and the card has room for %zu", what, length,
                       size - 1);
    }
    memcpy(out, text ? text : "", length + 1);
    return ESTRO_OK;
}

/* Do all ranks train the same? */
static estro_status compare_ranks(estro_training *t, estro_diag *diag)
{
    char text[ES_TRAIN_TEXT_BYTES];

    es_training_describe(t, text);
    return es_ranks_agree(t->ranks, es_hash_bytes(ES_HASH_START, text, sizeof text),
                          "corpus and options", diag);
}

static estro_status set_up(estro_training *t, estro_diag *diag)
{
    const estro_train_options *o = &t->options;

    ES_TRY(es_teachers_load(&t->teachers, o->teachers, o->n_teachers, &t->corpus, (int)o->threads,
                            diag));
    ES_TRY(
        es_teachers_compose(&t->teachers, &t->corpus, o->lessons, o->seed, (int)o->threads, diag));
    ES_TRY(divide(t, diag));
    t->n_batches = (t->n_train + t->options.batch - 1) / t->options.batch;
    t->batch_order = es_calloc(t->n_batches, sizeof *t->batch_order);
    if (!t->batch_order) {
        return es_fail_memory(diag);
    }
    ES_TRY(make_net(t, diag));
    ES_TRY(compare_ranks(t, diag));
    return es_training_order(t, diag);
}

/* The corpus and the ranks are taken over, also on failure. */
static estro_status make(estro_training **out, es_corpus *corpus,
                         const estro_train_options *options, es_ranks *ranks, estro_diag *diag)
{
    const es_learn_ranks *table = es_ranks_table(ranks);
    estro_training *t = es_calloc(1, sizeof *t);
    estro_status status;

    if (!t) {
        es_corpus_done(corpus);
        es_ranks_close(ranks, false);
        return es_fail_memory(diag);
    }
    t->ranks = ranks;
    t->rank = table ? table->rank : 0;
    t->n_ranks = table ? table->count : 1;
    t->corpus = *corpus;
    *corpus = (es_corpus){0};
    t->options = *options;
    es_training_settle(&t->options, &t->corpus, es_ranks_here(ranks));
    t->options.batch = t->options.batch < MOST_BATCH ? t->options.batch : MOST_BATCH;
    status = keep_text(t->name, sizeof t->name, options->name, "name of the corpus", diag);
    if (status == ESTRO_OK) {
        status = keep_text(t->licence, sizeof t->licence, options->licence, "licence", diag);
    }
    if (status == ESTRO_OK) {
        status = set_up(t, diag);
    }
    if (status != ESTRO_OK) {
        t->is_broken = true;
        es_training_free(t);
        return status;
    }
    *out = t;
    return ESTRO_OK;
}

estro_status es_training_on(estro_training **out, es_corpus *corpus,
                            const estro_train_options *options, estro_diag *diag)
{
    return make(out, corpus, options, NULL, diag);
}

estro_status es_training_new(estro_training **out, const estro_train_options *options,
                             void (*skipped)(void *self, const char *path, const char *why),
                             void *self, estro_diag *diag)
{
    char own[ES_PATH_BYTES];
    es_corpus corpus;

    const char *folder = options->cache;
    if (!folder) {
        folder = es_cache_folder(own, sizeof own) ? own : NULL;
    } else if (!*folder) {
        folder = NULL;
    }
    es_ranks *ranks;

    ES_TRY(es_ranks_open(&ranks, diag));
    const es_learn_ranks *table = es_ranks_table(ranks);
    const es_corpus_options wanted = {.paths = options->paths,
                                      .n_paths = options->n_paths,
                                      .valid = options->valid,
                                      .n_valid = options->valid ? options->n_valid : 0,
                                      .seed = options->seed,
                                      .profile = options->chords ? ES_PROFILE_NOTES : 0,
                                      .voices = (int)options->voices,
                                      .no_bars = options->no_bars,
                                      .threads =
                                          (int)es_training_threads(options, es_ranks_here(ranks)),
                                      .cache = folder,
                                      .skipped = table && table->rank > 0 ? NULL : skipped,
                                      .self = self};
    const estro_status status = es_corpus_read(&corpus, &wanted, diag);
    if (status != ESTRO_OK) {
        es_ranks_close(ranks, false);
        return status;
    }
    return make(out, &corpus, options, ranks, diag);
}

void es_training_free(estro_training *t)
{
    if (!t) {
        return;
    }
    es_learner_free(t->learner);
    es_teachers_done(&t->teachers);
    es_net_done(&t->net);
    es_free(t->valid);
    es_free(t->train);
    es_free(t->batch_order);
    es_free(t->best);
    es_free(t->points);
    es_corpus_done(&t->corpus);
    es_ranks_close(t->ranks, !t->is_broken);
    es_free(t);
}
