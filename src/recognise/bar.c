/*
 * Bars against patterns. A style draws when notes begin from a list of cells, and pitches by weights within constraints; here the
 * constraints are left out, so whatever the style can write has a probability above zero.
 */
#include "recognise/bar.h"

#include "base/diag.h"
#include "base/real.h"
#include "gen/tone.h"
#include "recognise/inside.h"

/* Where only a model moves, it moves so often against holding; and each note of drums that it writes freely has this much. */
static const double model_onset = 0.1;
static const double model_hit = 0.05;

/* Of a move that its part never makes, but a model does, or the seam of two phrases asks for, or where lines that meet are taken for each other. */
static const double way_out = 1e-3;

/* Weight of a tone of the next chord, which is not known here, outside the scale of the present one. */
static const double foreign_next = 0.3;

/* A model's free drums, a place: seven lanes, mostly silent. */
enum { PLACES_OF_FREE_DRUMS = 16 };

static const es_heard_event *first_event(const es_hearing *h, uint32_t bar, size_t *count)
{
    if (!h->track) {
        *count = 0;
        return NULL;
    }
    *count = h->track->bar_first[bar + 1] - h->track->bar_first[bar];
    return h->track->events + h->track->bar_first[bar];
}

/* ---- drums ---- */

static bool has_key(const es_heard_event *event, uint8_t key)
{
    for (int i = 0; i < event->count; i++) {
        if (event->key[i] == key) {
            return true;
        }
    }
    return false;
}

/* Whether the note is struck at `start`. */
static bool is_struck(const es_heard_event *events, size_t count, es_tick start, uint8_t key)
{
    for (size_t e = 0; e < count; e++) {
        if (es_heard_same(events[e].start, start) && has_key(&events[e], key)) {
            return true;
        }
    }
    return false;
}

/* All that is heard must be hits of the cell; what the cell always hits must be heard. */
static double drum_cell(const es_cell *cell, es_tick from, es_tick to, es_tick shift,
                        const es_heard_event *events, size_t count)
{
    double log_p = 0;
    size_t found = 0, notes = 0;

    for (uint32_t i = 0; i < cell->n_hits; i++) {
        const es_hit *hit = &cell->hits[i];
        if (hit->start < from || hit->start >= to || hit->tone == ES_TONE_REST) {
            continue;
        }
        const bool heard = is_struck(events, count, hit->start + shift, hit->drum);
        if (!heard && hit->chance >= 100) {
            return ES_NEVER;
        }
        found += heard;
        log_p += es_log((heard ? hit->chance : 100 - hit->chance) / 100.0);
    }
    for (size_t e = 0; e < count; e++) {
        notes += events[e].count;
    }
    return found == notes ? log_p : ES_NEVER;
}

static double free_drums(const es_heard_event *events, size_t count)
{
    size_t notes = 0;

    for (size_t e = 0; e < count; e++) {
        notes += events[e].count;
    }
    return (double)notes * es_log(model_hit) + PLACES_OF_FREE_DRUMS * es_log(1 - model_hit);
}

/* ---- rhythms ---- */

/* The hits of a pitched cell that sound in from .. to, compared with the events one by one. */
static bool same_onsets(const es_cell *cell, es_tick from, es_tick to, es_tick shift,
                        const es_heard_event *events, size_t count)
{
    size_t e = 0;

    for (uint32_t i = 0; i < cell->n_hits; i++) {
        const es_hit *hit = &cell->hits[i];
        if (hit->tone == ES_TONE_REST || hit->start < from || hit->start >= to) {
            continue;
        }
        if (e == count || !es_heard_same(events[e].start, hit->start + shift)) {
            return false;
        }
        e++;
    }
    return e == count;
}

