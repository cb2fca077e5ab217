/*
 * The notes of a file in the place of those that the piece was composed with. A note that is played as it was composed is that note; any other
 * is written down: among the places, accents and lengths of a fine grid it gets those that would be played nearest to it, which are its
 * own if it was made here. What stands in the file is what is kept; what is written down is what the composer goes by.
 */
#include "api/again.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdlib.h>

enum {
    PLACE = ES_QUARTER / 24, /* The finest place of a note that is written down. */
    FILE_TICKS = 960,
    MOST_LENGTH = 64, /* Quarters. */
    NOT_FOUND = -1
};

/* A note of the file. */
typedef struct found {
    es_played played;
    uint32_t bar;
    int64_t was; /* The played note that it is, or NOT_FOUND. */
} found;

typedef struct reader {
    es_again *again;
    const es_again_how *how;
    found *notes; /* By bar. */
    size_t n_notes;
    bool *is_edited; /* [bars * ES_MAX_PARTS] */
    bool has_edits[ES_MAX_PARTS];
} reader;

static int64_t file_tick(es_tick tick)
{
    return (tick * FILE_TICKS + ES_QUARTER / 2) / ES_QUARTER;
}

static bool *edited(const reader *r, uint32_t bar, int part)
{
    return &r->is_edited[(size_t)bar * ES_MAX_PARTS + (size_t)part];
}

/* ---- taking the notes of the file ---- */

static uint32_t bar_of(const es_again *again, es_tick tick)
{
    uint32_t bar = 0;

    while (bar + 1 < again->n_bars && again->bars[bar + 1].start <= tick) {
        bar++;
    }
    return bar;
}

static estro_status take_notes(reader *r, const estro_made *file, estro_diag *diag)
{
    r->notes = es_calloc(file->n_notes + 1, sizeof *r->notes);
    r->is_edited = es_calloc(r->again->n_bars * ES_MAX_PARTS, sizeof *r->is_edited);
    if (!r->notes || !r->is_edited) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < file->n_notes; i++) {
        const es_made_note *note = &file->notes[i];
        const char *track = file->tracks[note->track] ? file->tracks[note->track] : "";
        const int part = es_part_find(r->how->style, track);
        if (part < 0) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT,
                           "it has notes in a track '%s'; style %s has no such part", track,
                           r->how->style->name);
        }
        r->notes[r->n_notes++] = (found){.played = {.start = note->start,
                                                    .duration = note->duration,
                                                    .key = note->key,
                                                    .velocity = note->velocity,
                                                    .channel = r->how->style->parts[part].channel,
                                                    .part = (uint8_t)part},
                                         .bar = bar_of(r->again, note->start),
                                         .was = NOT_FOUND};
    }
    return ESTRO_OK;
}

/* Find each played note in the file, at its time or not at all; both go by time, bar by bar. */
static void match(reader *r)
{
    size_t from = 0;

    for (size_t i = 0; i < r->again->n_played; i++) {
        const es_was_played *was = &r->again->played[i];
        bool is_there = false;
        while (from < r->n_notes && r->notes[from].bar < was->bar) {
            from++;
        }
        for (size_t j = from; j < r->n_notes && r->notes[j].bar <= was->bar && !is_there; j++) {
            found *note = &r->notes[j];
            is_there = note->was == NOT_FOUND && note->played.part == was->played.part &&
                       note->played.key == was->played.key &&
                       note->played.velocity == was->played.velocity &&
                       file_tick(note->played.start) == file_tick(was->played.start);
            if (is_there) {
                note->was = (int64_t)i;
            }
        }
        if (!is_there) {
            *edited(r, was->bar, was->played.part) = true;
        }
    }
    for (size_t j = 0; j < r->n_notes; j++) {
        if (r->notes[j].was == NOT_FOUND) {
            *edited(r, r->notes[j].bar, r->notes[j].played.part) = true;
        }
    }
}

/*
 * Where nothing of a part is edited its notes are played exactly as they were; else as the file says, all of them, so that notes of one
 * tick of the file keep their order.
 */
static void set_times(const reader *r)
{
    for (size_t j = 0; j < r->n_notes; j++) {
        found *note = &r->notes[j];
        if (note->was == NOT_FOUND || r->has_edits[note->played.part]) {
            continue;
        }
        const es_played *was = &r->again->played[note->was].played;
        const es_tick end = note->played.start + note->played.duration;
        const bool is_same_end = file_tick(was->start + was->duration) == file_tick(end);
        note->played.duration = is_same_end        ? was->duration
                                : end > was->start ? end - was->start
                                                   : 1;
        note->played.start = was->start;
    }
}

/* ---- writing down ---- */

static es_tick distance(es_tick a, es_tick b)
{
    return a > b ? a - b : b - a;
}

