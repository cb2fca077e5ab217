/*
 * Kept notes. Their times are final: a new note that would cut one of them short, or be cut by it, gives way.
 */
#include "perform/kept.h"

#include "base/mem.h"
#include "base/sorted.h"

#include <string.h>

void es_kept_done(es_kept *kept)
{
    es_free(kept->played);
    *kept = (es_kept){0};
}

bool es_kept_add(es_kept *kept, const es_played *played, uint32_t bar)
{
    if (!es_grow(&kept->played, kept->count, &kept->capacity, sizeof *kept->played)) {
        return false;
    }
    kept->played[kept->count] = *played;
    kept->played[kept->count++].note = bar;
    return true;
}

static bool is_of_bar_before(const void *played, int64_t bar)
{
    return ((const es_played *)played)->note < bar;
}

size_t es_kept_of(const es_kept *kept, uint32_t bar, size_t *first)
{
    const size_t size = sizeof *kept->played;

    *first = es_count_before(kept->played, kept->count, size, is_of_bar_before, bar);
    return es_count_before(kept->played, kept->count, size, is_of_bar_before, (int64_t)bar + 1) -
           *first;
}

void es_kept_leave(es_bar *bar, es_note *notes)
{
    size_t count = 0;

    for (size_t i = 0; i < bar->n_notes; i++) {
        if (!bar->notes[i].is_given) {
            notes[count++] = bar->notes[i];
        }
    }
    bar->notes = notes;
    bar->n_notes = count;
}

/* A new note makes room for a kept one of its key. */
static void make_room(es_played *note, const es_played *kept)
{
    const es_tick end = note->start + note->duration, kept_end = kept->start + kept->duration;

    if (note->channel != kept->channel || note->key != kept->key || end <= kept->start ||
        kept_end <= note->start) {
        return;
    }
    if (note->start < kept->start) {
        note->duration = kept->start - note->start;
    } else {
        note->start = kept_end;
        note->duration = end > kept_end ? end - kept_end : 0;
    }
}

static bool comes_before(const es_played *a, const es_played *b)
{
    if (a->start != b->start) {
        return a->start < b->start;
    }
    if (a->part != b->part) {
        return a->part < b->part;
    }
    return a->key != b->key ? a->key < b->key : a->velocity > b->velocity;
}

static void sort(es_played *played, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const es_played note = played[i];
        size_t at = i;
        while (at > 0 && comes_before(&note, &played[at - 1])) {
            played[at] = played[at - 1];
            at--;
        }
        played[at] = note;
    }
}

size_t es_kept_put(const es_kept *kept, uint32_t bar, es_played *played, size_t count)
{
    size_t first, left = 0;
    const size_t n = es_kept_of(kept, bar, &first);

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < kept->count && kept->played[k].note <= bar + 1; k++) {
            make_room(&played[i], &kept->played[k]);
        }
        if (played[i].duration > 0) {
            played[left++] = played[i];
        }
    }
    memcpy(played + left, kept->played + first, n * sizeof *played);
    sort(played, left + n);
    return left + n;
}
