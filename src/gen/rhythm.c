/*
 * Rhythm of a part. Cells are kept as a list of those that agree with all that was done, each with the index of its next hit; the
 * list only shrinks within a cell's span. A hit that is past is never looked at again.
 */
#include "gen/rhythm.h"

#include "plan/condition.h"

#include <string.h>

/* ---- cells ---- */

static const es_cell *cell_of(const es_rhythm *rhythm, uint32_t live)
{
    return &rhythm->pattern->cells[rhythm->live[live].cell];
}

/* When the live cell acts next: the start of its next hit, or its end. */
static es_tick next_of(const es_rhythm *rhythm, uint32_t live, uint32_t skip)
{
    const es_cell *cell = cell_of(rhythm, live);
    const uint32_t next = rhythm->live[live].next + skip;

    return next < cell->n_hits ? rhythm->origin + cell->hits[next].start : rhythm->end;
}

static const es_hit *hit_at(const es_rhythm *rhythm, uint32_t live, es_tick tick)
{
    const es_cell *cell = cell_of(rhythm, live);
    const uint32_t next = rhythm->live[live].next;

    return next < cell->n_hits && rhythm->origin + cell->hits[next].start == tick
               ? &cell->hits[next]
               : NULL;
}

static void fill_cells(es_rhythm *rhythm, const es_plan_phrase *phrase, uint16_t bar, int only,
                       es_tick from)
{
    rhythm->n_live = 0;
    for (uint32_t c = 0; c < rhythm->pattern->n_cells; c++) {
        const es_cell *cell = &rhythm->pattern->cells[c];
        uint16_t next = 0;
        if (only >= 0 ? (uint32_t)only != c : !es_cell_is_open(cell, phrase, bar)) {
            continue;
        }
        while (next < cell->n_hits && rhythm->origin + cell->hits[next].start < from) {
            next++;
        }
        rhythm->live[rhythm->n_live++] = (es_live_cell){(uint16_t)c, next};
    }
}

void es_rhythm_enter(es_rhythm *rhythm, const es_style *style, const es_beats *beats, int part,
                     uint16_t bar, bool is_loose)
{
    const es_plan_bar *plan = &beats->phrase->bar[bar];
    const es_tick start = beats->start + bar * beats->bar;
    const int pattern = plan->pattern[part];
    const es_pattern *next = pattern >= 0 ? &style->patterns[pattern] : NULL;
    const bool goes_on = next && next == rhythm->pattern && plan->cell_bar[part] > 0 && !is_loose &&
                         rhythm->n_live > 0 && rhythm->end > start;

    rhythm->part = &style->parts[part];
    rhythm->is_silent = pattern == -2;
    rhythm->pattern = next;
    if (!next || goes_on) {
        return;
    }
    rhythm->origin = start - plan->cell_bar[part] * beats->bar;
    rhythm->end = rhythm->origin + next->bars * beats->bar;
    fill_cells(rhythm, beats->phrase, (uint16_t)(bar - plan->cell_bar[part]),
               is_loose ? -1 : plan->cell[part], start);
}

static es_action action_of(const es_rhythm *rhythm, uint32_t live, es_tick tick)
{
    const es_hit *hit = hit_at(rhythm, live, tick);
    const es_tick next = next_of(rhythm, live, hit ? 1 : 0);
    es_action action = {.act = ES_ACT_HOLD, .earliest = next, .latest = next};

    if (!hit) {
        return action;
    }
    if (hit->tone == ES_TONE_REST) {
        action.act = ES_ACT_REST;
        return action;
    }
    action.act = ES_ACT_STRIKE;
    action.tone = hit->tone;
    action.member = hit->tone == ES_TONE_MEMBER || hit->tone == ES_TONE_NEXT ? hit->member : 0;
    action.octave = hit->octave;
    action.contour = hit->contour;
    action.accent = hit->accent;
    action.marks = hit->marks;
    if (hit->tone == ES_TONE_APPROACH) {
        const bool ends_cell =
            (uint32_t)(hit - cell_of(rhythm, live)->hits) + 1 == cell_of(rhythm, live)->n_hits;
        const bool is_followed =
            ends_cell || (hit[1].tone != ES_TONE_REST && hit[1].tone != ES_TONE_APPROACH &&
                          hit[1].tone != ES_TONE_NEXT);
        action.until = is_followed ? next : 0;
    }
    return action;
}

