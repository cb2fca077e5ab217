/*
 * Comparing two MIDI files, bar by bar and track by track. Both become rows of items (notes, and all other events), in one order; what one row
 * has and the other has not is counted where it stands. How the files say they were made does not count: it is no music.
 */
#include "base/diag.h"
#include "base/mem.h"
#include "music/time.h"
#include "smf/files.h"

#include <estro/estro.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NOTE_OFF = 0x8,
    NOTE_ON = 0x9,
    CHANNELS = 16,
    KEYS = 128,
    MOST_TRACKS = 256,
    MOST_NAME = 64
};

static const char about[] = "estro ";

/* Something of a track: a note, or another event. */
typedef struct item {
    es_tick tick, duration; /* An event lasts 0. */
    uint16_t track;         /* Of both files together. */
    uint8_t bytes[3];       /* Of a note: channel, key, velocity. */
    uint32_t size;          /* Of an event with a payload. */
    const uint8_t *payload;
} item;

typedef struct side {
    es_smf smf;
    item *items;
    size_t count, capacity;
    uint16_t track[MOST_TRACKS]; /* Of both files together, by its own. */
} side;

typedef struct meter {
    es_tick tick, bar;
    uint32_t index; /* Of the bar that begins there. */
} meter;

typedef struct comparison {
    side side[2];
    char names[2 * MOST_TRACKS][MOST_NAME];
    size_t n_names;
    meter *meters; /* Of the first file. */
    size_t n_meters, meters_capacity;
} comparison;

/* ---- reading ---- */

static es_tick time_of(const es_smf *smf, int64_t tick)
{
    return (tick * ES_QUARTER + smf->division / 2) / smf->division;
}

static bool is_text(const side *s, const es_smf_event *event, const char *text)
{
    const size_t length = strlen(text);

    return event->status == ES_SMF_META && event->data1 == ES_SMF_TEXT && event->size >= length &&
           memcmp(s->smf.bytes + event->offset, text, length) == 0;
}

static bool add(side *s, const es_smf_event *event, es_tick duration, es_tick tick)
{
    const bool has_payload = event->status >= 0xF0;

    if (!es_grow(&s->items, s->count, &s->capacity, sizeof *s->items)) {
        return false;
    }
    s->items[s->count++] =
        (item){.tick = tick,
               .duration = duration,
               .track = s->track[event->track],
               .bytes = {event->status, event->data1, has_payload ? 0 : event->data2},
               .size = has_payload ? event->size : 0,
               .payload = has_payload ? s->smf.bytes + event->offset : NULL};
    return true;
}

static bool read_track(side *s, size_t first, size_t end)
{
    size_t open[CHANNELS][KEYS]; /* The item that sounds, plus 1. */

    memset(open, 0, sizeof open);
    for (size_t i = first; i < end; i++) {
        const es_smf_event *event = &s->smf.events[i];
        const es_tick tick = time_of(&s->smf, event->tick);
        const int kind = event->status >> 4;
        if (kind != NOTE_ON && kind != NOTE_OFF) {
            if (!is_text(s, event, about) && !add(s, event, 0, tick)) {
                return false;
            }
            continue;
        }
        size_t *sounds = &open[event->status & 15][event->data1 & 127];
        if (*sounds) {
            item *note = &s->items[*sounds - 1];
            note->duration = tick > note->tick ? tick - note->tick : 1;
            *sounds = 0;
        }
        if (kind == NOTE_ON && event->data2 > 0) {
            if (!add(s, event, 1, tick)) {
                return false;
            }
            *sounds = s->count;
        }
    }
    return true;
}

/* The number of a track in both files together: tracks of one name are one, those without go by their place. */
static void name_track(comparison *c, side *s, uint16_t track, const bool *used)
{
    char name[MOST_NAME];

    snprintf(name, sizeof name, track == 0 ? "piece" : "track %u", (unsigned)track);
    for (size_t i = s->smf.track_first[track]; track > 0 && i < s->smf.track_first[track + 1];
         i++) {
        const es_smf_event *event = &s->smf.events[i];
        if (event->status == ES_SMF_META && event->data1 == ES_SMF_TRACK_NAME && event->size > 0) {
            snprintf(name, sizeof name, "%.*s", (int)event->size,
                     (const char *)s->smf.bytes + event->offset);
            break;
        }
    }
    for (char *at = name; *at; at++) {
        *at = *at > 0 && *at < ' ' ? '?' : *at; /* Fit for a terminal. */
    }
    for (size_t n = 0; n < c->n_names; n++) {
        if (!used[n] && strcmp(c->names[n], name) == 0) {
            s->track[track] = (uint16_t)n;
            return;
        }
    }
    s->track[track] = (uint16_t)c->n_names;
    memcpy(c->names[c->n_names++], name, sizeof name);
}

static estro_status read_side(comparison *c, side *s, const char *path, estro_diag *diag)
{
    bool used[2 * MOST_TRACKS] = {false};

    es_diag_init(diag, path);
    ES_TRY(es_smf_load(&s->smf, path, diag));
    if (s->smf.division <= 0) {
        return es_fail(diag, ESTRO_ERR_UNSUPPORTED, "its time is in seconds, not in quarters");
    }
    if (s->smf.n_tracks > MOST_TRACKS) {
        return es_fail(diag, ESTRO_ERR_UNSUPPORTED, "more than %d tracks", MOST_TRACKS);
    }
    for (uint16_t track = 0; track < s->smf.n_tracks; track++) {
        name_track(c, s, track, used);
        used[s->track[track]] = true;
        if (!read_track(s, s->smf.track_first[track], s->smf.track_first[track + 1])) {
            return es_fail_memory(diag);
        }
    }
    return ESTRO_OK;
}

