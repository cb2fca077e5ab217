/**
 * @file rhythm.h
 * When a part may act: the cells of its pattern that are still possible, or a free rhythm on its grid.
 *
 * A cell is never drawn as such. At each instant the part does something; the cells that would have done otherwise are dropped, and the
 * weight of an action is the sum of the weights of the cells that agree with it. A free rhythm is a chain of independent choices at
 * the places of the part's grid.
 */
#ifndef ES_GEN_RHYTHM_H
#define ES_GEN_RHYTHM_H

#include "gen/moment.h"

enum {
    ES_MAX_ACTIONS = 24, /**< Different actions of a part at an instant. */
    ES_MAX_TIMES = 64    /**< Different times at which a part may act next. */
};

typedef enum es_act {
    ES_ACT_HOLD,  /**< Nothing changes, sounding or not. */
    ES_ACT_REST,  /**< It falls silent. */
    ES_ACT_STRIKE /**< A note begins. */
} es_act;

typedef struct es_action {
    double weight;
    uint8_t act;          /**< es_act. */
    uint8_t tone, member; /**< As in es_hit. */
    int8_t octave, contour, accent;
    uint16_t marks;
    es_tick until; /**< ES_TONE_APPROACH: when a chord tone is to follow; 0 = that is not known. */
    es_tick earliest, latest; /**< When the part can, and must, act next after this. */
} es_action;

/** A cell still possible: its index, and the hit that it comes to next. */
typedef struct es_live_cell {
    uint16_t cell, next;
} es_live_cell;

/** Rhythm of a part. Plain data but for `live`, which points to storage of [cells of the largest pattern]. */
typedef struct es_rhythm {
    const es_pattern *pattern; /**< NULL: free or silent. */
    const es_part *part;
    es_tick origin; /**< Where the cell began. */
    es_tick end;    /**< Where it ends. */
    es_live_cell *live;
    uint32_t n_live;
    es_tick
        grid; /**< Smallest step of a free rhythm: that of the part, or a multiple that suits its model. */
    bool is_silent;
    bool is_modelled; /**< A model writes the part. */
} es_rhythm;

/**
 * Enter bar `bar` of the phrase. A cell of several bars goes on when its pattern does.
 *
 * @param is_loose  Any cell of the pattern may be played, whatever the plan fixes and the bar before began.
 */
void es_rhythm_enter(es_rhythm *rhythm, const es_style *style, const es_beats *beats, int part,
                     uint16_t bar, bool is_loose);

/**
 * What the part may do at an instant.
 *
 * @param is_sounding  It has a note that may be held.
 * @param actions      [ES_MAX_ACTIONS], overwritten; weights above zero, of sum 1.
 * @return How many; 0 when it can do nothing. Cells that would have acted before the instant do not count.
 */
int es_rhythm_actions(const es_rhythm *rhythm, const es_beats *beats, const es_moment *moment,
                      bool is_sounding, es_action *actions);

/** It did `action` at `tick`: drop the cells that disagree. */
void es_rhythm_take(es_rhythm *rhythm, es_tick tick, const es_action *action);

/** The part does nothing before `tick`: drop the cells that would have. */
void es_rhythm_pass(es_rhythm *rhythm, es_tick tick);

/**
 * It did what is given, not drawn: cells that would have acted as it did go on; when none would, all do.
 *
 * @param strikes  A note begins at `tick`.
 */
void es_rhythm_follow(es_rhythm *rhythm, es_tick tick, bool strikes);

/** What the cells have before `tick` is past, whether it was played or not. */
void es_rhythm_skip(es_rhythm *rhythm, es_tick tick);

/** When it may act next. */
typedef struct es_times {
    int count;
    es_tick tick[ES_MAX_TIMES]; /**< Ascending, after now and before the limit. */
    double weight[ES_MAX_TIMES];
    double later; /**< Weight of not before the limit. */
} es_times;

/** The times in (tick, limit), after es_rhythm_take at `tick`. */
void es_rhythm_times(const es_rhythm *rhythm, const es_beats *beats, es_tick tick, es_tick limit,
                     es_times *out);

/** When the next instant of a group may come, with weights. */
typedef struct es_steps {
    int count;
    es_tick tick[ES_MAX_TIMES + 1]; /**< Ascending; the last is the next beat. */
    double weight[ES_MAX_TIMES + 1];
} es_steps;

/**
 * The first of several parts' next times.
 *
 * @param times   [n], all of them to the limit `beat`.
 * @param latest  Times after it get no weight.
 */
void es_steps_make(es_steps *out, const es_times *times, int n, es_tick beat, es_tick latest);

/** What may be done at a later instant, for looking ahead. */
typedef struct es_outlook {
    bool may_hold, may_rest, may_strike;
    bool is_loose;   /**< Other notes come between. */
    es_tick between; /**< When the one note that may come between does, 0 = that is not known. */
    int n_strikes;
    es_action strike[ES_MAX_ACTIONS]; /**< The different ways to strike. */
} es_outlook;

/**
 * What a part may do at `moment`, if it does `action` now and nothing surely before.
 *
 * @param tick  Now.
 */
void es_rhythm_outlook(const es_rhythm *rhythm, const es_style *style, const es_beats *beats,
                       int part, es_tick tick, const es_action *action, const es_moment *moment,
                       es_outlook *out);

/** The same, if what it does now is given: anything that it may do then. */
void es_rhythm_outlook_anew(const es_rhythm *rhythm, const es_style *style, const es_beats *beats,
                            int part, const es_moment *moment, es_outlook *out);

/**
 * Free rhythm: weight of moving at a place of so much strength (es_meter_strength), against 1 for holding. A model may use all of the
 * grid: where it says when, fine places may be weighed by 0 for the style alone.
 */
double es_onset_weight(const es_part *part, int strength, bool is_modelled);

#endif
