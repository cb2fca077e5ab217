/*
 * Notes to monophonic voices on a grid.
 *
 * Every part is split into lines: the notes of an instant go, highest first, to the lines that are free, topmost first. A monophonic part is
 * one line, in which a note ends where the next begins. The lines with the places that matter are kept. Where there are as many parts as voices
 * are wanted, each part is one line, whatever it doubles.
 */
#include "analysis/analysis.h"
#include "analysis/voices.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LINES = ES_MAX_VOICES, NO_LINE = 255, MAX_STEPS = 1 << 22 };

/* A note in steps. */
typedef struct placed {
    uint32_t start, end;
    uint8_t key, part, line; /* Line NO_LINE: dropped. */
} placed;

typedef struct line {
    uint8_t part, index;
    uint32_t n_notes;
    uint64_t key_sum;
    size_t last; /* The note that was put in last. */
    uint32_t free_at;
} line;

typedef struct splitter {
    const es_analysis *analysis;
    es_tick step;
    placed *notes;
    size_t n_notes;
    size_t dropped;
    bool by_parts;                /* A line a part, ... */
    uint8_t order[ES_MAX_VOICES]; /* ... in this order, from the highest to the lowest. */
    int n_ordered;
    line lines[ES_FOUND_PARTS][MAX_LINES];
} splitter;

static int compare_placed(const void *a, const void *b)
{
    const placed *const x = a;
    const placed *const y = b;

    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    if (x->part != y->part) {
        return x->part < y->part ? -1 : 1;
    }
    if (x->key != y->key) {
        return x->key > y->key ? -1 : 1; /* Highest first. */
    }
    return (x->end < y->end) - (x->end > y->end); /* Longest first. */
}

static void place_notes(splitter *s)
{
    for (size_t i = 0; i < s->analysis->n_notes; i++) {
        const es_note *const note = &s->analysis->notes[i];
        if (s->analysis->parts[note->part].is_drums) {
            continue;
        }
        const es_tick start = (note->start + s->step / 2) / s->step;
        const es_tick end = (note->start + note->duration + s->step / 2) / s->step;
        s->notes[s->n_notes++] = (placed){.start = (uint32_t)start,
                                          .end = (uint32_t)(end > start ? end : start + 1),
                                          .key = note->key,
                                          .part = note->part,
                                          .line = NO_LINE};
    }
    if (s->n_notes > 1) {
        qsort(s->notes, s->n_notes, sizeof *s->notes, compare_placed);
    }
}

static void put_in_line(splitter *s, size_t i, line *l)
{
    placed *const note = &s->notes[i];

    if (l->n_notes > 0 && s->notes[l->last].end > note->start) {
        s->notes[l->last].end = note->start;
    }
    note->line = l->index;
    l->last = i;
    l->free_at = note->end;
    l->key_sum += note->key;
    l->n_notes++;
}

/* Of the notes [from, to) of one part that begin together one goes on its only line: the highest, but of the lowest part the lowest. */
static void keep_one(splitter *s, size_t from, size_t to)
{
    const uint8_t part = s->notes[from].part;
    const bool is_bass = part == s->order[s->n_ordered - 1] && s->n_ordered > 1;

    put_in_line(s, is_bass ? to - 1 : from, &s->lines[part][0]);
    s->dropped += to - from - 1;
}

/* Put the notes [from, to) of one part that begin together into its lines. */
static void split_instant(splitter *s, size_t from, size_t to)
{
    const uint8_t part = s->notes[from].part;
    const bool is_single = s->analysis->parts[part].polyphony <= 1;
    const int n_lines = is_single ? 1 : MAX_LINES;
    int next = 0;

    for (size_t i = from; i < to; i++) {
        const placed *const note = &s->notes[i];
        const bool is_double = i > from && note->key == note[-1].key;
        while (next < n_lines && !is_single && s->lines[part][next].free_at > note->start) {
            next++;
        }
        if (is_double || next == n_lines) {
            s->dropped++;
            continue;
        }
        put_in_line(s, i, &s->lines[part][next++]);
    }
}

