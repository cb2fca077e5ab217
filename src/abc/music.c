/*
 * Lines of music in ABC: one function for each thing that can stand there. What lasts over the line's end (a tie, a broken rhythm, a tuplet,
 * accidentals in a bar) lasts over it here too, as events are looked back at and nothing else is remembered.
 */
#include "abc/reader.h"
#include "base/diag.h"
#include "base/mem.h"

#include <ctype.h>
#include <string.h>

/* A line being read. */
typedef struct line {
    es_abc_reader *r;
    const char *at, *end;
} line;

static bool is_at(const line *l, char c)
{
    return l->at < l->end && *l->at == c;
}

static char peek(const line *l, ptrdiff_t ahead)
{
    return l->end - l->at > ahead ? l->at[ahead] : '\0';
}

static estro_status add_event(es_abc_reader *r, const es_abc_event *event, const char *at)
{
    if (r->n_events >= 4 * ES_ABC_MOST_NOTES) {
        return es_abc_fail(r, at, "a tune has at most %d notes and bar lines",
                           4 * ES_ABC_MOST_NOTES);
    }
    if (!es_grow(&r->events, r->n_events, &r->capacity, sizeof *r->events)) {
        return es_fail_memory(r->diag);
    }
    r->events[r->n_events++] = *event;
    return ESTRO_OK;
}

void es_abc_forget_accidentals(es_abc_state *now)
{
    memset(now->accidental, ES_ABC_PLAIN, sizeof now->accidental);
}

/* ---- notes ---- */

/* "2", "/", "/2", "3/2", "//". */
static estro_status read_length(line *l, es_abc_length *out)
{
    const char *start = l->at;
    const int64_t num = es_abc_number(&l->at, l->end);

    *out = (es_abc_length){num > 0 ? num : 1, 1};
    while (is_at(l, '/')) {
        l->at++;
        const int64_t den = es_abc_number(&l->at, l->end);
        out->den *= den > 0 ? den : 2;
        if (out->den > ES_ABC_MOST_LENGTH) {
            break;
        }
    }
    if (out->num > ES_ABC_MOST_LENGTH || out->den > ES_ABC_MOST_LENGTH) {
        return es_abc_fail(l->r, start, "a length is at most %d units, or parts of one",
                           ES_ABC_MOST_LENGTH);
    }
    return ESTRO_OK;
}

/* [ accidental ] letter { octave }: a MIDI key. */
static estro_status read_pitch(line *l, int *key)
{
    static const int semitones[7] = {0, 2, 4, 5, 7, 9, 11};
    const char *start = l->at;
    int alter = 0, octave = 60;
    bool has_sign = false;

    while (is_at(l, '^') || is_at(l, '_') || is_at(l, '=')) {
        alter += *l->at == '^' ? 1 : *l->at == '_' ? -1 : 0;
        has_sign = true;
        l->at++;
    }
    const char letter = peek(l, 0);
    const char *found = letter ? strchr("CDEFGABcdefgab", letter) : NULL;
    if (!found || alter < -2 || alter > 2) {
        return es_abc_fail(l->r, start,
                           alter < -2 || alter > 2 ? "a note has at most two sharps or flats"
                                                   : "expected a note after the accidental");
    }
    const int degree = (int)(found - "CDEFGABcdefgab") % 7;
    octave += islower((unsigned char)letter) ? 12 : 0;
    for (l->at++; is_at(l, '\'') || is_at(l, ','); l->at++) {
        octave += *l->at == '\'' ? 12 : -12;
    }
    if (has_sign) {
        l->r->now.accidental[degree] = (int8_t)alter;
    } else if (l->r->now.accidental[degree] != ES_ABC_PLAIN) {
        alter = l->r->now.accidental[degree];
    } else {
        alter = l->r->now.signature[degree];
    }
    *key = octave + semitones[degree] + alter;
    if (*key < 0 || *key > 127) {
        return es_abc_fail(l->r, start, "this note is out of reach: keys go from C,,,,, to g''''");
    }
    return ESTRO_OK;
}

static void scale(es_abc_length *length, int64_t num, int64_t den)
{
    length->num *= num;
    length->den *= den;
}

/* The note before gives to this one, or takes from it. */
static es_abc_length broken_share(int dots, bool is_first)
{
    const int depth = dots < 0 ? -dots : dots;
    const int64_t short_part = 1, whole = (int64_t)1 << depth;

    return (dots > 0) == is_first ? (es_abc_length){2 * whole - short_part, whole}
                                  : (es_abc_length){short_part, whole};
}

