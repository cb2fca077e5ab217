/*
 * Inference: a step of the core, and a decision of the decoder, for one sequence or several at once.
 *
 * Everything here is in the fixed order that matrix.h promises, and a lane never sees another one. A state holds, for each layer, h
 * and (LSTM) c. The map of the core state that each slot adds to its fields is kept from one decision of a lane to the next as
 * long as the top layer's h is the same, value for value: states are copied and restored freely by the caller, so nothing else can
 * be trusted.
 */
#include "nn/net.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/real.h"
#include "base/simd.h"
#include "nn/kernel.h"
#include "nn/layout.h"
#include "nn/matrix.h"

#include <string.h>

enum { ALIGN_BYTES = 64 };

/* Scratch memory of a sequence; widths rounded up to ES_COLUMNS. */
typedef struct lane {
    float *x;         /* [E]: the input sum. */
    float *gates;     /* [G H] */
    float *candidate; /* [H]: GRU, W_n x + b_n. */
    float *top;       /* [H]: the state that core_map belongs to. */
    float *core_map;  /* [n_slots][D] */
    float *u, *v;     /* [D] */
    float *raw;       /* [largest n_raw] */
    bool has_map[ES_MAX_SLOTS];
} lane;

typedef struct slot_matrices {
    es_matrix core, middle, out;
} slot_matrices;

struct es_net_run {
    const es_net *net;
    es_net_layout layout;
    char *memory; /* All that the pointers here point to, owned. */
    es_matrix input[ES_MAX_LAYERS], state[ES_MAX_LAYERS];
    slot_matrices slot[ES_MAX_SLOTS];
    lane lane[ES_MAX_LANES];
    int16_t *room; /* [ES_MAX_LANES][widest input], for the products. */
    float scratch[ES_MAX_CANDIDATES];
};

size_t es_net_state_size(const es_net *net)
{
    return (size_t)net->shape.n_layers * net->shape.hidden * (net->shape.core == ES_LSTM ? 2 : 1);
}

/* ---- memory: one walk measures, the same walk gives places ---- */

typedef struct placing {
    char *memory; /* NULL: only measure. */
    size_t used;
} placing;

