/**
 * @file drums.h
 * The stream of a drummer: profile `drums` of the coding, with the interface that the profile `voices` has (stream/coding.h).
 *
 * The stream is a row of *instants*: every beat, and every other grid step at which something is hit. In an instant are
 * drawn, in this order,
 *
 *     at the start of the piece:  FAMILY, METER
 *     at every bar line:          KIND of the bar that begins: groove, fill, or END (no bar: the piece is over)
 *     for each lane of the kit:   LANE k: nothing, or a piece at a level of loudness
 *     STEP: grid steps to the next instant, at most to the next beat
 *
 * Plan draws (FAMILY to KIND) may be *hidden* for a whole piece: then they are not drawn, and their fields say "hidden". Off
 * the beat something is hit: with nothing in all other lanes, the last one must not be empty (nets learn that, samplers
 * must see to it).
 *
 * The instant with its STEP is then one event of the core. Every field of an event or draw is a function of what was drawn
 * before; so the sum of nats is an exact likelihood.
 */
#ifndef ES_STREAM_DRUMS_H
#define ES_STREAM_DRUMS_H

#include "stream/coding.h"
#include "stream/kit.h"

enum {
    ES_PROFILE_DRUMS = 3,
    ES_DRUM_VOCABULARY = 1, /**< Number of this profile's coding. */
    ES_DRUM_BAR_STEPS = 96, /**< Places in a bar that are told apart. */
    ES_DRUM_LOOK_BACKS = 4  /**< Earlier bars that are looked at: 1, 2, 4 and 8 ago. */
};

/** Settings of the coding that a model was trained with. Plain data; the model file's setup. */
typedef struct es_drum_coding {
    uint8_t grid;     /**< Steps to a quarter. */
    uint8_t max_step; /**< Longest STEP: steps of the longest beat seen. */
} es_drum_coding;

/** What kind of choice comes next. Net slot = kind, LANE k = ES_DRUM_LANE + k. */
typedef enum es_drum_slot {
    ES_DRUM_FAMILY,
    ES_DRUM_METER, /**< es_meter_token. */
    ES_DRUM_KIND,  /**< es_drum_kind; END is no candidate for the first bar. */
    ES_DRUM_STEP,  /**< Steps - 1. */
    ES_DRUM_LANE   /**< es_kit_candidate. */
} es_drum_slot;

typedef enum es_drum_kind {
    ES_DRUM_GROOVE,
    ES_DRUM_FILL,
    ES_DRUM_END,
    ES_DRUM_HIDDEN, /**< No candidate: the plan is hidden. */
    ES_DRUM_KINDS = ES_DRUM_HIDDEN
} es_drum_kind;

/** Grid steps to a beat; 0 when the coding cannot hold the metre. */
int es_drum_coding_beat(const es_drum_coding *coding, es_meter meter);

/** Shape of a net for this coding; the caller fills core, n_layers, hidden, embed, decoder. */
void es_drum_coding_shape(const es_drum_coding *coding, es_net_shape *shape);

/** Bytes of the coding in a model file. @return false when they make no sense. */
void es_drum_coding_pack(const es_drum_coding *coding, uint8_t out[64]);
bool es_drum_coding_unpack(es_drum_coding *out, const uint8_t *bytes, size_t size);

/** The state of a stream: all that was drawn so far. */
typedef struct es_drum_stream es_drum_stream;

estro_status es_drum_stream_new(es_drum_stream **out, const es_drum_coding *coding,
                                estro_diag *diag);
void es_drum_stream_free(es_drum_stream *stream);

/**
 * Start a piece. With `hidden_plan` no plan draws come, and `meter` is given here; else it is drawn. A metre that the
 * coding cannot hold is taken for bars of four of its longest beats.
 */
void es_drum_stream_begin(es_drum_stream *stream, bool hidden_plan, es_meter meter);

/** Was END drawn? Nothing is to be drawn then. With a hidden plan a stream has no end of its own. */
bool es_drum_stream_is_over(const es_drum_stream *stream);

/** The choice that comes next; `voice` is the lane. Cannot fail; the same until es_drum_stream_push. */
void es_drum_stream_peek(const es_drum_stream *stream, es_choice *choice);

/** Only what comes next, without the fields for a net: cheap. */
void es_drum_stream_peek_slot(const es_drum_stream *stream, uint8_t *slot, uint8_t *lane);

/** Grid step of the present instant, from the start of the piece. */
uint32_t es_drum_stream_step(const es_drum_stream *stream);

/**
 * Make the choice. When it completes the instant, `event` (may be NULL) is filled with what the core is to read next and
 * true is returned. Nothing can fail here: use es_drum_stream_reserve before.
 */
bool es_drum_stream_push(es_drum_stream *stream, uint16_t candidate, es_event_fields *event);

/** Make room for so many more instants; what is out of every reach is forgotten, as es_stream_reserve does. */
estro_status es_drum_stream_reserve(es_drum_stream *stream, size_t instants, estro_diag *diag);

/** A place to come back to: an instant's start. */
es_stream_mark es_drum_stream_mark_of(const es_drum_stream *stream);
void es_drum_stream_rollback(es_drum_stream *stream, es_stream_mark mark);

#endif
