/*
 * Fingerprints are a mixing hash over the pairs of a run, cut to 32 bits: by chance one in some ten thousands of runs is taken
 * for a copy, which costs a sampler one candidate. A large corpus keeps fewer bits of each: that costs one candidate in 24 at most.
 * 0 is kept for "no run".
 */
#include "stream/fingerprint.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { MANY = 1 << 18, RARE = 24 };

/* Interval and time as one number; times beyond four wholes count as that. */
static uint32_t pair_of(const es_run *run, int pitch, es_tick start)
{
    const es_tick longest = 4 * ES_WHOLE;
    const es_tick time = start - run->start > longest ? longest : start - run->start;

    return (uint32_t)(pitch - run->pitch + 128) << 20 | (uint32_t)time;
}

void es_run_push(es_run *run, int pitch, es_tick start)
{
    if (run->has_note) {
        memmove(run->pair + 1, run->pair, sizeof run->pair - sizeof run->pair[0]);
        run->pair[0] = pair_of(run, pitch, start);
        run->n_pairs = (uint8_t)(run->n_pairs < ES_RUN_NOTES - 1 ? run->n_pairs + 1 : run->n_pairs);
    }
    run->has_note = 1;
    run->pitch = (int16_t)pitch;
    run->start = start;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

uint64_t es_run_fingerprint(const es_run *run, int pitch, es_tick start)
{
    uint64_t hash = 0x5851f42d4c957f2du;

    if (!run->has_note || run->n_pairs < ES_RUN_NOTES - 1) {
        return 0;
    }
    hash = mix(hash, pair_of(run, pitch, start));
    for (int i = 0; i < ES_RUN_NOTES - 1; i++) {
        hash = mix(hash, run->pair[i]);
    }
    hash = mix(hash, hash >> 32) >> (64 - ES_FINGERPRINT_BITS);
    return hash ? hash : 1;
}

static int compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

bool es_fingerprint_find(const uint64_t *sorted, size_t count, uint64_t fingerprint)
{
    return fingerprint != 0 && count > 0 &&
           bsearch(&fingerprint, sorted, count, sizeof *sorted, compare) != NULL;
}

static bool begins(const es_roll *roll, uint32_t step, int voice, bool has_onsets)
{
    const size_t n = roll->n_voices;
    const size_t cell = (size_t)step * n + (size_t)voice;

    return roll->pitch[cell] >= 0 && (step == 0 || roll->pitch[cell] != roll->pitch[cell - n] ||
                                      (has_onsets && roll->onset[cell]));
}

estro_status es_fingerprints_add(es_fingerprints *to, const es_roll *roll, bool has_onsets,
                                 estro_diag *diag)
{
    for (int v = 0; v < roll->n_voices; v++) {
        es_run run = {0};
        for (uint32_t t = 0; t < roll->n_steps; t++) {
            const es_tick start = (es_tick)t * ES_QUARTER / roll->grid;
            const int pitch = roll->pitch[(size_t)t * roll->n_voices + (size_t)v];
            if (!begins(roll, t, v, has_onsets)) {
                continue;
            }
            const uint64_t fingerprint = es_run_fingerprint(&run, pitch, start);
            if (fingerprint) {
                if (!es_grow(&to->list, to->count, &to->capacity, sizeof *to->list)) {
                    return es_fail_memory(diag);
                }
                to->list[to->count++] = fingerprint;
            }
            es_run_push(&run, pitch, start);
        }
    }
    return ESTRO_OK;
}

uint64_t es_fingerprint_cut(uint64_t fingerprint, uint64_t mask)
{
    const uint64_t cut = fingerprint & mask;

    return fingerprint != 0 && cut == 0 ? mask & (~mask + 1) : cut;
}

uint64_t es_fingerprints_mask(const uint64_t *list, size_t count)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++) {
        all |= list[i];
    }
    return all ? ~((all & (~all + 1)) - 1) : ~(uint64_t)0;
}

static void sort_unique(es_fingerprints *list)
{
    size_t kept = 0;

    qsort(list->list, list->count, sizeof *list->list, compare);
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || list->list[i] != list->list[kept - 1]) {
            list->list[kept++] = list->list[i];
        }
    }
    list->count = kept;
}

void es_fingerprints_sort(es_fingerprints *list)
{
    int bits = ES_FINGERPRINT_BITS;

    if (list->count == 0) {
        return;
    }
    sort_unique(list);
    if (list->count <= MANY) {
        return;
    }
    while (bits > 0 && (uint64_t)1 << (bits - 1) >= RARE * (uint64_t)list->count) {
        bits--;
    }
    const uint64_t mask = ~(uint64_t)0 << (ES_FINGERPRINT_BITS - bits);
    for (size_t i = 0; i < list->count; i++) {
        list->list[i] = es_fingerprint_cut(list->list[i], mask);
    }
    sort_unique(list);
}