/* ---- bars ---- */

static bool add_meter(comparison *c, es_tick tick, es_tick bar)
{
    const meter *last = c->n_meters > 0 ? &c->meters[c->n_meters - 1] : NULL;
    const uint32_t index =
        last ? last->index + (uint32_t)((tick - last->tick + last->bar - 1) / last->bar) : 0;

    if (!es_grow(&c->meters, c->n_meters, &c->meters_capacity, sizeof *c->meters)) {
        return false;
    }
    c->meters[c->n_meters++] = (meter){tick, bar, index};
    return true;
}

static bool read_meters(comparison *c)
{
    const side *s = &c->side[0];

    if (!add_meter(c, 0, (es_tick)4 * ES_QUARTER)) {
        return false;
    }
    for (size_t i = 0; i < s->count; i++) {
        const item *event = &s->items[i];
        if (event->bytes[0] != ES_SMF_META || event->bytes[1] != ES_SMF_METER || event->size < 2 ||
            event->payload[0] == 0 || event->payload[1] > 6 ||
            event->tick < c->meters[c->n_meters - 1].tick) {
            continue;
        }
        const es_tick bar = (es_tick)4 * ES_QUARTER * event->payload[0] >> event->payload[1];
        if (!add_meter(c, event->tick, bar)) {
            return false;
        }
    }
    return true;
}

static uint32_t bar_of(const comparison *c, es_tick tick)
{
    size_t at = c->n_meters - 1;

    while (at > 0 && c->meters[at].tick > tick) {
        at--;
    }
    return c->meters[at].index + (uint32_t)((tick - c->meters[at].tick) / c->meters[at].bar);
}

/* ---- comparing ---- */

static int by_place(const void *a, const void *b)
{
    const item *x = a, *y = b;

    if (x->tick != y->tick) {
        return x->tick < y->tick ? -1 : 1;
    }
    if (x->track != y->track) {
        return x->track < y->track ? -1 : 1;
    }
    if (x->duration != y->duration) {
        return x->duration < y->duration ? -1 : 1;
    }
    if (x->size != y->size) {
        return x->size < y->size ? -1 : 1;
    }
    const int bytes = memcmp(x->bytes, y->bytes, sizeof x->bytes);
    return bytes || x->size == 0 ? bytes : memcmp(x->payload, y->payload, x->size);
}

/* What was counted of a bar, by track. */
typedef struct tally {
    uint32_t bar;
    estro_difference of[2 * MOST_TRACKS];
} tally;

static void say(const comparison *c, tally *t, void (*each)(void *, const estro_difference *),
                void *self)
{
    for (size_t n = 0; n < c->n_names; n++) {
        estro_difference *d = &t->of[n];
        if (d->notes_gone || d->notes_new || d->others_gone || d->others_new) {
            d->bar = t->bar;
            d->part = c->names[n];
            each(self, d);
            *d = (estro_difference){0};
        }
    }
}

static void count(estro_difference *d, const item *what, int which)
{
    if (what->duration > 0) {
        d->notes_gone += which == 0;
        d->notes_new += which == 1;
    } else {
        d->others_gone += which == 0;
        d->others_new += which == 1;
    }
}

static void compare(const comparison *c, tally *t, void (*each)(void *, const estro_difference *),
                    void *self)
{
    const side *a = &c->side[0], *b = &c->side[1];

    for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
        const int order = i == a->count   ? 1
                          : j == b->count ? -1
                                          : by_place(&a->items[i], &b->items[j]);
        if (order == 0) {
            i++;
            j++;
            continue;
        }
        const item *what = order < 0 ? &a->items[i++] : &b->items[j++];
        const uint32_t bar = bar_of(c, what->tick);
        if (bar != t->bar) {
            say(c, t, each, self);
            t->bar = bar;
        }
        count(&t->of[what->track], what, order > 0);
    }
    say(c, t, each, self);
}

static estro_status run(comparison *c, const char *const paths[2],
                        void (*each)(void *, const estro_difference *), void *self,
                        estro_diag *diag)
{
    for (int k = 0; k < 2; k++) {
        ES_TRY(read_side(c, &c->side[k], paths[k], diag));
    }
    tally *t = es_calloc(1, sizeof *t);
    if (!t || !read_meters(c)) {
        es_free(t);
        return es_fail_memory(diag);
    }
    for (int k = 0; k < 2; k++) {
        if (c->side[k].count > 0) {
            qsort(c->side[k].items, c->side[k].count, sizeof(item), by_place);
        }
    }
    compare(c, t, each, self);
    es_free(t);
    return ESTRO_OK;
}

estro_status estro_diff(const char *a, const char *b,
                        void (*each)(void *self, const estro_difference *difference), void *self,
                        estro_diag *diag)
{
    comparison *c = es_calloc(1, sizeof *c);

    es_diag_init(diag, NULL);
    if (!c) {
        return es_fail_memory(diag);
    }
    const estro_status status = run(c, (const char *const[2]){a, b}, each, self, diag);
    for (int k = 0; k < 2; k++) {
        es_smf_done(&c->side[k].smf);
        es_free(c->side[k].items);
    }
    es_free(c->meters);
    es_free(c);
    return status;
}
