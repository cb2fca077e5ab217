/*
 * Grid and bar lines.
 *
 * A time is on a grid when it is within a 96th of a quarter of it, or as near as the ticks of the file allow. Played music meets coarse grids
 * by chance only, fine ones half of the time: so nearly all onsets are demanded.
 */
#include "analysis/grid.h"

#include <string.h>

enum {
    TOLERANCE = ES_QUARTER / 96,
    MAX_TOLERANCE = ES_QUARTER / 48 - 1, /* Less than half a step of the finest grid. */
    FINEST = 24, /* Steps to a quarter: holds all other grids. */
    PARTS = 256
};

static const uint8_t grids[] = {1, 2, 3, 4, 6, 8, 12, FINEST};

static es_tick round_to(es_tick time, es_tick step)
{
    return (time + step / 2) / step * step;
}

static bool is_near(es_tick time, es_tick step, es_tick tolerance)
{
    const es_tick off = time - round_to(time, step);

    return off <= tolerance && off >= -tolerance;
}

/* At most one in a hundred is elsewhere. */
static bool is_nearly_all(size_t count, size_t of)
{
    return (of - count) * 100 <= of;
}

es_grid_found es_grid_find(const es_gathered *gathered)
{
    const es_tick tick = gathered->file_tick;
    const es_tick tolerance = tick < TOLERANCE       ? TOLERANCE
                              : tick < MAX_TOLERANCE ? tick
                                                     : MAX_TOLERANCE;
    size_t onsets[sizeof grids] = {0};
    size_t ends[sizeof grids] = {0};

    for (size_t i = 0; i < gathered->n_notes; i++) {
        const es_note *const note = &gathered->notes[i].note;
        for (size_t k = 0; k < sizeof grids; k++) {
            const es_tick step = ES_QUARTER / grids[k];
            onsets[k] += is_near(note->start, step, tolerance);
            ends[k] += is_near(note->start + note->duration, step, tolerance);
        }
    }
    const bool ends_on_grid = is_nearly_all(ends[sizeof grids - 1], gathered->n_notes);
    for (size_t k = 0; k < sizeof grids; k++) {
        if (is_nearly_all(onsets[k], gathered->n_notes) &&
            (!ends_on_grid || is_nearly_all(ends[k], gathered->n_notes))) {
            return (es_grid_found){.grid = grids[k], .on_grid = true, .ends_on_grid = ends_on_grid};
        }
    }
    return (es_grid_found){.grid = 4};
}

/* A note's end as written: the next onset of its part if the gap is short beside the note, else the nearest step. */
static es_tick written_end(const es_note *note, es_tick next, es_tick step)
{
    const es_tick end = note->start + note->duration;
    const es_tick gap = next > end ? next - end : end - next;

    return next > note->start && gap <= note->duration / 8 ? next : round_to(end, step);
}

void es_grid_snap(es_gathered *gathered, es_grid_found found)
{
    const es_tick step = ES_QUARTER / FINEST;
    es_tick onset[PARTS],
        next[PARTS]; /* The onset before which we are in a part, and the one after it. */

    if (!found.on_grid) {
        return;
    }
    memset(onset, 0, sizeof onset);
    memset(next, 0, sizeof next);
    for (size_t i = gathered->n_notes; i-- > 0;) {
        es_note *const note = &gathered->notes[i].note;
        const es_tick end = note->start + note->duration;
        const es_tick start = round_to(note->start, step);
        if (start != onset[note->part]) {
            next[note->part] = onset[note->part];
            onset[note->part] = start;
        }
        const es_tick snapped =
            found.ends_on_grid ? round_to(end, step) : written_end(note, next[note->part], ES_QUARTER / found.grid);
        note->start = start;
        note->duration = snapped > start ? snapped - start : step;
    }
    es_found_notes_sort(gathered->notes, gathered->n_notes);
}

/* Where in the bar the loudest notes stand, or 0 when they do not say it plainly. */
static es_tick accented_place(const es_gathered *gathered)
{
    const es_tick bar = es_meter_bar(gathered->meter);
    uint8_t loudest = 0;
    size_t n_loudest = 0, n_there = 0;
    es_tick place = 0;

    for (size_t i = 0; i < gathered->n_notes; i++) {
        const es_found_note *const found = &gathered->notes[i];
        if (found->velocity > loudest) {
            loudest = found->velocity;
        }
    }
    /* The place that a majority has, if any (Boyer and Moore): then its share is counted. */
    size_t lead = 0;
    for (size_t i = 0; i < gathered->n_notes; i++) {
        const es_tick at = gathered->notes[i].note.start % bar;
        if (gathered->notes[i].velocity == loudest) {
            n_loudest++;
            place = lead == 0 ? at : place;
            lead += place == at ? 1 : (size_t)-1;
        }
    }
    for (size_t i = 0; i < gathered->n_notes; i++) {
        n_there +=
            gathered->notes[i].velocity == loudest && gathered->notes[i].note.start % bar == place;
    }
    const bool is_plain = n_there * 10 >= n_loudest * 8 && n_loudest * 2 < gathered->n_notes;
    const es_note *const last = &gathered->notes[gathered->n_notes - 1].note;
    const bool is_steady = (es_tick)n_there * 2 * bar > last->start;
    return is_plain && is_steady ? place : 0;
}

es_tick es_grid_align(es_gathered *gathered)
{
    const es_tick bar = es_meter_bar(gathered->meter);
    es_tick place = gathered->bar_line % bar;

    if (place == 0) {
        place = accented_place(gathered);
    }
    const es_tick shift = (bar - place) % bar;
    for (size_t i = 0; shift > 0 && i < gathered->n_notes; i++) {
        gathered->notes[i].note.start += shift;
    }
    return shift;
}