static bool same_action(const es_action *a, const es_action *b)
{
    return a->act == b->act && a->tone == b->tone && a->member == b->member &&
           a->octave == b->octave && a->contour == b->contour && a->accent == b->accent &&
           a->marks == b->marks && a->until == b->until;
}

/* Add an action to a list of different ones; one too many is left out, and its cells with it. */
static int merge(es_action *actions, int count, const es_action *action)
{
    for (int i = 0; i < count; i++) {
        if (same_action(&actions[i], action)) {
            es_action *known = &actions[i];
            known->weight += action->weight;
            known->earliest =
                action->earliest < known->earliest ? action->earliest : known->earliest;
            known->latest = action->latest > known->latest ? action->latest : known->latest;
            return count;
        }
    }
    if (count < ES_MAX_ACTIONS) {
        actions[count++] = *action;
    }
    return count;
}

static void normalise(es_action *actions, int count)
{
    double total = 0;

    for (int i = 0; i < count; i++) {
        total += actions[i].weight;
    }
    for (int i = 0; i < count; i++) {
        actions[i].weight /= total;
    }
}

/* ---- free rhythm ---- */

double es_onset_weight(const es_part *part, int strength, bool is_modelled)
{
    if (strength >= 0) {
        return part->onset[3 - strength];
    }
    return part->fine > 0 || !is_modelled ? part->fine : 1;
}

static double onset_weight(const es_rhythm *rhythm, const es_beats *beats, es_tick tick)
{
    const es_tick in_bar = (tick - beats->start) % beats->bar;
    const int strength = es_meter_strength(beats->meter, in_bar);

    if (rhythm->grid <= 0 || in_bar % rhythm->grid != 0) {
        return 0;
    }
    return es_onset_weight(rhythm->part, strength, rhythm->is_modelled);
}

/* The next place of the grid after `tick` where a move has weight, at most `limit`. */
static es_tick next_place(const es_rhythm *rhythm, const es_beats *beats, es_tick tick,
                          es_tick limit)
{
    const es_tick bar = beats->start + (tick - beats->start) / beats->bar * beats->bar;

    if (rhythm->grid <= 0) {
        return limit;
    }
    es_tick place = bar + ((tick - bar) / rhythm->grid + 1) * rhythm->grid;
    while (place < limit && !(onset_weight(rhythm, beats, place) > 0)) {
        place += rhythm->grid;
    }
    return place < limit ? place : limit;
}

static int free_actions(const es_rhythm *rhythm, const es_beats *beats, const es_moment *moment,
                        bool is_sounding, es_action *actions)
{
    const es_part *part = rhythm->part;
    const double onset = onset_weight(rhythm, beats, moment->tick);
    const bool rests = part->rest > 0;
    const bool must = moment->is_seam || (!is_sounding && !rests);
    const bool may_hold = is_sounding ? !moment->is_seam : rests;
    const es_tick next = next_place(rhythm, beats, moment->tick, beats->end);
    int count = 0;

    if (may_hold) {
        actions[count++] =
            (es_action){.weight = 1, .act = ES_ACT_HOLD, .earliest = next, .latest = beats->end};
    }
    if (rests && is_sounding && (must || onset > 0)) {
        actions[count++] = (es_action){
            .weight = part->rest, .act = ES_ACT_REST, .earliest = next, .latest = beats->end};
    }
    if (must || onset > 0) {
        actions[count++] = (es_action){.weight = must ? 1 : onset,
                                       .act = ES_ACT_STRIKE,
                                       .tone = ES_TONE_ANY,
                                       .earliest = next,
                                       .latest = beats->end};
    }
    return count;
}

