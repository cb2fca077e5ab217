/*
 * Profile `notes` as a machine: which choice comes next, and what it does to the history.
 *
 * The open frame fills up note by note, falling; it is complete when all its notes are drawn and, where the data tells, for
 * each that sounded before too whether it is struck again. Then it is described for the core, if anything changed, and the
 * next one opens.
 */
#include "stream/notes.h"
#include "stream/notes_features.h"
#include "stream/notes_history.h"

#include "base/diag.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

/* ---- life ---- */

estro_status es_notes_new(es_notes **out, const es_notes_coding *coding, estro_diag *diag)
{
    es_notes *notes = es_calloc(1, sizeof *notes);
    estro_status status;

    *out = NULL;
    if (!notes) {
        return es_fail_memory(diag);
    }
    notes->coding = *coding;
    status = es_notes_reserve(notes, 64, diag);
    if (status != ESTRO_OK) {
        es_notes_free(notes);
        return status;
    }
    es_notes_begin(notes);
    *out = notes;
    return ESTRO_OK;
}

void es_notes_free(es_notes *notes)
{
    if (!notes) {
        return;
    }
    es_free(notes->frames);
    es_free(notes->lag_frames);
    es_free(notes->events);
    es_free(notes);
}

estro_status es_notes_reserve(es_notes *s, size_t frames, estro_diag *diag)
{
    const size_t wanted = s->n_frames + frames + 1;

    if (wanted <= s->capacity) {
        return ESTRO_OK;
    }
    const size_t capacity = wanted > s->capacity * 2 ? wanted : s->capacity * 2;
    es_frame *grown = es_realloc(s->frames, capacity, sizeof *grown);
    if (!grown) {
        return es_fail_memory(diag);
    }
    s->frames = grown;
    es_lag_frame *lag_frames = es_realloc(s->lag_frames, capacity, sizeof *lag_frames);
    if (!lag_frames) {
        return es_fail_memory(diag);
    }
    s->lag_frames = lag_frames;
    uint32_t *events = es_realloc(s->events, capacity, sizeof *events);
    if (!events) {
        return es_fail_memory(diag);
    }
    s->events = events;
    s->capacity = capacity;
    return ESTRO_OK;
}

/* ---- frames ---- */

static void open_frame(es_notes *s)
{
    *es_notes_open(s) = (es_frame){.event = s->n_events};
    s->stage = ES_NOTES_FRAME;
    s->n_wanted = 0;
    s->n_decided = 0;
    s->is_over = false;
    es_lags_foretell(s);
}

void es_notes_begin(es_notes *s)
{
    s->n_frames = 0;
    s->n_events = 0;
    es_lags_clear(&s->lags);
    open_frame(s);
}

bool es_notes_is_over(const es_notes *notes)
{
    return notes->is_over;
}

/* Which note of the frame before is this? -1 if it did not sound. */
static int place_before(const es_frame *before, int note)
{
    for (int i = 0; i < before->n; i++) {
        if (before->note[i] == note) {
            return i;
        }
    }
    return -1;
}

static void weigh_and_hold(es_notes *s, es_frame *now, const es_frame *before)
{
    memcpy(now->weight, before->weight, sizeof now->weight);
    for (int i = 0; i < now->n; i++) {
        const int was = place_before(before, now->note[i]);
        const int held = was < 0 || now->is_struck[i] ? 0 : before->held[was] + 1;
        now->held[i] = (uint8_t)(held > 255 ? 255 : held);
        now->weight[es_notes_pitch(&s->coding, now->note[i]) % 12]++;
    }
}

/* Complete the open frame. @return Whether it is an event, then described. */
static bool close_frame(es_notes *s, es_event_fields *event)
{
    es_frame *now = es_notes_open(s);
    const bool is_event = now->is_event;

    weigh_and_hold(s, now, es_notes_before(s));
    if (is_event) {
        if (event) {
            es_features features = {.value = event->field};
            es_notes_features_event(&features, s);
        }
        s->events[s->n_events++] = s->n_frames;
    }
    s->n_frames++;
    assert(s->n_frames < s->capacity);
    es_lags_push(s, s->n_frames - 1);
    open_frame(s);
    return is_event;
}

/* ---- choosing ---- */

