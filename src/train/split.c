/*
 * Splitting a corpus. What decides is a hash of the tune, not the place of a file, so that an edition more or less of a tune
 * moves no other tune to the other side.
 */
#include "train/split.h"
#include "train/profile.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct mark {
    uint64_t whole;
    size_t index;
} mark;

static int compare_marks(const void *a, const void *b)
{
    const mark *x = a;
    const mark *y = b;

    if (x->whole != y->whole) {
        return x->whole < y->whole ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static void drop(es_corpus *corpus, const es_corpus_options *options, es_corpus_piece *piece,
                 const es_corpus_piece *same)
{
    char why[256];

    if (options->skipped) {
        snprintf(why, sizeof why, "the same piece as %.200s", same->path);
        options->skipped(options->self, piece->path, why);
    }
    corpus->n_duplicates++;
    es_corpus_piece_done(piece);
}

static estro_status drop_duplicates(es_corpus *corpus, const es_corpus_options *options,
                                    estro_diag *diag)
{
    mark *marks = es_calloc(corpus->n_pieces, sizeof *marks);
    size_t kept = 0;

    if (!marks) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        marks[i] = (mark){es_corpus_piece_hash(&corpus->pieces[i]), i};
    }
    qsort(marks, corpus->n_pieces, sizeof *marks, compare_marks);
    for (size_t i = 1, first = 0; i < corpus->n_pieces; i++) {
        if (marks[i].whole == marks[first].whole) {
            drop(corpus, options, &corpus->pieces[marks[i].index],
                 &corpus->pieces[marks[first].index]);
        } else {
            first = i;
        }
    }
    es_free(marks);
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        if (corpus->pieces[i].path) {
            corpus->pieces[kept++] = corpus->pieces[i];
        }
    }
    corpus->n_pieces = kept;
    return ESTRO_OK;
}

estro_status es_corpus_split(es_corpus *corpus, const es_corpus_options *options, estro_diag *diag)
{
    size_t n_valid = 0;

    ES_TRY(drop_duplicates(corpus, options, diag));
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        es_corpus_piece *piece = &corpus->pieces[i];
        piece->tune_hash = es_corpus_piece_opening(piece);
        if (options->n_valid == 0) {
            es_rng rng = es_rng_at(options->seed, ES_FOR_TRAINING, piece->tune_hash, 0, 0);
            piece->is_valid = es_rng_below(&rng, 10) == 0;
        }
        n_valid += piece->is_valid;
    }
    /* A handful of pieces may all have fallen on one side. */
    if (corpus->n_pieces > 1 && (n_valid == 0 || n_valid == corpus->n_pieces)) {
        const bool is_valid = n_valid == 0;
        const uint64_t tune = corpus->pieces[corpus->n_pieces - 1].tune_hash;
        for (size_t i = 0; i < corpus->n_pieces; i++) {
            if (corpus->pieces[i].tune_hash == tune) {
                corpus->pieces[i].is_valid = is_valid;
            }
        }
    }
    return ESTRO_OK;
}
