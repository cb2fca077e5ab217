/*
 * The lines of an ABC tune: fields go one way, music the other. What is read is a flat row of notes and bar lines, which is played out at the
 * end. A snippet is read twice: once to see how long its bars are.
 */
#include "abc/abc.h"

#include "abc/reader.h"
#include "base/diag.h"
#include "base/mem.h"

#include <ctype.h>
#include <string.h>

/* A field line: a letter, a colon, and no bar line or repeat sign. */
static bool is_field(const char *at, const char *end)
{
    return end - at >= 2 && at[1] == ':' && (isalpha((unsigned char)at[0]) || at[0] == '+') &&
           !(end - at >= 3 && (at[2] == '|' || at[2] == ':'));
}

static const char *without_comment(const char *at, const char *end)
{
    const char *comment = memchr(at, '%', (size_t)(end - at));

    while (comment && comment > at && comment[-1] == '\\') {
        comment = memchr(comment + 1, '%', (size_t)(end - comment - 1));
    }
    return comment ? comment : end;
}

static bool is_blank(const char *at, const char *end)
{
    while (at < end && isspace((unsigned char)*at)) {
        at++;
    }
    return at == end;
}

/* One line. @return ESTRO_END when the tune is over. */
static estro_status read_line(es_abc_reader *r, const char *end, bool is_snippet)
{
    const char *start = r->at;

    if (start < end && *start == '%') {
        return ESTRO_OK;
    }
    if (is_blank(start, end)) { /* A tune ends with an empty line. */
        return r->in_body && r->n_events > 0 && !is_snippet ? ESTRO_END : ESTRO_OK;
    }
    end = without_comment(start, end);
    if (is_field(start, end)) {
        if (*start == 'X' && r->in_body && r->n_events > 0) {
            return ESTRO_END;
        }
        return es_abc_field(r, *start, start + 2, end);
    }
    if (!r->in_body) {
        /* Text before the tune: a file's own head. Inside a head nothing but fields may stand. */
        return ESTRO_OK;
    }
    return r->skips_voice ? ESTRO_OK : es_abc_music(r, end);
}

static estro_status read_lines(es_abc_reader *r, bool is_snippet)
{
    estro_status status = ESTRO_OK;

    while (r->at < r->end && status == ESTRO_OK) {
        const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
        const char *end = newline ? newline : r->end;
        const char *next = newline ? newline + 1 : r->end;
        if (end > r->at && end[-1] == '\r') {
            end--;
        }
        r->line++;
        r->line_start = r->at;
        status = read_line(r, end, is_snippet);
        r->at = next;
    }
    return status == ESTRO_END ? ESTRO_OK : status;
}

static void begin(es_abc_reader *r, const char *text, size_t size, bool is_snippet)
{
    r->text = r->at = r->line_start = text;
    r->end = text + size;
    r->line = 0;
    r->in_body = is_snippet;
    r->skips_voice = false;
    r->voice[0] = '\0';
    r->n_events = 0;
    r->now = (es_abc_state){.meter = {4, 4}, .unit = {1, 8}};
    es_abc_forget_accidentals(&r->now);
}

/* ---- snippets ---- */

typedef struct guess {
    int units; /* To the bar. */
    es_meter meter;
    int denominator; /* Of the unit. */
} guess;

static const guess guesses[] = {
    {4, {4, 4}, 4},   {8, {4, 4}, 8},   {3, {3, 4}, 4}, {6, {6, 8}, 8}, {2, {2, 4}, 4},
    {16, {4, 4}, 16}, {12, {12, 8}, 8}, {9, {9, 8}, 8}, {5, {5, 4}, 4}, {7, {7, 8}, 8},
};

/* Units in the first bar that ends with a bar line; where two bar lines follow, in the second one, as the first may be short. */
static int bar_units(const es_abc_reader *r)
{
    int units[2] = {0};
    int bars = 0;
    es_tick sum = 0;

    for (size_t i = 0; i < r->n_events && bars < 2; i++) {
        if (!r->events[i].is_bar) {
            sum += es_abc_ticks(r->events[i].length);
        } else if (sum > 0) {
            units[bars++] = (int)(sum / es_abc_ticks(r->now.unit));
            sum = 0;
        }
    }
    return units[1] > units[0] ? units[1] : units[0];
}

/* What a snippet leaves open follows from its bars. */
static void guess_state(es_abc_reader *r, es_abc_state *out)
{
    const int units = bar_units(r);

    *out = (es_abc_state){.meter = {4, 4}, .unit = {1, 4}};
    es_abc_forget_accidentals(out);
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        const guess *g = &guesses[i];
        const bool fits = r->now.has_meter ? es_meter_bar(r->now.meter) ==
                                                 (es_tick)units * (ES_WHOLE / g->denominator)
                                           : units == g->units;
        if (fits) {
            out->unit.den = g->denominator;
            out->meter = g->meter;
            return;
        }
    }
}

/* ---- the whole ---- */

static estro_status read_tune(es_abc_reader *r, const char *text, size_t size, bool is_snippet)
{
    begin(r, text, size, is_snippet);
    ES_TRY(read_lines(r, is_snippet));
    if (is_snippet && !r->now.has_unit) {
        es_abc_state state;
        guess_state(r, &state);
        begin(r, text, size, true);
        r->now = state;
        r->out->meter = state.meter;
        r->out->has_key = false;
        ES_TRY(read_lines(r, true));
    }
    if (!r->in_body) {
        return es_fail_at(r->diag, ESTRO_ERR_SYNTAX, r->source, r->line ? r->line : 1, 1,
                          "this is no tune: a head ends with the key, such as K:G");
    }
    ES_TRY(es_abc_unfold(r));
    if (r->out->n_notes == 0) {
        return es_fail_at(r->diag, ESTRO_ERR_SYNTAX, r->source, r->line ? r->line : 1, 1,
                          "the tune has no notes");
    }
    return ESTRO_OK;
}

estro_status es_abc_read(es_abc *out, const char *text, size_t size, const char *source,
                         bool is_snippet, estro_diag *diag)
{
    es_abc_reader reader = {.source = source, .diag = diag, .out = out};

    *out = (es_abc){.meter = {4, 4}};
    if (size > ES_ABC_MOST_BYTES) {
        return es_fail_at(diag, ESTRO_ERR_SYNTAX, source, 1, 1, "a tune has at most %d bytes",
                          (int)ES_ABC_MOST_BYTES);
    }
    const estro_status status = read_tune(&reader, text, size, is_snippet);
    es_free(reader.events);
    if (status != ESTRO_OK) {
        es_abc_done(out);
    }
    return status;
}

void es_abc_done(es_abc *abc)
{
    es_free(abc->notes);
    *abc = (es_abc){0};
}
