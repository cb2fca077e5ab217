/*
 * Earlier places that agree with the present, by their distance in frames. For each distance the agreement of the pasts is
 * carried along from frame to frame: a pass over some arrays per frame, whatever the length of the agreement.
 *
 * Agreements are counted in changes, not in frames: a long note that is held in both places says little. So an agreement begins
 * at a change that both have, which also puts them in step.
 */
#include "stream/notes_history.h"

#include <string.h>

enum { MOST = 255, NO_TOP = 255, LEAST_MOVED = 2, LIKENESS_A_STEP = 40 };

static uint32_t hash_notes(const es_frame *frame, int from, int minus)
{
    uint32_t hash = 2166136261u;

    for (int i = from; i < frame->n; i++) {
        hash = (hash ^ (uint32_t)(frame->note[i] - minus + 1)) * 16777619u;
    }
    return hash;
}

static es_lag_frame describe(const es_notes *s, uint32_t number)
{
    const es_frame *frame = &s->frames[number];
    const es_lag_frame *before = number ? &s->lag_frames[number - 1] : NULL;
    es_lag_frame out = {.whole = hash_notes(frame, 0, 0),
                        .lower = hash_notes(frame, 1, 0),
                        .top = frame->n ? frame->note[0] : (uint8_t)NO_TOP,
                        .bottom = frame->n ? frame->note[frame->n - 1] : (uint8_t)NO_TOP,
                        .whole_changed = frame->is_event};

    out.shape = frame->n ? hash_notes(frame, 0, frame->note[0] - 200) : out.whole;
    out.lower_changed = !before || before->lower != out.lower;
    out.top_changed = !before || before->top != out.top;
    for (int i = 0; i < frame->n; i++) {
        out.top_changed = out.top_changed || (i == 0 && frame->is_struck[i]);
        out.lower_changed = out.lower_changed || (i > 0 && frame->is_struck[i]);
        out.whole = (out.whole ^ frame->is_struck[i]) * 16777619u;
    }
    return out;
}

void es_lags_clear(es_lags *lags)
{
    memset(lags, 0, sizeof *lags);
}

static uint8_t longer(uint8_t length, bool agrees, bool changed)
{
    return !agrees ? 0 : (uint8_t)(length + (changed && length < MOST));
}

static uint8_t likeness(const es_lag_frame *a, const es_lag_frame *b)
{
    const int weight = a->whole_changed || b->whole_changed ? 3 : 1;
    const int parts = 2 * (a->top == b->top) + (a->lower == b->lower) + (a->bottom == b->bottom);

    return (uint8_t)(weight * parts);
}

static void push_moved(es_lags *lags, uint32_t lag, const es_lag_frame *now,
                       const es_lag_frame *then)
{
    const int shift =
        now->top == NO_TOP || then->top == NO_TOP ? lags->shift[lag] : now->top - then->top;

    if (now->shape != then->shape || now->whole_changed != then->whole_changed) {
        lags->moved[lag] = 0;
    } else if (lags->moved[lag] && shift != lags->shift[lag]) {
        lags->moved[lag] = now->whole_changed;
    } else {
        lags->moved[lag] = longer(lags->moved[lag], true, now->whole_changed);
    }
    lags->shift[lag] = (int8_t)shift;
}

void es_lags_push(es_notes *s, uint32_t number)
{
    es_lags *lags = &s->lags;
    const uint32_t n_lags = number < ES_LAGS - 1 ? number : ES_LAGS - 1;
    uint8_t *row = lags->row[number % ES_LAG_LONG];
    const uint8_t *leaving = lags->row[(number + ES_LAG_LONG - ES_LAG_SHORT) % ES_LAG_LONG];

    s->lag_frames[number] = describe(s, number);
    const es_lag_frame *now = &s->lag_frames[number];
    for (uint32_t lag = 1; lag <= n_lags; lag++) {
        const es_lag_frame *then = now - lag;
        const uint8_t like = likeness(now, then);
        lags->whole[lag] = longer(lags->whole[lag], now->whole == then->whole, now->whole_changed);
        lags->lower[lag] = longer(lags->lower[lag], now->lower == then->lower, now->lower_changed);
        lags->top[lag] = longer(lags->top[lag], now->top == then->top, now->top_changed);
        lags->like[lag] = (uint16_t)(lags->like[lag] + 3 * like - row[lag] - 2 * leaving[lag]);
        row[lag] = like;
        push_moved(lags, lag, now, then);
    }
}