static void split(splitter *s)
{
    for (int part = 0; part < ES_FOUND_PARTS; part++) {
        for (int i = 0; i < MAX_LINES; i++) {
            s->lines[part][i] = (line){.part = (uint8_t)part, .index = (uint8_t)i};
        }
    }
    for (size_t from = 0, to; from < s->n_notes; from = to) {
        for (to = from + 1; to < s->n_notes && s->notes[to].start == s->notes[from].start &&
                            s->notes[to].part == s->notes[from].part;
             to++) {
        }
        if (s->by_parts) {
            keep_one(s, from, to);
        } else {
            split_instant(s, from, to);
        }
    }
}

/* Does `a` stand above `b`: the higher mean key, then the earlier part and line? */
static bool is_above(const line *a, const line *b)
{
    const uint64_t x = a->key_sum * b->n_notes;
    const uint64_t y = b->key_sum * a->n_notes;

    if (x != y) {
        return x > y;
    }
    return a->part != b->part ? a->part < b->part : a->index < b->index;
}

/* All lines that have notes, top to bottom; returns how many. */
static int order_lines(splitter *s, line **ordered)
{
    int count = 0;

    for (int i = 0; i < ES_FOUND_PARTS * MAX_LINES; i++) {
        line *const l = &s->lines[i / MAX_LINES][i % MAX_LINES];
        int at = count;
        if (l->n_notes == 0) {
            continue;
        }
        for (; at > 0 && is_above(l, ordered[at - 1]); at--) {
            ordered[at] = ordered[at - 1];
        }
        ordered[at] = l;
        count++;
    }
    return count;
}

/* Drop inner lines, fewest notes first (the lower one of two), until `wanted` are left. */
static int drop_lines(splitter *s, line **ordered, int count, int wanted)
{
    while (count > wanted) {
        int least = count > 2 ? count - 2 : count - 1;
        for (int i = least - 1; i > 0; i--) {
            least = ordered[i]->n_notes < ordered[least]->n_notes ? i : least;
        }
        s->dropped += ordered[least]->n_notes;
        for (int i = least; i + 1 < count; i++) {
            ordered[i] = ordered[i + 1];
        }
        count--;
    }
    return count;
}

static double mean_key(const splitter *s, uint8_t part)
{
    uint64_t sum = 0;
    uint64_t count = 0;

    for (size_t i = 0; i < s->n_notes; i++) {
        if (s->notes[i].part == part) {
            sum += s->notes[i].key;
            count++;
        }
    }
    return count ? (double)sum / (double)count : -1;
}

/* Are there just as many parts? Scores stand in their order, the highest part first; a file that begins with the lowest is turned over. */
static void order_parts(splitter *s, int wanted)
{
    int count = 0;

    if (es_count_parts(s->analysis) != wanted) {
        return;
    }
    for (size_t i = 0; i < s->analysis->n_parts; i++) {
        if (!s->analysis->parts[i].is_drums) {
            s->order[count++] = (uint8_t)i;
        }
    }
    s->by_parts = true;
    s->n_ordered = count;
    const double first = mean_key(s, s->order[0]);
    const double last = mean_key(s, s->order[count - 1]);
    if (first >= 0 && last > first) {
        for (int i = 0; i < count / 2; i++) {
            const uint8_t part = s->order[i];
            s->order[i] = s->order[count - 1 - i];
            s->order[count - 1 - i] = part;
        }
    }
}

static int choose_lines(splitter *s, line **ordered, int wanted)
{
    if (!s->by_parts) {
        return drop_lines(s, ordered, order_lines(s, ordered), wanted);
    }
    for (int i = 0; i < s->n_ordered; i++) {
        ordered[i] = &s->lines[s->order[i]][0];
    }
    return s->n_ordered;
}