/* A note or rest with this key and written length goes to the end of the row. */
static estro_status add_note(line *l, int key, es_abc_length written, const char *at)
{
    es_abc_event event = {.key = (int16_t)key, .length = l->r->now.unit};

    scale(&event.length, written.num, written.den);
    if (l->r->now.tuplet_left > 0) {
        l->r->now.tuplet_left--;
        scale(&event.length, l->r->now.tuplet.num, l->r->now.tuplet.den);
    }
    if (l->r->now.broken) {
        const es_abc_length second = broken_share(l->r->now.broken, false);
        scale(&event.length, second.num, second.den);
        l->r->now.broken = 0;
    }
    return add_event(l->r, &event, at);
}

static estro_status read_note(line *l)
{
    const char *start = l->at;
    es_abc_length length;
    int key;

    ES_TRY(read_pitch(l, &key));
    ES_TRY(read_length(l, &length));
    return add_note(l, key, length, start);
}

/* "[CEG]2": the top note. */
static estro_status read_chord(line *l)
{
    const char *start = l->at++;
    es_abc_length length = {1, 1}, outer;
    int top = ES_ABC_REST;
    bool is_first = true, is_tied = false;

    while (l->at < l->end && *l->at != ']') {
        if (strchr("^_=ABCDEFGabcdefg", *l->at)) {
            es_abc_length own;
            int key;
            ES_TRY(read_pitch(l, &key));
            ES_TRY(read_length(l, &own));
            length = is_first ? own : length;
            top = key > top ? key : top;
            is_first = false;
        } else if (*l->at == 'z' || *l->at == 'x') {
            es_abc_length own;
            l->at++;
            ES_TRY(read_length(l, &own));
        } else {
            is_tied |= *l->at == '-';
            l->at++;
        }
    }
    if (l->at == l->end) {
        return es_abc_fail(l->r, start, "this chord has no ']'");
    }
    l->at++;
    ES_TRY(read_length(l, &outer));
    scale(&length, outer.num, outer.den);
    ES_TRY(add_note(l, top, length, start));
    l->r->events[l->r->n_events - 1].is_tied = is_tied;
    return ESTRO_OK;
}

/* z and x are rests; Z and X rests of whole bars. */
static estro_status read_rest(line *l)
{
    const char *start = l->at;
    const bool is_bars = isupper((unsigned char)*start);
    es_abc_length length;

    l->at++;
    ES_TRY(read_length(l, &length));
    if (!is_bars) {
        return add_note(l, ES_ABC_REST, length, start);
    }
    const es_meter meter = l->r->now.meter;
    es_abc_event event = {.key = ES_ABC_REST,
                          .length = {length.num * meter.numerator, meter.denominator}};
    return add_event(l->r, &event, start);
}

/* ---- what stands between notes ---- */

static es_abc_event *last_note(es_abc_reader *r)
{
    es_abc_event *event = r->n_events > 0 ? &r->events[r->n_events - 1] : NULL;

    return event && !event->is_bar ? event : NULL;
}

static estro_status read_broken(line *l)
{
    const char *start = l->at;
    const char sign = *start;
    int dots = 0;
    es_abc_event *before = last_note(l->r);

    for (; is_at(l, sign); l->at++) {
        dots++;
    }
    if (!before || dots > 3) {
        return es_abc_fail(l->r, start,
                           before ? "a broken rhythm has at most three signs"
                                  : "a broken rhythm stands between two notes");
    }
    l->r->now.broken = sign == '>' ? dots : -dots;
    const es_abc_length first = broken_share(l->r->now.broken, true);
    scale(&before->length, first.num, first.den);
    return ESTRO_OK;
}

/* "(3", "(3:2", "(3:2:4": p notes in the time of q, for the next r. Else a slur. */
static estro_status read_tuplet(line *l)
{
    static const int usual[10] = {0, 0, 3, 2, 3, 0, 2, 0, 3, 0};
    const char *start = l->at++;
    const int64_t p = es_abc_number(&l->at, l->end);
    int64_t q = 0, r = 0;

    if (p == 0) {
        return ESTRO_OK;
    }
    if (is_at(l, ':')) {
        l->at++;
        q = es_abc_number(&l->at, l->end);
        if (is_at(l, ':')) {
            l->at++;
            r = es_abc_number(&l->at, l->end);
        }
    }
    if (p < 2 || p > 9 || q > 9 || r > 64) {
        return es_abc_fail(l->r, start, "a tuplet has 2 to 9 notes, such as (3 or (5:4");
    }
    const bool is_compound = l->r->now.meter.denominator >= 8 && l->r->now.meter.numerator % 3 == 0;
    q = q > 0 ? q : usual[p] ? usual[p] : is_compound ? 3 : 2;
    l->r->now.tuplet = (es_abc_length){q, p};
    l->r->now.tuplet_left = (int)(r > 0 ? r : p);
    return ESTRO_OK;
}