static void *place(placing *p, size_t size)
{
    void *memory = p->memory ? p->memory + p->used : NULL;

    p->used += (size + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
    return memory;
}

static float *place_floats(placing *p, size_t count)
{
    return place(p, (count + ES_COLUMNS) * sizeof(float));
}

static void place_matrix(placing *p, es_matrix *matrix, const es_net *net, size_t at, size_t n_in,
                         size_t n_out)
{
    void *memory = place(p, es_matrix_size(n_in, n_out, net->in_bytes));

    if (memory) {
        es_matrix_init(matrix, memory, net->weights + at, n_in, n_out, net->in_bytes);
    }
}

static void place_matrices(placing *p, es_net_run *run)
{
    const es_net *net = run->net;
    const es_net_shape *shape = &net->shape;
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t width = shape->decoder;

    for (int l = 0; l < shape->n_layers; l++) {
        const es_layer_layout *at = &run->layout.layer[l];
        place_matrix(p, &run->input[l], net, at->input, l ? hidden : shape->embed, gates);
        place_matrix(p, &run->state[l], net, at->state, hidden, gates);
    }
    for (int s = 0; s < shape->n_slots; s++) {
        const es_slot_layout *at = &run->layout.slot[s];
        if (width > 0) {
            place_matrix(p, &run->slot[s].core, net, at->core, hidden, width);
            place_matrix(p, &run->slot[s].middle, net, at->middle, width, width);
        }
        place_matrix(p, &run->slot[s].out, net, at->out, width ? width : hidden,
                     shape->slot[s].n_raw);
    }
}

static void place_lanes(placing *p, es_net_run *run)
{
    const es_net_shape *shape = &run->net->shape;
    const size_t hidden = shape->hidden, width = shape->decoder + ES_COLUMNS;
    size_t widest = hidden > shape->embed ? hidden : shape->embed, raw = 1;

    widest = widest > shape->decoder ? widest : shape->decoder;
    for (int s = 0; s < shape->n_slots; s++) {
        raw = shape->slot[s].n_raw > raw ? shape->slot[s].n_raw : raw;
    }
    for (int v = 0; v < ES_MAX_LANES; v++) {
        lane *l = &run->lane[v];
        l->x = place_floats(p, shape->embed);
        l->gates = place_floats(p, 4 * hidden);
        l->candidate = place_floats(p, hidden);
        l->top = place_floats(p, hidden);
        l->core_map = place_floats(p, shape->n_slots * width);
        l->u = place_floats(p, width);
        l->v = place_floats(p, width);
        l->raw = place_floats(p, raw);
    }
    run->room = place(p, ES_MAX_LANES * (widest + ES_NUMBERS) * sizeof *run->room);
}

estro_status es_net_run_new(es_net_run **out, const es_net *net, estro_diag *diag)
{
    placing p = {0};

    *out = NULL;
    es_net_run *run = es_calloc(1, sizeof *run);
    if (!run) {
        return es_fail_memory(diag);
    }
    run->net = net;
    es_net_layout_make(&run->layout, &net->shape, NULL, NULL);
    place_matrices(&p, run);
    place_lanes(&p, run);
    run->memory = es_calloc(p.used + ALIGN_BYTES, 1);
    if (!run->memory) {
        es_free(run);
        return es_fail_memory(diag);
    }
    p = (placing){.memory = run->memory + (ALIGN_BYTES - (uintptr_t)run->memory % ALIGN_BYTES)};
    place_matrices(&p, run);
    place_lanes(&p, run);
    *out = run;
    return ESTRO_OK;
}

void es_net_run_free(es_net_run *run)
{
    if (run) {
        es_free(run->memory);
        es_free(run);
    }
}

/* ---- the core ---- */

/* h <- n + z (h - n), n = tanh(candidate + r (U_n h + b)). */
static void gru_gates(const lane *own, size_t hidden, float *h)
{
    float *const r = own->gates, *const z = r + hidden, *const n = z + hidden;

    es_sigmoid_block(r, 2 * hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        n[j] = own->candidate[j] + r[j] * n[j];
    }
    es_tanh_block(n, hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        h[j] = n[j] + z[j] * (h[j] - n[j]);
    }
}

/* c <- f c + i g, h <- o tanh(c). */
static void lstm_gates(const lane *own, size_t hidden, float *h, float *c)
{
    float *const i = own->gates, *const f = i + hidden, *const g = f + hidden,
                 *const o = g + hidden;

    es_sigmoid_block(i, 2 * hidden);
    es_tanh_block(g, hidden);
    es_sigmoid_block(o, hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        c[j] = f[j] * c[j] + i[j] * g[j];
        h[j] = c[j];
    }
    es_tanh_block(h, hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        h[j] = o[j] * h[j];
    }
}

/* A layer of n lanes: x [n][E or H] goes in, the states h [n] become the new ones. */
static void step_layer(es_net_run *run, size_t n, int layer, const float *const *x, float *const *h)
{
    const es_net_shape *const shape = &run->net->shape;
    const es_layer_layout *const at = &run->layout.layer[layer];
    const float *const w = run->net->weights;
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    es_lanes lanes = {.n = n, .room = run->room};

    for (size_t v = 0; v < n; v++) {
        memcpy(run->lane[v].gates, w + at->bias, gates * sizeof *w);
        lanes.y[v] = run->lane[v].gates;
        lanes.x[v] = x[v];
    }
    es_matrix_apply(&run->input[layer], &lanes);
    for (size_t v = 0; v < n; v++) {
        lanes.x[v] = h[v];
        if (shape->core == ES_GRU) {
            float *const candidate = run->lane[v].gates + 2 * hidden;
            memcpy(run->lane[v].candidate, candidate, hidden * sizeof *w);
            memcpy(candidate, w + at->candidate, hidden * sizeof *w);
        }
    }
    es_matrix_apply(&run->state[layer], &lanes);
    for (size_t v = 0; v < n; v++) {
        if (shape->core == ES_GRU) {
            gru_gates(&run->lane[v], hidden, h[v]);
        } else {
            lstm_gates(&run->lane[v], hidden, h[v], h[v] + hidden);
        }
    }
}

void es_net_step_many(es_net_run *run, size_t n, float *const *state,
                      const es_event_fields *const *event)
{
    const es_net_shape *const shape = &run->net->shape;
    const size_t hidden = shape->hidden, embed = shape->embed;
    const float *x[ES_MAX_LANES];
    float *h[ES_MAX_LANES];

    for (size_t v = 0; v < n; v++) {
        float *const sum = run->lane[v].x;
        memset(sum, 0, embed * sizeof *sum);
        for (int f = 0; f < shape->n_fields; f++) {
            es_add_row(sum, run->net->weights + run->layout.event[f] + event[v]->field[f] * embed,
                       embed);
        }
        x[v] = sum;
        h[v] = state[v];
    }
    for (int l = 0; l < shape->n_layers; l++) {
        step_layer(run, n, l, x, h);
        for (size_t v = 0; v < n; v++) {
            x[v] = h[v];
            h[v] += hidden * (shape->core == ES_LSTM ? 2 : 1);
        }
    }
}

void es_net_step(es_net_run *run, float *state, const es_event_fields *event)
{
    es_net_step_many(run, 1, &state, &event);
}

/* ---- the decoder ---- */

/* The top layer's h, [H]. */
static const float *top_of(const es_net *net, const float *state)
{
    return state + es_net_state_size(net) -
           (size_t)net->shape.hidden * (net->shape.core == ES_LSTM ? 2 : 1);
}

static float *map_of(const es_net_run *run, size_t v, size_t slot)
{
    return run->lane[v].core_map + slot * (run->net->shape.decoder + (size_t)ES_COLUMNS);
}

/* See to it that each lane has the slot's linear map of its core state, [D]. */
static void map_cores(es_net_run *run, size_t n, const float *const *state, size_t slot)
{
    const size_t hidden = run->net->shape.hidden, width = run->net->shape.decoder;
    const float *const bias = run->net->weights + run->layout.slot[slot].core_bias;
    es_lanes lanes = {.room = run->room};

    for (size_t v = 0; v < n; v++) {
        lane *l = &run->lane[v];
        const float *const top = top_of(run->net, state[v]);
        if (memcmp(top, l->top, hidden * sizeof *top) != 0) {
            memcpy(l->top, top, hidden * sizeof *top);
            memset(l->has_map, 0, sizeof l->has_map);
        }
        if (!l->has_map[slot]) {
            l->has_map[slot] = true;
            lanes.y[lanes.n] = memcpy(map_of(run, v, slot), bias, width * sizeof *bias);
            lanes.x[lanes.n++] = top;
        }
    }
    if (lanes.n > 0) {
        es_matrix_apply(&run->slot[slot].core, &lanes);
    }
}

static void rectify(float *x, size_t n)
{
    ES_SIMD
    for (size_t j = 0; j < n; j++) {
        x[j] = x[j] > 0 ? x[j] : 0;
    }
}

/* What the raw logits are a map of: the decoder's v of each lane, [D]. */
static void decode(es_net_run *run, size_t n, const float *const *state, const es_draw *const *draw)
{
    const size_t slot = draw[0]->slot, width = run->net->shape.decoder;
    const es_slot_layout *const at = &run->layout.slot[slot];
    const float *const w = run->net->weights;
    es_lanes lanes = {.n = n, .room = run->room};

    map_cores(run, n, state, slot);
    for (size_t i = 0; i < n; i++) {
        lane *l = &run->lane[i];
        memcpy(l->u, map_of(run, i, slot), width * sizeof *w);
        for (int f = 0; f < run->net->shape.slot[slot].n_fields; f++) {
            es_add_row(l->u, w + at->field[f] + draw[i]->field[f] * width, width);
        }
        rectify(l->u, width);
        lanes.x[i] = l->u;
        lanes.y[i] = memcpy(l->v, w + at->middle_bias, width * sizeof *w);
    }
    es_matrix_apply(&run->slot[slot].middle, &lanes);
    for (size_t i = 0; i < n; i++) {
        rectify(run->lane[i].v, width);
        es_add_row(run->lane[i].v, run->lane[i].u, width);
    }
}

void es_net_decide_many(es_net_run *run, size_t n, const float *const *state,
                        const es_draw *const *draw, float *const *log_p)
{
    const es_net_shape *const shape = &run->net->shape;
    const es_slot_shape *const slot = &shape->slot[draw[0]->slot];
    const float *const bias = run->net->weights + run->layout.slot[draw[0]->slot].out_bias;
    es_lanes lanes = {.n = n, .room = run->room};

    if (shape->decoder) {
        decode(run, n, state, draw);
    }
    for (size_t v = 0; v < n; v++) {
        lanes.x[v] = shape->decoder ? run->lane[v].v : top_of(run->net, state[v]);
        lanes.y[v] = memcpy(run->lane[v].raw, bias, slot->n_raw * sizeof *bias);
    }
    es_matrix_apply(&run->slot[draw[0]->slot].out, &lanes);
    for (size_t v = 0; v < n; v++) {
        es_terms_gather(slot, draw[v], run->lane[v].raw, log_p[v]);
        es_log_softmax(log_p[v], run->scratch, draw[v]->n_candidates);
    }
}

void es_net_decide(es_net_run *run, const float *state, const es_draw *draw, float *log_p)
{
    if (draw->n_candidates == 1) {
        log_p[0] = 0;
        return;
    }
    es_net_decide_many(run, 1, &state, &draw, &log_p);
}
