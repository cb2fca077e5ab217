/*
 * Values of fields. A field is a small whole number with a size; a term adds raw logits to candidates.
 */
#include "stream/values.h"
#include "stream/tonality.h"

#include <assert.h>

void es_add_field(es_features *out, int value, int size)
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
void es_add_term(es_features *out, bool applies, es_term_kind kind, int n_raw, int skip, int shift)
{
    if (applies && out->term) {
        assert(out->n_terms < ES_MAX_TERMS && skip < n_raw);
        out->term[out->n_terms] = (es_term){.kind = (uint8_t)kind,
                                            .span = kind == ES_TERM_CLAMP ? ES_TERM_SPAN : 0,
                                            .base = (uint16_t)(out->n_raw + skip),
                                            .shift = (int16_t)shift};
        out->n_terms++;
    }
    out->n_raw = (uint16_t)(out->n_raw + n_raw);
}

int es_clamp(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

/* Steps, exact where it matters and coarse beyond. */
int es_hold_bucket(uint32_t steps)
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

int es_length_bucket(int length)
{
    static const uint8_t from[] = {1, 2, 3, 4, 5, 7, 9, 13, 17, 25};
    int bucket = 0;

    for (int i = 0; i < 10 && length >= from[i]; i++) {
        bucket++;
    }
    return bucket;
}

/* Range of a voice; its value is "silent". */
int es_range_of(const es_stream *s, int v)
{
    return s->coding.high[v] - s->coding.low[v] + 1;
}

int es_pitch_value(const es_stream *s, int v, uint8_t pitch)
{
    return pitch == ES_SILENT ? es_range_of(s, v)
                              : es_clamp(pitch - s->coding.low[v], 0, es_range_of(s, v) - 1);
}

/* A change as an interval. `before` and `last`: the pitch until now, and the one that sounded last. */
int es_interval_value(int change, uint8_t pitch, uint8_t before, uint8_t last)
{
    if (pitch == ES_SILENT) {
        return change == ES_HELD ? ES_HELD_SILENCE : ES_WAS_ENDED;
    }
    if (change == ES_STRUCK) {
        return ES_WAS_STRUCK;
    }
    if (last == ES_SILENT) {
        return ES_WAS_FIRST;
    }
    return (before == ES_SILENT ? ES_AFTER_REST : 0) + ES_INTERVAL_SPAN +
           es_clamp(pitch - last, -ES_INTERVAL_SPAN, ES_INTERVAL_SPAN);
}

/* Interval between two pitches as pitch classes; 12 when one is silent. */
int es_class_between(uint8_t pitch, uint8_t from)
{
    return pitch == ES_SILENT || from == ES_SILENT ? (int)ES_NO_REFERENCE
                                                   : es_pitch_class(pitch - from);
}

/* Pitch seen from the pitch that the voice itself sounded last. */
int es_distance_value(uint8_t pitch, uint8_t own)
{
    if (own == ES_SILENT || pitch == ES_SILENT) {
        return ES_N_DISTANCES - (own == ES_SILENT ? 2 : 1);
    }
    return ES_DISTANCE_SPAN + es_clamp(pitch - own, -ES_DISTANCE_SPAN, ES_DISTANCE_SPAN);
}

/* ---- time ---- */

void es_add_time(es_features *out, const es_stream *s, const es_instant *now)
{
    es_add_field(out, now->place, s->coding.max_step);
    if (!s->coding.has_bars) {
        return;
    }
    const uint32_t beat = now->step / s->beat_steps;
    const uint32_t bar = s->bar_beats ? beat / s->bar_beats : 0;
    es_add_field(out, s->bar_beats ? (int)(beat % s->bar_beats) : ES_MAX_BEATS, ES_MAX_BEATS + 1);
    es_add_field(out, s->meter_token, ES_METERS);
    es_add_field(out, (int)(bar % ES_N_BARS), ES_N_BARS);
    es_add_field(out, es_clamp((int)(bar / 8), 0, 7), 8);
}

/* ---- plan ---- */

/* A chord's root as seen from a pitch class, -1 for none. */
int es_relative_root(es_chord_token chord, int reference)
{
    if (chord.root >= 12) {
        return chord.root + 1;
    }
    return reference < 0 ? ES_NO_REFERENCE : es_pitch_class(chord.root - reference);
}

void es_add_chord(es_features *out, es_chord_token chord, int reference)
{
    es_add_field(out, es_relative_root(chord, reference), ES_N_RELATIVE);
    es_add_field(out, chord.root < 12 ? chord.quality : (int)ES_QUALITY_NONE, ES_QUALITY_COUNT);
    es_add_field(out, chord.root < 12 ? chord.bass : 4, 5);
}

int es_tonic_of(const es_stream *s)
{
    return s->key_token < ES_KEYS ? s->key_token % 12 : -1;
}

/* The key that the notes until now suggest, and its tonic as seen from a pitch. */
void es_add_tonality(es_features *out, const es_instant *past, uint8_t pitch)
{
    const int key = past ? past->tonality : (int)ES_TONALITIES;

    es_add_field(out, key, ES_TONALITIES + 1);
    es_add_field(out,
                 key == ES_TONALITIES || pitch == ES_SILENT ? (int)ES_NO_REFERENCE
                                                            : es_pitch_class(key - pitch),
                 ES_NO_REFERENCE + 1);
}