/* Simpler places and lengths are likelier: what a finer one has to be nearer by. */
static es_tick fineness(es_tick tick)
{
    return tick % ES_QUARTER == 0         ? 0
           : tick % (ES_QUARTER / 2) == 0 ? PLACE / 32
           : tick % (ES_QUARTER / 4) == 0 ? PLACE / 16
           : tick % (ES_QUARTER / 3) == 0 ? PLACE / 8
                                          : PLACE / 4;
}

/* How a note would be played. */
static es_played play(const reader *r, const es_bar *bar, const es_note *note)
{
    es_played played[64];
    es_tempo_point tempo[ES_MAX_TEMPO_POINTS];
    size_t n_tempo;
    es_bar alone = *bar;

    alone.notes = note;
    alone.n_notes = 1;
    if (r->how->as_written) {
        es_perform_plain(r->how->style, &alone, played, tempo, &n_tempo);
    } else {
        es_perform_bar(r->how->style, r->how->seed, &alone, played, tempo, &n_tempo);
    }
    return played[0];
}

static es_note write_down(const reader *r, const found *note)
{
    const es_bar *bar = &r->again->bars[note->bar];
    const es_tick end = note->played.start + note->played.duration;
    es_note out = {.start = bar->start,
                   .duration = ES_QUARTER,
                   .key = note->played.key,
                   .part = note->played.part,
                   .line = UINT8_MAX};
    es_note best = out;
    es_tick nearest = INT64_MAX;

    for (es_tick at = 0; at < bar->length; at += PLACE) {
        out.start = bar->start + at;
        const es_tick off = distance(play(r, bar, &out).start, note->played.start) + fineness(at);
        if (off < nearest) {
            nearest = off;
            best.start = out.start;
        }
    }
    nearest = INT64_MAX;
    for (int8_t accent = -1; accent <= 1; accent++) {
        out = best;
        out.accent = accent;
        const es_tick off = distance(play(r, bar, &out).velocity, note->played.velocity);
        if (off < nearest || (off == nearest && accent == 0)) {
            nearest = off;
            best.accent = accent;
        }
    }
    nearest = INT64_MAX;
    for (es_tick length = PLACE; length <= (es_tick)MOST_LENGTH * ES_QUARTER; length += PLACE) {
        out = best;
        out.duration = length;
        const es_played played = play(r, bar, &out);
        const es_tick off = distance(played.start + played.duration, end) + fineness(length);
        if (off < nearest) {
            nearest = off;
            best.duration = length;
        }
        if (best.start + length > end + ES_QUARTER) {
            break;
        }
    }
    return best;
}

/* ---- the piece as it is now ---- */

static estro_status set_notes(reader *r, estro_diag *diag)
{
    es_again *again = r->again;
    es_note *notes = es_calloc(r->n_notes + again->n_notes + 1, sizeof *notes);
    es_was_played *played = es_calloc(r->n_notes + 1, sizeof *played);
    uint32_t *now = es_calloc(again->n_notes + 1, sizeof *now); /* Index of each old note. */
    size_t n = 0;

    if (!notes || !played || !now) {
        es_free(now);
        es_free(notes);
        es_free(played);
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < again->n_notes; i++) {
        now[i] = UINT32_MAX;
    }
    for (size_t i = 0; i < r->n_notes; i++) {
        const found *note = &r->notes[i];
        uint32_t *known =
            note->was == NOT_FOUND ? NULL : &now[again->played[note->was].played.note];
        if (!known || *known == UINT32_MAX) { /* The strokes of an ornament are one note. */
            notes[n] = known ? again->notes[known - now] : write_down(r, note);
            if (known) {
                *known = (uint32_t)n;
            }
            n++;
        }
        played[i] = (es_was_played){note->played, note->bar};
        played[i].played.note = known ? *known : (uint32_t)(n - 1);
    }
    es_free(now);
    es_free(again->notes);
    es_free(again->played);
    again->notes = notes;
    again->played = played;
    again->n_notes = again->notes_capacity = n;
    again->n_played = again->played_capacity = r->n_notes;
    return ESTRO_OK;
}

/* A note of a line that is put together anew. */
typedef struct placed {
    es_track_note note;
    int line;
} placed;

static int by_line(const void *a, const void *b)
{
    const placed *x = a, *y = b;

    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }
    if (x->note.start != y->note.start) {
        return x->note.start < y->note.start ? -1 : 1;
    }
    if (x->note.end != y->note.end) {
        return x->note.end < y->note.end ? -1 : 1;
    }
    return (x->note.pitch > y->note.pitch) - (x->note.pitch < y->note.pitch);
}

