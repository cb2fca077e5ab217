/**
 * @file coded.h
 * A piece as the rows that a net learns from and is scored on: the draws that were made, and the events that they complete.
 */
#ifndef ES_STREAM_CODED_H
#define ES_STREAM_CODED_H

#include "nn/learn.h"

/** Owned arrays; zero-initialise; es_coded_done. */
typedef struct es_coded {
    es_sequence sequence; /**< Points into the arrays below. */
    es_event_fields *events;
    es_draw *draws;
    uint32_t *draw_event;
    size_t event_capacity, draw_capacity, draw_event_capacity;
} es_coded;

/** Add a draw, its target set, made from the state after `event` events. @return ESTRO_ERR_MEMORY. */
estro_status es_coded_add_draw(es_coded *coded, const es_draw *draw, uint32_t event,
                               estro_diag *diag);

/** Add an event. @return ESTRO_ERR_MEMORY. */
estro_status es_coded_add_event(es_coded *coded, const es_event_fields *event, estro_diag *diag);

void es_coded_done(es_coded *coded);

#endif