static estro_status fit_pattern(es_fit *out, const es_hearing *h, es_playing playing, uint32_t bar,
                                es_arena *arena, estro_diag *diag)
{
    const es_pattern *pattern = &h->style->patterns[playing.pattern];
    const es_tick length = es_meter_bar(h->heard->bar_meter[bar]);
    const es_tick from = playing.cell_bar * length;
    const es_tick shift = h->heard->bar_start[bar] - from;
    size_t count;
    const es_heard_event *events = first_event(h, bar, &count);

    for (uint32_t c = 0; c < pattern->n_cells; c++) {
        const es_cell *cell = &pattern->cells[c];
        const double log_p =
            pattern->is_drums ? drum_cell(cell, from, from + length, shift, events, count)
            : same_onsets(cell, from, from + length, shift, events, count) ? 0
                                                                           : ES_NEVER;
        if (log_p <= ES_NEVER || cell->weight <= 0) {
            continue;
        }
        if (!out->cells) {
            out->cells = es_arena_calloc(arena, pattern->n_cells, sizeof *out->cells);
            if (!out->cells) {
                return es_fail_memory(diag);
            }
        }
        out->cells[out->n++] = c;
        out->log_p = es_log_add(out->log_p, es_log(cell->weight) + log_p);
    }
    return ESTRO_OK;
}

/* A chain of choices at the places of the grid: to begin a note, or not. */
static double free_rhythm(const es_hearing *h, uint32_t bar)
{
    const es_meter meter = h->heard->bar_meter[bar];
    const es_tick length = es_meter_bar(meter);
    const es_tick start = h->heard->bar_start[bar];
    size_t count;
    const es_heard_event *events = first_event(h, bar, &count);
    size_t e = 0;
    double log_p = 0;

    for (es_tick at = 0; at < length; at += h->part->grid) {
        const int strength = es_meter_strength(meter, at);
        double onset = strength >= 0 ? h->part->onset[strength] : h->part->fine;
        onset = h->is_modelled && onset < model_onset ? model_onset : onset;
        const double other = 1 + h->part->rest;
        if (e < count && es_heard_same(events[e].start, start + at)) {
            if (onset <= 0) {
                return ES_NEVER;
            }
            log_p += es_log(onset / (onset + other));
            e++;
        } else {
            log_p += es_log(other / (onset + other));
        }
    }
    return e == count ? log_p : ES_NEVER;
}

estro_status es_fit_bar(es_fit *out, const es_hearing *h, es_playing playing, uint32_t bar,
                        es_arena *arena, estro_diag *diag)
{
    size_t count;
    const es_heard_event *events = first_event(h, bar, &count);

    *out = (es_fit){.log_p = ES_NEVER};
    if (playing.pattern == -2) {
        out->log_p = count ? ES_NEVER : 0;
    } else if (playing.pattern >= 0) {
        return fit_pattern(out, h, playing, bar, arena, diag);
    } else if (h->part->role == ES_ROLE_DRUMS) {
        out->log_p = h->is_modelled || count == 0 ? free_drums(events, count) : ES_NEVER;
    } else {
        out->log_p = free_rhythm(h, bar);
    }
    return ESTRO_OK;
}

/* ---- pitches ---- */

/* The last event before this one in which so many notes begin; NULL when there is none. */
static const es_heard_event *alike_before(const es_hearing *h, const es_heard_event *event)
{
    const es_heard_event *before = event;

    while (before > h->track->events) {
        before--;
        if (before->count == event->count) {
            return before;
        }
    }
    return NULL;
}

/*
 * What the line that plays note `i` of an event did before. In a part of several lines which of them plays is not heard: it is taken from
 * the last chord of as many notes, but for the top line of a melody, which is in every event.
 */
static es_line line_before(const es_hearing *h, const es_heard_event *event, int i)
{
    es_line line = {.pitch = ES_SILENT, .last = ES_SILENT, .anchor = ES_SILENT};
    const es_heard_event *before = event > h->track->events ? event - 1 : NULL;

    if (h->part->n_lines > 1 && (i > 0 || h->part->role != ES_ROLE_MELODY)) {
        before = alike_before(h, event);
    }
    if (before) {
        line.last = line.anchor = before->key[i < before->count ? i : before->count - 1];
    }
    return line;
}

static double weight_of(const es_part *part, const es_action *action, const es_moment *moment,
                        const es_line *line, int pitch)
{
    const double tone = action->tone != ES_TONE_NEXT
                            ? es_tone_weight(part, action, moment, line, pitch)
                        : es_harmony_class(moment->harmony, pitch) <= 1 ? 1
                                                                        : foreign_next;
    double move;

    if (es_tone_is_given(action->tone) || tone <= 0) {
        return tone;
    }
    move = es_move_weight(part, line, pitch);
    return tone * (move < way_out ? way_out : move);
}