/* Endings: "1", "2", "1,3", "1-3". */
static uint16_t read_endings(line *l)
{
    uint16_t set = 0;
    int64_t from = 0;

    while (l->at < l->end && isdigit((unsigned char)*l->at)) {
        const int64_t n = es_abc_number(&l->at, l->end);
        for (int64_t i = from ? from : n; i <= n && i < 10; i++) {
            set |= (uint16_t)(1u << i);
        }
        from = is_at(l, '-') && isdigit((unsigned char)peek(l, 1)) ? n : 0;
        if (!(from || (is_at(l, ',') && isdigit((unsigned char)peek(l, 1))))) {
            break;
        }
        l->at++;
    }
    return set;
}

/* Bar lines are rows of | : [ ]: any of them, as people write them. */
static estro_status read_bar(line *l)
{
    es_abc_event event = {.is_bar = true};
    const char *start = l->at;

    while (l->at < l->end && strchr("|:]", *l->at)) {
        l->at++;
    }
    if (is_at(l, '[') && peek(l, 1) == '|') { /* "|[|" */
        l->at++;
        while (is_at(l, '|') || is_at(l, ':')) {
            l->at++;
        }
    }
    const size_t length = (size_t)(l->at - start);
    /* A lone ':' is a repeat sign that was torn from its bar line. */
    event.bar.ends_repeat = *start == ':' && length > 1;
    event.bar.begins_repeat = l->at[-1] == ':';
    event.bar.is_double = length > 1;
    while (is_at(l, ' ') && (isdigit((unsigned char)peek(l, 1)) || peek(l, 1) == '[')) {
        l->at++;
    }
    if (is_at(l, '[') && isdigit((unsigned char)peek(l, 1))) {
        l->at++;
    }
    event.bar.endings = read_endings(l);
    es_abc_forget_accidentals(&l->r->now);
    return add_event(l->r, &event, start);
}

/* "[1", "[|", "[K:D]", or a chord. */
static estro_status read_bracket(line *l)
{
    const char next = peek(l, 1);

    if (isdigit((unsigned char)next)) {
        es_abc_event event = {.is_bar = true};
        const char *start = l->at++;
        event.bar.endings = read_endings(l);
        return add_event(l->r, &event, start);
    }
    if (next == '|') {
        l->at++;
        return read_bar(l);
    }
    if (isalpha((unsigned char)next) && peek(l, 2) == ':') {
        const char *close = memchr(l->at, ']', (size_t)(l->end - l->at));
        if (!close) {
            return es_abc_fail(l->r, l->at, "this field has no ']'");
        }
        ES_TRY(es_abc_field(l->r, next, l->at + 3, close));
        l->at = close + 1;
        es_abc_forget_accidentals(&l->r->now);
        return ESTRO_OK;
    }
    return read_chord(l);
}

/* What is passed over stands between two signs; without the second one the first alone is. */
static void skip_to(line *l, char sign)
{
    const char *close = memchr(l->at + 1, sign, (size_t)(l->end - l->at - 1));

    l->at = close ? close + 1 : l->at + 1;
}

static estro_status read_other(line *l)
{
    const char c = *l->at;

    if (c == '"' || c == '!' || c == '{' || c == '+') {
        skip_to(l, c == '{' ? '}' : c);
        return ESTRO_OK;
    }
    if (c == '&') { /* A second voice in the same bar. */
        while (l->at < l->end && !strchr("|]", *l->at)) {
            l->at++;
        }
        return ESTRO_OK;
    }
    /* Decorations are single letters; the others say nothing, or are kept for later by the standard. */
    if (isalpha((unsigned char)c) || strchr(" \t.~)}\\`$*;?@#y\"", c) || (c & 0x80)) {
        l->at++;
        return ESTRO_OK;
    }
    if (isprint((unsigned char)c)) {
        return es_abc_fail(l->r, l->at, "'%c' has no meaning here", c);
    }
    return es_abc_fail(l->r, l->at, "this is no text: a byte of %u", (unsigned)(unsigned char)c);
}

static estro_status read_element(line *l)
{
    const char c = *l->at;

    if (strchr("^_=ABCDEFGabcdefg", c)) {
        return read_note(l);
    }
    if (strchr("zxZX", c)) {
        return read_rest(l);
    }
    switch (c) {
    case '>':
    case '<':
        return read_broken(l);
    case '(':
        return read_tuplet(l);
    case '|':
    case ':':
    case ']':
        return read_bar(l);
    case '[':
        return read_bracket(l);
    case '-': {
        es_abc_event *before = last_note(l->r);
        l->at++;
        if (before) {
            before->is_tied = true;
        }
        return ESTRO_OK;
    }
    default:
        return read_other(l);
    }
}

estro_status es_abc_music(es_abc_reader *reader, const char *end)
{
    line l = {.r = reader, .at = reader->at, .end = end};

    while (l.at < l.end && !reader->skips_voice) {
        if (*l.at == '\0') {
            return es_abc_fail(reader, l.at, "this is no text: a byte of 0");
        }
        ES_TRY(read_element(&l));
    }
    return ESTRO_OK;
}
