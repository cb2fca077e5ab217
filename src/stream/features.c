/*
 * Features. A field is a small whole number with a size; a term adds raw logits to candidates. Pitches are shown three
 * ways: as they are, relative to the voice's own last pitch, and as intervals to the voices already decided; relative
 * ones carry most of what is to be learned, since music can be transposed.
 *
 * Order and number of fields and terms depend on the coding and on the kind of choice alone, never on the state: a term that
 * does not apply is left out, but its raw logits keep their places.
 */
#include "stream/features.h"
#include "stream/match.h"
#include "stream/tonality.h"

#include <assert.h>

enum {
    INTERVAL_SPAN = 13,
    HELD_SILENCE = 2 * INTERVAL_SPAN + 1, /* Values of an interval field above the intervals. */
    WAS_STRUCK,
    WAS_ENDED,
    WAS_FIRST,
    AFTER_REST, /* + interval to the pitch before the rest. */
    NOT_FORETOLD = AFTER_REST + 2 * INTERVAL_SPAN + 1,
    N_INTERVALS = NOT_FORETOLD,

    TERM_SPAN = 14,
    N_HOLDS = 21,
    N_LENGTHS = 11,
    NO_REFERENCE = 12, /* Pitch class relative to nothing. */
    N_RELATIVE = NO_REFERENCE + 1 + 4,
    DISTANCE_SPAN = 24, /* Between voices, two octaves each way; then: no reference, silent. */
    N_DISTANCES = 2 * DISTANCE_SPAN + 3,
    N_BARS = 16
};

static void field(es_features *out, int value, int size)
{
    assert(value >= 0 && value < size && out->n_fields < ES_MAX_FIELDS);
    if (out->value) {
        out->value[out->n_fields] = (uint16_t)value;
    }
    if (out->size) {
        out->size[out->n_fields] = (uint16_t)size;
    }
    out->n_fields++;
}

/* A term over n_raw raw logits that starts at the `skip`-th of them; left out unless `applies`. */
static void term(es_features *out, bool applies, es_term_kind kind, int n_raw, int skip, int shift)
{
    if (applies && out->term) {
        assert(out->n_terms < ES_MAX_TERMS && skip < n_raw);
        out->term[out->n_terms] = (es_term){.kind = (uint8_t)kind,
                                            .span = kind == ES_TERM_CLAMP ? TERM_SPAN : 0,
                                            .base = (uint16_t)(out->n_raw + skip),
                                            .shift = (int16_t)shift};
        out->n_terms++;
    }
    out->n_raw = (uint16_t)(out->n_raw + n_raw);
}