static estro_status fill_roll(es_roll *roll, const splitter *s, line *const *ordered, int n_voices,
                              int grid, estro_diag *diag)
{
    const es_analysis *const a = s->analysis;
    const es_tick beat = es_meter_beat(a->meter);
    uint8_t voice_of[ES_FOUND_PARTS][MAX_LINES];
    uint8_t programs[MAX_LINES] = {0};
    uint32_t end = 0;

    for (int i = 0; i < ES_FOUND_PARTS * MAX_LINES; i++) {
        voice_of[i / MAX_LINES][i % MAX_LINES] = NO_LINE;
    }
    for (int i = 0; i < n_voices; i++) {
        const uint8_t program = s->analysis->parts[ordered[i]->part].program;
        voice_of[ordered[i]->part][ordered[i]->index] = (uint8_t)i;
        programs[i] = (uint8_t)(program ? program + 1
                                        : 0); /* A piano is what a file says that says nothing. */
    }
    for (size_t i = 0; i < s->n_notes; i++) {
        end = s->notes[i].end > end ? s->notes[i].end : end;
    }
    const uint32_t n_beats = (uint32_t)((end * s->step + beat - 1) / beat);
    const uint32_t n_steps = (uint32_t)((n_beats * beat + s->step - 1) / s->step);
    if (n_steps > MAX_STEPS) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "it is longer than %d steps", MAX_STEPS);
    }
    ES_TRY(es_roll_init(roll, n_voices, grid, n_steps, a->meter, diag));
    roll->chord = es_calloc(n_beats, sizeof *roll->chord);
    if (!roll->chord) {
        es_roll_done(roll);
        return es_fail_memory(diag);
    }
    memcpy(roll->program, programs, sizeof programs);
    roll->key = a->key;
    roll->has_key = true;
    roll->n_beats = n_beats;
    for (uint32_t i = 0; i < n_beats; i++) {
        roll->chord[i] = i < a->n_beats ? a->chords[i] : (es_chord){.quality = ES_QUALITY_NONE};
    }
    for (size_t i = 0; i < s->n_notes; i++) {
        const placed *const note = &s->notes[i];
        const uint8_t voice = note->line == NO_LINE ? NO_LINE : voice_of[note->part][note->line];
        for (uint32_t t = note->start; voice != NO_LINE && t < note->end; t++) {
            roll->pitch[(size_t)t * (size_t)n_voices + voice] = (int8_t)note->key;
            roll->onset[(size_t)t * (size_t)n_voices + voice] = t == note->start;
        }
    }
    return ESTRO_OK;
}

estro_status es_analysis_roll(es_roll *out, const es_analysis *analysis, int max_voices, int grid,
                              size_t *dropped, estro_diag *diag)
{
    splitter *const s = es_calloc(1, sizeof *s);
    placed *const notes = es_calloc(analysis->n_notes, sizeof *notes);
    line **const ordered = es_calloc(ES_FOUND_PARTS * MAX_LINES, sizeof *ordered);
    es_roll roll = {0};
    estro_status status = s && notes && ordered ? ESTRO_OK : es_fail_memory(diag);

    if (status == ESTRO_OK) {
        s->analysis = analysis;
        s->step = ES_QUARTER / grid;
        s->notes = notes;
        const int wanted = max_voices < MAX_LINES ? max_voices : MAX_LINES;
        place_notes(s);
        order_parts(s, wanted);
        split(s);
        const int n_voices = s->n_notes > 0 ? choose_lines(s, ordered, wanted) : 0;
        status = n_voices > 0 ? fill_roll(&roll, s, ordered, n_voices, grid, diag)
                              : es_fail(diag, ESTRO_ERR_FORMAT, "there is no note but of drums");
    }
    if (status == ESTRO_OK) {
        *out = roll;
        if (dropped) {
            *dropped = s->dropped;
        }
    }
    es_free(ordered);
    es_free(notes);
    es_free(s);
    return status;
}
