/**
 * @file moment.h
 * What holds at an instant of a phrase: chord, scale, place in the bar, scopes, what must resolve.
 */
#ifndef ES_GEN_MOMENT_H
#define ES_GEN_MOMENT_H

#include "plan/plan.h"

enum {
    ES_PHRASE_MAX_BEATS = ES_MAX_PHRASE_BARS * ES_MAX_BEATS,
    ES_LEADING_BIT = 4 /**< In a set of members: the leading tone. */
};

/** A chord in a key, prepared for looking up pitch classes. */
typedef struct es_harmony {
    es_key key;
    es_chord chord;
    uint16_t
        chord_set; /**< Of pitch classes, with tensions and a foreign bass; the scale where no chord is meant. */
    uint16_t upper_set; /**< The same without a foreign bass. */
    uint16_t scale_set;
    uint8_t member[12]; /**< By pitch class: bit k = member k of the chord, bit 4 = `leading`. */
    int8_t bass;        /**< Pitch class that the chord names as its bass, -1 = none. */
    int8_t leading; /**< Leading tone of a dominant (V or vii of any degree), -1 = it is none. */
    int8_t wants;   /**< Root that the leading tone leads to. */
} es_harmony;

/** @param roman  As the style writes the chord; NULL = told from the chord in its key. */
void es_harmony_prepare(es_harmony *out, es_key key, es_chord chord, const char *roman);

/** Members that its chord has: bits of es_harmony.member. */
static inline uint8_t es_harmony_members(const es_harmony *harmony)
{
    uint8_t members = 0;

    for (int pc = 0; pc < 12; pc++) {
        members |= harmony->member[pc];
    }
    return members;
}

/** What a pitch is to a harmony: 0 chord tone, 1 scale tone, 2 neither. */
static inline int es_harmony_class(const es_harmony *harmony, int pitch)
{
    const int pc = pitch % 12;

    return harmony->chord_set >> pc & 1 ? 0 : harmony->scale_set >> pc & 1 ? 1 : 2;
}

/** Whether a pitch is in the scale of a part: its own, in major keys and in minor ones (es_part.scale), or, where that is 0, the key's. */
static inline bool es_scale_has(const uint16_t scale[2], const es_harmony *harmony, int pitch)
{
    const uint8_t mode = harmony->key.mode;
    const uint16_t own = scale[es_mode_is_minor(mode)];

    return own ? own >> (pitch + 12 - harmony->key.tonic) % 12 & 1
               : harmony->scale_set >> pitch % 12 & 1;
}

/** As es_harmony_class, by the scale of a part. */
static inline int es_part_class(const uint16_t scale[2], const es_harmony *harmony, int pitch)
{
    return harmony->chord_set >> pitch % 12 & 1 ? 0 : es_scale_has(scale, harmony, pitch) ? 1 : 2;
}

/** A beat of a phrase. */
typedef struct es_beat {
    es_harmony harmony;
    uint8_t scopes; /**< Bit per es_scope: EVERYWHERE, CADENCE, END. */
    bool changes;   /**< Root or quality differ from the beat before. */
    int8_t leading; /**< Pitch class of a leading tone that resolves into this beat, -1 = none. */
    int8_t seventh; /**< Pitch class of a seventh that resolves into this beat, -1 = none. */
    uint16_t next; /**< The beat whose chord is the next one; the last that is known, if none is. */
} es_beat;

/** The beats of a phrase, and one more: the first of the phrase after, as far as it is known. */
typedef struct es_beats {
    const es_plan_phrase *phrase; /**< Kept. */
    es_meter meter;               /**< Of all its bars. */
    es_tick start, end;           /**< From the start of the piece. */
    es_tick bar, beat;            /**< Lengths. */
    uint32_t per_bar, n;          /**< n = all beats of the phrase. */
    bool has_next;                /**< beat[n] is known. */
    es_beat beats[ES_PHRASE_MAX_BEATS + 1];
} es_beats;

/**
 * Lay out a phrase.
 *
 * @param start   Its first tick.
 * @param before  Harmony of the last beat before it; NULL at the start of the piece.
 */
void es_beats_lay(es_beats *out, const es_plan_phrase *phrase, es_tick start,
                  const es_harmony *before);

/** An instant. */
typedef struct es_moment {
    es_tick tick; /**< From the start of the piece. */
    es_tick in_bar;
    uint16_t bar;    /**< Of the phrase; n_bars at its end. */
    int8_t strength; /**< es_meter_strength. */
    bool is_beat;
    bool is_seam;            /**< First instant of a phrase (also of the one after). */
    bool changes;            /**< The chord changes here. */
    int8_t leading, seventh; /**< As in es_beat; -1 off the beat. */
    uint8_t scopes;          /**< Bit per es_scope. */
    const es_harmony *harmony;
    const es_harmony *next; /**< Of the next chord, as far as it is known. */
} es_moment;

/** The instant at `tick`, from start to end inclusive. */
void es_moment_at(es_moment *out, const es_beats *beats, es_tick tick);

/** The next beat after `tick`. */
es_tick es_beats_next(const es_beats *beats, es_tick tick);

#endif
