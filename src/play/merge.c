/*
 * A heap of tracks, ordered by the event that each has next: memory for the tracks, not for the events.
 */
#include "play/merge.h"

#include "base/mem.h"

#include <string.h>

/* Ticks past this are as good as this: sums of two stay inside 64 bits. */
static const int64_t last_tick = INT64_MAX / 4;

bool es_smf_is_off(const es_smf_event *event)
{
    return (event->status & 0xF0) == 0x80 || ((event->status & 0xF0) == 0x90 && event->data2 == 0);
}

static const es_smf_event *head(const es_merge *merge, uint16_t track)
{
    return &merge->smf->events[merge->at[track]];
}

static bool has_events(const es_merge *merge, uint16_t track)
{
    return merge->at[track] < merge->smf->track_first[track + 1];
}

static bool goes_before(const es_merge *merge, uint16_t a, uint16_t b)
{
    const es_smf_event *const x = head(merge, a);
    const es_smf_event *const y = head(merge, b);

    if (x->tick != y->tick) {
        return x->tick < y->tick;
    }
    if (es_smf_is_off(x) != es_smf_is_off(y)) {
        return es_smf_is_off(x);
    }
    return a < b;
}

static void sift_down(es_merge *merge, size_t i)
{
    uint16_t *const heap = merge->heap;

    for (;;) {
        size_t first = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < merge->n_heap; child++) {
            if (goes_before(merge, heap[child], heap[first])) {
                first = child;
            }
        }
        if (first == i) {
            return;
        }
        const uint16_t track = heap[i];
        heap[i] = heap[first];
        heap[first] = track;
        i = first;
    }
}

bool es_merge_init(es_merge *merge, const es_smf *smf)
{
    memset(merge, 0, sizeof *merge);
    merge->smf = smf;
    merge->at = es_calloc(smf->n_tracks, sizeof *merge->at);
    merge->heap = es_calloc(smf->n_tracks, sizeof *merge->heap);
    if (!merge->at || !merge->heap) {
        es_merge_done(merge);
        return false;
    }
    for (uint16_t track = 0; track < smf->n_tracks; track++) {
        merge->at[track] = smf->track_first[track];
        if (smf->format != 2 && has_events(merge, track)) {
            merge->heap[merge->n_heap++] = track;
        }
    }
    for (size_t i = merge->n_heap; i-- > 0;) {
        sift_down(merge, i);
    }
    return true;
}

void es_merge_done(es_merge *merge)
{
    es_free(merge->at);
    es_free(merge->heap);
    merge->at = NULL;
    merge->heap = NULL;
}

const es_smf_event *es_merge_next(es_merge *merge, int64_t *tick)
{
    while (merge->n_heap == 0) {
        if (merge->smf->format != 2 || merge->next_track >= merge->smf->n_tracks) {
            return NULL;
        }
        merge->base = merge->end;
        if (has_events(merge, merge->next_track)) {
            merge->heap[merge->n_heap++] = merge->next_track;
        }
        merge->next_track++;
    }
    const uint16_t track = merge->heap[0];
    const es_smf_event *const event = head(merge, track);
    merge->at[track]++;
    if (!has_events(merge, track)) {
        merge->heap[0] = merge->heap[--merge->n_heap];
    }
    sift_down(merge, 0);
    *tick = event->tick < last_tick - merge->base ? merge->base + event->tick : last_tick;
    if (*tick > merge->end) {
        merge->end = *tick;
    }
    return event;
}
