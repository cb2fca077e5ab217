/**
 * @file form.h
 * The form of a piece: its row of phrases, derived before anything else.
 */
#ifndef ES_PLAN_FORM_H
#define ES_PLAN_FORM_H

#include "plan/span.h"

/** A row of phrase leaves. Zero-initialise; es_form_done. */
typedef struct es_form {
    uint16_t *leaves; /**< Indices into es_style.phrases. */
    size_t n_leaves, capacity;
    uint32_t n_bars;
    es_derivation tree; /**< Of all that was added since n_leaves was 0. */
} es_form;

enum {
    ES_FORM_BARS =
        256 /**< Longest form that one derivation makes; longer pieces are several in a row. */
};

/**
 * Add one derivation of "piece" to the form.
 *
 * @param bars  Its length; 0 = drawn with the probabilities of the grammar. Must be derivable.
 */
estro_status es_form_add(es_form *form, const es_style *style, const es_span *span, uint32_t bars,
                         es_rng *rng, estro_diag *diag);

/** Make the form `bars` long: exactly if the grammar can, else the nearest longer length it can, else the nearest shorter. */
estro_status es_form_fill(es_form *form, const es_style *style, const es_span *span, uint32_t bars,
                          es_rng *rng, estro_diag *diag);

void es_form_done(es_form *form);

#endif