static double note_given(const es_hearing *h, const es_action *action, const es_moment *moment,
                         const es_heard_event *event, int i)
{
    const es_line line = line_before(h, event, i);
    const double weight = weight_of(h->part, action, moment, &line, event->key[i]);
    double all = 0;

    if (weight <= 0 || event->key[i] < h->part->low || event->key[i] > h->part->high) {
        return 0;
    }
    for (int p = h->part->low; p <= h->part->high; p++) {
        all += weight_of(h->part, action, moment, &line, p);
    }
    return weight / all;
}

/* Probability of the pitches of an event, for a hit that asks for `tone`. */
static double event_given(const es_hearing *h, const es_hit *hit, const es_moment *moment,
                          const es_heard_event *event)
{
    es_action action = {
        .act = ES_ACT_STRIKE, .tone = hit->tone, .member = hit->member, .octave = hit->octave};
    double p = 1;

    if (event->count > h->part->n_lines || (event->count > 1 && es_tone_is_single(hit->tone))) {
        return 0;
    }
    for (int i = 0; i < event->count && p > 0; i++) {
        p *= note_given(h, &action, moment, event, i);
    }
    return p;
}

static es_moment moment_of(const es_hearing *h, uint32_t bar, es_tick start,
                           const es_harmony *harmony)
{
    const es_meter meter = h->heard->bar_meter[bar];
    const es_tick in_bar = start - h->heard->bar_start[bar];
    const int strength = es_meter_strength(meter, in_bar);

    return (es_moment){.tick = start,
                       .in_bar = in_bar,
                       .strength = (int8_t)strength,
                       .is_beat = in_bar % es_meter_beat(meter) == 0,
                       .leading = -1,
                       .seventh = -1,
                       .harmony = harmony,
                       .next = harmony};
}

/* The `k`-th sounding hit of a cell at or after `from`. */
static const es_hit *sounding_hit(const es_cell *cell, es_tick from, size_t k)
{
    for (uint32_t i = 0; i < cell->n_hits; i++) {
        if (cell->hits[i].start >= from && cell->hits[i].tone != ES_TONE_REST && k-- == 0) {
            return &cell->hits[i];
        }
    }
    return NULL;
}

/* Probability of the events `from` .. `to` of a bar with the hits of one cell, or freely where `cell` is NULL. */
static double events_given(const es_hearing *h, const es_cell *cell, es_tick cell_from,
                           uint32_t bar, es_tick from, es_tick to, const es_harmony *harmony)
{
    static const es_hit any = {.tone = ES_TONE_ANY};
    size_t count;
    const es_heard_event *events = first_event(h, bar, &count);
    double p = 1;

    for (size_t e = 0; e < count && p > 0; e++) {
        const es_tick at = events[e].start + ES_QUARTER / ES_FILE_QUARTER;
        if (at < from || at >= to) {
            continue;
        }
        const es_hit *hit = cell ? sounding_hit(cell, cell_from, e) : &any;
        const es_moment moment = moment_of(h, bar, events[e].start, harmony);
        p *= hit ? event_given(h, hit, &moment, &events[e]) : 0;
    }
    return p;
}

double es_fit_pitches(const es_hearing *h, const es_fit *fit, es_playing playing, uint32_t bar,
                      es_tick from, es_tick to, const es_harmony *harmony)
{
    double sum = 0, all = 0;

    if (h->part->role == ES_ROLE_DRUMS || playing.pattern == -2 || !h->track) {
        return 0;
    }
    if (playing.pattern < 0) {
        const double p = events_given(h, NULL, 0, bar, from, to, harmony);
        return p > 0 ? es_log(p) : ES_NEVER;
    }
    const es_tick cell_from = playing.cell_bar * es_meter_bar(h->heard->bar_meter[bar]);
    for (uint32_t i = 0; i < fit->n; i++) {
        const es_cell *cell = &h->style->patterns[playing.pattern].cells[fit->cells[i]];
        sum += cell->weight * events_given(h, cell, cell_from, bar, from, to, harmony);
        all += cell->weight;
    }
    return sum > 0 ? es_log(sum / all) : ES_NEVER;
}