static int clamp(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

static int mod12(int x)
{
    return ((x % 12) + 12) % 12;
}

/* Steps, exact where it matters and coarse beyond. */
static int hold_bucket(uint32_t steps)
{
    static const uint8_t from[] = {13, 16, 18, 24, 32, 48, 64, 96};
    int bucket = 12;

    if (steps <= 12) {
        return (int)steps;
    }
    for (int i = 0; i < 8 && steps >= from[i]; i++) {
        bucket++;
    }
    return bucket;
}

static int length_bucket(int length)
{
    static const uint8_t from[] = {1, 2, 3, 4, 5, 7, 9, 13, 17, 25};
    int bucket = 0;

    for (int i = 0; i < 10 && length >= from[i]; i++) {
        bucket++;
    }
    return bucket;
}

/* Range of a voice; its value is "silent". */
static int range_of(const es_stream *s, int v)
{
    return s->coding.high[v] - s->coding.low[v] + 1;
}

static int pitch_value(const es_stream *s, int v, uint8_t pitch)
{
    return pitch == ES_SILENT ? range_of(s, v)
                              : clamp(pitch - s->coding.low[v], 0, range_of(s, v) - 1);
}

/* A change as an interval. `before` and `last`: the pitch until now, and the one that sounded last. */
static int interval_value(int change, uint8_t pitch, uint8_t before, uint8_t last)
{
    if (pitch == ES_SILENT) {
        return change == ES_HELD ? HELD_SILENCE : WAS_ENDED;
    }
    if (change == ES_STRUCK) {
        return WAS_STRUCK;
    }
    if (last == ES_SILENT) {
        return WAS_FIRST;
    }
    return (before == ES_SILENT ? AFTER_REST : 0) + INTERVAL_SPAN +
           clamp(pitch - last, -INTERVAL_SPAN, INTERVAL_SPAN);
}

/* Interval between two pitches as pitch classes; 12 when one is silent. */
static int class_between(uint8_t pitch, uint8_t from)
{
    return pitch == ES_SILENT || from == ES_SILENT ? (int)NO_REFERENCE : mod12(pitch - from);
}

/* Pitch seen from the pitch that the voice itself sounded last. */
static int distance_value(uint8_t pitch, uint8_t own)
{
    if (own == ES_SILENT || pitch == ES_SILENT) {
        return N_DISTANCES - (own == ES_SILENT ? 2 : 1);
    }
    return DISTANCE_SPAN + clamp(pitch - own, -DISTANCE_SPAN, DISTANCE_SPAN);
}

/* ---- time ---- */

static void add_time(es_features *out, const es_stream *s, const es_instant *now)
{
    field(out, now->place, s->coding.max_step);
    if (!s->coding.has_bars) {
        return;
    }
    const uint32_t beat = now->step / s->beat_steps;
    const uint32_t bar = s->bar_beats ? beat / s->bar_beats : 0;
    field(out, s->bar_beats ? (int)(beat % s->bar_beats) : ES_MAX_BEATS, ES_MAX_BEATS + 1);
    field(out, s->meter_token, ES_METERS);
    field(out, (int)(bar % N_BARS), N_BARS);
    field(out, clamp((int)(bar / 8), 0, 7), 8);
}

/* ---- plan ---- */

/* A chord's root as seen from a pitch class, -1 for none. */
static int relative_root(es_chord_token chord, int reference)
{
    if (chord.root >= 12) {
        return chord.root + 1;
    }
    return reference < 0 ? NO_REFERENCE : mod12(chord.root - reference);
}

static void add_chord(es_features *out, es_chord_token chord, int reference)
{
    field(out, relative_root(chord, reference), N_RELATIVE);
    field(out, chord.root < 12 ? chord.quality : (int)ES_QUALITY_NONE, ES_QUALITY_COUNT);
    field(out, chord.root < 12 ? chord.bass : 4, 5);
}

static int tonic_of(const es_stream *s)
{
    return s->key_token < ES_KEYS ? s->key_token % 12 : -1;
}

/* The key that the notes until now suggest, and its tonic as seen from a pitch. */
static void add_tonality(es_features *out, const es_instant *past, uint8_t pitch)
{
    const int key = past ? es_tonality(past->weight) : (int)ES_TONALITIES;

    field(out, key, ES_TONALITIES + 1);
    field(out, key == ES_TONALITIES || pitch == ES_SILENT ? (int)NO_REFERENCE : mod12(key - pitch),
          NO_REFERENCE + 1);
}

/* ---- events ---- */

void es_features_event(es_features *out, const es_stream *s, const es_instant *now,
                       const es_instant *before)
{
    const int n = s->coding.n_voices;
    const uint8_t bass = now->pitch[n - 1];

    for (int v = 0; v < n; v++) {
        const uint8_t was = before ? before->pitch[v] : (uint8_t)ES_SILENT;
        const uint8_t last = before ? before->last[v] : (uint8_t)ES_SILENT;
        field(out, pitch_value(s, v, now->pitch[v]), range_of(s, v) + 1);
        field(out, interval_value(now->change[v], now->pitch[v], was, last), N_INTERVALS);
        field(out, hold_bucket(now->step - s->notes[v][now->note[v]].step), N_HOLDS);
        for (int u = v + 1; u < n; u++) {
            field(out, class_between(now->pitch[v], now->pitch[u]), NO_REFERENCE + 1);
        }
    }
    add_tonality(out, now, bass);
    add_time(out, s, now);
    field(out, now->length ? now->length - 1 : 0, s->coding.max_step);
    field(out, before ? before->length : 0, s->coding.max_step + 1);
    field(out, length_bucket(s->joint_length), N_LENGTHS);
    field(out, s->key_token, ES_KEYS + 1);
    field(out, now->chord.root, ES_ROOT_HIDDEN + 1);
    add_chord(out, now->chord, tonic_of(s));
    add_chord(out, now->next, tonic_of(s));
}

/* ---- voices ---- */

/* Candidate that makes the voice do what is foretold. */
static int foretold_candidate(const es_stream *s, int v, es_foretold told)
{
    if (told.pitch == ES_SILENT) {
        return es_voice_silence(&s->coding, v);
    }
    if (told.change == ES_STRUCK && told.pitch == es_pitch_before(s, v) && s->coding.has_onsets) {
        return es_voice_restrike(&s->coding, v);
    }
    return told.pitch - s->coding.low[v];
}

/* The foretold thing relative to the voice's own last pitch, and how far to trust it. */
static void add_foretold(es_features *out, const es_stream *s, int v, es_foretold told)
{
    const int relative =
        interval_value(told.change, told.pitch, es_pitch_before(s, v), es_last_before(s, v));

    field(out, told.length ? relative : (int)NOT_FORETOLD, NOT_FORETOLD + 1);
    field(out, length_bucket(told.length), N_LENGTHS);
}

static void add_told_term(es_features *out, const es_stream *s, int v, es_foretold told, int row,
                          int rows)
{
    const int skip = row * N_LENGTHS + length_bucket(told.length);

    term(out, told.length > 0, ES_TERM_ONE, rows * N_LENGTHS, skip,
         told.length ? foretold_candidate(s, v, told) : 0);
}

/* 0 = nothing foretold, 1 = right, 2 = wrong, of a voice already decided. */
static int verdict(const es_stream *s, int v)
{
    const es_foretold told = es_match_joint(s, v);
    const es_instant *now = es_open(s);

    if (!told.length) {
        return 0;
    }
    return told.pitch == now->pitch[v] && told.change == now->change[v] ? 1 : 2;
}

static bool joint_is_right(const es_stream *s)
{
    for (int k = 0; k < s->n_decided; k++) {
        if (verdict(s, es_drawing_order(s->coding.n_voices, k)) == 2) {
            return false;
        }
    }
    return true;
}

/* Off the beat something has to change; when only the last voice is left, it must. */
static bool must_change(const es_stream *s)
{
    return es_open(s)->place > 0 && s->n_decided == s->coding.n_voices - 1 && !es_open_changed(s);
}

static void add_decided(es_features *out, const es_stream *s, int k)
{
    const int n = s->coding.n_voices;
    const es_instant *now = es_open(s);

    for (int i = 0; i < k; i++) {
        const int d = es_drawing_order(n, i);
        field(out, pitch_value(s, d, now->pitch[d]), range_of(s, d) + 1);
        field(out,
              interval_value(now->change[d], now->pitch[d], es_pitch_before(s, d),
                             es_last_before(s, d)),
              N_INTERVALS);
        field(out, verdict(s, d), 3);
    }
}

/* The other voices as the voice sees them: where they are, and where the decided ones were; and the chord of these. */
static void add_relations(es_features *out, const es_stream *s, int k, uint8_t own)
{
    const int n = s->coding.n_voices;
    const es_instant *now = es_open(s);

    for (int i = 0; i < n; i++) {
        const int u = es_drawing_order(n, i);
        if (i < k) {
            field(out, distance_value(now->pitch[u], own), N_DISTANCES);
            field(out, class_between(es_last_before(s, u), own), NO_REFERENCE + 1);
        } else if (i > k) {
            field(out, distance_value(es_pitch_before(s, u), own), N_DISTANCES);
        }
        for (int j = i + 1; j < k; j++) {
            field(out, class_between(now->pitch[u], now->pitch[es_drawing_order(n, j)]),
                  NO_REFERENCE + 1);
        }
    }
}

static uint32_t held_steps(const es_stream *s, int v)
{
    return es_open(s)->step - s->notes[v][s->n_notes[v] - 1].step;
}

static void add_voice_fields(es_features *out, const es_stream *s, int v)
{
    const int n = s->coding.n_voices;
    const es_instant *now = es_open(s);
    const uint8_t last = es_last_before(s, v);
    const int own = last == ES_SILENT ? -1 : last % 12;
    const es_foretold joint = es_match_joint(s, v);

    add_time(out, s, now);
    for (int u = 0; u < n; u++) {
        field(out, pitch_value(s, u, es_pitch_before(s, u)), range_of(s, u) + 1);
        field(out, hold_bucket(held_steps(s, u)), N_HOLDS);
    }
    field(out, pitch_value(s, v, last), range_of(s, v) + 1);
    add_decided(out, s, s->n_decided);
    add_relations(out, s, s->n_decided, last);
    add_tonality(out, es_before(s), last);
    add_foretold(out, s, v, joint);
    field(out, joint.length ? pitch_value(s, v, joint.pitch) : range_of(s, v) + 1,
          range_of(s, v) + 2);
    add_foretold(out, s, v, s->own[v]);
    field(out, s->own[v].length ? pitch_value(s, v, s->own[v].pitch) : range_of(s, v) + 1,
          range_of(s, v) + 2);
    add_foretold(out, s, v, s->shifted[v]);
    if (s->coding.has_bars) {
        add_foretold(out, s, v, s->back[v]);
    }
    field(out, s->key_token, ES_KEYS + 1);
    field(out, tonic_of(s) < 0 || own < 0 ? (int)NO_REFERENCE : mod12(tonic_of(s) - own),
          NO_REFERENCE + 1);
    add_chord(out, now->chord, own);
    add_chord(out, now->next, own);
    field(out, must_change(s), 2);
}

/* Intervals to the nearest decided voices above and below. */
static void add_neighbour_terms(es_features *out, const es_stream *s, int v)
{
    const es_instant *now = es_open(s);
    int above = -1;
    int below = s->coding.n_voices;

    for (int i = 0; i < s->n_decided; i++) {
        const int u = es_drawing_order(s->coding.n_voices, i);
        above = u < v && u > above ? u : above;
        below = u > v && u < below ? u : below;
    }
    const bool has_above = above >= 0 && now->pitch[above] != ES_SILENT;
    const bool has_below = below < s->coding.n_voices && now->pitch[below] != ES_SILENT;
    term(out, has_above, ES_TERM_CLAMP, 2 * TERM_SPAN + 1, 0,
         has_above ? now->pitch[above] - s->coding.low[v] : 0);
    term(out, has_below, ES_TERM_CLAMP, 2 * TERM_SPAN + 1, 0,
         has_below ? now->pitch[below] - s->coding.low[v] : 0);
}

static void add_voice_terms(es_features *out, const es_stream *s, int v)
{
    const es_coding *c = &s->coding;
    const es_instant *now = es_open(s);
    const int low = c->low[v];
    const uint8_t before = es_pitch_before(s, v);
    const uint8_t last = es_last_before(s, v);
    const es_foretold joint = es_match_joint(s, v);
    const int tonality = es_before(s) ? es_tonality(es_before(s)->weight) : (int)ES_TONALITIES;

    term(out, true, ES_TERM_DIRECT, range_of(s, v) + 2, 0, 0);
    term(out, before != ES_SILENT, ES_TERM_CLAMP, 2 * TERM_SPAN + 1, 0, before - low);
    term(out, before == ES_SILENT && last != ES_SILENT, ES_TERM_CLAMP, 2 * TERM_SPAN + 1, 0,
         last - low);
    for (int i = 0; i < s->n_decided; i++) {
        const uint8_t pitch = now->pitch[es_drawing_order(c->n_voices, i)];
        term(out, pitch != ES_SILENT, ES_TERM_MOD12, 12, 0, pitch - low);
    }
    add_neighbour_terms(out, s, v);
    term(out, tonality < ES_TONALITIES, ES_TERM_MOD12, 12, 0, tonality % 12 - low);
    term(out, tonic_of(s) >= 0, ES_TERM_MOD12, 12, 0, tonic_of(s) - low);
    term(out, now->chord.root < 12, ES_TERM_MOD12, 12, 0, now->chord.root - low);
    term(out, now->next.root < 12, ES_TERM_MOD12, 12, 0, now->next.root - low);
    add_told_term(out, s, v, joint, joint_is_right(s) ? 0 : 1, 2);
    add_told_term(out, s, v, s->own[v], 0, 1);
    add_told_term(out, s, v, s->shifted[v], 0, 1);
    if (c->has_bars) {
        add_told_term(out, s, v, s->back[v], 0, 1);
    }
    term(out, must_change(s), ES_TERM_ONE, 1, 0,
         before == ES_SILENT ? es_voice_silence(c, v) : before - low);
}

/* ---- step ---- */

static int steps_left(const es_stream *s)
{
    return s->beat_steps - es_open(s)->place;
}

static void add_step(es_features *out, const es_stream *s)
{
    const int n = s->coding.n_voices;
    const int size = s->coding.max_step;
    const es_instant *now = es_open(s);
    const es_instant *before = es_before(s);
    const int told = s->joint == ES_NOWHERE ? 0 : s->instants[s->joint].length;
    const int row = joint_is_right(s) ? 0 : 1;
    int soonest = ES_MATCH_LONGEST * 1000;
    int trust = 0;

    add_time(out, s, now);
    field(out, steps_left(s) - 1, size);
    field(out, before ? before->length : 0, size + 1);
    field(out, told, size + 1);
    field(out, row * N_LENGTHS + length_bucket(s->joint_length), 2 * N_LENGTHS);
    for (int v = 0; v < n; v++) {
        const es_foretold own = es_match_voice(s, v, false);
        const int wait = clamp(own.wait, 0, size + 1);
        field(out, hold_bucket(held_steps(s, v)), N_HOLDS);
        field(out, now->change[v], 4);
        field(out, now->pitch[v] == ES_SILENT, 2);
        field(out, own.length ? wait : 0, size + 2);
        field(out, length_bucket(own.length), N_LENGTHS);
        if (own.length && own.wait < soonest) {
            soonest = own.wait;
            trust = own.length;
        }
    }
    field(out, now->pitch[0] == ES_SILENT ? range_of(s, 0) : pitch_value(s, 0, now->pitch[0]),
          range_of(s, 0) + 1);
    add_chord(out, now->chord, tonic_of(s));
    add_chord(out, now->next, tonic_of(s));

    term(out, true, ES_TERM_DIRECT, size, 0, 0);
    term(out, told > 0 && told <= steps_left(s), ES_TERM_ONE, 2 * N_LENGTHS,
         row * N_LENGTHS + length_bucket(s->joint_length), told - 1);
    term(out, trust > 0, ES_TERM_ONE, N_LENGTHS, length_bucket(trust),
         clamp(soonest, 1, steps_left(s)) - 1);
}

/* ---- plan ---- */

static void add_sounding(es_features *out, const es_stream *s)
{
    for (int v = 0; v < s->coding.n_voices; v++) {
        field(out, pitch_value(s, v, es_pitch_before(s, v)), range_of(s, v) + 1);
    }
}

/* The chord that the joint match foretells for where this one is drawn. */
static es_chord_token told_chord(const es_stream *s)
{
    if (s->joint == ES_NOWHERE || s->is_first) {
        return (es_chord_token){.root = ES_ROOT_HIDDEN};
    }
    return s->instants[s->joint].next;
}

static void add_plan(es_features *out, const es_stream *s)
{
    const es_instant *now = es_open(s);
    const es_instant *before = es_before(s);
    const es_chord_token none = {.root = ES_ROOT_HIDDEN};
    const es_chord_token past = before ? before->chord : none;
    const es_chord_token present = s->is_first ? none : now->chord;
    const es_chord_token told = told_chord(s);
    const int trust = length_bucket(s->joint_length);
    const int tonic = tonic_of(s);

    add_time(out, s, now);
    field(out, s->key_token, ES_KEYS + 1);
    add_chord(out, past, tonic);
    add_chord(out, present, tonic);
    add_chord(out, told, tonic);
    field(out, trust, N_LENGTHS);
    add_sounding(out, s);
    if (s->stage == ES_SLOT_ROOT) {
        term(out, true, ES_TERM_DIRECT, ES_ROOT_END + 1, 0, 0);
        term(out, tonic >= 0, ES_TERM_MOD12, 12, 0, tonic);
        term(out, present.root < 12, ES_TERM_MOD12, 12, 0, present.root);
        term(out, told.root <= ES_ROOT_END, ES_TERM_ONE, N_LENGTHS, trust, told.root);
        return;
    }
    field(out, relative_root(s->drawn, tonic), N_RELATIVE);
    field(out, relative_root(s->drawn, present.root < 12 ? present.root : -1), N_RELATIVE);
    if (s->stage == ES_SLOT_QUALITY) {
        term(out, true, ES_TERM_DIRECT, ES_QUALITY_UNKNOWN, 0, 0);
        term(out, told.root < 12 && told.root == s->drawn.root, ES_TERM_ONE, N_LENGTHS, trust,
             told.quality);
        return;
    }
    field(out, s->drawn.quality, ES_QUALITY_COUNT);
    term(out, true, ES_TERM_DIRECT, 4, 0, 0);
    term(out,
         told.root == s->drawn.root && told.quality == s->drawn.quality &&
             told.bass < es_features_candidates(s),
         ES_TERM_ONE, N_LENGTHS, trust, told.bass);
}

void es_features_choice(es_features *out, const es_stream *s)
{
    switch (s->stage) {
    case ES_SLOT_KEY:
        field(out, 0, 1);
        term(out, true, ES_TERM_DIRECT, ES_KEYS, 0, 0);
        break;
    case ES_SLOT_METER:
        field(out, s->key_token < ES_KEYS ? s->key_token / 12 : 0, ES_MODE_COUNT);
        term(out, true, ES_TERM_DIRECT, ES_METERS, 0, 0);
        break;
    case ES_SLOT_ROOT:
    case ES_SLOT_QUALITY:
    case ES_SLOT_BASS:
        add_plan(out, s);
        break;
    case ES_SLOT_STEP:
        add_step(out, s);
        break;
    default: {
        const int v = es_drawing_order(s->coding.n_voices, s->n_decided);
        add_voice_fields(out, s, v);
        add_voice_terms(out, s, v);
    }
    }
}

uint16_t es_features_candidates(const es_stream *s)
{
    switch (s->stage) {
    case ES_SLOT_KEY:
        return ES_KEYS;
    case ES_SLOT_METER:
        return ES_METERS;
    case ES_SLOT_ROOT:
        return s->is_first ? ES_ROOT_END : ES_ROOT_END + 1;
    case ES_SLOT_QUALITY:
        return ES_QUALITY_UNKNOWN;
    case ES_SLOT_BASS: {
        const int size = es_chord_size((es_chord){s->drawn.root, s->drawn.quality, 0});
        return (uint16_t)(size > 0 ? size : 1);
    }
    case ES_SLOT_STEP:
        return (uint16_t)steps_left(s);
    default: {
        const int v = es_drawing_order(s->coding.n_voices, s->n_decided);
        const bool restrike = s->coding.has_onsets && es_pitch_before(s, v) != ES_SILENT;
        return (uint16_t)(range_of(s, v) + 1 + restrike);
    }
    }
}
