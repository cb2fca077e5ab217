/**
 * @file inside.h
 * The sum over all derivations of a span of a piece: the inside algorithm (Baker 1979; Lari and Young 1990) over places, in nats.
 *
 * A leaf covers as many units as it is long, and what stands there says how likely it is.
 */
#ifndef ES_RECOGNISE_INSIDE_H
#define ES_RECOGNISE_INSIDE_H

#include "plan/span.h"

/** Logarithm of a probability of 0. */
#define ES_NEVER (-1e300)

/** Log-probability of what stands at `place`, given the leaf; ES_NEVER where the leaf cannot be. */
typedef double es_inside_leaf(void *self, uint32_t leaf, uint32_t place);

/**
 * @param span   Of the grammar, for at least so many units.
 * @param units  Length of the whole; places are 0 to units - 1.
 * @param log_p  Of the units given the symbol, over all derivations; ES_NEVER when there is none.
 * @return ESTRO_ERR_MEMORY.
 */
estro_status es_inside(double *log_p, const es_grammar *grammar, const es_span *span,
                       uint32_t symbol, uint32_t units, es_inside_leaf *leaf, void *self,
                       estro_diag *diag);

/** log(exp(a) + exp(b)). */
double es_log_add(double a, double b);

#endif
