/*
 * Chord finding, a chord a beat.
 *
 * For every beat each chord of the lexicon is scored by how much of the sounding time it explains, by its bass, and by what is usual in the
 * key. Dynamic programming then finds the row of chords with the highest sum, where a change costs more the weaker its beat. So
 * passing notes make no chords, and where little sounds (a tune alone) the harmony moves slowly among the usual chords.
 *
 * All sums are made in one fixed order, ties go to the chord of the lower number: the same notes give the same chords anywhere.
 */
#include "analysis/analysis.h"

#include "base/mem.h"

#include <stdlib.h>

enum {
    QUALITIES = ES_QUALITY_UNKNOWN, /* Those that are chords. */
    UNKNOWN = 12 * QUALITIES,       /* States: root + 12 * quality, unknown, none. */
    NONE,
    STATES,
    ROOTS = 13,   /* 12 is the root of unknown and none. */
    BLOCK = 2048, /* Beats that are decided at once ... */
    AHEAD = 64,   /* ... with a view of so many after them. */
    WINDOW = BLOCK + AHEAD,
    MAX_NOTE_BEATS = 64, /* A longer note is a drone, and no evidence any more. */
    ABSENT = 12,         /* A pitch class that never sounds and is never missed. */
    NO_KEY = 255,
    PARTS = 256,
    RECENT = 8,
    STRIDE = 9, /* Semitones above the bass beyond which a note is none. */
    MAX_GAP = ES_QUARTER / 16,
    ENTERED = 1, /* By step; flags. */
    LEFT = 2
};

/* What sounds in a beat. */
typedef struct beat {
    float share[12];  /* Of the beat, by pitch class, summed over notes. */
    uint8_t at_start; /* Lowest key that sounds when the beat begins, NO_KEY = none. */
    uint8_t within;   /* Lowest key in the beat. */
} beat;

typedef struct finder {
    es_meter meter;
    es_key key;
    double fullness; /* 0 a single line .. 1 three voices and more. */
    double prior[UNKNOWN];
    double bass[UNKNOWN][12];    /* What a bass note of a pitch class adds. */
    uint8_t members[UNKNOWN][4]; /* Pitch classes; ABSENT where there is none. */
    beat *beats;                 /* [WINDOW]: the beats that are worked on, from `first` on. */
    uint8_t (*from)[STATES];     /* [WINDOW]: the state before, on the best way to each. */
    uint32_t first, n_beats;
    int state; /* Of the beat before the window, -1: there is none. */
    int low;   /* The bass note there. */
} finder;

/* ---- weights: in units of a note that sounds for a beat ---- */

/* Found by search on tunes and songs whose chords are known, and rounded. */
static const double second_half = 0.6; /* Of a beat, against its first half. */
static const double passing_weight = 0.2;
static const double foreign_cost = 1.35;
/* By member, root to seventh; in full textures. */
static const double missing_cost[4] = {1.0, 0.0, 0.4, 0.7};
static const double bass_bonus[4] = {0.6, 0.0, 0.0, -0.35};
static const double silence_bonus = 0.15;
static const double unknown_score = -0.25;
static const double change_cost[4] = {0.9, 0.9, 0.5, 0.2}; /* By strength of the beat, 0 to 3. */
static const double fifth_bonus = 0.25;
static const double same_root = 0.5; /* Share of the cost for another chord of the same root. */

static const double quality_cost[QUALITIES] = {
    [ES_QUALITY_MIN] = 0.1,   [ES_QUALITY_DIM] = 0.2,   [ES_QUALITY_AUG] = 0.7,
    [ES_QUALITY_DOM7] = 0.3,  [ES_QUALITY_MIN7] = 0.5,  [ES_QUALITY_MAJ7] = 0.65,
    [ES_QUALITY_HDIM7] = 0.4, [ES_QUALITY_DIM7] = 0.6,  [ES_QUALITY_SUS4] = 1.5,
    [ES_QUALITY_MAJ6] = 1.2,  [ES_QUALITY_POWER] = 0.75};

/* Bonus of a degree (semitones above the tonic) whose chord is diatonic: in full textures, and for a tune alone. */
static const double degree_full[2][12] = {
    {0.4, 0, 0.4, 0, 0.5, 0.4, 0, 0.6, 0, 0.35, 0, 0.3},
    {0.4, 0, 0.4, 0.4, 0, 0.4, 0, 0.6, 0.4, 0, 0.5, 0.3},
};
static const double degree_tune[2][12] = {
    {0.8, 0, 0.4, 0, 0.4, 0.6, 0, 0.7, 0, 0.6, 0, 0.2},
    {0.8, 0, 0.2, 0.55, 0, 0.55, 0, 0.6, 0.4, 0, 0.5, 0.2},
};
static const double chromatic_cost = 0.2; /* In full textures; twice as much in a tune alone. */

