/*
 * Takes to pieces. A piece is a run of bars of one or more takes; bars are copied, never changed.
 */
#include "train/takes.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/path.h"

#include <string.h>

enum {
    CUT_BARS = 32,     /* Pieces of a long take ... */
    LEAST_BARS = 8,    /* ... of which the last may be so much longer. */
    SHORT_BARS = 8,    /* Shorter takes are put together, ... */
    TOGETHER_BARS = 16 /* ... up to so many bars. */
};

typedef struct maker {
    es_corpus *corpus;
    size_t capacity;
    const es_take *joined; /* The last take of a piece that others may join, or NULL. */
} maker;

static void copy_bars(es_drum_roll *to, uint32_t at, const es_drum_roll *from, uint32_t first,
                      uint32_t n_bars)
{
    const size_t bar = (size_t)from->bar_steps * ES_KIT_LANES;

    memcpy(to->hit + at * bar, from->hit + first * bar, n_bars * bar);
    memcpy(to->kind + at, from->kind + first, n_bars);
}

static estro_status add_piece(maker *m, const es_take *take, uint32_t first, uint32_t n_bars,
                              estro_diag *diag)
{
    es_corpus *corpus = m->corpus;
    const es_drum_roll *roll = &take->roll;
    es_corpus_piece piece = {.is_valid = take->is_valid, .goes_on = first + n_bars < roll->n_bars};

    ES_TRY(es_drum_roll_init(&piece.drums, roll->grid, roll->meter, n_bars, diag));
    piece.drums.family = roll->family;
    piece.drums.has_plan = roll->has_plan;
    copy_bars(&piece.drums, 0, roll, first, n_bars);
    piece.path = es_strdup(take->path);
    if (!piece.path ||
        !es_grow(&corpus->pieces, corpus->n_pieces, &m->capacity, sizeof *corpus->pieces)) {
        es_drum_roll_done(&piece.drums);
        es_free(piece.path);
        return es_fail_memory(diag);
    }
    corpus->pieces[corpus->n_pieces++] = piece;
    return ESTRO_OK;
}

static estro_status cut(maker *m, const es_take *take, estro_diag *diag)
{
    const uint32_t n_bars = take->roll.n_bars;

    for (uint32_t first = 0; first < n_bars;) {
        const uint32_t left = n_bars - first;
        const uint32_t n = take->is_valid || left < CUT_BARS + LEAST_BARS ? left : CUT_BARS;
        ES_TRY(add_piece(m, take, first, n, diag));
        first += n;
    }
    return ESTRO_OK;
}

static bool may_join(const maker *m, const es_take *take)
{
    const es_take *with = m->joined;

    if (!with) {
        return false;
    }
    const es_drum_roll *piece = &m->corpus->pieces[m->corpus->n_pieces - 1].drums;
    const size_t folder = (size_t)(es_path_base(take->path) - take->path);

    return with->roll.family == take->roll.family && with->roll.kind[0] == take->roll.kind[0] &&
           with->roll.meter.numerator == take->roll.meter.numerator &&
           with->roll.meter.denominator == take->roll.meter.denominator &&
           (size_t)(es_path_base(with->path) - with->path) == folder &&
           strncmp(with->path, take->path, folder) == 0 &&
           piece->n_bars + take->roll.n_bars <= TOGETHER_BARS;
}

/* Append a take to the last piece. */
static estro_status join(maker *m, const es_take *take, estro_diag *diag)
{
    es_corpus_piece *piece = &m->corpus->pieces[m->corpus->n_pieces - 1];
    const uint32_t before = piece->drums.n_bars;
    es_drum_roll longer;

    ES_TRY(es_drum_roll_init(&longer, take->roll.grid, take->roll.meter, before + take->roll.n_bars,
                             diag));
    longer.family = piece->drums.family;
    longer.has_plan = piece->drums.has_plan;
    copy_bars(&longer, 0, &piece->drums, 0, before);
    copy_bars(&longer, before, &take->roll, 0, take->roll.n_bars);
    es_drum_roll_done(&piece->drums);
    piece->drums = longer;
    return ESTRO_OK;
}

estro_status es_takes_add(es_corpus *corpus, const es_take *takes, size_t n_takes, estro_diag *diag)
{
    maker m = {.corpus = corpus, .capacity = corpus->n_pieces};

    for (size_t i = 0; i < n_takes; i++) {
        const es_take *take = &takes[i];
        if (take->is_valid || take->roll.n_bars >= SHORT_BARS) {
            ES_TRY(cut(&m, take, diag));
            m.joined = NULL;
        } else if (may_join(&m, take)) {
            ES_TRY(join(&m, take, diag));
            m.joined = take;
        } else {
            ES_TRY(cut(&m, take, diag));
            m.joined = take;
        }
    }
    return ESTRO_OK;
}