/* A line of a part that has room for a note; -1 = none. */
static int free_line(const es_part *part, const placed *notes, size_t count, const es_note *note)
{
    for (int line = part->first_line; line < part->first_line + part->n_lines; line++) {
        bool is_free = true;
        for (size_t i = 0; i < count && is_free; i++) {
            is_free = notes[i].line != line || notes[i].note.end <= note->start ||
                      notes[i].note.start >= note->start + note->duration;
        }
        if (is_free) {
            return line;
        }
    }
    return part->n_lines == 1 ? part->first_line : -1;
}

static bool is_edited_at(const reader *r, int part, es_tick tick)
{
    return *edited(r, bar_of(r->again, tick), part);
}

/* Notes of a part: as they were recorded where nothing is edited, as they are in the file elsewhere. */
static size_t place_notes(const reader *r, int p, placed *out)
{
    const es_part *part = &r->how->style->parts[p];
    const es_given *given = &r->again->given;
    size_t n = 0;

    for (int line = part->first_line; line < part->first_line + part->n_lines; line++) {
        for (size_t i = 0; i < given->track[line].count; i++) {
            const es_track_note *note = &given->track[line].notes[i];
            if (!is_edited_at(r, p, note->start)) {
                out[n++] = (placed){*note, line};
            }
        }
    }
    for (int known = 1; known >= 0; known--) { /* Those whose line is known first. */
        for (size_t i = 0; i < r->again->n_notes; i++) {
            const es_note *note = &r->again->notes[i];
            if (note->part != p || (note->line != UINT8_MAX) != (known == 1) ||
                !is_edited_at(r, p, note->start)) {
                continue;
            }
            const int line = known ? part->first_line + note->line : free_line(part, out, n, note);
            if (line >= 0) {
                out[n++] = (placed){{.start = note->start,
                                     .end = note->start + note->duration,
                                     .pitch = note->key,
                                     .accent = note->accent,
                                     .marks = note->marks},
                                    line};
            }
        }
    }
    return n;
}

static estro_status set_lines(const reader *r, int p, estro_diag *diag)
{
    const es_part *part = &r->how->style->parts[p];
    es_given *given = &r->again->given;
    size_t most = r->again->n_notes;

    for (int line = part->first_line; line < part->first_line + part->n_lines; line++) {
        most += given->track[line].count;
    }
    placed *notes = es_calloc(most + 1, sizeof *notes);
    if (!notes) {
        return es_fail_memory(diag);
    }
    const size_t n = place_notes(r, p, notes);
    qsort(notes, n, sizeof *notes, by_line);
    for (int line = part->first_line; line < part->first_line + part->n_lines; line++) {
        given->track[line].count = 0;
    }
    estro_status status = ESTRO_OK;
    for (size_t i = 0; i < n && status == ESTRO_OK; i++) {
        const placed *next = i + 1 < n && notes[i + 1].line == notes[i].line ? &notes[i + 1] : NULL;
        if (next && next->note.start < notes[i].note.end) {
            notes[i].note.end = next->note.start;
        }
        if (notes[i].note.end > notes[i].note.start &&
            !es_given_add_note(given, notes[i].line, &notes[i].note)) {
            status = es_fail_memory(diag);
        }
    }
    es_free(notes);
    return status;
}

static estro_status set_drums(const reader *r, estro_diag *diag)
{
    es_given *given = &r->again->given;

    given->n_drums = 0;
    for (size_t i = 0; i < r->again->n_notes; i++) {
        es_note note = r->again->notes[i];
        if (r->how->style->parts[note.part].role == ES_ROLE_DRUMS) {
            note.line = 0;
            if (!es_given_add_drum(given, &note)) {
                return es_fail_memory(diag);
            }
        }
    }
    if (given->n_drums > 0) {
        es_notes_sort(given->drums, given->n_drums);
    }
    return ESTRO_OK;
}

static estro_status set_piece(reader *r, estro_diag *diag)
{
    const es_style *style = r->how->style;
    bool any = false;

    for (uint32_t p = 0; p < style->n_parts; p++) {
        for (uint32_t b = 0; b < r->again->n_bars; b++) {
            r->has_edits[p] |= *edited(r, b, (int)p);
        }
    }
    set_times(r);
    ES_TRY(set_notes(r, diag));
    for (uint32_t p = 0; p < style->n_parts; p++) {
        if (r->has_edits[p] && style->parts[p].role != ES_ROLE_DRUMS) {
            ES_TRY(set_lines(r, (int)p, diag));
        }
        any |= r->has_edits[p];
    }
    r->again->is_edited = any;
    return any ? set_drums(r, diag) : ESTRO_OK;
}

estro_status es_again_read(es_again *again, const es_again_how *how, const estro_made *file,
                           estro_diag *diag)
{
    reader r = {.again = again, .how = how};

    estro_status status = take_notes(&r, file, diag);
    if (status == ESTRO_OK) {
        match(&r);
        status = set_piece(&r, diag);
    }
    es_free(r.notes);
    es_free(r.is_edited);
    return status;
}
