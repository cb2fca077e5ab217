/*
 * Whether what is drawn anew came out as what was there. The record of the piece stands in the fixed notes, also where they are not given.
 */
#include "gen/engine.h"

#include <string.h>

/* Whether a line plays in a bar, where its part is free, what it played before. */
static bool is_same_line(const es_engine *engine, int part, int line, es_tick start, es_tick end,
                         bool *plays)
{
    const es_track *now = &engine->track[line], *before = &engine->given->track[line];
    size_t i = 0, j = 0;

    for (;;) {
        while (i < now->count && (now->notes[i].start < start ||
                                  es_given_at(engine->given, part, now->notes[i].start))) {
            i++;
        }
        while (j < before->count && (before->notes[j].start < start ||
                                     es_given_at(engine->given, part, before->notes[j].start))) {
            j++;
        }
        const es_track_note *a =
            i < now->count && now->notes[i].start < end ? &now->notes[i] : NULL;
        const es_track_note *b =
            j < before->count && before->notes[j].start < end ? &before->notes[j] : NULL;
        *plays = *plays || a || b;
        if (!a || !b) {
            return !a && !b;
        }
        const es_tick a_end = a->end < end ? a->end : end, b_end = b->end < end ? b->end : end;
        if (a->start != b->start || a->pitch != b->pitch || a_end != b_end) {
            return false;
        }
        i++;
        j++;
    }
}

static bool has_hit(const es_note *drums, size_t count, const es_note *hit)
{
    for (size_t i = 0; i < count; i++) {
        if (drums[i].start == hit->start && drums[i].key == hit->key &&
            drums[i].part == hit->part && drums[i].accent == hit->accent) {
            return true;
        }
    }
    return false;
}

/* The same of the hits of a drum part. */
static bool are_same_drums(const es_engine *engine, int part, es_tick start, es_tick end,
                           bool *plays)
{
    const es_given *given = engine->given;
    const es_note *now = engine->drums;
    size_t n_now = 0, n_before = 0;
    bool same = true;

    for (size_t i = 0; i < engine->state->n_drums; i++) {
        if (now[i].part == part && now[i].start >= start && now[i].start < end) {
            n_now++;
            same = same && has_hit(given->drums, given->n_drums, &now[i]);
        }
    }
    for (size_t i = es_given_first_drum(given, start);
         i < given->n_drums && given->drums[i].start < end; i++) {
        n_before += given->drums[i].part == part;
    }
    *plays = n_now + n_before > 0;
    return same && n_now == n_before;
}

bool es_engine_is_same(const es_engine *engine, uint16_t bar, bool all)
{
    const es_tick start = engine->beats.start + bar * engine->beats.bar;
    const es_tick end = start + engine->beats.bar;
    int same = 0, different = 0;

    for (uint32_t p = 0; p < engine->style->n_parts; p++) {
        const es_part *part = &engine->style->parts[p];
        bool plays = false, is_same = true;
        if (es_given_covers(engine->given, (int)p, start, end)) {
            continue;
        }
        if (part->role == ES_ROLE_DRUMS) {
            is_same = are_same_drums(engine, (int)p, start, end, &plays);
        }
        for (int l = 0; l < part->n_lines && part->role != ES_ROLE_DRUMS; l++) {
            is_same =
                is_same_line(engine, (int)p, part->first_line + l, start, end, &plays) && is_same;
        }
        same += plays && is_same;
        different += plays && !is_same;
    }
    return all ? same > 0 : same > 0 && different == 0;
}
