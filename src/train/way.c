/*
 * The way of a training: how long it is, where it stands, the learning rate there, and the order of each epoch.
 *
 * All of it is counted in batches. The clock has its say once, before the first batch: with a limit of time, some batches are
 * tried and forgotten, and the number that fits becomes the plan. So a training that was interrupted goes on to the same bits.
 */
#include "train/state.h"

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/rng.h"
#include "train/augment.h"
#include "train/profile.h"

#include <math.h>
#include <stdlib.h>

static const double trial_seconds = 6;   /* Batches are tried for so long at most, */
static const double trial_share = 0.04;  /* and for so much of the time. */
static const double longest_plan = 4e15; /* Batches; a double holds them exactly. */

double es_train_now(void)
{
    return (double)es_clock_monotonic.now(es_clock_monotonic.self) * 1e-9;
}

double es_training_share(const estro_training *t)
{
    return t->place.plan ? (double)t->place.done / (double)t->place.plan : 0;
}

/* One cycle: up in a tenth of the way, then down along a cosine to nearly nothing. */
double es_training_rate(const estro_training *t, double share)
{
    const double pi = 3.14159265358979323846;
    const double warm = 0.1;
    const double least = 0.002;
    const double factor =
        share < warm ? share / warm : 0.5 * (1 + cos(pi * (share - warm) / (1 - warm)));

    return t->options.rate * (factor > least ? factor : least);
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
estro_status es_training_order(estro_training *t, estro_diag *diag)
{
    const size_t most = t->n_train > t->n_batches ? t->n_train : t->n_batches;
    es_rng rng = es_rng_at(t->options.seed, ES_FOR_TRAINING, 1, t->place.epoch, 0);
    keyed *row = es_calloc(most, sizeof *row);
    size_t count = 0;

    if (!row) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < t->corpus.n_pieces; i++) {
        if (!t->corpus.pieces[i].is_valid) {
            const uint64_t steps = es_corpus_piece_steps(&t->corpus.pieces[i]);
            row[count++] = (keyed){steps * (1024 + es_rng_below(&rng, 256)), (uint32_t)i};
        }
    }
    qsort(row, count, sizeof *row, compare_keyed);
    for (size_t i = 0; i < count; i++) {
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
    return ESTRO_OK;
}

/* ---- the plan ---- */

/* What a piece costs, in steps of its windows. */
static double cost_of(const estro_training *t, size_t piece)
{
    const es_corpus_piece *of = &t->corpus.pieces[piece];
    const double window = (double)ES_WINDOW_BEATS * es_corpus_piece_grid(of);
    const double steps = es_corpus_piece_steps(of);

    return steps < window ? steps : window;
}

static double cost_of_batch(const estro_training *t, uint64_t number)
{
    const size_t first = (size_t)t->batch_order[number] * t->options.batch;
    double cost = 0;

    for (size_t i = first; i < first + t->options.batch && i < t->n_train; i++) {
        cost += cost_of(t, t->train[i]);
    }
    return cost;
}

static double cost_of_epoch(const estro_training *t)
{
    double cost = 0;

    for (size_t i = 0; i < t->n_batches; i++) {
        cost += cost_of_batch(t, i);
    }
    return cost;
}

/* Seconds that a step of a piece costs, by trying; the learner is used. */
static estro_status try_batches(estro_training *t, double *seconds_a_step, estro_diag *diag)
{
    const double start = es_train_now();
    const double share = 60 * t->options.minutes * trial_share;
    const double until = start + (share < trial_seconds ? share : trial_seconds);
    double cost = 0;

    t->place.plan = t->n_batches;
    for (double goes_on = 1; goes_on != 0 && t->place.next_batch < t->n_batches;) {
        cost += cost_of_batch(t, t->place.next_batch);
        ES_TRY(es_training_batch(t, es_training_rate(t, es_training_share(t)), diag));
        goes_on = es_train_now() < until;
        ES_TRY(es_ranks_share(t->ranks, &goes_on, diag));
    }
    *seconds_a_step = (es_train_now() - start) / cost;
    return ESTRO_OK;
}

/* The same, and all is as before the trial. */
static estro_status measure(estro_training *t, double *seconds_a_step, estro_diag *diag)
{
    const es_train_place place = t->place;
    float *state = es_calloc(es_learner_state_size(t->learner), sizeof *state);

    if (!state) {
        return es_fail_memory(diag);
    }
    es_learner_state_get(t->learner, state);
    const estro_status status = try_batches(t, seconds_a_step, diag);
    es_learner_state_set(t->learner, state);
    t->place = place;
    es_free(state);
    return status;
}

estro_status es_training_plan(estro_training *t, estro_diag *diag)
{
    const double start = es_train_now();
    double batches = (double)t->options.epochs * (double)t->n_batches;

    if (t->place.plan) {
        return ESTRO_OK;
    }
    if (t->options.minutes > 0) {
        double seconds_a_step = 0;
        ES_TRY(measure(t, &seconds_a_step, diag));
        /* Validation goes forward only, at a third of the price. */
        double valid = 0;
        for (size_t i = 0; i < t->n_valid; i++) {
            valid += cost_of(t, t->valid[i]) / 3;
        }
        const double left = 60 * t->options.minutes - (es_train_now() - start);
        const double epoch = seconds_a_step * (cost_of_epoch(t) + valid);
        const double fits = floor(left / epoch * (double)t->n_batches);
        batches = fits < batches ? fits : batches;
        ES_TRY(es_ranks_share(t->ranks, &batches, diag));
    }
    batches = batches < longest_plan ? batches : longest_plan;
    t->place.plan = batches >= 1 ? (uint64_t)batches : 1;
    t->place.seconds += es_train_now() - start;
    return ESTRO_OK;
}
