/*
 * The engine and what is given: whether that concerns a phrase, and whether what is drawn anew came out as what was there. The record of the
 * piece stands in the fixed notes, also where they are not given.
 */
#include "gen/engine.h"

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

/* Whether a bar came out as it was: all its parts that play, or one if that is enough. */
static bool is_same(const es_engine *engine, uint16_t bar, bool one_is_enough)
{
    const es_tick start = engine->beats.start + bar * engine->beats.bar;
    const es_tick end = start + engine->beats.bar;
    int same = 0, different = 0;

    for (uint32_t p = 0; p < engine->style->n_parts; p++) {
        const es_part *part = &engine->style->parts[p];
        bool plays = false, same_part = true;
        if (es_given_covers(engine->given, (int)p, start, end)) {
            continue;
        }
        if (part->role == ES_ROLE_DRUMS) {
            same_part = are_same_drums(engine, (int)p, start, end, &plays);
        }
        for (int l = 0; l < part->n_lines && part->role != ES_ROLE_DRUMS; l++) {
            same_part =
                is_same_line(engine, (int)p, part->first_line + l, start, end, &plays) && same_part;
        }
        same += plays && same_part;
        different += plays && !same_part;
    }
    return same > 0 && (one_is_enough || different == 0);
}

bool es_engine_is_to_differ(const es_engine *engine, uint16_t bar, uint32_t tries)
{
    return engine->given && engine->given->is_anew && tries < ES_ANEW_TRIES &&
           is_same(engine, bar, tries < ES_ANEW_EACH);
}

void es_engine_find_given(es_engine *engine)
{
    const es_given *given = engine->options.given;

    engine->given = NULL;
    for (uint32_t p = 0; given && p < engine->style->n_parts; p++) {
        if (es_given_at(given, (int)p, engine->beats.start) ||
            es_given_from(given, (int)p, engine->beats.start) <= engine->beats.end) {
            engine->given = given;
        }
    }
}

/* Lines that were given up to here begin anew: from what was given there may be no way that is allowed. */
void es_engine_forget_given(es_engine *engine)
{
    const es_given *given = engine->options.given;

    for (uint32_t p = 0; given && given->asks_nothing && p < engine->style->n_parts; p++) {
        const es_part *part = &engine->style->parts[p];
        if (!es_given_at(given, (int)p, engine->beats.start - 1)) {
            continue;
        }
        for (int l = part->first_line; l < part->first_line + part->n_lines; l++) {
            engine->state->line[l].pitch = engine->state->line[l].last = ES_SILENT;
            engine->state->line[l].anchor = ES_SILENT;
            es_line_forgive(&engine->state->line[l]);
        }
    }
}