/* ---- both ---- */

int es_rhythm_actions(const es_rhythm *rhythm, const es_beats *beats, const es_moment *moment,
                      bool is_sounding, es_action *actions)
{
    int count = 0;

    if (rhythm->is_silent) {
        actions[0] = (es_action){.weight = 1,
                                 .act = is_sounding ? ES_ACT_REST : ES_ACT_HOLD,
                                 .earliest = beats->end,
                                 .latest = beats->end};
        return 1;
    }
    if (!rhythm->pattern) {
        count = free_actions(rhythm, beats, moment, is_sounding, actions);
    } else {
        for (uint32_t i = 0; i < rhythm->n_live; i++) {
            es_action action = action_of(rhythm, i, moment->tick);
            if (next_of(rhythm, i, 0) < moment->tick) {
                continue; /* It would have acted before. */
            }
            action.weight = cell_of(rhythm, i)->weight;
            if (action.act == ES_ACT_HOLD && moment->is_seam && is_sounding) {
                action.act = ES_ACT_REST; /* Nothing is held over the end of a phrase. */
            }
            count = merge(actions, count, &action);
        }
    }
    normalise(actions, count);
    return count;
}

void es_rhythm_take(es_rhythm *rhythm, es_tick tick, const es_action *action)
{
    uint32_t kept = 0;

    if (!rhythm->pattern) {
        return;
    }
    for (uint32_t i = 0; i < rhythm->n_live; i++) {
        const es_hit *hit = hit_at(rhythm, i, tick);
        const es_action own = action_of(rhythm, i, tick);
        const bool agrees = same_action(&own, action) ||
                            (own.act == ES_ACT_HOLD && action->act == ES_ACT_REST && !hit);
        if (agrees) {
            rhythm->live[kept] = rhythm->live[i];
            rhythm->live[kept].next = (uint16_t)(rhythm->live[kept].next + (hit != NULL));
            kept++;
        }
    }
    rhythm->n_live = kept;
}

void es_rhythm_pass(es_rhythm *rhythm, es_tick tick)
{
    uint32_t kept = 0;

    if (!rhythm->pattern) {
        return;
    }
    for (uint32_t i = 0; i < rhythm->n_live; i++) {
        if (next_of(rhythm, i, 0) >= tick) {
            rhythm->live[kept++] = rhythm->live[i];
        }
    }
    rhythm->n_live = kept;
}

void es_rhythm_follow(es_rhythm *rhythm, es_tick tick, bool strikes)
{
    bool any = false;

    es_rhythm_skip(rhythm, tick);
    if (!rhythm->pattern) {
        return;
    }
    for (uint32_t i = 0; i < rhythm->n_live; i++) {
        any = any || (hit_at(rhythm, i, tick) != NULL) == strikes;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rhythm->n_live; i++) {
        const bool hits = hit_at(rhythm, i, tick) != NULL;
        if (!any || hits == strikes) {
            rhythm->live[kept] = rhythm->live[i];
            rhythm->live[kept].next = (uint16_t)(rhythm->live[kept].next + hits);
            kept++;
        }
    }
    rhythm->n_live = kept;
}

void es_rhythm_skip(es_rhythm *rhythm, es_tick tick)
{
    for (uint32_t i = 0; rhythm->pattern && i < rhythm->n_live; i++) {
        while (next_of(rhythm, i, 0) < tick && rhythm->live[i].next < cell_of(rhythm, i)->n_hits) {
            rhythm->live[i].next++;
        }
    }
}

