/**
 * @file tune.h
 * Tunes: what a part plays in a phrase whatever the style draws. The harmony is derived so that it suits them.
 */
#ifndef ES_PLAN_TUNE_H
#define ES_PLAN_TUNE_H

#include "score/score.h"
#include "style/style.h"

/** The tune of a phrase. Times count from its beginning. */
typedef struct es_tune {
    uint8_t part;
    es_tick start, end; /**< Here the part plays these notes and nothing else. */
    const es_note
        *notes; /**< [n_notes], ascending, one line; borrowed from whoever made the tune. */
    size_t n_notes;
    int32_t other_than; /**< Index of the phrase whose chords are to be avoided, -1: none. */
} es_tune;

struct es_plan_phrase;

/** Who has tunes. Zero: nobody. */
typedef struct es_tunes {
    void *self;
    /** A form was derived. @param leaves [count], in order; borrowed. @param first Index of its first phrase. */
    estro_status (*form)(void *self, const es_phrase_leaf *const *leaves, size_t count,
                         uint32_t first, estro_diag *diag);
    /**
     * The tune of a phrase, a pure function of the form and the place in it.
     *
     * @param position  In the form.
     * @param phrase    Its leaf, key, bars and their metres are known.
     * @param out       NULL where it has none; borrowed, valid until the form after the next is derived.
     */
    estro_status (*tune)(void *self, size_t position, const struct es_plan_phrase *phrase,
                         const es_tune **out, estro_diag *diag);
} es_tunes;

/** Whether two tunes, or none (NULL), are the same from one tick of their phrases to another. */
bool es_tune_same(const es_tune *a, const es_tune *b, es_tick from, es_tick to);

#endif
