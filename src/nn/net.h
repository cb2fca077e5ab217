/**
 * @file net.h
 * The network: a recurrent core that steps once per event, and a small decoder for the choices within an event.
 *
 *     event fields --embed, sum--> x_i --GRU/LSTM layers--> h_i            (core, one step an event)
 *     h_i --linear--+
 *     draw fields --embed, sum--+--> relu --dropout--> + relu(W .) --dropout--> raw logits --terms--> candidate logits
 *
 * This module knows no music. What an event is, which fields it has and which choices ("draws") are made in it is
 * described by whoever uses the net (the stream module) in an es_net_shape; here all are small integers.
 *
 * Core state 0 (all zero) serves the draws of event 0; the draws of event i see the state after events 0..i-1.
 */
#ifndef ES_NN_NET_H
#define ES_NN_NET_H

#include <estro/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ES_MAX_FIELDS = 128, /**< Fields of an event or a draw. */
    ES_MAX_TERMS = 32,   /**< Terms a candidate's logit is summed from. */
    ES_MAX_SLOTS = 16,   /**< Kinds of draw. */
    ES_MAX_CANDIDATES = 256,
    ES_MAX_LAYERS = 4,
    ES_MAX_LANES = 16 /**< Sequences that are played at once. */
};

typedef enum es_core { ES_GRU, ES_LSTM } es_core;

/** A kind of draw: its inputs and outputs. */
typedef struct es_slot_shape {
    uint16_t n_fields;
    uint16_t field_size[ES_MAX_FIELDS]; /**< Vocabulary of each field: values 0 .. size-1. */
    uint16_t n_raw;                     /**< Raw logits of the head. */
    uint16_t n_candidates;              /**< Candidates at most. */
    uint16_t
        n_ordered; /**< The first so many candidates are ordered: relative terms apply to them. */
} es_slot_shape;

/** Everything that fixes the sizes of the weights. Plain data; stored in the model file. */
typedef struct es_net_shape {
    uint8_t core; /**< es_core. */
    uint8_t n_layers;
    uint16_t hidden; /**< H: width of each core layer. */
    uint16_t embed;  /**< E: width of the core's input sum. */
    uint16_t
        decoder; /**< D: width of the decoder; 0: raw logits come straight from the core, and draws have no fields. */
    uint16_t n_fields; /**< Event fields. */
    uint16_t field_size[ES_MAX_FIELDS];
    uint16_t n_slots;
    es_slot_shape slot[ES_MAX_SLOTS];
} es_net_shape;

/** How a term adds raw logits to candidates c. */
typedef enum es_term_kind {
    ES_TERM_DIRECT, /**< raw[base + c], for every candidate. */
    ES_TERM_CLAMP, /**< raw[base + clamp(c - shift, -span, span) + span], for ordered candidates. */
    ES_TERM_MOD12, /**< raw[base + mod(c - shift, 12)], for ordered candidates. */
    ES_TERM_ONE    /**< raw[base], for candidate `shift` alone. */
} es_term_kind;

typedef struct es_term {
    uint8_t kind; /**< es_term_kind. */
    uint8_t span; /**< For ES_TERM_CLAMP; it reads 2 span + 1 raw logits. */
    uint16_t base;
    int16_t shift;
} es_term;

/** One categorical choice. */
typedef struct es_draw {
    uint16_t slot;         /**< Index into es_net_shape.slot. */
    uint16_t n_candidates; /**< Only candidates 0 .. n-1 can be; at most the slot's n_candidates. */
    uint16_t n_terms;
    uint16_t target; /**< The candidate that was chosen (when known). */
    uint16_t field[ES_MAX_FIELDS];
    es_term term[ES_MAX_TERMS];
} es_draw;

/** One event, as the core reads it after its draws are made. */
typedef struct es_event_fields {
    uint16_t field[ES_MAX_FIELDS];
} es_event_fields;

/** Number of weights of a shape; 0 when the shape is out of bounds. */
size_t es_net_size(const es_net_shape *shape);

/** A net: shape and one block of weights. Const while playing, shareable between threads. */
typedef struct es_net {
    es_net_shape shape;
    size_t n_weights;
    float *weights; /**< [n_weights], owned. */
    bool
        in_bytes; /**< A player multiplies by bytes with scales (matrix.h), as a model file of that kind asks for. */
} es_net;

/** Zero-weight net. @return ESTRO_ERR_ARGUMENT for a bad shape, ESTRO_ERR_MEMORY. `out` is zeroed on failure. */
estro_status es_net_init(es_net *out, const es_net_shape *shape, estro_diag *diag);
void es_net_done(es_net *net);

/** Initial weights, by the seed alone: the same bits everywhere. */
void es_net_randomise(es_net *net, uint64_t seed);

/* ---- inference: bit-exact ---- */

/** State of one sequence: what a snapshot copies. Plain memory of es_net_state_size(net) floats, zero = start. */
size_t es_net_state_size(const es_net *net);

/** A player of the net: scratch memory and weights laid out for stepping; borrows the net, which must outlive it. */
typedef struct es_net_run es_net_run;

estro_status es_net_run_new(es_net_run **out, const es_net *net, estro_diag *diag);
void es_net_run_free(es_net_run *run);

/**
 * Advance the core over one event.
 *
 * @param state  [es_net_state_size]; read, then overwritten.
 * @param event  Fields in range; borrowed.
 * Cannot fail, does not allocate.
 */
void es_net_step(es_net_run *run, float *state, const es_event_fields *event);

/**
 * Log-probabilities of the candidates of a draw, given the core state.
 *
 * @param log_p  [draw->n_candidates]; overwritten; exp of them sums to 1.
 * Cannot fail, does not allocate. The linear map of the state is kept between draws of one state.
 */
void es_net_decide(es_net_run *run, const float *state, const es_draw *draw, float *log_p);

/**
 * The same for up to ES_MAX_LANES sequences, with one pass over the weights; each gets the bits that it gets alone.
 *
 * @param state  [n] states, all different.
 * @param event  [n].
 */
void es_net_step_many(es_net_run *run, size_t n, float *const *state,
                      const es_event_fields *const *event);

/** Decisions of up to ES_MAX_LANES sequences, all of one slot. @param log_p [n] arrays, each as for es_net_decide. */
void es_net_decide_many(es_net_run *run, size_t n, const float *const *state,
                        const es_draw *const *draw, float *const *log_p);

#endif
