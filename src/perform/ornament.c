/*
 * Ornaments. Short strokes last so many milliseconds at any tempo, but never more than their share of the note, whose end does not move; the note itself
 * keeps at least half of its time, unless the ornament fills it (trills, rolls of drums). Only + - * / : times reach the file.
 */
#include "perform/ornament.h"

enum {
    SHORT_MS = 55, /* strokes of mordents, turns, slides, rolls of a tune */
    GRACE_MS = 45, /* a grace note */
    FLAM_MS = 24,  /* before the beat */
    TRILL_MS = 80, /* from stroke to stroke */
    DRUM_ROLL_MS = 62,
    NEIGHBOUR_DROP = 7, /* velocity of what is not the note itself */
    GRACE_DROP = 14,
    FLAM_DROP = 34,
    LEAST_TICKS = ES_QUARTER / 96
};

size_t es_ornament_most(uint16_t marks)
{
    return marks & ES_ORNAMENT_BITS ? ES_MAX_STROKES : 1;
}

/* The strokes so far. */
typedef struct strokes {
    const es_played *note;
    es_played *out;
    size_t count;
    es_tick at; /* Where the next one begins. */
} strokes;

static uint8_t softer(const es_played *note, int drop)
{
    return (uint8_t)(note->velocity > drop + 1 ? note->velocity - drop : 1);
}

static void stroke(strokes *s, int key, es_tick length, int drop)
{
    es_played *out = &s->out[s->count++];

    *out = *s->note;
    out->start = s->at;
    out->duration = length;
    out->key = (uint8_t)key;
    out->velocity = softer(s->note, drop);
    s->at += length;
}

/* The note itself, to its end. */
static void rest_of(strokes *s)
{
    stroke(s, s->note->key, s->note->start + s->note->duration - s->at, 0);
}

static es_tick in_ticks(const es_ornament *how, double ms)
{
    return (es_tick)(ms * how->ticks_per_ms + 0.5);
}

/* The length of one of `count` short strokes that share half of the note with none left over; 0 = there is no time. */
static es_tick short_stroke(const es_ornament *how, es_tick room, int count, double ms)
{
    const es_tick most = room / (2 * count), wanted = in_ticks(how, ms);
    const es_tick length = wanted < most ? wanted : most;

    return length < LEAST_TICKS ? 0 : length;
}

/* The note and its neighbours in turn, ending on the note; `keys` [count], then the rest. */
static bool play_figure(const es_ornament *how, strokes *s, es_tick room, const int *keys,
                        int count, double ms, int drop)
{
    const es_tick length = short_stroke(how, room, count, ms);

    if (length == 0) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (keys[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < count; i++) {
        stroke(s, keys[i], length, keys[i] == s->note->key ? 0 : drop);
    }
    rest_of(s);
    return true;
}

/* Note and upper neighbour in turn to the end; an odd number of strokes, so that the note has the last. */
static bool play_trill(const es_ornament *how, strokes *s, es_tick room)
{
    const es_tick step = in_ticks(how, TRILL_MS);
    es_tick count = step > 0 ? room / step : 0;
    const int other = how->above >= 0 ? how->above : how->below;

    count = count < 3 ? 3 : count > ES_MAX_STROKES - 1 ? ES_MAX_STROKES - 1 : count;
    count -= 1 - count % 2;
    const es_tick length = room / count;
    if (other < 0 || length < LEAST_TICKS) {
        return false;
    }
    for (es_tick i = 0; i + 1 < count; i++) {
        stroke(s, i % 2 ? other : s->note->key, length, i % 2 ? NEIGHBOUR_DROP : i > 0 ? 4 : 0);
    }
    rest_of(s);
    return true;
}

/* Strokes of both hands that grow to the loudness of the note. */
static bool play_drum_roll(const es_ornament *how, strokes *s, es_tick room)
{
    const es_tick step = in_ticks(how, DRUM_ROLL_MS);
    es_tick count = step > 0 ? (room + step / 2) / step : 0;

    count = count < 2 ? 2 : count > ES_MAX_STROKES ? ES_MAX_STROKES : count;
    const es_tick length = room / count;
    if (length < LEAST_TICKS) {
        return false;
    }
    for (es_tick i = 0; i < count; i++) {
        const int way = (int)(s->note->velocity * (count - 1 - i) / (count - 1));
        stroke(s, s->note->key, length, way * 2 / 5 + (i % 2 ? 4 : 0));
    }
    return true;
}

/* The soft stroke comes before the beat; at the bar line it is the loud one that gives way. */
static bool play_flam(const es_ornament *how, strokes *s)
{
    const es_tick before = in_ticks(how, FLAM_MS);

    s->at = s->note->start - before < how->from ? how->from : s->note->start - before;
    if (before < 1 || s->at + before >= s->note->start + s->note->duration) {
        return false;
    }
    stroke(s, s->note->key, before, FLAM_DROP);
    rest_of(s);
    return true;
}

static bool play(const es_ornament *how, strokes *s, es_tick room)
{
    const int key = s->note->key;
    const uint16_t marks = how->marks;

    if (how->is_drum) {
        return marks >> ES_MARK_GRACE & 1  ? play_flam(how, s)
               : marks >> ES_MARK_ROLL & 1 ? play_drum_roll(how, s, room)
                                           : false;
    }
    if (marks >> ES_MARK_TRILL & 1) {
        return play_trill(how, s, room);
    }
    if (marks >> ES_MARK_GRACE & 1) {
        const int keys[] = {how->above >= 0 ? how->above : how->below};
        return play_figure(how, s, room, keys, 1, GRACE_MS, GRACE_DROP);
    }
    if (marks >> ES_MARK_MORDENT & 1) {
        const int keys[] = {key, how->below >= 0 ? how->below : how->above};
        return play_figure(how, s, room, keys, 2, SHORT_MS, NEIGHBOUR_DROP);
    }
    if (marks >> ES_MARK_TURN & 1) {
        const int keys[] = {how->above, key, how->below};
        return play_figure(how, s, room, keys, 3, SHORT_MS, NEIGHBOUR_DROP);
    }
    if (marks >> ES_MARK_SLIDE & 1) {
        const int keys[] = {how->under, how->below};
        return play_figure(how, s, room, keys, 2, SHORT_MS, GRACE_DROP);
    }
    const int keys[] = {key, how->above, key, how->below};
    return play_figure(how, s, room, keys, 4, SHORT_MS, NEIGHBOUR_DROP);
}

size_t es_ornament_play(const es_ornament *how, const es_played *note, es_played *out)
{
    const es_tick end =
        note->start + note->duration < how->to ? note->start + note->duration : how->to;
    strokes s = {.note = note, .out = out, .at = note->start};

    if (!(how->marks & ES_ORNAMENT_BITS) || !play(how, &s, end - note->start)) {
        out[0] = *note;
        return 1;
    }
    return s.count;
}
