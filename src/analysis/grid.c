/*
 * Grid and bar lines.
 *
 * A time is on a grid when it is within a 48th of a quarter and a quarter of a step of it, or as near as the ticks of the file allow. Played
 * music meets a grid by chance half of the time at most: so nearly all onsets are demanded.
 */
#include "analysis/grid.h"

#include <string.h>

enum {
    TOLERANCE = ES_QUARTER / 48,
    FINEST = 24, /* Steps to a quarter: holds all other grids. */
    PARTS = 256,
    ACCENT_VALUES = 8,
    MIN_ACCENTS = 6
};

static const uint8_t grids[] = {1, 2, 3, 4, 6, 8, 12, FINEST};

static es_tick round_to(es_tick time, es_tick step)
{
    return (time + step / 2) / step * step;
}

static int tolerance_of(int step, es_tick file_tick)
{
    const int wanted = TOLERANCE < step / 4 ? TOLERANCE : step / 4;
    const int limit = file_tick < step / 2 ? (int)file_tick : step / 2 - 1;

    return wanted > limit ? wanted : limit;
}

static bool is_near(es_tick time, int step, int tolerance)
{
    const int off = (int)(time % ES_QUARTER) % step;

    return off <= tolerance || step - off <= tolerance;
}

/* At most one in a hundred is elsewhere. */
static bool is_nearly_all(size_t count, size_t of)
{
    return (of - count) * 100 <= of;
}

es_grid_found es_grid_find(const es_gathered *gathered)
{
    size_t onsets[sizeof grids] = {0};
    size_t ends[sizeof grids] = {0};

    for (size_t k = 0; k < sizeof grids; k++) {
        const int step = ES_QUARTER / grids[k];
        const int tolerance = tolerance_of(step, gathered->file_tick);
        for (size_t i = 0; i < gathered->n_notes; i++) {
            const es_note *const note = &gathered->notes[i].note;
            onsets[k] += is_near(note->start, step, tolerance);
            ends[k] += is_near(note->start + note->duration, step, tolerance);
        }
    }
    const bool ends_on_grid = is_nearly_all(ends[sizeof grids - 1], gathered->n_notes);
    for (size_t k = 0; k < sizeof grids; k++) {
        if (is_nearly_all(onsets[k], gathered->n_notes) &&
            (!ends_on_grid || is_nearly_all(ends[k], gathered->n_notes))) {
            return (es_grid_found){.grid = grids[k],
                                   .on_grid = true,
                                   .ends_on_grid = ends_on_grid,
                                   .tolerance =
                                       tolerance_of(ES_QUARTER / grids[k], gathered->file_tick)};
        }
    }
    return (es_grid_found){.grid = 4};
}

/* To the grid where a time is near it, else to the finest one. */
static es_tick snap(es_tick time, es_grid_found found)
{
    const int step = ES_QUARTER / found.grid;

    return round_to(time, is_near(time, step, found.tolerance) ? step : ES_QUARTER / FINEST);
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
    es_tick onset[PARTS]; /* Of each part: the onset that was seen last, going backward, ... */
    es_tick next[PARTS];  /* ... and the one after it; 0 = none. */

    if (!found.on_grid) {
        return;
    }
    memset(onset, 0, sizeof onset);
    memset(next, 0, sizeof next);
    for (size_t i = gathered->n_notes; i-- > 0;) {
        es_note *const note = &gathered->notes[i].note;
        const es_tick end = note->start + note->duration;
        const es_tick start = snap(note->start, found);
        if (start != onset[note->part]) {
            next[note->part] = onset[note->part];
            onset[note->part] = start;
        }
        const es_tick snapped = found.ends_on_grid
                                    ? snap(end, found)
                                    : written_end(note, next[note->part], ES_QUARTER / found.grid);
        note->start = start;
        note->duration = snapped > start ? snapped - start : ES_QUARTER / FINEST;
    }
    gathered->bar_line = snap(gathered->bar_line, found);
    es_found_notes_sort(gathered->notes, gathered->n_notes);
}

/* The loudness of accents, when loudness is used for them: a few steady values, no drums. 0: it is not. */
static uint8_t accent_of(const es_gathered *gathered)
{
    bool occurs[128] = {false};
    int n_values = 0;
    uint8_t loudest = 0;

    for (size_t i = 0; i < gathered->n_notes; i++) {
        const uint8_t velocity = gathered->notes[i].velocity;
        if (gathered->parts[gathered->notes[i].note.part].is_drums) {
            return 0;
        }
        n_values += !occurs[velocity];
        occurs[velocity] = true;
        loudest = velocity > loudest ? velocity : loudest;
    }
    return n_values <= ACCENT_VALUES ? loudest : 0;
}

/* Where in the bar the loudest notes stand, or 0 when they do not say it plainly. */
static es_tick accented_place(const es_gathered *gathered)
{
    const es_tick bar = es_meter_bar(gathered->meter);
    const es_tick last = gathered->notes[gathered->n_notes - 1].note.start;
    const uint8_t accent = accent_of(gathered);
    size_t n_accents = 0, n_there = 0, lead = 0;
    es_tick place = 0;

    /* The place that a majority has, if any (Boyer and Moore): then its share is counted. */
    for (size_t i = 0; i < gathered->n_notes; i++) {
        const es_tick at = gathered->notes[i].note.start % bar;
        if (gathered->notes[i].velocity == accent) {
            n_accents++;
            place = lead == 0 ? at : place;
            lead += place == at ? 1 : (size_t)-1;
        }
    }
    for (size_t i = 0; i < gathered->n_notes; i++) {
        n_there +=
            gathered->notes[i].velocity == accent && gathered->notes[i].note.start % bar == place;
    }
    const bool is_plain = n_there * 10 >= n_accents * 6 && n_accents * 2 < gathered->n_notes;
    const bool is_steady = n_there >= MIN_ACCENTS && (es_tick)n_there * 2 * bar > last;
    return accent > 0 && is_plain && is_steady ? place : 0;
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
