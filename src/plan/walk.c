/*
 * A walk over the leaves of a grammar: a chain whose successions were counted in derivations, with a weight for each place, drawn exactly by
 * one pass backwards (what can still come after each leaf) and one forwards.
 */
#include "plan/walk.h"

#include "base/diag.h"
#include "base/mem.h"

enum { SAMPLES = 64 };

static const double unseen =
    0.002; /* Weight of a succession that was not met, against one that was met once. */
static const double unseen_first = 0.05;
static const double displaced =
    0.02; /* Weight of a leaf on a beat of the bar on which none was met. */

typedef struct walk {
    uint32_t n;      /* Kinds of leaves. */
    uint16_t *kinds; /* [n]: a leaf of each kind. */
    uint16_t *kind;  /* [n_leaves] */
    double *follows; /* [n + 1][n + 1]: counts; row n: begins; column n: ends. */
    double *ways;    /* [length][n] */
    double *choice;  /* [n] */
    bool *stands;    /* [n][period]: a leaf of the kind was met on this beat of a bar. */
    uint32_t period;
} walk;

static double *follows(const walk *w, uint32_t before, uint32_t after)
{
    return &w->follows[(size_t)before * (w->n + 1) + after];
}

static void number_kinds(walk *w, uint32_t n_leaves, const uint16_t *like)
{
    for (uint32_t i = 0; i < n_leaves; i++) {
        if (like[i] == i) {
            w->kinds[w->n] = (uint16_t)i;
            w->kind[i] = (uint16_t)w->n++;
        } else {
            w->kind[i] = w->kind[like[i]];
        }
    }
}

static estro_status count_successions(walk *w, const es_grammar *grammar, const es_span *span,
                                      int symbol, uint32_t length, es_rng *rng, uint16_t *leaves,
                                      uint32_t capacity, estro_diag *diag)
{
    for (uint32_t i = 0; i <= w->n; i++) {
        for (uint32_t k = 0; k <= w->n; k++) {
            *follows(w, i, k) = k == w->n ? 0 : i < w->n ? unseen : unseen_first;
        }
    }
    for (int turn = 0; turn < SAMPLES; turn++) {
        uint32_t count, before = w->n, at = 0;
        ES_TRY(es_span_draw(span, symbol, length, rng, leaves, capacity, &count, NULL, NULL, diag));
        for (uint32_t i = 0; i < count; i++) {
            *follows(w, before, w->kind[leaves[i]]) += 1;
            before = w->kind[leaves[i]];
            w->stands[before * w->period + at % w->period] = true;
            at += grammar->leaf_length[leaves[i]];
        }
        *follows(w, before, w->n) += 1;
    }
    /* Rows become shares, so that nothing grows with the length. */
    for (uint32_t i = 0; i <= w->n; i++) {
        double sum = 0;
        for (uint32_t k = 0; k <= w->n; k++) {
            sum += *follows(w, i, k);
        }
        for (uint32_t k = 0; k <= w->n && sum > 0; k++) {
            *follows(w, i, k) /= sum;
        }
    }
    return ESTRO_OK;
}

/* What a leaf of a kind can lead to from where it ends. */
static double after(const walk *w, uint32_t kind, uint32_t end, uint32_t length)
{
    double sum = 0;

    if (end == length) {
        return *follows(w, kind, w->n);
    }
    for (uint32_t k = 0; k < w->n; k++) {
        sum += *follows(w, kind, k) * w->ways[(size_t)end * w->n + k];
    }
    return sum;
}

static void sum_ways(walk *w, const es_grammar *grammar, uint32_t length,
                     const es_leaf_weights *weights)
{
    for (uint32_t at = length; at-- > 0;) {
        double *row = &w->ways[(size_t)at * w->n];
        for (uint32_t k = 0; k < w->n; k++) {
            const uint32_t end = at + grammar->leaf_length[w->kinds[k]];
            row[k] = 0;
            if (end <= length) {
                const double rest = after(w, k, end, length);
                const double here = w->stands[k * w->period + at % w->period] ? 1 : displaced;
                row[k] =
                    rest > 0 ? rest * here * weights->weight(weights->self, w->kinds[k], at) : 0;
            }
        }
    }
}

static estro_status draw(const walk *w, const es_grammar *grammar, uint32_t length, es_rng *rng,
                         uint16_t *leaves, uint32_t capacity, uint32_t *count, estro_diag *diag)
{
    uint32_t before = w->n;

    *count = 0;
    for (uint32_t at = 0; at < length;) {
        for (uint32_t k = 0; k < w->n; k++) {
            w->choice[k] = *follows(w, before, k) * w->ways[(size_t)at * w->n + k];
        }
        const int chosen = es_rng_choose(rng, w->choice, (int)w->n);
        if (chosen < 0 || *count == capacity) {
            return es_fail(diag, ESTRO_ERR_CONFLICT, "no row of chords fills %u beats",
                           (unsigned)length);
        }
        leaves[(*count)++] = w->kinds[chosen];
        at += grammar->leaf_length[w->kinds[chosen]];
        before = (uint32_t)chosen;
    }
    return ESTRO_OK;
}

static bool reserve(walk *w, uint32_t length)
{
    w->follows = es_calloc(((size_t)w->n + 1) * (w->n + 1), sizeof *w->follows);
    w->ways = es_calloc((size_t)length * w->n, sizeof *w->ways);
    w->choice = es_calloc(w->n, sizeof *w->choice);
    w->stands = es_calloc((size_t)w->n * w->period, sizeof *w->stands);
    return w->follows && w->ways && w->choice && w->stands;
}

estro_status es_walk_draw(const es_grammar *grammar, const es_span *span, int symbol,
                          uint32_t length, uint32_t period, const uint16_t *like,
                          const es_leaf_weights *weights, es_rng *rng, uint16_t *leaves,
                          uint32_t capacity, uint32_t *count, estro_diag *diag)
{
    walk w = {.kinds = es_calloc(grammar->n_leaves, sizeof *w.kinds),
              .kind = es_calloc(grammar->n_leaves, sizeof *w.kind),
              .period = period};
    estro_status status = w.kinds && w.kind ? ESTRO_OK : es_fail_memory(diag);

    if (status == ESTRO_OK) {
        number_kinds(&w, grammar->n_leaves, like);
        status = reserve(&w, length) ? ESTRO_OK : es_fail_memory(diag);
    }
    if (status == ESTRO_OK) {
        status = count_successions(&w, grammar, span, symbol, length, rng, leaves, capacity, diag);
    }
    if (status == ESTRO_OK) {
        sum_ways(&w, grammar, length, weights);
        status = draw(&w, grammar, length, rng, leaves, capacity, count, diag);
    }
    es_free(w.kinds);
    es_free(w.kind);
    es_free(w.follows);
    es_free(w.ways);
    es_free(w.choice);
    es_free(w.stands);
    return status;
}
