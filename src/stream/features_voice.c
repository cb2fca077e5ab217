/*
 * Features of a voice's choice. Pitches are shown three ways: as they are, relative to the voice's own last pitch, and as
 * intervals between voices; relative ones carry most of what is to be learned, since music can be transposed.
 */
#include "stream/features.h"
#include "stream/match.h"
#include "stream/tonality.h"
#include "stream/values.h"

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
        es_interval_value(told.change, told.pitch, es_pitch_before(s, v), es_last_before(s, v));

    es_add_field(out, told.length ? relative : (int)ES_NOT_FORETOLD, ES_NOT_FORETOLD + 1);
    es_add_field(out, es_length_bucket(told.length), ES_N_LENGTHS);
}

static void add_told_term(es_features *out, const es_stream *s, int v, es_foretold told, int row,
                          int rows)
{
    const int skip = row * ES_N_LENGTHS + es_length_bucket(told.length);

    es_add_term(out, told.length > 0, ES_TERM_ONE, rows * ES_N_LENGTHS, skip,
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

bool es_open_changed(const es_stream *s)
{
    for (int k = 0; k < s->n_decided; k++) {
        if (es_open(s)->change[es_drawing_order(s->coding.n_voices, k)] != ES_HELD) {
            return true;
        }
    }
    return false;
}

bool es_joint_is_right(const es_stream *s)
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
        es_add_field(out, es_pitch_value(s, d, now->pitch[d]), es_range_of(s, d) + 1);
        es_add_field(out,
                     es_interval_value(now->change[d], now->pitch[d], es_pitch_before(s, d),
                                       es_last_before(s, d)),
                     ES_N_INTERVALS);
        es_add_field(out, verdict(s, d), 3);
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
            es_add_field(out, es_distance_value(now->pitch[u], own), ES_N_DISTANCES);
            es_add_field(out, es_class_between(es_last_before(s, u), own), ES_NO_REFERENCE + 1);
        } else if (i > k) {
            es_add_field(out, es_distance_value(es_pitch_before(s, u), own), ES_N_DISTANCES);
        }
        for (int j = i + 1; j < k; j++) {
            es_add_field(out, es_class_between(now->pitch[u], now->pitch[es_drawing_order(n, j)]),
                         ES_NO_REFERENCE + 1);
        }
    }
}

uint32_t es_held_steps(const es_stream *s, int v)
{
    return es_open(s)->step - s->notes[v][s->n_notes[v] - 1].step;
}

/* Index of the voice's note `back` notes ago, or -1; 0 = the one that it is in. */
static int64_t note_ago(const es_stream *s, int v, int back)
{
    const int64_t index = (int64_t)s->n_notes[v] - 1 - back;

    return index < 0 ? -1 : index;
}

/* The voice's last notes: intervals between them, and how long they were. */
static void add_own_notes(es_features *out, const es_stream *s, int v)
{
    const es_voice_note *notes = s->notes[v];
    const int none = 2 * ES_INTERVAL_SPAN + 1;

    for (int back = 0; back < ES_OWN_NOTES; back++) {
        const int64_t i = note_ago(s, v, back);
        const bool both = i > 0 && notes[i].pitch != ES_SILENT && notes[i - 1].pitch != ES_SILENT;
        es_add_field(out,
                     both ? ES_INTERVAL_SPAN + es_clamp(notes[i].pitch - notes[i - 1].pitch,
                                                        -ES_INTERVAL_SPAN, ES_INTERVAL_SPAN)
                          : none,
                     none + 1);
        es_add_field(out, i > 0 ? es_hold_bucket(notes[i].step - notes[i - 1].step) : 0,
                     ES_N_HOLDS);
    }
}

