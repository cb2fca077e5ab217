/**
 * @file plan.h
 * The plan: what each bar is to be, before any note; and the planner, which derives it from a style, lazily, phrase by phrase.
 */
#ifndef ES_PLAN_PLAN_H
#define ES_PLAN_PLAN_H

#include "plan/span.h"
#include "plan/tune.h"
#include "style/style.h"

#include <stdbool.h>
#include <stddef.h>

/** A bar to be. A person reads a row of these as a lead sheet. */
typedef struct es_plan_bar {
    es_meter meter;
    uint8_t level, tension;          /**< 0-9. */
    es_chord chord[ES_MAX_BEATS];    /**< The chord of each beat. */
    const char *roman[ES_MAX_BEATS]; /**< As the style wrote it, or NULL (a given chord sheet). */
    bool chord_starts[ES_MAX_BEATS]; /**< A chord leaf begins on this beat. */
    int16_t pattern[ES_MAX_PARTS];   /**< Pattern of each part; -1 free rhythm, -2 silent. */
    int16_t cell[ES_MAX_PARTS];      /**< A cell fixed in advance (motif), else -1. */
    uint8_t cell_bar[ES_MAX_PARTS];  /**< Which bar of a pattern of several bars this is. */
    int16_t echo[ES_MAX_PARTS]; /**< Bar of this phrase whose shape it takes up (motif), else -1. */
    int16_t copy;               /**< Bar of the quoted phrase whose chords it has, else -1. */
    uint16_t repeats;           /**< Bit p: part p plays that bar again, note for note. */
} es_plan_bar;

enum {
    ES_TUNE_ATTEMPTS = 32, /**< Derivations of a phrase that keep to its tune. */
    ES_MOST_PRIMES = 3,    /**< A label with more primes counts as one with these. */
    ES_IDEAS = 26 * (ES_MOST_PRIMES + 1)
};

/** A phrase: the unit of composing. */
typedef struct es_plan_phrase {
    uint32_t index;      /**< From 0. */
    uint32_t first_bar;  /**< Index of its first bar in the piece. */
    uint32_t first_beat; /**< Beats before it. */
    const es_phrase_leaf *leaf;
    es_key key; /**< Of this phrase. */
    es_cadence cadence;
    int32_t quotes; /**< Index of the phrase that it repeats (same label), or -1. */
    int8_t shift; /**< Semitones from that phrase to this one, -5 to 6: it may be in another key. */
    uint16_t n_bars;
    bool is_first, is_last;
    int16_t
        idea; /**< Its label and primes, counted together: below ES_IDEAS; -1 without a label. */
    bool is_first_of_idea; /**< Later phrases may quote it. */
    double tempo;          /**< As a share of that of the piece. */
    es_chord next_chord; /**< First chord of the phrase after, or quality NONE: seen at the seam. */
    int32_t
        next_quotes; /**< Index of the phrase whose beginning the phrase after repeats (perhaps this one), or -1. */
    uint16_t next_repeats;    /**< Parts that do, as in es_plan_bar. */
    int8_t next_shift;        /**< Semitones from there to that beginning. */
    const es_tune *tune;      /**< Or NULL. Borrowed. */
    const es_tune *next_tune; /**< Of the phrase after: seen at the seam. */
    es_plan_bar bar[ES_MAX_PHRASE_BARS];
} es_plan_phrase;

/** Bytes that a phrase of so many bars takes: the rest is not touched, nor need it be there. */
static inline size_t es_plan_phrase_size(uint16_t n_bars)
{
    return offsetof(es_plan_phrase, bar) + n_bars * sizeof(es_plan_bar);
}

/** What the user fixed. Zero-initialise; borrowed pointers are kept by the planner. */
typedef struct es_plan_options {
    uint64_t seed;
    bool has_key;
    es_key key;
    double tempo;   /**< Quarters per minute, 0 = the style's. */
    uint32_t bars;  /**< Wanted length, 0 = as the form says. */
    double seconds; /**< Wanted length in time, 0 = as the form says; used when bars = 0. */
    const es_chord *
        chords; /**< A given chord sheet, a chord a beat, repeated to fill; NULL = the style's harmony. */
    uint32_t n_chords;
    bool endless;   /**< Live: when the form is over, derive another, until es_planner_finish. */
    es_tunes tunes; /**< What some parts play whatever is drawn. */
} es_plan_options;

/** What was settled for the whole piece. */
typedef struct es_plan_frame {
    es_key key;
    double tempo;
    es_meter meter;
    uint32_t n_phrases; /**< 0 when endless. */
    uint32_t n_bars;
} es_plan_frame;

/** The key of a phrase in a piece whose home key is `home`. */
es_key es_phrase_key(const es_phrase_leaf *leaf, es_key home);

typedef struct es_planner es_planner;

/**
 * Derive the form: key, tempo, phrases.
 *
 * @param style Kept.
 * @return ESTRO_ERR_STYLE or ESTRO_ERR_ARGUMENT (a length or a key that the style cannot have: says which it can).
 */
estro_status es_planner_new(es_planner **out, const es_style *style, const es_plan_options *options,
                            estro_diag *diag);
void es_planner_free(es_planner *planner);

const es_plan_frame *es_planner_frame(const es_planner *planner);

/** How the form was derived: its leaves are the phrases (es_style.phrases). Valid until the form is extended. */
const es_derivation *es_planner_form(const es_planner *planner);
/** How the harmony of the last phrase was derived, in the grammar of its mode; empty where chords are given, suit a tune, or are all quoted. */
const es_derivation *es_planner_harmony(const es_planner *planner);

/**
 * Derive the next phrase: harmony, patterns, motifs.
 *
 * @param attempt  0, or more after a retreat: another derivation of the same phrase. From ES_TUNE_ATTEMPTS on it has no tune.
 * @param phrase   Overwritten.
 * @return ESTRO_END after the last; ESTRO_ERR_CONFLICT when the conditions of a rhythm leave a bar nothing to play: another attempt
 *         may do. es_planner_next moves on only when `attempt` is 0; with attempt > 0 the last
 *         phrase is derived again.
 */
estro_status es_planner_next(es_planner *planner, uint32_t attempt, es_plan_phrase *phrase,
                             estro_diag *diag);

/**
 * Go on in the same style with params set otherwise, from the next phrase on: form and phrases that can be repeated stay where they
 * are the same in it, else another form begins.
 *
 * @param style Kept. The one before is kept until two phrases more are derived.
 * @return ESTRO_ERR_STYLE, ESTRO_ERR_MEMORY: the planner is as it was.
 */
estro_status es_planner_restyle(es_planner *planner, const es_style *style, estro_diag *diag);

/** Make the phrase after the present one the last (an authentic close in the home key). */
void es_planner_finish(es_planner *planner);

#endif
