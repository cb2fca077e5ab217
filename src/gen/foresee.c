/*
 * Preparing to look ahead: which instant is sure to come next, what each part may do then, and the pitches that its lines may strike,
 * listed and indexed for the search of successors (future.c). Kept from one question to the next as long as it would be the same.
 */
#include "gen/sonority.h"

#include "base/diag.h"
#include "gen/tone.h"

#include <string.h>

static void index_candidates(es_future_line *line)
{
    int c = 0;

    for (int p = line->low; p <= line->high + 1; p++) {
        while (c < line->count && line->pitch[c] < p) {
            c++;
        }
        line->below[p - line->low] = c == 64 ? ~(uint64_t)0 : ((uint64_t)1 << c) - 1;
    }
    memset(line->of_class, 0, sizeof line->of_class);
    memset(line->of_member, 0, sizeof line->of_member);
    for (c = 0; c < line->count; c++) {
        line->of_class[line->pitch[c] % 12] |= (uint64_t)1 << c;
        for (uint64_t rest = line->bits[c]; rest; rest &= rest - 1) {
            line->of_member[es_first_bit(rest)] |= (uint64_t)1 << c;
        }
    }
}

/* What is given then is the only candidate, if it is a note. */
static void add_given(es_search *search, int k, int i)
{
    es_future *future = &search->future;
    es_future_line *next = &future->line[k];
    const es_sound sound = es_scene_given(search->scene, i, future->moment.tick, ES_SILENT);

    if (sound.now >= 0) {
        next->low = sound.now < next->low ? sound.now : next->low;
        next->high = sound.now > next->high ? sound.now : next->high;
        next->pitch[0] = sound.now;
        next->bits[0] = future->moment.harmony->member[sound.now % 12];
        next->count = 1;
        next->is_given = 1;
    }
    index_candidates(next);
}

/* Whether a line of a part may strike then what the line before it in the drawing order, of the same part, may. */
static bool is_like_line_before(const es_search *search, int k, const es_part *part,
                                const es_outlook *outlook)
{
    const es_cast *cast = search->scene->cast;
    const int before = k > 0 ? search->order[k - 1] : 0;

    if (k == 0 || cast->place[before] != cast->place[search->order[k]] ||
        search->future.outside.given >> cast->line[before] & 1) {
        return false;
    }
    for (int a = 0; a < outlook->n_strikes; a++) {
        const es_action *strike = &outlook->strike[a];
        if (es_tone_looks_back(strike) ||
            es_tone_sounds(part, strike->tone, cast->line[before] - part->first_line) !=
                es_tone_sounds(part, strike->tone,
                               cast->line[search->order[k]] - part->first_line)) {
            return false;
        }
    }
    return true;
}

/* Whether each pitch may be struck in some way, and whether its move is not weighed then. */
typedef struct ways {
    bool fits[128], is_given[128];
} ways;

static void find_ways(const es_search *search, int k, ways *out)
{
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const es_part *part = &scene->style->parts[scene->cast->part[i]];
    const es_outlook *outlook = &search->future.outlook[scene->cast->place[i]];
    const size_t range = (size_t)(part->high - part->low + 1);

    memset(out->fits + part->low, 0, range);
    memset(out->is_given + part->low, 0, range);
    for (int a = 0; a < outlook->n_strikes; a++) {
        const es_action *strike = &outlook->strike[a];
        const bool is_given = es_tone_is_given(strike->tone);
        es_tones tones;
        if (!es_tone_sounds(part, strike->tone, scene->cast->line[i] - part->first_line)) {
            continue;
        }
        if (strike->tone == ES_TONE_REPEAT) {
            memset(out->fits + part->low, true, range);
            memset(out->is_given + part->low, true, range);
            continue;
        }
        es_tones_find(&tones, part, strike, &search->future.moment,
                      &scene->lines[scene->cast->line[i]]);
        for (int t = 0; t < tones.count; t++) {
            out->fits[tones.pitch[t]] = true;
            out->is_given[tones.pitch[t]] |= is_given;
        }
    }
}

static void add_candidates(es_search *search, int k)
{
    es_future *future = &search->future;
    es_future_line *next = &future->line[k];
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const es_part *part = &scene->style->parts[scene->cast->part[i]];
    const es_outlook *outlook = &future->outlook[scene->cast->place[i]];
    const bool binds = scene->promised && future->is_end && future->ahead < ES_AHEAD_ONE_ANYWHERE;
    const int promised = binds ? es_scene_promised(scene, scene->cast->line[i]) : ES_SILENT;

    /* Where given notes move between the places of a part, it holds what it moves to before. */
    const bool is_held =
        scene->given && outlook->n_strikes == 0 && outlook->may_hold && outlook->between > 0;
    ways strike;

    next->count = 0;
    next->low = part->low;
    next->high = part->high;
    next->is_given = next->seen = next->holds = next->rests = next->open = 0;
    if (es_scene_is_given(scene, i, future->moment.tick)) {
        add_given(search, k, i);
        return;
    }
    if (!binds && is_like_line_before(search, k, part, outlook)) {
        *next = future->line[k - 1];
        next->seen = next->holds = next->rests = next->open = 0;
        return;
    }
    find_ways(search, k, &strike);
    for (int pitch = part->low; pitch <= part->high && next->count < ES_MAX_OPTIONS; pitch++) {
        const bool holds = is_held && es_harmony_class(future->moment.harmony, pitch) <= 1;
        if ((strike.fits[pitch] || holds) && (promised == ES_SILENT || pitch == promised)) {
            next->is_given |= (uint64_t)strike.is_given[pitch] << next->count;
            next->pitch[next->count] = (int16_t)pitch;
            next->bits[next->count++] = future->moment.harmony->member[pitch % 12];
        }
    }
    index_candidates(next);
}

