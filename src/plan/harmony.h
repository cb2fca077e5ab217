/**
 * @file harmony.h
 * The harmony of a phrase: a chord for each of its beats.
 */
#ifndef ES_PLAN_HARMONY_H
#define ES_PLAN_HARMONY_H

#include "plan/plan.h"
#include "plan/span.h"

enum { ES_PHRASE_BEATS = ES_MAX_PHRASE_BARS * ES_MAX_BEATS };

/**
 * Derive chords for the bars `first_bar` .. n_bars-1 of a phrase; those before are left as they are.
 *
 * The derivation is of the whole phrase. Where bars before are kept, of several derivations the one is taken that agrees best with them at the seam.
 *
 * A phrase with a tune has chords that suit it: each derivation is as likely as the grammar says, times how well each of its chords goes with
 * the tune where it stands.
 *
 * @param span    Of the harmony grammar of the phrase's mode.
 * @param other   The phrase whose chords are to be avoided, if its tune says so, or NULL.
 * @param tree    The derivation, overwritten; left as it is where the chords suit a tune. May be NULL.
 * @param phrase  key, leaf, tune, n_bars and the metres of its bars are read; chords are written.
 */
estro_status es_harmony_derive(es_plan_phrase *phrase, const es_style *style, const es_span *span,
                               const es_plan_phrase *other, uint16_t first_bar, es_rng *rng,
                               es_derivation *tree, estro_diag *diag);

/** Chords from a sheet of a chord a beat, repeated: those of the beats from `beat` (of the piece) on. */
void es_harmony_given(es_plan_phrase *phrase, const es_chord *chords, uint32_t n_chords,
                      uint32_t beat);

/** The key that fits a chord sheet best: most members in the scale, then the first chord as its tonic. */
es_key es_harmony_key(const es_chord *chords, uint32_t n_chords);

/** Whether two bars of one metre have the same chords. */
bool es_harmony_same(const es_plan_bar *a, const es_plan_bar *b);

#endif
