/**
 * @file fit.h
 * How well chords suit a tune, beat by beat.
 */
#ifndef ES_PLAN_FIT_H
#define ES_PLAN_FIT_H

#include "plan/plan.h"

/** What a tune asks of the chord of one beat. */
typedef struct es_beat_fit {
    double foreign
        [12]; /**< How bad it is, by pitch class, if that is no tone of the chord; 0: it does not sound. */
} es_beat_fit;

/**
 * What a tune asks of each beat of its phrase.
 *
 * A note counts by its share of the beat; more when it sounds on the beat, less when it passes by step.
 *
 * @param fits  [beats of the phrase], overwritten.
 */
void es_fit_tune(es_beat_fit *fits, const es_plan_phrase *phrase);

/** Weight of a chord on a beat, above 0; 1 for one that holds all that sounds. */
double es_fit_weight(const es_beat_fit *fit, es_chord chord);

#endif
