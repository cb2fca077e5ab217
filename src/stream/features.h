/**
 * @file features.h
 * What a net sees of the stream: fields and terms of each kind of choice, and the fields of an event.
 *
 * The same functions give the sizes (es_coding_shape) and the values, so these cannot disagree.
 */
#ifndef ES_STREAM_FEATURES_H
#define ES_STREAM_FEATURES_H

#include "stream/history.h"

/** Collects fields and terms in a fixed order. Zero-initialise; NULL members are not wanted. */
typedef struct es_features {
    uint16_t *value; /**< [ES_MAX_FIELDS] or NULL. */
    uint16_t *size;  /**< [ES_MAX_FIELDS] or NULL. */
    es_term *term;   /**< [ES_MAX_TERMS] or NULL. */
    uint16_t n_fields;
    uint16_t n_terms;
    uint16_t n_raw;
} es_features;

/** Fields of an event: the instant `now`, complete; `before` it, or NULL. */
void es_features_event(es_features *out, const es_stream *stream, const es_instant *now,
                       const es_instant *before);

/** Fields and terms of the choice that comes next in the stream. */
void es_features_choice(es_features *out, const es_stream *stream);

/** Candidates of the choice that comes next: those at the end that cannot be are not counted. */
uint16_t es_features_candidates(const es_stream *stream);

#endif