/* Go on to the next note that sounded before too, from the n_decided-th. @return False when there is none. */
static bool seek_strike(es_notes *s)
{
    const es_frame *now = es_notes_open(s);

    while (s->coding.has_onsets && s->n_decided < now->n) {
        if (es_pitch_set_has(&es_notes_before(s)->on, now->note[s->n_decided])) {
            s->stage = ES_NOTES_STRIKE;
            return true;
        }
        s->n_decided++;
    }
    return false;
}

static bool push_frame(es_notes *s, uint16_t candidate, es_event_fields *event)
{
    es_frame *now = es_notes_open(s);

    if (candidate > s->coding.most + 1) {
        s->is_over = true;
        return false;
    }
    if (candidate == 0) {
        const es_frame *before = es_notes_before(s);
        now->on = before->on;
        now->n = before->n;
        memcpy(now->note, before->note, sizeof now->note);
        return close_frame(s, event);
    }
    now->is_event = true;
    s->n_wanted = (uint8_t)(candidate - 1);
    if (s->n_wanted == 0) {
        return close_frame(s, event);
    }
    s->stage = ES_NOTES_NOTE;
    return false;
}

static bool push_note(es_notes *s, uint16_t candidate, es_event_fields *event)
{
    es_frame *now = es_notes_open(s);

    now->note[now->n++] = (uint8_t)candidate;
    es_pitch_set_add(&now->on, candidate);
    if (now->n < s->n_wanted && candidate > 0) {
        return false;
    }
    s->n_decided = 0;
    return !seek_strike(s) && close_frame(s, event);
}

bool es_notes_push(es_notes *s, uint16_t candidate, es_event_fields *event)
{
    assert(!s->is_over && candidate < es_notes_candidates(s));
    switch (s->stage) {
    case ES_NOTES_FRAME:
        return push_frame(s, candidate, event);
    case ES_NOTES_NOTE:
        return push_note(s, candidate, event);
    default:
        es_notes_open(s)->is_struck[s->n_decided++] = candidate;
        return !seek_strike(s) && close_frame(s, event);
    }
}

/* ---- looking ---- */

void es_notes_peek_slot(const es_notes *s, es_notes_choice *choice)
{
    choice->slot = s->stage;
    choice->pitch = 0;
    choice->frame = s->n_frames;
    choice->event = s->n_events;
    choice->draw.n_candidates = es_notes_candidates(s);
    if (s->stage == ES_NOTES_STRIKE) {
        choice->pitch = (uint8_t)es_notes_pitch(&s->coding, es_notes_open(s)->note[s->n_decided]);
    }
}

void es_notes_peek(const es_notes *s, es_notes_choice *choice)
{
    es_features features = {.value = choice->draw.field, .term = choice->draw.term};
    const int number = es_notes_open(s)->n;

    es_notes_peek_slot(s, choice);
    es_notes_features_choice(&features, s);
    choice->draw.n_terms = features.n_terms;
    choice->draw.target = 0;
    choice->draw.slot = s->stage;
    if (s->stage == ES_NOTES_NOTE) {
        choice->draw.slot =
            (uint16_t)(ES_NOTES_NOTE +
                       (number < s->coding.n_slots ? number : s->coding.n_slots - 1));
    }
}

size_t es_notes_count(const es_notes *notes)
{
    return notes->n_frames;
}

es_pitch_set es_notes_sounding(const es_notes *s, size_t frame)
{
    es_pitch_set set = {0};

    for (int i = 0; i < s->frames[frame].n; i++) {
        es_pitch_set_add(&set, es_notes_pitch(&s->coding, s->frames[frame].note[i]));
    }
    return set;
}

es_pitch_set es_notes_struck(const es_notes *s, size_t frame)
{
    es_pitch_set set = {0};

    for (int i = 0; i < s->frames[frame].n; i++) {
        if (s->frames[frame].held[i] == 0) {
            es_pitch_set_add(&set, es_notes_pitch(&s->coding, s->frames[frame].note[i]));
        }
    }
    return set;
}

void es_notes_rollback(es_notes *s, size_t frame)
{
    assert(frame <= s->n_frames);
    s->n_frames = (uint32_t)frame;
    s->n_events = s->frames[frame].event;
    es_lags_restore(s);
    open_frame(s);
}