static void add_time(es_times *out, es_tick tick, double weight)
{
    int at = out->count;

    while (at > 0 && out->tick[at - 1] > tick) {
        at--;
    }
    if (at > 0 && out->tick[at - 1] == tick) {
        out->weight[at - 1] += weight;
        return;
    }
    if (out->count == ES_MAX_TIMES) {
        return;
    }
    for (int i = out->count; i > at; i--) {
        out->tick[i] = out->tick[i - 1];
        out->weight[i] = out->weight[i - 1];
    }
    out->tick[at] = tick;
    out->weight[at] = weight;
    out->count++;
}

void es_rhythm_times(const es_rhythm *rhythm, const es_beats *beats, es_tick tick, es_tick limit,
                     es_times *out)
{
    out->count = 0;
    out->later = 0;
    if (rhythm->pattern) {
        for (uint32_t i = 0; i < rhythm->n_live; i++) {
            const es_tick next = next_of(rhythm, i, 0);
            const double weight = cell_of(rhythm, i)->weight;
            if (next < limit) {
                add_time(out, next, weight);
            } else {
                out->later += weight;
            }
        }
        return;
    }
    out->later = 1;
    if (rhythm->is_silent) {
        return;
    }
    for (es_tick at = next_place(rhythm, beats, tick, limit); at < limit;
         at = next_place(rhythm, beats, at, limit)) {
        const double onset = onset_weight(rhythm, beats, at);
        add_time(out, at, out->later * onset / (1 + onset));
        out->later /= 1 + onset;
    }
}

/* ---- the next instant ---- */

static void insert_tick(es_steps *steps, es_tick tick)
{
    int at = steps->count;

    while (at > 0 && steps->tick[at - 1] > tick) {
        at--;
    }
    if ((at > 0 && steps->tick[at - 1] == tick) || steps->count == ES_MAX_TIMES) {
        return;
    }
    for (int i = steps->count; i > at; i--) {
        steps->tick[i] = steps->tick[i - 1];
    }
    steps->tick[at] = tick;
    steps->count++;
}

void es_steps_make(es_steps *out, const es_times *times, int n, es_tick beat, es_tick latest)
{
    double at_least[ES_MAX_TIMES + 1]; /* Product over the parts of the weight of not before. */

    out->count = 0;
    for (int p = 0; p < n; p++) {
        for (int i = 0; i < times[p].count; i++) {
            insert_tick(out, times[p].tick[i]);
        }
    }
    out->tick[out->count++] = beat;
    for (int m = 0; m < out->count; m++) {
        at_least[m] = 1;
    }
    for (int p = 0; p < n; p++) {
        double sum = times[p].later;
        int i = times[p].count;
        for (int m = out->count - 1; m >= 0; m--) {
            while (i > 0 && times[p].tick[i - 1] >= out->tick[m]) {
                sum += times[p].weight[--i];
            }
            at_least[m] *= sum;
        }
    }
    for (int m = 0; m < out->count; m++) {
        const double after = m + 1 < out->count ? at_least[m + 1] : 0;
        out->weight[m] = out->tick[m] > latest ? 0 : at_least[m] - after;
    }
}

/* ---- looking ahead ---- */

static void add_outlook(es_outlook *out, const es_action *action)
{
    if (action->act == ES_ACT_STRIKE) {
        out->may_strike = true;
        out->n_strikes = merge(out->strike, out->n_strikes, action);
    } else if (action->act == ES_ACT_REST) {
        out->may_rest = true;
    } else {
        out->may_hold = true;
    }
}