void es_lags_restore(es_notes *s)
{
    es_lags_clear(&s->lags);
    for (uint32_t i = 0; i < s->n_frames; i++) {
        es_lags_push(s, i);
    }
}

/* ---- what is foretold ---- */

static uint8_t trust_of_length(int length)
{
    static const uint8_t from[ES_N_TRUST - 1] = {1, 2, 3, 4, 6, 8, 11, 16, 24, 36, 56, 90};
    uint8_t trust = 0;

    for (int i = 0; i < ES_N_TRUST - 1 && length >= from[i]; i++) {
        trust++;
    }
    return trust;
}

/* The notes of the frame `lag` frames before the open one, moved. Nothing when they leave the range. */
static es_told told_at(const es_notes *s, uint32_t lag, int shift, uint8_t trust)
{
    const es_frame *there = &s->frames[s->n_frames - lag];
    es_told told = {.trust = trust, .n = there->n};

    for (int i = 0; i < there->n; i++) {
        const int note = there->note[i] + shift;
        if (note < 0 || note >= es_notes_range(&s->coding)) {
            return (es_told){0};
        }
        es_pitch_set_add(&told.on, note);
    }
    told.is_same = es_pitch_sets_equal(&told.on, &es_notes_before(s)->on) && !there->is_event;
    return told;
}

/* The lag with the greatest number, of equal ones the shortest; 0 when all are below `least`. */
static uint32_t longest(const uint8_t *length, uint32_t n_lags, int least)
{
    uint32_t best = 0;

    for (uint32_t lag = 1; lag <= n_lags; lag++) {
        if (length[lag] >= least) {
            best = lag;
            least = length[lag] + 1;
        }
    }
    return best;
}

static uint32_t longest_other(const es_notes *s, uint32_t n_lags, uint32_t not_as)
{
    const es_lag_frame *open = s->lag_frames + s->n_frames;
    uint32_t best = 0;

    for (uint32_t lag = 1; not_as && lag <= n_lags; lag++) {
        if (s->lags.whole[lag] > (best ? s->lags.whole[best] : 0) &&
            (open - lag)->whole != (open - not_as)->whole) {
            best = lag;
        }
    }
    return best;
}

static uint32_t most_alike(const es_lags *lags, uint32_t n_lags)
{
    uint32_t best = 0;

    for (uint32_t lag = 1; lag <= n_lags; lag++) {
        if (lags->like[lag] > lags->like[best]) {
            best = lag;
        }
    }
    return best;
}

static uint32_t longest_moved(const es_lags *lags, uint32_t n_lags)
{
    uint32_t best = 0;
    int least = LEAST_MOVED;

    for (uint32_t lag = 1; lag <= n_lags; lag++) {
        if (lags->moved[lag] >= least && lags->shift[lag] != 0) {
            best = lag;
            least = lags->moved[lag] + 1;
        }
    }
    return best;
}

void es_lags_foretell(es_notes *s)
{
    const es_lags *lags = &s->lags;
    const uint32_t n_lags = s->n_frames < ES_LAGS - 1 ? s->n_frames : ES_LAGS - 1;
    const uint32_t whole = longest(lags->whole, n_lags, 1);
    const uint32_t other = longest_other(s, n_lags, whole);
    const uint32_t like = most_alike(lags, n_lags);
    const uint32_t top = longest(lags->top, n_lags, 1);
    const uint32_t lower = longest(lags->lower, n_lags, 1);
    const uint32_t moved = longest_moved(lags, n_lags);
    const int likeness_steps = like ? lags->like[like] / LIKENESS_A_STEP : 0;

    memset(s->told, 0, sizeof s->told);
    if (whole) {
        s->told[ES_TOLD_WHOLE] = told_at(s, whole, 0, trust_of_length(lags->whole[whole]));
    }
    if (other) {
        s->told[ES_TOLD_OTHER] = told_at(s, other, 0, trust_of_length(lags->whole[other]));
    }
    if (like) {
        const int trust = likeness_steps < ES_N_TRUST - 2 ? likeness_steps + 1 : ES_N_TRUST - 1;
        s->told[ES_TOLD_LIKE] = told_at(s, like, 0, (uint8_t)trust);
    }
    if (top) {
        s->told[ES_TOLD_TOP] = told_at(s, top, 0, trust_of_length(lags->top[top]));
    }
    if (lower) {
        s->told[ES_TOLD_LOWER] = told_at(s, lower, 0, trust_of_length(lags->lower[lower]));
    }
    if (moved) {
        s->told[ES_TOLD_MOVED] =
            told_at(s, moved, lags->shift[moved], trust_of_length(lags->moved[moved]));
    }
}
