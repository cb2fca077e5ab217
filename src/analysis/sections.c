/*
 * A file cut into sections.
 *
 * A stretch of the file has one metre and one key signature. Its notes may stand beside the beats from somewhere on, when a bar before
 * was written incomplete: each section finds its own beat and bar line. Sections do not share notes: one that sounds over the
 * end of its section ends there.
 */
#include "analysis/analysis.h"
#include "analysis/gather.h"

#include "base/diag.h"
#include "base/mem.h"

enum {
    CUT_BEATS = 160,  /* A long stretch is cut into equal parts, about as long as this at most. */
    LEAST_BEATS = 8,  /* A section has so many beats, ... */
    LEAST_NOTES = 16, /* ... and so many notes. */
    PHASES = 480,     /* Places in a quarter that notes may be found beside the beat. */
    CROSSING_COST =
        3 /* A note that sounds over a cut, beside one that begins in the beat before it. */
};

/* That bar lines (or beats) stand elsewhere is believed when it explains so much more. */
static const double clear_lead = 1.25;

typedef struct stretch {
    es_tick from, to;
    es_tick bar_line; /* One of its bar lines, or one before it. */
    es_statement stated;
} stretch;

typedef struct cutter {
    const es_gathered *whole;
    es_sections out;
    size_t capacity;
    size_t next_note; /* First one that belongs to no section yet. */
} cutter;

static es_tick note_end(const es_note *note)
{
    return note->start + note->duration;
}

/* ---- beats and bars of a stretch ---- */

/* How far behind the beats the notes stand, up to half a quarter either way, by where quarters, halves and fourths of them begin. */
static es_tick beat_phase(const es_found_note *notes, size_t count, es_tick from)
{
    uint32_t at[PHASES] = {0};
    double best = 0;
    int phase = 0;

    for (size_t i = 0; i < count; i++) {
        at[(notes[i].note.start - from) % ES_QUARTER * PHASES / ES_QUARTER]++;
    }
    for (int k = 0; k < PHASES; k++) {
        const double score = 3.0 * at[k] + 2.0 * at[(k + PHASES / 2) % PHASES] +
                             at[(k + PHASES / 4) % PHASES] + at[(k + 3 * PHASES / 4) % PHASES];
        const double lead = k == 0 ? clear_lead : 1;
        if (score * lead > best) {
            best = score * lead;
            phase = k;
        }
    }
    if (phase == PHASES / 2) {
        return 0; /* Off beats of syncopated music look the same. */
    }
    return (es_tick)(phase < PHASES / 2 ? phase : phase - PHASES) * ES_QUARTER / PHASES;
}

/* The beat of the bar, in ticks, at which the longest notes begin: 0 unless it is plainly another. Bars are counted from `from`. */
static es_tick bar_phase(const es_found_note *notes, size_t count, es_tick from, es_meter meter)
{
    const es_tick bar = es_meter_bar(meter);
    const es_tick beat = es_meter_beat(meter);
    double weight[ES_MAX_BEATS] = {0};
    int best = 0;

    for (size_t i = 0; i < count; i++) {
        const es_note *const note = &notes[i].note;
        const es_tick in_bar = ((note->start - from) % bar + bar) % bar;
        if (in_bar % beat == 0 && in_bar / beat < ES_MAX_BEATS) {
            weight[in_bar / beat] += (double)(note->duration < bar ? note->duration : bar);
        }
    }
    for (int k = 1; k < ES_MAX_BEATS; k++) {
        const double lead = best == 0 ? clear_lead : 1;
        best = weight[k] > weight[best] * lead ? k : best;
    }
    return best * beat;
}

/* ---- sections ---- */

/* The notes [first, first + count) as if they were a file of their own. */
static estro_status take_part(es_gathered *part, const cutter *c, const stretch *s, size_t first,
                              size_t count, estro_diag *diag)
{
    const es_found_note *const notes = c->whole->notes + first;
    const es_tick from = s->from + beat_phase(notes, count, s->from);
    const es_tick bar = es_meter_bar(s->stated.meter);

    *part = *c->whole;
    part->statements = NULL;
    part->n_statements = 0;
    part->meter = s->stated.meter;
    part->bar_line = ((s->bar_line - s->from) % bar + bar) % bar;
    part->has_signature = s->stated.has_signature;
    part->signature = s->stated.signature;
    part->n_notes = count;
    part->notes = es_calloc(count, sizeof *part->notes);
    if (!part->notes) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < count; i++) {
        es_note *const note = &part->notes[i].note;
        part->notes[i] = notes[i];
        const es_tick end = (note_end(note) < s->to ? note_end(note) : s->to) - from;
        note->start = note->start > from ? note->start - from : 0;
        note->duration = end > note->start ? end - note->start : part->file_tick;
    }
    es_found_notes_sort(part->notes, count);
    return ESTRO_OK;
}

