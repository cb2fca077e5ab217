/*
 * A piano roll of letters: a column for some ticks, a row for one key or some, the piece cut into as many lines as it needs. Each
 * part has its letter; where a note begins it is a capital.
 */
#include "api/analysed.h"

#include "base/mem.h"

#include <string.h>

enum {
    MARGIN = 6,
    MOST_LINES = 3, /**< The column is made coarser until the piece fits in so many. */
    MOST_ROWS = 40
};

typedef struct grid {
    const es_analysis *found;
    es_tick column_ticks;
    int columns;   /**< Of one line. */
    int low, high; /**< Keys. */
    int keys;      /**< To a row. */
    int rows;
    char *cells; /**< [rows][columns]. */
} grid;

static void find_range(grid *g)
{
    g->low = 127;
    g->high = 0;
    for (size_t i = 0; i < g->found->n_parts; i++) {
        const es_found_part *part = &g->found->parts[i];
        if (!part->is_drums && part->n_notes) {
            g->low = part->low < g->low ? part->low : g->low;
            g->high = part->high > g->high ? part->high : g->high;
        }
    }
}

/** Columns of whole beats' halves, then beats, then bars, so that the bar lines fall on columns. */
static void choose_column(grid *g, int columns)
{
    const es_tick beat = es_meter_beat(g->found->meter), bar = es_meter_bar(g->found->meter);
    const es_tick units[] = {beat / 4, beat / 2, beat, bar / 2, bar};
    const int fit = columns - MARGIN;
    es_tick ticks = units[0];

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        ticks = units[i];
        if (g->found->length <= ticks * fit * MOST_LINES) {
            break;
        }
    }
    while (g->found->length > ticks * fit * MOST_LINES) {
        ticks += bar;
    }
    const int per_bar = (int)(bar / ticks);
    g->column_ticks = ticks;
    g->columns = per_bar > 1 && fit > per_bar ? fit / per_bar * per_bar : fit;
}

static void draw_bars(grid *g, es_tick from)
{
    const es_tick bar = es_meter_bar(g->found->meter);

    memset(g->cells, ' ', (size_t)g->rows * (size_t)g->columns);
    for (int c = 0; c < g->columns; c++) {
        const es_tick at = from + c * g->column_ticks;
        if (at % bar != 0 || at > g->found->length || g->column_ticks >= bar) {
            continue;
        }
        for (int r = 0; r < g->rows; r++) {
            g->cells[r * g->columns + c] = ':';
        }
    }
}

static void draw_note(grid *g, const es_note *note, es_tick from)
{
    const es_tick first = (note->start - from) / g->column_ticks;
    const es_tick last = (note->start + note->duration - 1 - from) / g->column_ticks;
    const int row = (g->high - note->key) / g->keys;
    const char letter = (char)('a' + note->part % 26);

    if (row < 0 || row >= g->rows) {
        return;
    }
    for (es_tick c = first < 0 ? 0 : first; c <= last && c < g->columns; c++) {
        char *cell = &g->cells[row * g->columns + c];
        const bool begins = c == first && note->start >= from;
        if (begins) {
            *cell = (char)(letter - 'a' + 'A');
        } else if (*cell == ' ' || *cell == ':') {
            *cell = letter;
        }
    }
}

static void add_line(es_text *text, const grid *g, es_tick from)
{
    const es_tick bar = es_meter_bar(g->found->meter);
    char name[8];

    es_text_add(text, "\nbar %ld\n", (long)(from / bar) + 1);
    for (int r = 0; r < g->rows; r++) {
        const int key = g->high - r * g->keys;
        int width = g->columns;
        while (width > 0 && g->cells[r * g->columns + width - 1] == ' ') {
            width--;
        }
        es_pitch_write(name, sizeof name, key, &g->found->key);
        es_text_add(text, "%*s %.*s\n", MARGIN - 2, name, width, g->cells + r * g->columns);
    }
}

void es_describe_roll(es_text *text, const es_analysis *found, int columns)
{
    grid g = {.found = found};

    find_range(&g);
    if (g.high < g.low) {
        return;
    }
    choose_column(&g, columns);
    g.keys = (g.high - g.low) / MOST_ROWS + 1;
    g.rows = (g.high - g.low) / g.keys + 1;
    g.cells = es_calloc((size_t)g.rows, (size_t)g.columns);
    if (!g.cells) {
        text->has_failed = true;
        return;
    }
    es_text_add(
        text, "\npiano roll: a letter a part, in the order above; a capital where a note begins\n");
    const es_tick line = g.column_ticks * g.columns;
    for (es_tick from = 0; from < found->length; from += line) {
        draw_bars(&g, from);
        for (size_t i = 0; i < found->n_notes; i++) {
            const es_note *note = &found->notes[i];
            if (!found->parts[note->part].is_drums && note->start < from + line &&
                note->start + note->duration > from) {
                draw_note(&g, note, from);
            }
        }
        add_line(text, &g, from);
    }
    es_free(g.cells);
}