static es_chord chord_of(int state)
{
    if (state >= UNKNOWN) {
        return (es_chord){.quality =
                              (uint8_t)(state == NONE ? ES_QUALITY_NONE : ES_QUALITY_UNKNOWN)};
    }
    return (es_chord){.root = (uint8_t)(state % 12), .quality = (uint8_t)(state / 12)};
}

static int root_of(int state)
{
    return state >= UNKNOWN ? 12 : state % 12;
}

/* ---- what sounds ---- */

static es_tick overlap(es_tick a_start, es_tick a_end, es_tick b_start, es_tick b_end)
{
    const es_tick start = a_start > b_start ? a_start : b_start;
    const es_tick end = a_end < b_end ? a_end : b_end;

    return end > start ? end - start : 0;
}

/* The last notes of a part, to find the one that another follows. */
typedef struct recent {
    size_t index[RECENT];
    size_t count;
} recent;

/* Mark in `steps` [n_notes] which notes are entered and left by step within their part. */
static void mark_steps(uint8_t *steps, recent *parts, const es_note *notes, size_t n_notes)
{
    for (size_t i = 0; i < n_notes; i++) {
        recent *const part = &parts[notes[i].part];
        const size_t known = part->count < RECENT ? part->count : RECENT;
        for (size_t k = 0; k < known; k++) {
            const size_t before = part->index[k];
            const es_tick gap = notes[i].start - notes[before].start - notes[before].duration;
            const int interval = abs(notes[i].key - notes[before].key);
            if (gap >= -MAX_GAP && gap <= MAX_GAP && (interval == 1 || interval == 2)) {
                steps[i] |= ENTERED;
                steps[before] |= LEFT;
            }
        }
        part->index[part->count++ % RECENT] = i;
    }
}

/* How much a note counts: less when it passes by step between beats. */
static double weight_of(const finder *f, const es_note *note, uint8_t steps)
{
    const es_tick beat_ticks = es_meter_beat(f->meter);
    const bool is_passing = steps == (ENTERED | LEFT) && note->start % beat_ticks != 0 &&
                            note->duration <= beat_ticks / 2;

    return is_passing ? passing_weight : 1;
}

static void add_note(finder *f, const es_note *note, double weight)
{
    const es_tick length = es_meter_beat(f->meter);
    const es_tick end = note->start + note->duration;

    for (int n = 0; n < MAX_NOTE_BEATS; n++) {
        const es_tick index = note->start / length + n;
        const es_tick start = index * length;
        const es_tick middle = start + length / 2;
        if (index >= (es_tick)f->first + f->n_beats || start >= end) {
            return;
        }
        if (index < f->first) {
            continue;
        }
        beat *const b = &f->beats[index - f->first];
        const double time = (double)overlap(note->start, end, start, middle) +
                            second_half * (double)overlap(note->start, end, middle, start + length);
        b->share[note->key % 12] += (float)(weight * time / (double)length);
        b->within = note->key < b->within ? note->key : b->within;
        if (note->start <= start) {
            b->at_start = note->key < b->at_start ? note->key : b->at_start;
        }
    }
}

/* Fill the beats of the window from the notes that begin before its end. */
static void gather_beats(finder *f, const es_note *notes, size_t n_notes,
                         const es_found_part *parts, const uint8_t *steps)
{
    const es_tick end = ((es_tick)f->first + f->n_beats) * es_meter_beat(f->meter);

    for (uint32_t i = 0; i < f->n_beats; i++) {
        f->beats[i] = (beat){.at_start = NO_KEY, .within = NO_KEY};
    }
    for (size_t i = 0; i < n_notes && notes[i].start < end; i++) {
        if (!parts || !parts[notes[i].part].is_drums) {
            add_note(f, &notes[i], weight_of(f, &notes[i], steps[i]));
        }
    }
    /* Notes of one pitch class beyond the first count half: doubling makes a chord no surer. */
    for (uint32_t i = 0; i < f->n_beats; i++) {
        for (int pc = 0; pc < 12; pc++) {
            float *const share = &f->beats[i].share[pc];
            *share = *share > 1 ? 1 + (*share - 1) / 2 : *share;
        }
    }
}

