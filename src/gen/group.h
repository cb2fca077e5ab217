/**
 * @file group.h
 * A bar of a group in the making: what the files that draw it share.
 */
#ifndef ES_GEN_GROUP_H
#define ES_GEN_GROUP_H

#include "gen/engine.h"
#include "gen/writer.h"

typedef struct es_group_run {
    es_engine *engine;
    es_writer *writer; /**< The model that writes the group, NULL = the weights alone. */
    es_scene scene;
    es_rng rhythm, pitch;           /**< Chance of actions and times; of sonorities. */
    int actions[ES_GROUP_LINES];    /**< By part: what it does at the present instant. */
    uint8_t chosen[ES_GROUP_LINES]; /**< By place in the drawing order: the option taken. */
    int ahead;                      /**< es_ahead: how strictly the present instant looks ahead. */
    bool goes_on;                   /**< The one that was drawn does. */
    es_tick tick;
    es_tick end; /**< Of the bar. */
} es_group_run;

/** Put in a bar of which all is given. */
estro_status es_group_place(es_group_run *run, estro_diag *diag);

/** Tell the model of the group what its lines played from `start` to the end of the bar. */
void es_group_tell(es_group_run *run, es_tick start);

/** The model is told what line i does, instead of drawing it. */
void es_group_tell_voice(es_group_run *run, es_writer *writer, int i, const es_sound *sound);

/** Draw actions and sonority of the instant that the search is prepared for. ESTRO_ERR_CONFLICT when nothing is legal. */
estro_status es_draw_by_weights(es_group_run *run, estro_diag *diag);
estro_status es_draw_by_model(es_group_run *run, estro_diag *diag);

/** Draw the next instant with a model. @return Index into `steps`, -1 when none is possible. */
int es_draw_step_by_model(es_group_run *run, const es_steps *steps);

#endif
