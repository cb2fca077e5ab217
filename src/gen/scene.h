/**
 * @file scene.h
 * What the drawing of a group looks at: style, plan, rules, and what all lines have done so far.
 */
#ifndef ES_GEN_SCENE_H
#define ES_GEN_SCENE_H

#include "gen/budget.h"
#include "gen/given.h"
#include "gen/rhythm.h"
#include "gen/track.h"

/** Rules of a group by scopes, compiled when first needed. Zero-initialise. */
typedef struct es_rulebook {
    es_rules *rules[ES_SCOPE_SETS]; /**< Owned. */
    const bool *left_out;           /**< As in es_rules_new; NULL. */
    uint8_t scopes;                 /**< es_rules_scopes of the style; 0 = not looked at yet. */
} es_rulebook;

void es_rulebook_done(es_rulebook *book);

/** From a place of an earlier phrase to the same place here. */
typedef struct es_shift {
    es_tick ticks;
    int semitones;
} es_shift;

/** Borrowed by the search; the owner keeps it up to date. */
typedef struct es_scene {
    const es_style *style;
    const es_beats *beats;
    const es_cast *cast;
    es_rulebook *book;
    const es_line *lines;     /**< [ES_MAX_LINES], by line. */
    const es_rhythm *rhythms; /**< [ES_MAX_PARTS], by part. */
    const es_track *tracks;   /**< [ES_MAX_LINES]: lines of earlier groups are known to `known`. */
    es_tick known;
    const es_given *given; /**< NULL = nothing is, in or right after this phrase. */
    const struct es_quote
        *quote; /**< The bar says again what a quoted phrase did; NULL = it is new. */
    es_shift quote_shift;
    bool is_exact;      /**< Note for note; else it may go another way, and ... */
    double echo_weight; /**< ... is so many times likelier to do what that did. */
    const es_track *
        promised; /**< [ES_MAX_LINES]: the phrase whose beginning the next one repeats; NULL = it is free. */
    es_tick promised_start; /**< Where that phrase begins. */
    int promised_semitones; /**< From its pitches to those of the next. */
    bool is_modelled;       /**< A model writes the group: the style's weights are mild. */
    es_budget budget;       /**< What may be copied of its training material. */
    bool restrikes;         /**< It knows notes struck again. */
} es_scene;

/** Whether the style's weights write line i of the group: all lines without a model, else those of which the model is told. */
static inline bool es_scene_by_weights(const es_scene *scene, int i)
{
    return !scene->is_modelled ||
           (scene->style->groups[scene->cast->group].given >> scene->cast->part[i] & 1);
}

/** Rules at a moment. @return NULL when there is no memory. */
const es_rules *es_scene_rules(const es_scene *scene, const es_moment *moment);

/** The pitch that a line is bound to begin the next phrase with, or ES_SILENT where that is open. */
int es_scene_promised(const es_scene *scene, int line);

/** What the lines of earlier groups, and what is given of later ones, do at a moment. */
typedef struct es_outside {
    uint32_t lines; /**< Which are known. */
    uint32_t given; /**< Which are given, those of the group too. */
    es_sound sound[ES_MAX_LINES];
} es_outside;

void es_scene_outside(const es_scene *scene, const es_moment *moment, es_outside *out);

/** Whether line i of the group is given at a tick. */
bool es_scene_is_given(const es_scene *scene, int i, es_tick tick);
/** Whether it is, and what it does then asks nothing of what follows. */
bool es_scene_is_exempt(const es_scene *scene, int i, es_tick tick);

/** What line i, which sounds `before`, does where it is given: bits are left 0. */
es_sound es_scene_given(const es_scene *scene, int i, es_tick tick, int before);

/** Whether line `i` of the group, sounding `sound`, breaks a rule with one of `others`, lines of earlier groups. */
bool es_breaks_with(const es_scene *scene, const es_rules *rules, const es_outside *outside,
                    uint32_t others, int i, const es_sound *sound);

/** The same with any of them: most often there are none that matter. */
static inline bool es_outside_breaks(const es_scene *scene, const es_rules *rules,
                                     const es_outside *outside, int i, const es_sound *sound)
{
    const uint32_t others = rules->paired[i] & outside->lines;

    return others && es_breaks_with(scene, rules, outside, others, i, sound);
}

/** The next tick after `tick` at which a line of an earlier group acts that has a rule with line `i`. */
es_tick es_scene_next_outside(const es_scene *scene, const es_rules *rules, int i, es_tick tick);

/** The next tick after `tick` at which a pitch that line `i` holds may break a rule, whichever it is: before, none does. */
es_tick es_scene_next_change(const es_scene *scene, const es_rules *rules, int i, es_tick tick);

/**
 * Until when `pitch` can be held by line i from `tick` on, at most `until`, as far as chords and earlier groups go.
 *
 * @param rules  Of the moment at `tick`; they say with which lines the line has to do.
 * @return The first tick at which it would break a rule, or `until` (or the end of the phrase).
 */
es_tick es_scene_hold_limit(const es_scene *scene, const es_rules *rules, int i, int pitch,
                            es_tick tick, es_tick until);

#endif