/* How many notes sound at once, where any does: 1 and less is 0, 2.5 and more is 1. */
static double find_fullness(const es_note *notes, size_t n_notes, const es_found_part *parts)
{
    es_tick sounding = 0, total = 0, until = 0;

    for (size_t i = 0; i < n_notes; i++) {
        const es_tick end = notes[i].start + notes[i].duration;
        if (parts && parts[notes[i].part].is_drums) {
            continue;
        }
        total += notes[i].duration;
        if (end > until) {
            sounding += end - (notes[i].start > until ? notes[i].start : until);
            until = end;
        }
    }
    const double voices = sounding ? (double)total / (double)sounding : 0;
    return voices < 1 ? 0 : voices > 2.5 ? 1 : (voices - 1) / 1.5;
}

/* ---- scores ---- */

static double prior_of(const finder *f, es_chord chord)
{
    const bool is_minor = es_mode_is_minor(f->key.mode);
    const int degree = (chord.root + 12 - f->key.tonic) % 12;
    const bool is_dominant = degree == 7 || degree == 11;
    unsigned scale = es_key_set(f->key);

    if (is_minor && is_dominant) {
        scale |= 1u << es_key_leading_tone(f->key);
    }
    if (es_chord_set(chord) & ~scale) {
        return -quality_cost[chord.quality] - chromatic_cost * (2 - f->fullness);
    }
    return f->fullness * degree_full[is_minor][degree] +
           (1 - f->fullness) * degree_tune[is_minor][degree] - quality_cost[chord.quality];
}

static void prepare_states(finder *f)
{
    for (int state = 0; state < UNKNOWN; state++) {
        const es_chord chord = chord_of(state);
        f->prior[state] = prior_of(f, chord);
        for (int pc = 0; pc < 12; pc++) {
            const int member = es_chord_find(chord, pc);
            f->bass[state][pc] = f->fullness * (member < 0 ? 0 : bass_bonus[member]);
        }
        for (int i = 0; i < 4; i++) {
            const int member = es_chord_member(chord, i);
            f->members[state][i] = (uint8_t)(member < 0 ? ABSENT : member);
        }
    }
}

/* How well each state explains a beat: what sounds inside the chord, less what sounds outside and what is missing. */
static void score_beat(const finder *f, const beat *b, double *scores)
{
    const int low = b->at_start != NO_KEY ? b->at_start : b->within;
    double share[13] = {0}, absence[13] = {0};
    double total = 0;

    for (int pc = 0; pc < 12; pc++) {
        share[pc] = (1 + foreign_cost) * (double)b->share[pc];
        absence[pc] = b->share[pc] < 0.1f ? f->fullness : 0;
        total += (double)b->share[pc];
    }
    for (int state = 0; state < UNKNOWN; state++) {
        double score = f->prior[state] - foreign_cost * total;
        for (int i = 0; i < 4; i++) {
            const int member = f->members[state][i];
            score += share[member] - missing_cost[i] * absence[member];
        }
        scores[state] = low == NO_KEY ? 0 : score + f->bass[state][low % 12];
    }
    scores[UNKNOWN] = unknown_score * total;
    scores[NONE] = low == NO_KEY ? silence_bonus : -2 * total;
}

/* ---- the best row ---- */

/* Cost of going from one root to another on a beat of this strength: less for another chord of the same root, and down a fifth. */
static double change(int from, int to, int strength)
{
    const double cost = change_cost[strength < 0 ? 0 : strength];

    if (from == 12 || to == 12) {
        return cost;
    }
    return from == to ? cost * same_root : (to - from + 12) % 12 == 5 ? cost - fifth_bonus : cost;
}

