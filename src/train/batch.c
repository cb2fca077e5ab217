/*
 * Coding a batch.
 *
 * Which rank works on a piece depends on the lengths of all of them as coded. So with several ranks each codes every n-th piece
 * first and tells its lengths; then it codes those of its share that it has not, and drops the others.
 */
#include "train/batch.h"
#include "train/profile.h"

#include "base/diag.h"
#include "base/mem.h"
#include "nn/learn_threads.h"

#include <stdio.h>

/* A piece in work. */
typedef struct item {
    uint32_t piece;
    estro_status status;
    bool is_coded, is_own;
    size_t cells;
    es_coded *coded; /* Borrowed. */
    char why[160];
} item;

typedef struct work {
    const estro_training *t;
    es_batch_kind kind;
    item *items;  /* [count] */
    size_t *list; /* [n_list]: those that are to be coded now. */
    size_t n_list;
} work;

static void code_job(void *self, size_t number)
{
    const work *w = self;
    const estro_training *t = w->t;
    item *it = &w->items[w->list[number]];
    const es_corpus_piece *piece = &t->corpus.pieces[it->piece];
    estro_diag own;

    es_diag_init(&own, NULL);
    if (w->kind == ES_BATCH_VALID) {
        it->cells = es_corpus_piece_cells(piece);
        it->status = es_corpus_piece_code(it->coded, &t->corpus, piece, &own);
    } else {
        /* Lessons are in any key, and look the same each time, so that their teachers are asked once. */
        es_rng rng = es_rng_at(t->options.seed, ES_FOR_TRAINING, 2,
                               piece->is_lesson ? 0 : t->place.epoch, it->piece);
        it->status = es_corpus_piece_augment(it->coded, &t->corpus, piece,
                                             w->kind == ES_BATCH_HIDDEN, &rng, &it->cells, &own);
    }
    it->is_coded = it->status == ESTRO_OK;
    snprintf(it->why, sizeof it->why, "%.*s", (int)sizeof it->why - 1, own.text);
}

static estro_status code_list(work *w, estro_diag *diag)
{
    es_parallel((int)w->t->options.threads, w->n_list, code_job, w);
    for (size_t i = 0; i < w->n_list; i++) {
        const item *it = &w->items[w->list[i]];
        if (it->status != ESTRO_OK) {
            return es_fail(diag, it->status, "%s: %s", w->t->corpus.pieces[it->piece].path,
                           it->why);
        }
    }
    return ESTRO_OK;
}

/* What the ranks found out about the pieces that each of them coded. */
static estro_status tell_lengths(work *w, size_t count, estro_diag *diag)
{
    enum { EVENTS, DRAWS, CELLS, NUMBERS };
    const es_learn_ranks *ranks = es_ranks_table(w->t->ranks);
    double *told = es_calloc(count, NUMBERS * sizeof *told);

    if (!told) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < count; i++) {
        const item *it = &w->items[i];
        if (it->is_coded) {
            told[NUMBERS * i + EVENTS] = (double)it->coded->sequence.n_events;
            told[NUMBERS * i + DRAWS] = (double)it->coded->sequence.n_draws;
            told[NUMBERS * i + CELLS] = (double)it->cells;
        }
    }
    const estro_status status = ranks->gather(ranks->self, told, NUMBERS * count, diag);
    for (size_t i = 0; status == ESTRO_OK && i < count; i++) {
        item *it = &w->items[i];
        if (!it->is_coded) {
            it->coded->sequence.n_events = (size_t)told[NUMBERS * i + EVENTS];
            it->coded->sequence.n_draws = (size_t)told[NUMBERS * i + DRAWS];
            it->cells = (size_t)told[NUMBERS * i + CELLS];
        }
    }
    es_free(told);
    return status;
}

/* Of what is not ours keep the lengths. */
static void drop_others(work *w, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        item *it = &w->items[i];
        if (it->is_coded && !it->is_own) {
            const es_sequence lengths = {.n_events = it->coded->sequence.n_events,
                                         .n_draws = it->coded->sequence.n_draws};
            es_coded_done(it->coded);
            *it->coded = (es_coded){.sequence = lengths};
        }
    }
}

static estro_status code_shares(work *w, const es_batch *batch, estro_diag *diag)
{
    const estro_training *t = w->t;
    bool *own = es_calloc(batch->count, sizeof *own);

    if (!own) {
        return es_fail_memory(diag);
    }
    for (size_t i = (size_t)t->rank; i < batch->count; i += (size_t)t->n_ranks) {
        w->list[w->n_list++] = i;
    }
    estro_status status = code_list(w, diag);
    if (status == ESTRO_OK) {
        status = tell_lengths(w, batch->count, diag);
    }
    if (status == ESTRO_OK) {
        status = es_learner_shares(t->learner, batch->sequence, batch->count, own, diag);
    }
    w->n_list = 0;
    for (size_t i = 0; status == ESTRO_OK && i < batch->count; i++) {
        w->items[i].is_own = own[i];
        if (own[i] && !w->items[i].is_coded) {
            w->list[w->n_list++] = i;
        }
    }
    es_free(own);
    if (status == ESTRO_OK) {
        drop_others(w, batch->count);
        status = code_list(w, diag);
    }
    return status;
}

static estro_status code(work *w, const es_batch *batch, estro_diag *diag)
{
    if (w->t->n_ranks > 1) {
        return code_shares(w, batch, diag);
    }
    for (size_t i = 0; i < batch->count; i++) {
        w->list[w->n_list++] = i;
    }
    return code_list(w, diag);
}

estro_status es_batch_code(es_batch *out, const estro_training *t, const uint32_t *piece,
                           size_t count, es_batch_kind kind, estro_diag *diag)
{
    work w = {.t = t, .kind = kind};
    estro_status status = ESTRO_OK;

    *out = (es_batch){.count = count};
    out->coded = es_calloc(count, sizeof *out->coded);
    out->sequence = es_calloc(count, sizeof(es_sequence *));
    w.items = es_calloc(count, sizeof *w.items);
    w.list = es_calloc(count, sizeof *w.list);
    if (!out->coded || !out->sequence || !w.items || !w.list) {
        status = es_fail_memory(diag);
    }
    for (size_t i = 0; status == ESTRO_OK && i < count; i++) {
        w.items[i] = (item){.piece = piece[i], .coded = &out->coded[i]};
        out->sequence[i] = &out->coded[i].sequence;
    }
    if (status == ESTRO_OK) {
        status = code(&w, out, diag);
    }
    for (size_t i = 0; status == ESTRO_OK && i < count; i++) {
        out->cells += w.items[i].cells;
        out->draws += out->sequence[i]->n_draws;
    }
    es_free(w.items);
    es_free(w.list);
    return status;
}

void es_batch_done(es_batch *batch)
{
    for (size_t i = 0; batch->coded && i < batch->count; i++) {
        es_coded_done(&batch->coded[i]);
    }
    es_free(batch->coded);
    es_free(batch->sequence);
    *batch = (es_batch){0};
}
