/**
 * @file values.h
 * Collecting fields and terms, and what the values of fields mean: shared by the files of features.
 */
#ifndef ES_STREAM_VALUES_H
#define ES_STREAM_VALUES_H

#include "stream/features.h"

enum {
    ES_INTERVAL_SPAN = 13,
    ES_HELD_SILENCE =
        2 * ES_INTERVAL_SPAN + 1, /* Values of an interval field above the intervals. */
    ES_WAS_STRUCK,
    ES_WAS_ENDED,
    ES_WAS_FIRST,
    ES_AFTER_REST, /* + interval to the pitch before the rest. */
    ES_NOT_FORETOLD = ES_AFTER_REST + 2 * ES_INTERVAL_SPAN + 1,
    ES_N_INTERVALS = ES_NOT_FORETOLD,

    ES_TERM_SPAN = 14,
    ES_N_HOLDS = 21,
    ES_N_LENGTHS = 11,
    ES_NO_REFERENCE = 12, /* Pitch class relative to nothing. */
    ES_N_RELATIVE = ES_NO_REFERENCE + 1 + 4,
    ES_DISTANCE_SPAN = 24, /* Between voices, two octaves each way; then: no reference, silent. */
    ES_N_DISTANCES = 2 * ES_DISTANCE_SPAN + 3,
    ES_N_BARS = 16,
    ES_OWN_NOTES = 3
};

/** A field with its value, 0 .. size-1. */
void es_add_field(es_features *out, int value, int size);

/** A term over n_raw raw logits that starts at the `skip`-th of them; left out unless `applies`. */
void es_add_term(es_features *out, bool applies, es_term_kind kind, int n_raw, int skip, int shift);

int es_clamp(int x, int low, int high);

/** Steps, exact where it matters and coarse beyond: below ES_N_HOLDS. */
int es_hold_bucket(uint32_t steps);

/** Length of an agreement: 0 = none, below ES_N_LENGTHS. */
int es_length_bucket(int length);

/** Pitches in the range of a voice. */
int es_range_of(const es_stream *s, int v);

/** Pitch within the range; the range itself for silence. */
int es_pitch_value(const es_stream *s, int v, uint8_t pitch);

/** A change as an interval. @param before, last The pitch until now, and the one that sounded last. */
int es_interval_value(int change, uint8_t pitch, uint8_t before, uint8_t last);

/** Interval between two pitches as pitch classes; ES_NO_REFERENCE when one is silent. */
int es_class_between(uint8_t pitch, uint8_t from);

/** Pitch seen from the pitch that the voice itself sounded last. */
int es_distance_value(uint8_t pitch, uint8_t own);

/** A chord's root as seen from a pitch class, -1 for none. */
int es_relative_root(es_chord_token chord, int reference);

/** Tonic of the plan's key, -1 when it is hidden. */
int es_tonic_of(const es_stream *s);

/** Place in the beat, the bar and the piece. */
void es_add_time(es_features *out, const es_stream *s, const es_instant *now);

void es_add_chord(es_features *out, es_chord_token chord, int reference);

/** The key that the notes until `past` suggest, and its tonic as seen from a pitch. */
void es_add_tonality(es_features *out, const es_instant *past, uint8_t pitch);

/** Steps that the voice holds what it does. */
uint32_t es_held_steps(const es_stream *s, int v);

/** Are all decided voices as the joint match foretold? */
bool es_joint_is_right(const es_stream *s);

/** Fields and terms of the voice that is drawn next. */
void es_features_voice(es_features *out, const es_stream *s);

#endif