/* One step of the dynamic programme: `scores` holds the beat's own, `sums` the best sums to the beat before; both overwritten. */
static void step(const finder *f, uint32_t index, double *sums, const double *scores)
{
    const es_tick beat_ticks = es_meter_beat(f->meter);
    const es_tick tick = ((es_tick)f->first + index) * beat_ticks;
    const int strength = es_meter_strength(f->meter, tick % es_meter_bar(f->meter));
    int best[ROOTS]; /* The best state of each root before. */
    int into[ROOTS]; /* The best of those to come from, by the root gone to. */
    double reached[ROOTS];

    for (int root = 0; root < ROOTS; root++) {
        best[root] = -1;
    }
    for (int state = 0; state < STATES; state++) {
        const int root = root_of(state);
        if (best[root] < 0 || sums[state] > sums[best[root]]) {
            best[root] = state;
        }
    }
    for (int to = 0; to < ROOTS; to++) {
        into[to] = best[0];
        reached[to] = sums[best[0]] - change(0, to, strength);
        for (int from = 1; from < ROOTS; from++) {
            const double sum = sums[best[from]] - change(from, to, strength);
            if (sum > reached[to]) {
                reached[to] = sum;
                into[to] = best[from];
            }
        }
    }
    for (int state = 0; state < STATES; state++) {
        const int root = root_of(state);
        const bool stays = sums[state] >= reached[root];
        f->from[index][state] = (uint8_t)(stays ? state : into[root]);
        sums[state] = (stays ? sums[state] : reached[root]) + scores[state];
    }
}

/* The best row of states through the window, which goes on from the state before it. */
static void find_best(finder *f, es_chord *chords)
{
    double sums[STATES] = {0}, scores[STATES];
    int state = 0;

    for (int s = 0; s < STATES && f->state >= 0; s++) {
        sums[s] = s == f->state ? 0 : -1e9;
    }
    for (uint32_t i = 0; i < f->n_beats; i++) {
        score_beat(f, &f->beats[i], scores);
        step(f, i, sums, scores);
    }
    for (int s = 1; s < STATES; s++) {
        state = sums[s] > sums[state] ? s : state;
    }
    for (uint32_t i = f->n_beats; i-- > 0;) {
        if (i < BLOCK) {
            chords[i] = chord_of(state);
            f->state = i + 1 == BLOCK ? state : f->state;
        }
        state = f->from[i][state];
    }
}

/*
 * Which member is in the bass. A tune alone has no bass; in a stride the bass note holds for the chord of its root that is struck high above
 * it after.
 */
static void find_basses(finder *f, es_chord *chords, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const beat *const b = &f->beats[i];
        const int low = b->at_start != NO_KEY ? b->at_start : b->within;
        const bool is_held = f->first + i > 0 && chords[i].root == chords[(int)i - 1].root &&
                             f->low != NO_KEY && low > f->low + STRIDE;
        f->low = is_held ? f->low : low;
        const int member = f->low == NO_KEY ? 0 : es_chord_find(chords[i], f->low);
        chords[i].bass = (uint8_t)(member > 0 && f->fullness > 0.2 ? member : 0);
    }
}

static void find_all(finder *f, const es_note *notes, size_t n_notes, const es_found_part *parts,
                     const uint8_t *steps, es_chord *chords, uint32_t n_beats)
{
    size_t next = 0;

    for (f->first = 0; f->first < n_beats; f->first += BLOCK) {
        const uint32_t left = n_beats - f->first;
        f->n_beats = left < WINDOW ? left : WINDOW;
        while (next < n_notes &&
               notes[next].start / es_meter_beat(f->meter) + MAX_NOTE_BEATS < f->first) {
            next++;
        }
        gather_beats(f, notes + next, n_notes - next, parts, steps + next);
        find_best(f, chords + f->first);
        find_basses(f, chords + f->first, left < BLOCK ? left : BLOCK);
    }
}

estro_status es_analyse_chords(const es_note *notes, size_t n_notes, const es_found_part *parts,
                               es_meter meter, es_key key, es_chord *chords, uint32_t n_beats)
{
    const uint32_t window = n_beats < WINDOW ? n_beats : WINDOW;
    finder f = {.meter = meter, .key = key, .state = -1, .low = NO_KEY};

    f.beats = es_calloc(window, sizeof *f.beats);
    f.from = es_calloc(window, sizeof *f.from);
    uint8_t *const steps = es_calloc(n_notes, 1);
    recent *const recents = es_calloc(PARTS, sizeof *recents);
    const bool is_ready = f.beats && f.from && steps && recents;
    for (uint32_t i = 0; !is_ready && i < n_beats; i++) {
        chords[i] = (es_chord){.quality = ES_QUALITY_UNKNOWN};
    }
    if (is_ready) {
        mark_steps(steps, recents, notes, n_notes);
        f.fullness = find_fullness(notes, n_notes, parts);
        prepare_states(&f);
        find_all(&f, notes, n_notes, parts, steps, chords, n_beats);
    }
    es_free(recents);
    es_free(steps);
    es_free(f.beats);
    es_free(f.from);
    return is_ready ? ESTRO_OK : ESTRO_ERR_MEMORY;
}
