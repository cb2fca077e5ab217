/*
 * The notes of a file that was made here, in the finer time of the score. Events that share a tick of the file keep their order: each
 * stands a little later than the one before, by less than the file can tell.
 */
#include "api/made.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/sorted.h"
#include "music/time.h"

#include <string.h>

enum {
    NOTE_OFF = 0x8,
    NOTE_ON = 0x9,
    KEYS = 128,
    CHANNELS = 16,
    NONE = -1,
    LATEST =
        4 /* How much later an event may stand, in ticks of the score; a tick of the file has ten of them. */
};

typedef struct reader {
    estro_made *made;
    size_t capacity;
    int64_t division, tick;
    int late;                     /* Of the event before, at this tick. */
    bool was_on, has_any;         /* The event before. */
    uint8_t key;                  /* Of it. */
    int64_t open[CHANNELS][KEYS]; /* The note that sounds, or NONE. */
} reader;

static bool is_note(const es_smf_event *event, bool *is_on)
{
    const int kind = event->status >> 4;

    *is_on = kind == NOTE_ON && event->data2 > 0;
    return kind == NOTE_ON || kind == NOTE_OFF;
}

/* Time of a note's beginning or end. */
static es_tick time_of(reader *r, const es_smf_event *event, bool is_on)
{
    const bool is_in_order =
        is_on && (!r->was_on || event->data1 > r->key); /* As they would stand by themselves. */

    if (!r->has_any || event->tick != r->tick) {
        r->late = 0;
    } else if (!is_in_order && r->late < LATEST) {
        r->late++;
    }
    r->has_any = true;
    r->tick = event->tick;
    r->was_on = is_on;
    r->key = event->data1;
    const es_tick tick = (event->tick * ES_QUARTER + r->division / 2) / r->division;
    return tick + r->late;
}

static estro_status take(reader *r, const es_smf_event *event, estro_diag *diag)
{
    estro_made *made = r->made;
    bool is_on;

    if (!is_note(event, &is_on)) {
        return ESTRO_OK;
    }
    int64_t *open = &r->open[event->status & 15][event->data1 & 127];
    const es_tick time = time_of(r, event, is_on);
    if (*open != NONE) {
        es_made_note *note = &made->notes[*open];
        note->duration = time > note->start ? time - note->start : 1;
        *open = NONE;
    }
    if (!is_on) {
        return ESTRO_OK;
    }
    if (!es_grow(&made->notes, made->n_notes, &r->capacity, sizeof *made->notes)) {
        return es_fail_memory(diag);
    }
    *open = (int64_t)made->n_notes;
    made->notes[made->n_notes++] = (es_made_note){.start = time,
                                                  .duration = 1,
                                                  .track = event->track,
                                                  .key = event->data1,
                                                  .velocity = event->data2};
    return ESTRO_OK;
}

static bool name_track(estro_made *made, const es_smf *smf, const es_smf_event *event)
{
    char **name = &made->tracks[event->track];

    if (event->status != ES_SMF_META || event->data1 != ES_SMF_TRACK_NAME || *name) {
        return true;
    }
    *name = es_calloc(event->size + 1, 1);
    if (*name) {
        memcpy(*name, smf->bytes + event->offset, event->size);
    }
    return *name != NULL;
}

static bool is_before(const void *one, const void *other)
{
    const es_made_note *a = one, *b = other;

    if (a->start != b->start) {
        return a->start < b->start;
    }
    return a->track != b->track ? a->track < b->track : a->key < b->key;
}

estro_status es_made_notes(estro_made *made, const es_smf *smf, estro_diag *diag)
{
    reader r = {.made = made, .division = smf->division};

    if (smf->division <= 0 || smf->format != 1) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "it is no file of tracks in quarters any more");
    }
    made->tracks = es_calloc(smf->n_tracks, sizeof *made->tracks);
    if (!made->tracks) {
        return es_fail_memory(diag);
    }
    made->n_tracks = smf->n_tracks;
    for (size_t i = 0; i < smf->n_events; i++) {
        if (i == 0 || smf->events[i].track != smf->events[i - 1].track) {
            memset(r.open, 0xFF, sizeof r.open); /* NONE */
            r.has_any = false;
        }
        if (!name_track(made, smf, &smf->events[i])) {
            return es_fail_memory(diag);
        }
        ES_TRY(take(&r, &smf->events[i], diag));
    }
    es_sort(made->notes, made->n_notes, sizeof *made->notes, is_before);
    return ESTRO_OK;
}
