/*
 * Fixed notes. Ranges and notes of a whole piece, so they are looked up by halving.
 */
#include "gen/given.h"

#include "base/mem.h"
#include "base/sorted.h"

#include <string.h>

void es_given_done(es_given *given)
{
    for (int p = 0; p < ES_MAX_PARTS; p++) {
        es_free(given->ranges[p]);
    }
    for (int l = 0; l < ES_MAX_LINES; l++) {
        es_free(given->track[l].notes);
    }
    es_free(given->drums);
    es_free(given->chances);
    es_free(given->attempts);
    memset(given, 0, sizeof *given);
}

void es_given_clear(es_given *given)
{
    memset(given->n_ranges, 0, sizeof given->n_ranges);
    for (int l = 0; l < ES_MAX_LINES; l++) {
        given->track[l].count = 0;
    }
    given->n_drums = 0;
    given->n_chances = 0;
}

bool es_given_add_range(es_given *given, int part, es_tick start, es_tick end)
{
    es_given_range *ranges = given->ranges[part];
    const size_t n = given->n_ranges[part];

    if (n > 0 && ranges[n - 1].end >= start) {
        ranges[n - 1].end = end > ranges[n - 1].end ? end : ranges[n - 1].end;
        return true;
    }
    if (!es_grow(&given->ranges[part], n, &given->ranges_capacity[part], sizeof *ranges)) {
        return false;
    }
    given->ranges[part][given->n_ranges[part]++] = (es_given_range){start, end};
    return true;
}

bool es_given_add_note(es_given *given, int line, const es_track_note *note)
{
    es_track *track = &given->track[line];

    if (!es_grow(&track->notes, track->count, &track->capacity, sizeof *track->notes)) {
        return false;
    }
    track->notes[track->count++] = *note;
    return true;
}

bool es_given_add_drum(es_given *given, const es_note *note)
{
    if (!es_grow(&given->drums, given->n_drums, &given->drums_capacity, sizeof *given->drums)) {
        return false;
    }
    given->drums[given->n_drums++] = *note;
    return true;
}

bool es_given_add_chance(es_given *given, const es_given_chance *chance)
{
    if (!es_grow(&given->chances, given->n_chances, &given->chances_capacity,
                 sizeof *given->chances)) {
        return false;
    }
    given->chances[given->n_chances++] = *chance;
    return true;
}

/* Drums of a part come in order of time, those of several parts one after another. */
static void sort_drums(es_note *drums, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const es_note note = drums[i];
        size_t at = i;
        while (at > 0 && drums[at - 1].start > note.start) {
            drums[at] = drums[at - 1];
            at--;
        }
        drums[at] = note;
    }
}

bool es_given_take(es_given *given, uint32_t attempt, const es_track *tracks, const es_note *drums,
                   size_t n_drums)
{
    const size_t first = given->n_drums;

    if (!es_grow(&given->attempts, given->n_attempts, &given->attempts_capacity,
                 sizeof *given->attempts)) {
        return false;
    }
    given->attempts[given->n_attempts++] = attempt;
    for (int l = 0; l < ES_MAX_LINES; l++) {
        for (size_t i = 0; i < tracks[l].count; i++) {
            if (!es_given_add_note(given, l, &tracks[l].notes[i])) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < n_drums; i++) {
        if (!es_given_add_drum(given, &drums[i])) {
            return false;
        }
    }
    if (n_drums > 0) {
        sort_drums(given->drums + first, n_drums);
    }
    return true;
}

static bool range_has_begun(const void *range, es_tick tick)
{
    return ((const es_given_range *)range)->start <= tick;
}

/* How many ranges of a part begin at or before a tick. */
static size_t begun(const es_given *given, int part, es_tick tick)
{
    return es_count_before(given->ranges[part], given->n_ranges[part], sizeof(es_given_range),
                           range_has_begun, tick);
}

const es_given_range *es_given_at(const es_given *given, int part, es_tick tick)
{
    const size_t n = given ? begun(given, part, tick) : 0;

    return n > 0 && given->ranges[part][n - 1].end > tick ? &given->ranges[part][n - 1] : NULL;
}

es_tick es_given_from(const es_given *given, int part, es_tick tick)
{
    const size_t n = given ? begun(given, part, tick - 1) : 0;

    return given && n < given->n_ranges[part] ? given->ranges[part][n].start : ES_OPEN_END;
}

bool es_given_covers(const es_given *given, int part, es_tick start, es_tick end)
{
    const es_given_range *range = es_given_at(given, part, start);

    return range && range->end >= end;
}

static bool note_is_struck(const void *note, es_tick tick)
{
    return ((const es_track_note *)note)->start <= tick;
}

/* How many notes of a line begin at or before a tick. */
static size_t struck(const es_track *track, es_tick tick)
{
    return es_count_before(track->notes, track->count, sizeof *track->notes, note_is_struck, tick);
}

const es_track_note *es_given_note(const es_given *given, int line, es_tick tick)
{
    const es_track *track = &given->track[line];
    const size_t n = struck(track, tick);

    return n > 0 && track->notes[n - 1].end > tick ? &track->notes[n - 1] : NULL;
}

es_tick es_given_next(const es_given *given, const es_part *part, int index, es_tick tick)
{
    const es_given_range *range = es_given_at(given, index, tick);
    es_tick next = range ? range->end : ES_OPEN_END;

    for (int l = part->first_line; l < part->first_line + part->n_lines; l++) {
        const es_track *track = &given->track[l];
        const size_t n = struck(track, tick);
        if (n > 0 && track->notes[n - 1].end > tick && track->notes[n - 1].end < next) {
            next = track->notes[n - 1].end;
        }
        if (n < track->count && track->notes[n].start < next) {
            next = track->notes[n].start;
        }
    }
    return next;
}

bool es_given_ends(const es_given *given, int part, int line, es_tick tick)
{
    return given && !es_given_at(given, part, tick) && es_given_at(given, part, tick - 1) &&
           es_given_note(given, line, tick - 1);
}

static bool hit_is_before(const void *hit, es_tick tick)
{
    return ((const es_note *)hit)->start < tick;
}

size_t es_given_first_drum(const es_given *given, es_tick tick)
{
    return es_count_before(given->drums, given->n_drums, sizeof *given->drums, hit_is_before, tick);
}

es_given_range es_given_inside(const es_given *given, const es_part *part, es_given_range range)
{
    bool changes = part->role != ES_ROLE_DRUMS;

    while (changes && range.start < range.end) {
        changes = false;
        for (int l = part->first_line; l < part->first_line + part->n_lines; l++) {
            const es_track_note *over_start = es_given_note(given, l, range.start - 1);
            const es_track_note *over_end = es_given_note(given, l, range.end - 1);
            if (over_start && over_start->end > range.start) {
                range.start = over_start->end;
                changes = true;
            }
            if (over_end && over_end->end > range.end) {
                range.end = over_end->start;
                changes = true;
            }
        }
    }
    range.end = range.end < range.start ? range.start : range.end;
    return range;
}

uint64_t es_given_seed(const es_given *given, uint32_t parts, es_tick tick, uint64_t usual)
{
    for (size_t i = 0; given && i < given->n_chances; i++) {
        const es_given_chance *chance = &given->chances[i];
        if (tick >= chance->start && tick < chance->end && (chance->parts & parts)) {
            return chance->seed;
        }
    }
    return usual;
}
