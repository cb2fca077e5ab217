/**
 * @file kernel.h
 * The inner loops of inference. Each output is summed in one written order whatever the vector width: the same bits everywhere.
 */
#ifndef ES_NN_KERNEL_H
#define ES_NN_KERNEL_H

#include "nn/net.h"

/** y += row, [n]. */
void es_add_row(float *restrict y, const float *restrict row, size_t n);

/** Largest of x, [n], n > 0. */
float es_largest(const float *x, size_t n);

/** Do the terms of a draw stay within its raw logits, its fields within their tables, its target within the candidates? */
bool es_draw_ok(const es_net_shape *shape, const es_draw *draw);

/** logit[c] = sum of the raw logits that the terms read for candidate c. @param logit [draw->n_candidates], overwritten. */
void es_terms_gather(const es_slot_shape *slot, const es_draw *draw, const float *raw,
                     float *logit);

/** The reverse: raw[i] += the d_logit of each candidate that read it. @param raw [slot->n_raw], added to. */
void es_terms_scatter(const es_slot_shape *slot, const es_draw *draw, const float *d_logit,
                      float *raw);

/**
 * logit -= log(sum(exp(logit))), sums in double, ascending.
 *
 * @param logit    [n]; overwritten with log-probabilities.
 * @param scratch  [n]; overwritten with exp(logit - largest).
 * @return The sum of scratch, so that scratch / sum are the probabilities.
 */
double es_log_softmax(float *logit, float *scratch, size_t n);

#endif
