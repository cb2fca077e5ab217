/**
 * @file notes_features.h
 * What a net sees of profile `notes`: fields and terms of each kind of choice, and the fields of an event.
 */
#ifndef ES_STREAM_NOTES_FEATURES_H
#define ES_STREAM_NOTES_FEATURES_H

#include "stream/features.h"
#include "stream/notes_history.h"

/** Fields of an event: the open frame, all drawn. */
void es_notes_features_event(es_features *out, const es_notes *s);

/** Fields and terms of the choice that comes next. */
void es_notes_features_choice(es_features *out, const es_notes *s);

/** Candidates of the choice that comes next. */
uint16_t es_notes_candidates(const es_notes *s);

#endif