/* What a part may do then after an action; where it is given, its lines know. */
static void look_after(const es_search *search, int part, const es_action *action, es_outlook *out)
{
    const es_scene *scene = search->scene;
    const es_rhythm *rhythm = &scene->rhythms[part];
    const es_moment *then = &search->future.moment;
    const bool is_given = es_given_at(scene->given, part, search->moment.tick);

    if (es_given_at(scene->given, part, then->tick)) {
        *out =
            (es_outlook){.is_loose = !is_given && rhythm->pattern && action->latest < then->tick};
    } else if (is_given) {
        es_rhythm_outlook_anew(rhythm, scene->style, scene->beats, part, then, out);
        out->may_rest |= out->may_hold;
        out->may_hold = false;
    } else {
        es_rhythm_outlook(rhythm, scene->style, scene->beats, part, search->moment.tick, action,
                          then, out);
    }
}

/* What a part may do then: after one action, or after any. */
static void look(es_search *search, int place, int action)
{
    const es_scene *scene = search->scene;
    const int part = scene->cast->parts[place];
    es_outlook *out = &search->future.outlook[place];
    bool is_loose = true;

    out->may_hold = out->may_rest = out->may_strike = false;
    out->n_strikes = 0;
    out->between = 0;
    for (int a = 0; a < search->n_actions[place]; a++) {
        es_outlook one;
        if (action >= 0 && a != action) {
            continue;
        }
        look_after(search, part, &search->action[place][a], &one);
        if (search->future.ahead % 2 && !one.is_loose &&
            search->action[place][a].earliest < search->future.moment.tick) {
            one.is_loose = true;
            one.between = search->action[place][a].earliest;
        }
        if (action >= 0) {
            *out = one;
            break;
        }
        out->may_hold |= one.may_hold;
        out->may_rest |= one.may_rest;
        out->may_strike |= one.may_strike;
        is_loose &= one.is_loose;
        for (int s = 0; s < one.n_strikes && out->n_strikes < ES_MAX_ACTIONS; s++) {
            out->strike[out->n_strikes++] = one.strike[s];
        }
        out->is_loose = is_loose;
        out->between = one.between > 0 ? one.between : out->between;
    }
    for (int s = 0; s < out->n_strikes; s++) {
        const es_part *plays = &scene->style->parts[part];
        const uint8_t tone = out->strike[s].tone;
        out->may_rest |=
            !es_tone_sounds(plays, tone, 0) || !es_tone_sounds(plays, tone, plays->n_lines - 1);
    }
}

/* The next instant that is sure to come. */
static es_tick sure_instant(const es_search *search, const int *actions)
{
    const es_scene *scene = search->scene;
    es_tick sure = es_beats_next(scene->beats, search->moment.tick);

    for (int place = 0; place < scene->cast->n_parts; place++) {
        es_tick earliest = ES_OPEN_END, latest = 0;
        for (int a = 0; a < search->n_actions[place]; a++) {
            const es_action *action = &search->action[place][a];
            if (actions[place] < 0 || actions[place] == a) {
                earliest = action->earliest < earliest ? action->earliest : earliest;
                latest = action->latest > latest ? action->latest : latest;
            }
        }
        if (earliest == latest && latest < sure) {
            sure = latest;
        }
    }
    return sure;
}

estro_status es_search_foresee(es_search *search, const int *actions, int ahead, estro_diag *diag)
{
    const es_scene *scene = search->scene;
    const es_cast *cast = scene->cast;
    es_future *future = &search->future;
    const es_tick tick = sure_instant(search, actions);
    bool is_same = future->rules != NULL && future->moment.tick == tick && future->ahead == ahead;

    for (int place = 0; place < cast->n_parts; place++) {
        const bool is_free = !scene->rhythms[cast->parts[place]].pattern;
        const uint16_t key = (uint16_t)(is_free ? 0 : actions[place] + 2);
        is_same = is_same && future->key[place] == key;
        future->key[place] = key;
    }
    if (is_same) {
        return ESTRO_OK;
    }
    es_moment_at(&future->moment, scene->beats, tick);
    future->rules = es_scene_rules(scene, &future->moment);
    if (!future->rules) {
        return es_fail_memory(diag);
    }
    es_scene_outside(scene, &future->moment, &future->outside);
    future->members = es_harmony_members(future->moment.harmony);
    future->keeps_chord = memcmp(future->moment.harmony->member, search->moment.harmony->member,
                                 sizeof search->moment.harmony->member) == 0;
    future->ahead = (uint8_t)ahead;
    future->n_found = 0;
    future->is_end = tick == scene->beats->end;
    future->is_known = !future->is_end || scene->beats->has_next;
    for (int place = 0; place < cast->n_parts; place++) {
        look(search, place, actions[place]);
    }
    for (int k = 0; k < search->n; k++) {
        add_candidates(search, k);
    }
    return ESTRO_OK;
}
