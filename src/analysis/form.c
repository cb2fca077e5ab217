/*
 * Repeats of bars: bars are hashed, those of one hash compared, so the work grows with the notes alone.
 */
#include "analysis/form.h"

#include "base/mem.h"

#include <stdlib.h>

enum { LOOK_BACK = 1024, LEAST_REPEAT = 2 }; /* Bars. */

typedef struct bar_notes {
    uint64_t hash;
    uint32_t bar;
    size_t first, count;
} bar_notes;

typedef struct comparison {
    const es_note *notes;
    es_tick bar, step;
    bool exact;
} comparison;

static es_tick steps(const comparison *c, es_tick time)
{
    return (time + c->step / 2) / c->step;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const comparison *c, const bar_notes *b)
{
    uint64_t hash = b->count;

    for (size_t i = b->first; i < b->first + b->count; i++) {
        const es_note *const note = &c->notes[i];
        hash = mix(hash, (uint64_t)steps(c, note->start % c->bar));
        hash = mix(hash, (uint64_t)note->key << 8 | note->part);
        hash = mix(hash, c->exact ? (uint64_t)steps(c, note->duration) : 0);
    }
    return hash;
}

static bool is_same(const comparison *c, const bar_notes *a, const bar_notes *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const es_note *const x = &c->notes[a->first + i];
        const es_note *const y = &c->notes[b->first + i];
        if (x->key != y->key || x->part != y->part ||
            steps(c, x->start % c->bar) != steps(c, y->start % c->bar) ||
            (c->exact && steps(c, x->duration) != steps(c, y->duration))) {
            return false;
        }
    }
    return true;
}

static int compare_bars(const void *a, const void *b)
{
    const bar_notes *const x = a;
    const bar_notes *const y = b;

    if (x->hash != y->hash) {
        return x->hash < y->hash ? -1 : 1;
    }
    return (x->bar > y->bar) - (x->bar < y->bar);
}

static void collect(bar_notes *bars, uint32_t n_bars, const comparison *c, size_t n_notes)
{
    size_t next = 0;

    for (uint32_t i = 0; i < n_bars; i++) {
        bars[i] = (bar_notes){.bar = i, .first = next};
        while (next < n_notes && c->notes[next].start / c->bar == i) {
            next++;
        }
        bars[i].count = next - bars[i].first;
        bars[i].hash = hash_of(c, &bars[i]);
    }
    qsort(bars, n_bars, sizeof *bars, compare_bars);
}

estro_status es_form_find(int16_t *bar_like, uint32_t n_bars, const es_note *notes, size_t n_notes,
                          es_tick bar, es_tick step, bool exact)
{
    const comparison c = {.notes = notes, .bar = bar, .step = step, .exact = exact};
    bar_notes *const bars = es_calloc(n_bars, sizeof *bars);

    if (!bars) {
        return ESTRO_ERR_MEMORY;
    }
    collect(bars, n_bars, &c, n_notes);
    for (uint32_t i = 0, first = 0; i < n_bars; i++) {
        /* The first bar of a hash stands for it: other bars of the same hash by chance count as new. */
        first = bars[i].hash == bars[first].hash ? first : i;
        const bool repeats = i > first && bars[i].count > 0 && bars[first].bar <= INT16_MAX &&
                             is_same(&c, &bars[i], &bars[first]);
        bar_like[bars[i].bar] = repeats ? (int16_t)bars[first].bar : -1;
    }
    es_free(bars);
    return ESTRO_OK;
}

/* Bars that are alike have one number: that of the first of them. */
static uint32_t kind_of(const int16_t *bar_like, uint32_t bar)
{
    return bar_like[bar] >= 0 ? (uint32_t)bar_like[bar] : bar;
}

/* How many bars from `bar` on are as those from `like` on, which is earlier; passages do not overlap. */
static uint32_t match(const int16_t *bar_like, uint32_t n_bars, uint32_t bar, uint32_t like)
{
    uint32_t n = 0;

    while (bar + n < n_bars && like + n < bar &&
           kind_of(bar_like, bar + n) == kind_of(bar_like, like + n)) {
        n++;
    }
    return n;
}

bool es_form_next_repeat(es_repeat *out, const int16_t *bar_like, uint32_t n_bars, uint32_t from)
{
    for (uint32_t bar = from; bar < n_bars; bar++) {
        es_repeat best = {.first = bar};
        for (uint32_t like = bar > LOOK_BACK ? bar - LOOK_BACK : 0; like < bar; like++) {
            const uint32_t count = match(bar_like, n_bars, bar, like);
            if (count > best.count) {
                best.count = count;
                best.like = like;
            }
        }
        if (best.count >= LEAST_REPEAT) {
            *out = best;
            return true;
        }
    }
    return false;
}