/* The first instant of a later bar or phrase. */
static void outlook_of_bar(const es_rhythm *rhythm, const es_style *style, const es_beats *beats,
                           int part, uint16_t bar, const es_moment *moment, es_outlook *out)
{
    const es_plan_bar *plan = &beats->phrase->bar[bar];
    const int pattern = plan->pattern[part];

    if (pattern == -2) {
        out->may_rest = true;
        return;
    }
    if (pattern < 0) {
        es_action actions[ES_MAX_ACTIONS];
        const int count = free_actions(rhythm, beats, moment, true, actions);
        for (int i = 0; i < count; i++) {
            add_outlook(out, &actions[i]);
        }
        return;
    }
    const es_pattern *next = &style->patterns[pattern];
    const es_tick offset = plan->cell_bar[part] * beats->bar;
    for (uint32_t c = 0; c < next->n_cells; c++) {
        es_action action = {.act = ES_ACT_HOLD};
        if (plan->cell[part] >= 0 ? plan->cell[part] != (int)c
                                  : !es_cell_is_open(&next->cells[c], beats->phrase,
                                                     (uint16_t)(bar - plan->cell_bar[part]))) {
            continue;
        }
        for (uint32_t h = 0; h < next->cells[c].n_hits; h++) {
            const es_hit *hit = &next->cells[c].hits[h];
            if (hit->start == offset) {
                action.act = hit->tone == ES_TONE_REST ? ES_ACT_REST : ES_ACT_STRIKE;
                action.tone = hit->tone;
                action.member = hit->member;
                action.octave = hit->octave;
            }
        }
        add_outlook(out, &action);
    }
}

static void outlook_of_cells(const es_rhythm *rhythm, es_tick tick, const es_action *taken,
                             es_tick then, bool loose, es_outlook *out)
{
    for (uint32_t i = 0; i < rhythm->n_live; i++) {
        const es_action own = action_of(rhythm, i, tick);
        const bool holds = own.act == ES_ACT_HOLD && taken->act == ES_ACT_REST;
        if (!same_action(&own, taken) && !holds) {
            continue;
        }
        es_live_cell cell = rhythm->live[i];
        es_rhythm later = *rhythm;
        cell.next = (uint16_t)(cell.next + (hit_at(rhythm, i, tick) != NULL));
        later.live = &cell;
        while (loose && next_of(&later, 0, 0) < then) {
            cell.next++;
        }
        if (next_of(&later, 0, 0) >= then) {
            const es_action action = action_of(&later, 0, then);
            add_outlook(out, &action);
        }
    }
}

void es_rhythm_outlook(const es_rhythm *rhythm, const es_style *style, const es_beats *beats,
                       int part, es_tick tick, const es_action *action, const es_moment *moment,
                       es_outlook *out)
{
    out->may_hold = out->may_rest = out->may_strike = out->is_loose = false;
    out->n_strikes = 0;
    out->between = 0;
    if (moment->tick == beats->end) {
        const es_action any = {.act = ES_ACT_STRIKE, .tone = ES_TONE_ANY};
        out->may_rest = rhythm->pattern || rhythm->is_silent || style->parts[part].rest > 0;
        add_outlook(out, &any);
        return;
    }
    out->is_loose = rhythm->pattern && action->latest < moment->tick;
    if (rhythm->pattern && moment->tick < rhythm->end) {
        outlook_of_cells(rhythm, tick, action, moment->tick, out->is_loose, out);
    } else {
        outlook_of_bar(rhythm, style, beats, part, moment->bar, moment, out);
    }
}

void es_rhythm_outlook_anew(const es_rhythm *rhythm, const es_style *style, const es_beats *beats,
                            int part, const es_moment *moment, es_outlook *out)
{
    out->may_hold = out->may_rest = out->may_strike = out->is_loose = false;
    out->n_strikes = 0;
    out->between = 0;
    if (!rhythm->pattern || moment->tick >= rhythm->end || moment->tick == beats->end) {
        const es_action none = {.act = ES_ACT_HOLD, .latest = beats->end};
        es_rhythm_outlook(rhythm, style, beats, part, moment->tick, &none, moment, out);
        return;
    }
    for (uint32_t i = 0; i < rhythm->n_live; i++) {
        es_live_cell cell = rhythm->live[i];
        es_rhythm later = *rhythm;
        later.live = &cell;
        later.n_live = 1;
        es_rhythm_skip(&later, moment->tick);
        const es_action action = action_of(&later, 0, moment->tick);
        add_outlook(out, &action);
    }
}