static void add_voice_fields(es_features *out, const es_stream *s, int v)
{
    const int n = s->coding.n_voices;
    const es_instant *now = es_open(s);
    const uint8_t last = es_last_before(s, v);
    const int own = last == ES_SILENT ? -1 : last % 12;
    const es_foretold joint = es_match_joint(s, v);

    es_add_time(out, s, now);
    for (int u = 0; u < n; u++) {
        es_add_field(out, es_pitch_value(s, u, es_pitch_before(s, u)), es_range_of(s, u) + 1);
        es_add_field(out, es_hold_bucket(es_held_steps(s, u)), ES_N_HOLDS);
    }
    es_add_field(out, es_pitch_value(s, v, last), es_range_of(s, v) + 1);
    add_decided(out, s, s->n_decided);
    add_relations(out, s, s->n_decided, last);
    es_add_tonality(out, es_before(s), last);
    add_own_notes(out, s, v);
    add_foretold(out, s, v, joint);
    es_add_field(out, joint.length ? es_pitch_value(s, v, joint.pitch) : es_range_of(s, v) + 1,
                 es_range_of(s, v) + 2);
    add_foretold(out, s, v, s->own[v]);
    es_add_field(out,
                 s->own[v].length ? es_pitch_value(s, v, s->own[v].pitch) : es_range_of(s, v) + 1,
                 es_range_of(s, v) + 2);
    add_foretold(out, s, v, s->shifted[v]);
    for (int i = 0; i < ES_LOOK_BACKS && s->coding.has_bars; i++) {
        add_foretold(out, s, v, s->back[i][v]);
    }
    es_add_field(out, s->key_token, ES_KEYS + 1);
    es_add_field(out,
                 es_tonic_of(s) < 0 || own < 0 ? (int)ES_NO_REFERENCE
                                               : es_pitch_class(es_tonic_of(s) - own),
                 ES_NO_REFERENCE + 1);
    es_add_chord(out, now->chord, own);
    es_add_chord(out, now->next, own);
    es_add_field(out, must_change(s), 2);
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
    es_add_term(out, has_above, ES_TERM_CLAMP, 2 * ES_TERM_SPAN + 1, 0,
                has_above ? now->pitch[above] - s->coding.low[v] : 0);
    es_add_term(out, has_below, ES_TERM_CLAMP, 2 * ES_TERM_SPAN + 1, 0,
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
    const int64_t earlier = note_ago(s, v, 1);
    const bool goes_back = earlier >= 0 && s->notes[v][earlier].pitch != ES_SILENT;
    const int tonality = es_before(s) ? es_before(s)->tonality : (int)ES_TONALITIES;

    es_add_term(out, true, ES_TERM_DIRECT, es_range_of(s, v) + 2, 0, 0);
    es_add_term(out, before != ES_SILENT, ES_TERM_CLAMP, 2 * ES_TERM_SPAN + 1, 0, before - low);
    es_add_term(out, before == ES_SILENT && last != ES_SILENT, ES_TERM_CLAMP, 2 * ES_TERM_SPAN + 1,
                0, last - low);
    for (int i = 0; i < s->n_decided; i++) {
        const uint8_t pitch = now->pitch[es_drawing_order(c->n_voices, i)];
        es_add_term(out, pitch != ES_SILENT, ES_TERM_MOD12, 12, 0, pitch - low);
    }
    es_add_term(out, goes_back, ES_TERM_CLAMP, 2 * ES_TERM_SPAN + 1, 0,
                goes_back ? s->notes[v][earlier].pitch - low : 0);
    add_neighbour_terms(out, s, v);
    es_add_term(out, tonality < ES_TONALITIES, ES_TERM_MOD12, 12, 0, tonality % 12 - low);
    es_add_term(out, es_tonic_of(s) >= 0, ES_TERM_MOD12, 12, 0, es_tonic_of(s) - low);
    es_add_term(out, now->chord.root < 12, ES_TERM_MOD12, 12, 0, now->chord.root - low);
    es_add_term(out, now->next.root < 12, ES_TERM_MOD12, 12, 0, now->next.root - low);
    add_told_term(out, s, v, joint, es_joint_is_right(s) ? 0 : 1, 2);
    add_told_term(out, s, v, s->own[v], 0, 1);
    add_told_term(out, s, v, s->shifted[v], 0, 1);
    for (int i = 0; i < ES_LOOK_BACKS && c->has_bars; i++) {
        const es_foretold *there = &s->back[i][v];
        const bool sounds = there->length && there->pitch != ES_SILENT;
        es_add_term(out, sounds, ES_TERM_CLAMP, 2 * ES_TERM_SPAN + 1, 0,
                    sounds ? there->pitch - low : 0);
    }
    es_add_term(out, must_change(s), ES_TERM_ONE, 1, 0,
                before == ES_SILENT ? es_voice_silence(c, v) : before - low);
}

void es_features_voice(es_features *out, const es_stream *s)
{
    const int v = es_drawing_order(s->coding.n_voices, s->n_decided);

    add_voice_fields(out, s, v);
    add_voice_terms(out, s, v);
}
