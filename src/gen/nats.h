/**
 * @file nats.h
 * What a coded piece costs under a net: exact by the chain rule, each choice given all before it.
 */
#ifndef ES_GEN_NATS_H
#define ES_GEN_NATS_H

#include "nn/learn.h"

/** Nats and number of the draws of the plan, and of the others: the notes. */
typedef struct es_nats {
    double plan, notes;
    size_t n_plan, n_notes;
} es_nats;

/**
 * Sum minus the logarithms of the probabilities of what was drawn, by the net that plays.
 *
 * @param plan_slots  Draws of slots below this are the plan's.
 * @return ESTRO_ERR_MEMORY.
 */
estro_status es_nats_of(es_nats *out, const es_net *net, const es_sequence *sequence,
                        uint16_t plan_slots, estro_diag *diag);

#endif
