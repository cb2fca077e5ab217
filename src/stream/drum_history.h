/**
 * @file drum_history.h
 * The state of a stream of drums as its files share it: the row of instants, and the open one.
 *
 * Everything here is a function of the choices made so far. The first n_instants instants are complete; the one after
 * them is open. Going back is cutting the array.
 */
#ifndef ES_STREAM_DRUM_HISTORY_H
#define ES_STREAM_DRUM_HISTORY_H

#include "stream/drums.h"
#include "stream/features.h"

typedef struct es_drum_instant {
    uint32_t step;
    uint32_t bar;                  /**< Bars before this one. */
    uint16_t in_bar;               /**< Steps since the bar line. */
    uint8_t place;                 /**< Steps since the beat began. */
    uint8_t length;                /**< STEP: steps to the next instant; 0 while open. */
    uint8_t kind;                  /**< es_drum_kind of its bar. */
    uint8_t hit[ES_KIT_LANES];     /**< Candidate of each lane. */
    uint8_t last[ES_KIT_LANES];    /**< Hit of each lane before this instant, 0 = none yet, ... */
    uint8_t earlier[ES_KIT_LANES]; /**< ... and the one before that. */
    uint32_t since[ES_KIT_LANES];  /**< Steps since `last`. */
    uint16_t gap[ES_KIT_LANES];    /**< Steps from `earlier` to `last`. */
    uint32_t symbol;               /**< Hash of place, length and hits; 0 while open. */
} es_drum_instant;

/** The same place some bars ago. */
typedef struct es_drum_back {
    bool is_known;             /**< The piece reaches back so far. */
    uint8_t hit[ES_KIT_LANES]; /**< What was hit there. */
    uint8_t length;            /**< STEP of the instant there, 0 = there is none. */
} es_drum_back;

/** What was usual at this place of the bar in the last bars: the pattern that a drummer comes back to after varying it. */
typedef struct es_drum_usual {
    uint8_t n_bars;              /**< Bars that are looked at, at most ES_DRUM_USUAL_BARS. */
    uint8_t n_hit[ES_KIT_LANES]; /**< In how many of them each lane was hit here. */
    uint8_t hit
        [ES_KIT_LANES]; /**< What was hit most often; of equals the latest. 0 = never anything. */
    uint8_t n_length, length; /**< The commonest STEP from here, and how often; 0 = none. */
    uint8_t soonest;          /**< The shortest one, 0 = none. */
} es_drum_usual;

enum { ES_DRUM_USUAL_BARS = 12 };

struct es_drum_stream {
    es_drum_coding coding;
    bool is_hidden;
    bool is_over;
    uint8_t family; /**< ES_FAMILIES = hidden. */
    uint8_t meter_token;
    uint8_t beat_steps;
    uint8_t bar_beats;
    uint8_t stage;     /**< es_drum_slot of the next choice. */
    uint8_t n_decided; /**< Lanes of the open instant that are decided. */

    es_drum_instant *instants; /**< [capacity]; the open one is instants[n_instants]. */
    uint32_t n_instants;
    uint32_t n_forgotten; /**< Instants before instants[0]. */
    size_t capacity;

    /* Foretold of the open instant, found when it opens. */
    int64_t
        joint; /**< Earlier instant that stands where we do and whose past agrees longest, or -1. */
    uint8_t joint_length;
    es_drum_back back[ES_DRUM_LOOK_BACKS];
    es_drum_usual usual;
};

/** The open instant. */
static inline const es_drum_instant *es_drum_open(const es_drum_stream *stream)
{
    return &stream->instants[stream->n_instants];
}

/** The instant before the open one, or NULL at the start. */
static inline const es_drum_instant *es_drum_before(const es_drum_stream *stream)
{
    return stream->n_instants ? &stream->instants[stream->n_instants - 1] : NULL;
}

/** Fields of an event: the instant `now`, complete; `before` it, or NULL. */
void es_drum_features_event(es_features *out, const es_drum_stream *stream,
                            const es_drum_instant *now, const es_drum_instant *before);

/** Fields and terms of the choice that comes next. */
void es_drum_features_choice(es_features *out, const es_drum_stream *stream);

/** Candidates of the choice that comes next: those at the end that cannot be are not counted. */
uint16_t es_drum_features_candidates(const es_drum_stream *stream);

#endif
