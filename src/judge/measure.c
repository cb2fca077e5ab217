/*
 * Measures of a piece: one function each, and a table of them. A piece is short beside what it took to compose it, so each measure goes
 * over the notes by itself.
 */
#include "judge/measure.h"

#include <string.h>

typedef bool measure(const es_piece *piece, const es_expect *expect, double *value);

static bool is_meant(const es_expect *expect, const es_note *note)
{
    return expect->parts >> note->part & 1;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

/* ---- of the whole piece ---- */

static bool bars(const es_piece *piece, const es_expect *expect, double *value)
{
    (void)expect;
    *value = (double)piece->n_bars;
    return true;
}

static bool seconds(const es_piece *piece, const es_expect *expect, double *value)
{
    (void)expect;
    *value = piece->seconds;
    return true;
}

static bool tempo(const es_piece *piece, const es_expect *expect, double *value)
{
    (void)expect;
    *value = piece->n_bars ? piece->bars[0].bar.tempo : 0;
    return piece->n_bars > 0;
}

static bool phrases(const es_piece *piece, const es_expect *expect, double *value)
{
    (void)expect;
    *value = 0;
    for (size_t i = 0; i < piece->n_bars; i++) {
        *value += piece->bars[i].bar.phrase_bar == 0;
    }
    return true;
}

static bool sections(const es_piece *piece, const es_expect *expect, double *value)
{
    (void)expect;
    *value = 0;
    for (size_t i = 0; i < piece->n_bars; i++) {
        const char *name = piece->bars[i].bar.section;
        bool is_new = name != NULL;
        for (size_t k = 0; k < i && is_new; k++) {
            const char *other = piece->bars[k].bar.section;
            is_new = !other || strcmp(name, other) != 0;
        }
        *value += is_new;
    }
    return true;
}

static bool keys(const es_piece *piece, const es_expect *expect, double *value)
{
    bool seen[12][ES_MODE_COUNT] = {{false}};

    (void)expect;
    *value = 0;
    for (size_t i = 0; i < piece->n_bars; i++) {
        const es_key key = piece->bars[i].bar.key;
        *value += !seen[key.tonic][key.mode];
        seen[key.tonic][key.mode] = true;
    }
    return true;
}

static bool chords(const es_piece *piece, const es_expect *expect, double *value)
{
    bool seen[12][ES_QUALITY_COUNT] = {{false}};

    (void)expect;
    *value = 0;
    for (size_t i = 0; i < piece->n_bars; i++) {
        const es_bar *bar = &piece->bars[i].bar;
        for (int beat = 0; beat < bar->n_beats; beat++) {
            const es_chord chord = bar->chord[beat];
            *value += chord.quality != ES_QUALITY_NONE && !seen[chord.root][chord.quality];
            seen[chord.root][chord.quality] = true;
        }
    }
    return true;
}

static bool changes(const es_piece *piece, const es_expect *expect, double *value)
{
    es_chord before = {.quality = ES_QUALITY_NONE};
    size_t count = 0;

    (void)expect;
    for (size_t i = 0; i < piece->n_bars; i++) {
        const es_bar *bar = &piece->bars[i].bar;
        for (int beat = 0; beat < bar->n_beats; beat++) {
            count += !es_chord_equal(before, bar->chord[beat]);
            before = bar->chord[beat];
        }
    }
    *value = piece->n_bars ? (double)count / (double)piece->n_bars : 0;
    return piece->n_bars > 0;
}

static bool end(const es_piece *piece, const es_expect *expect, double *value)
{
    es_chord wanted;

    if (!piece->n_bars) {
        return false;
    }
    const es_bar *last = &piece->bars[piece->n_bars - 1].bar;
    const es_chord found = last->chord[last->n_beats - 1];
    if (strcmp(expect->chord, "tonic") == 0) {
        *value = es_chord_size(found) > 0 && found.root == piece->home.tonic;
    } else {
        *value = es_roman_parse(&wanted, expect->chord, piece->home) > 0 &&
                 es_chord_equal(wanted, found);
    }
    return true;
}

/* ---- of notes ---- */

static bool notes(const es_piece *piece, const es_expect *expect, double *value)
{
    size_t count = 0, n_bars = 0;

    for (size_t i = 0; i < piece->n_bars; i++) {
        const es_piece_bar *bar = &piece->bars[i];
        size_t here = 0;
        for (size_t k = 0; k < bar->n_notes; k++) {
            here += is_meant(expect, &piece->notes[bar->first_note + k]);
        }
        count += here;
        n_bars += here > 0;
    }
    *value = n_bars ? (double)count / (double)n_bars : 0;
    return true;
}

static bool velocities(const es_piece *piece, const es_expect *expect, double *value)
{
    *value = 0;
    for (unsigned velocity = 0; velocity < 128; velocity++) {
        bool is_there = false;
        for (unsigned p = 0; p < ES_MAX_PARTS; p++) {
            is_there |= (expect->parts >> p & 1) &&
                        (piece->velocities[p][velocity / 8] >> velocity % 8 & 1);
        }
        *value += is_there;
    }
    return *value > 0;
}

static bool range(const es_piece *piece, const es_expect *expect, double *value)
{
    int low = 128, high = -1;

    for (size_t i = 0; i < piece->n_notes; i++) {
        const es_note *note = &piece->notes[i];
        if (is_meant(expect, note)) {
            low = note->key < low ? note->key : low;
            high = note->key > high ? note->key : high;
        }
    }
    *value = high - low;
    return high >= 0;
}

/* Shares of notes by where in their bar they begin. */
static bool strong(const es_piece *piece, const es_expect *expect, double *value)
{
    size_t all = 0, in_chord = 0;

    for (size_t i = 0; i < piece->n_bars; i++) {
        const es_bar *bar = &piece->bars[i].bar;
        const es_tick beat = es_meter_beat(bar->meter);
        for (size_t k = 0; k < piece->bars[i].n_notes; k++) {
            const es_note *note = &piece->notes[piece->bars[i].first_note + k];
            const es_tick at = note->start - bar->start;
            if (is_meant(expect, note) && es_meter_strength(bar->meter, at) >= 2 &&
                es_chord_size(bar->chord[at / beat]) > 0) {
                all++;
                in_chord += (es_chord_set(bar->chord[at / beat]) >> es_pitch_class(note->key)) & 1;
            }
        }
    }
    *value = all ? (double)in_chord / (double)all : 0;
    return all > 0;
}

static bool offbeats(const es_piece *piece, const es_expect *expect, double *value)
{
    size_t all = 0, off = 0;

    for (size_t i = 0; i < piece->n_bars; i++) {
        const es_bar *bar = &piece->bars[i].bar;
        for (size_t k = 0; k < piece->bars[i].n_notes; k++) {
            const es_note *note = &piece->notes[piece->bars[i].first_note + k];
            if (is_meant(expect, note)) {
                all++;
                off += (note->start - bar->start) % es_meter_beat(bar->meter) != 0;
            }
        }
    }
    *value = all ? (double)off / (double)all : 0;
    return all > 0;
}

/* ---- of moves: each line by itself ---- */

typedef struct moves {
    size_t all, stays, steps;
    int largest;
} moves;

static moves moves_of(const es_piece *piece, const es_expect *expect)
{
    int before[ES_MAX_PARTS][ES_PART_LINES];
    moves found = {0, 0, 0, 0};

    memset(before, -1, sizeof before);
    for (size_t i = 0; i < piece->n_notes; i++) {
        const es_note *note = &piece->notes[i];
        if (!is_meant(expect, note) || note->line >= ES_PART_LINES) {
            continue;
        }
        int *last = &before[note->part][note->line];
        if (*last >= 0) {
            const int move = note->key > *last ? note->key - *last : *last - note->key;
            found.all++;
            found.stays += move == 0;
            found.steps += move == 1 || move == 2;
            found.largest = move > found.largest ? move : found.largest;
        }
        *last = note->key;
    }
    return found;
}

static bool steps(const es_piece *piece, const es_expect *expect, double *value)
{
    const moves found = moves_of(piece, expect);
    const size_t all = found.all - found.stays;

    *value = all ? (double)found.steps / (double)all : 0;
    return all > 0;
}

static bool repeats(const es_piece *piece, const es_expect *expect, double *value)
{
    const moves found = moves_of(piece, expect);

    *value = found.all ? (double)found.stays / (double)found.all : 0;
    return found.all > 0;
}

static bool leap(const es_piece *piece, const es_expect *expect, double *value)
{
    const moves found = moves_of(piece, expect);

    *value = found.largest;
    return found.all > 0;
}

/* ---- of time and bars ---- */

static bool rests(const es_piece *piece, const es_expect *expect, double *value)
{
    es_tick sounding = 0, until = 0, all = 0;

    for (size_t i = 0; i < piece->n_bars; i++) {
        all += piece->bars[i].bar.length;
    }
    for (size_t i = 0; i < piece->n_notes; i++) {
        const es_note *note = &piece->notes[i];
        if (is_meant(expect, note)) {
            const es_tick from = note->start > until ? note->start : until;
            const es_tick to =
                note->start + note->duration < all ? note->start + note->duration : all;
            sounding += to > from ? to - from : 0;
            until = to > until ? to : until;
        }
    }
    *value = all ? 1 - (double)sounding / (double)all : 0;
    return all > 0;
}

/* A number for a bar's notes in the parts that are meant; 0 = it has none. */
static uint64_t bar_number(const es_piece *piece, const es_expect *expect, size_t bar,
                           bool has_pitches)
{
    const es_piece_bar *b = &piece->bars[bar];
    uint64_t hash = 0;

    for (size_t k = 0; k < b->n_notes; k++) {
        const es_note *note = &piece->notes[b->first_note + k];
        if (is_meant(expect, note)) {
            hash = mix(hash + 1, (uint64_t)(note->start - b->bar.start));
            hash = mix(hash, note->part);
            hash = has_pitches ? mix(mix(hash, note->key), (uint64_t)note->duration) : hash;
        }
    }
    return hash;
}

/* How many bars have notes, and how many of them are like an earlier one. */
static void count_bars(const es_piece *piece, const es_expect *expect, bool has_pitches,
                       size_t *all, size_t *again)
{
    *all = *again = 0;
    for (size_t i = 0; i < piece->n_bars; i++) {
        const uint64_t number = bar_number(piece, expect, i, has_pitches);
        bool is_old = false;
        for (size_t k = 0; k < i && number && !is_old; k++) {
            is_old = bar_number(piece, expect, k, has_pitches) == number;
        }
        *all += number != 0;
        *again += is_old;
    }
}

static bool rhythms(const es_piece *piece, const es_expect *expect, double *value)
{
    size_t all, again;

    count_bars(piece, expect, false, &all, &again);
    *value = (double)(all - again);
    return all > 0;
}

static bool again(const es_piece *piece, const es_expect *expect, double *value)
{
    size_t all, old;

    count_bars(piece, expect, true, &all, &old);
    *value = all ? (double)old / (double)all : 0;
    return all > 0;
}

static bool fills(const es_piece *piece, const es_expect *expect, double *value)
{
    size_t all = 0, filled = 0;

    for (size_t i = 1; i + 1 < piece->n_bars; i++) {
        const es_bar *bar = &piece->bars[i].bar;
        const uint64_t before = bar_number(piece, expect, i - 1, true);
        if (bar->phrase_bar + 1 == bar->phrase_bars && bar->phrase_bars > 1 && before) {
            all++;
            filled += bar_number(piece, expect, i, true) != before;
        }
    }
    *value = all ? (double)filled / (double)all : 0;
    return all > 0;
}

/* ---- all ---- */

static measure *const measures[ES_MEASURE_COUNT] = {
    [ES_MEASURE_BARS] = bars,         [ES_MEASURE_SECONDS] = seconds,
    [ES_MEASURE_TEMPO] = tempo,       [ES_MEASURE_PHRASES] = phrases,
    [ES_MEASURE_SECTIONS] = sections, [ES_MEASURE_KEYS] = keys,
    [ES_MEASURE_CHORDS] = chords,     [ES_MEASURE_CHANGES] = changes,
    [ES_MEASURE_END] = end,           [ES_MEASURE_NOTES] = notes,
    [ES_MEASURE_RANGE] = range,       [ES_MEASURE_VELOCITIES] = velocities,
    [ES_MEASURE_STRONG] = strong,     [ES_MEASURE_STEPS] = steps,
    [ES_MEASURE_REPEATS] = repeats,   [ES_MEASURE_LEAP] = leap,
    [ES_MEASURE_RESTS] = rests,       [ES_MEASURE_OFFBEATS] = offbeats,
    [ES_MEASURE_RHYTHMS] = rhythms,   [ES_MEASURE_AGAIN] = again,
    [ES_MEASURE_FILLS] = fills,
};

bool es_measure_piece(const es_piece *piece, const es_expect *expect, double *value)
{
    measure *const take = measures[expect->measure];

    *value = 0;
    return take && take(piece, expect, value);
}

uint64_t es_measure_form(const es_piece *piece)
{
    uint64_t hash = 1;

    for (size_t i = 0; i < piece->n_bars; i++) {
        const es_bar *bar = &piece->bars[i].bar;
        if (bar->phrase_bar > 0) {
            continue;
        }
        hash = mix(mix(mix(hash, (uint64_t)bar->label), bar->primes), bar->phrase_bars);
        for (const char *c = bar->section ? bar->section : ""; *c; c++) {
            hash = mix(hash, (unsigned char)*c);
        }
    }
    return hash;
}

uint64_t es_measure_notes(const es_piece *piece)
{
    uint64_t hash = 1;

    for (size_t i = 0; i < piece->n_notes; i++) {
        const es_note *note = &piece->notes[i];
        const bool is_drums = piece->style->parts[note->part].role == ES_ROLE_DRUMS;
        const int key = is_drums ? note->key : note->key + 128 - piece->home.tonic;
        hash = mix(mix(hash, (uint64_t)note->start), (uint64_t)note->duration);
        hash = mix(mix(hash, (uint64_t)key), note->part);
    }
    return hash;
}