static estro_status add_section(cutter *c, const stretch *s, size_t first, size_t count,
                                estro_diag *diag)
{
    es_gathered part = {0};

    const bool is_short =
        s->to - s->from < LEAST_BEATS * es_meter_beat(s->stated.meter) || count < LEAST_NOTES;
    if (is_short && (count == 0 || c->whole->n_statements > 1)) {
        c->out.n_left_out += count;
        return ESTRO_OK;
    }
    if (!es_grow(&c->out.list, c->out.count, &c->capacity, sizeof *c->out.list)) {
        return es_fail_memory(diag);
    }
    ES_TRY(take_part(&part, c, s, first, count, diag));
    const estro_status status = es_analyse_gathered(&c->out.list[c->out.count], &part, diag);
    es_gathered_done(&part);
    c->out.count += status == ESTRO_OK;
    return status;
}

/* How little a bar line looks like the end of a phrase. */
static size_t cut_cost(const es_found_note *notes, size_t count, es_tick at, es_tick beat)
{
    size_t cost = 0;

    for (size_t i = 0; i < count && notes[i].note.start < at; i++) {
        const es_note *const note = &notes[i].note;
        cost += note_end(note) > at ? CROSSING_COST : 0;
        cost += note->start >= at - beat;
    }
    return cost;
}

/* The best bar line within `reach` of `ideal` to cut at; `ideal` when there is none. */
static es_tick choose_cut(const es_found_note *notes, size_t count, const stretch *s, es_tick ideal,
                          es_tick reach)
{
    const es_tick bar = es_meter_bar(s->stated.meter);
    const es_tick beat = es_meter_beat(s->stated.meter);
    const es_tick first = ideal - reach > s->from ? ideal - reach : s->from + 1;
    es_tick best = ideal;
    size_t least = SIZE_MAX;

    for (es_tick at = first + (bar - (first - s->bar_line) % bar) % bar;
         at <= ideal + reach && at < s->to; at += bar) {
        const size_t cost = cut_cost(notes, count, at, beat);
        if (cost < least) {
            least = cost;
            best = at;
        }
    }
    return best;
}

static size_t count_before(const cutter *c, es_tick time)
{
    size_t i = c->next_note;

    while (i < c->whole->n_notes && c->whole->notes[i].note.start < time) {
        i++;
    }
    return i - c->next_note;
}

static estro_status cut_stretch(cutter *c, stretch s, estro_diag *diag)
{
    const es_found_note *const notes = c->whole->notes + c->next_note;
    const size_t count = count_before(c, s.to);
    const es_tick beat = es_meter_beat(s.stated.meter);
    const es_tick length = s.to - s.from;
    const es_tick n_parts = length <= ES_SECTION_BEATS * beat
                                ? 1
                                : (length + CUT_BEATS * beat - 1) / (CUT_BEATS * beat);

    /* A file in one piece is taken at its word: all of analysis is. */
    if (n_parts > 1 || c->whole->n_statements > 1) {
        const es_tick phase = beat_phase(notes, count, s.from);
        s.bar_line += bar_phase(
            notes, count, s.from + (s.bar_line - s.from) % es_meter_bar(s.stated.meter) + phase,
            s.stated.meter);
    }
    for (es_tick left = n_parts; left > 0; left--) {
        const es_tick share = (s.to - s.from) / left;
        stretch part = s;
        if (left > 1) {
            part.to = choose_cut(notes, count, &s, s.from + share, length / n_parts / 4);
        }
        const size_t n = count_before(c, part.to);
        ES_TRY(add_section(c, &part, c->next_note, n, diag));
        c->next_note += n;
        s.from = part.to;
    }
    return ESTRO_OK;
}

static estro_status cut_all(cutter *c, estro_diag *diag)
{
    const es_gathered *const whole = c->whole;
    es_tick end = 0;
    es_tick from = 0;

    for (size_t i = 0; i < whole->n_notes; i++) {
        end = note_end(&whole->notes[i].note) > end ? note_end(&whole->notes[i].note) : end;
    }
    for (size_t i = 0; i < whole->n_statements; i++) {
        const bool is_last = i + 1 == whole->n_statements;
        const es_statement *const stated = &whole->statements[i];
        const es_tick to = is_last ? end : stated[1].at;
        /* What is shorter than a bar of what follows is its upbeat. */
        if (!is_last && to - from < es_meter_bar(stated[1].meter)) {
            continue;
        }
        ES_TRY(cut_stretch(c, (stretch){from, to, stated->meter_at, *stated}, diag));
        from = to;
    }
    return ESTRO_OK;
}

estro_status es_analyse_sections(es_sections *out, const es_smf *smf, estro_diag *diag)
{
    es_gathered whole = {0};
    cutter c = {.whole = &whole};

    ES_TRY(es_gather(&whole, smf, diag));
    estro_status status = cut_all(&c, diag);
    if (status == ESTRO_OK && c.out.count == 0) {
        status = es_fail(diag, ESTRO_ERR_FORMAT, "it has fewer than %d notes in %d beats",
                         LEAST_NOTES, LEAST_BEATS);
    }
    es_gathered_done(&whole);
    if (status != ESTRO_OK) {
        es_sections_done(&c.out);
        return status;
    }
    *out = c.out;
    return ESTRO_OK;
}

void es_sections_done(es_sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        es_analysis_done(&sections->list[i]);
    }
    es_free(sections->list);
    *sections = (es_sections){0};
}
