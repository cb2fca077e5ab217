/*
 * Inference, one sequence: a step of the core, and a decision of the decoder.
 *
 * Everything here is in the fixed order that kernel.h promises. A state holds, for each layer, h and (LSTM) c. The map
 * of the core state that each slot adds to its fields is kept from one decision to the next as long as the top
 * layer's h is the same, value for value: states are copied and restored freely by the caller, so nothing else can be trusted.
 */
#include "nn/net.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/real.h"
#include "base/simd.h"
#include "nn/kernel.h"
#include "nn/layout.h"

#include <string.h>

struct es_net_run {
    const es_net *net;
    es_layout layout;
    float *memory;    /* All that follows, owned. */
    float *x;         /* [E]: the input sum. */
    float *gates;     /* [G H] */
    float *candidate; /* [H]: GRU, W_n x + b_n. */
    float *top;       /* [H]: the state that core_map belongs to. */
    float *core_map;  /* [n_slots][D] */
    float *u, *v;     /* [D] */
    float *raw;       /* [largest n_raw] */
    bool has_map[ES_MAX_SLOTS];
    float scratch[ES_MAX_CANDIDATES];
};

size_t es_net_state_size(const es_net *net)
{
    return (size_t)net->shape.n_layers * net->shape.hidden * (net->shape.core == ES_LSTM ? 2 : 1);
}

static float *take(float **next, size_t count)
{
    float *memory = *next;

    *next += (count + 15) / 16 * 16;
    return memory;
}

estro_status es_net_run_new(es_net_run **out, const es_net *net, estro_diag *diag)
{
    const es_net_shape *shape = &net->shape;
    const size_t hidden = shape->hidden, width = shape->decoder;
    size_t most_raw = 1;

    *out = NULL;
    for (int s = 0; s < shape->n_slots; s++) {
        most_raw = shape->slot[s].n_raw > most_raw ? shape->slot[s].n_raw : most_raw;
    }
    es_net_run *run = es_calloc(1, sizeof *run);
    const size_t floats =
        shape->embed + 6 * hidden + (shape->n_slots + 2u) * (width + 16) + most_raw + 16 * 16;
    float *next = run ? es_calloc(floats, sizeof *next) : NULL;
    if (!next) {
        es_free(run);
        return es_fail_memory(diag);
    }
    run->net = net;
    run->memory = next;
    es_layout_make(&run->layout, shape, NULL, NULL);
    run->x = take(&next, shape->embed);
    run->gates = take(&next, 4 * hidden);
    run->candidate = take(&next, hidden);
    run->top = take(&next, hidden);
    run->core_map = take(&next, shape->n_slots * width);
    run->u = take(&next, width);
    run->v = take(&next, width);
    run->raw = take(&next, most_raw);
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

/* h <- n + z (h - n), n = tanh(candidate + r (U_n h + b)). */
static void gru_layer(es_net_run *run, const es_layer_layout *at, const float *x, size_t n_in,
                      float *h)
{
    const float *const w = run->net->weights;
    const size_t hidden = run->net->shape.hidden;
    float *const r = run->gates, *const z = r + hidden, *const n = z + hidden;

    memcpy(r, w + at->bias, 3 * hidden * sizeof *r);
    es_affine(r, w + at->input, x, n_in, 3 * hidden);
    memcpy(run->candidate, n, hidden * sizeof *n);
    memcpy(n, w + at->candidate, hidden * sizeof *n);
    es_affine(r, w + at->state, h, hidden, 3 * hidden);
    es_sigmoid_block(r, 2 * hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        n[j] = run->candidate[j] + r[j] * n[j];
    }
    es_tanh_block(n, hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        h[j] = n[j] + z[j] * (h[j] - n[j]);
    }
}

/* c <- f c + i g, h <- o tanh(c). */
static void lstm_layer(es_net_run *run, const es_layer_layout *at, const float *x, size_t n_in,
                       float *h, float *c)
{
    const float *const w = run->net->weights;
    const size_t hidden = run->net->shape.hidden;
    float *const i = run->gates, *const f = i + hidden, *const g = f + hidden,
                 *const o = g + hidden;

    memcpy(i, w + at->bias, 4 * hidden * sizeof *i);
    es_affine(i, w + at->input, x, n_in, 4 * hidden);
    es_affine(i, w + at->state, h, hidden, 4 * hidden);
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

void es_net_step(es_net_run *run, float *state, const es_event_fields *event)
{
    const es_net_shape *const shape = &run->net->shape;
    const size_t hidden = shape->hidden, embed = shape->embed;
    const float *x = run->x;
    size_t n_in = embed;

    memset(run->x, 0, embed * sizeof *run->x);
    for (int f = 0; f < shape->n_fields; f++) {
        es_add_row(run->x, run->net->weights + run->layout.event[f] + event->field[f] * embed,
                   embed);
    }
    for (int l = 0; l < shape->n_layers; l++) {
        float *const h = state;
        if (shape->core == ES_LSTM) {
            lstm_layer(run, &run->layout.layer[l], x, n_in, h, h + hidden);
            state += 2 * hidden;
        } else {
            gru_layer(run, &run->layout.layer[l], x, n_in, h);
            state += hidden;
        }
        x = h;
        n_in = hidden;
    }
}

/* The top layer's h, [H]. */
static const float *top_of(const es_net *net, const float *state)
{
    return state + es_net_state_size(net) -
           (size_t)net->shape.hidden * (net->shape.core == ES_LSTM ? 2 : 1);
}

/* The slot's linear map of the core state, [D]. */
static const float *mapped_core(es_net_run *run, const float *state, size_t slot)
{
    const es_net_shape *const shape = &run->net->shape;
    const size_t hidden = shape->hidden, width = shape->decoder;
    const float *const top = top_of(run->net, state);
    float *const map = run->core_map + slot * width;

    if (memcmp(top, run->top, hidden * sizeof *top) != 0) {
        memcpy(run->top, top, hidden * sizeof *top);
        memset(run->has_map, 0, sizeof run->has_map);
    }
    if (!run->has_map[slot]) {
        memcpy(map, run->net->weights + run->layout.slot[slot].core_bias, width * sizeof *map);
        es_affine(map, run->net->weights + run->layout.slot[slot].core, top, hidden, width);
        run->has_map[slot] = true;
    }
    return map;
}

static void rectify(float *x, size_t n)
{
    ES_SIMD
    for (size_t j = 0; j < n; j++) {
        x[j] = x[j] > 0 ? x[j] : 0;
    }
}

/* What the raw logits are a map of: the decoder's v, [D]. */
static const float *decode(es_net_run *run, const float *state, const es_draw *draw)
{
    const es_slot_shape *const slot = &run->net->shape.slot[draw->slot];
    const es_slot_layout *const at = &run->layout.slot[draw->slot];
    const float *const w = run->net->weights;
    const size_t width = run->net->shape.decoder;
    float *const u = run->u, *const v = run->v;

    memcpy(u, mapped_core(run, state, draw->slot), width * sizeof *u);
    for (int f = 0; f < slot->n_fields; f++) {
        es_add_row(u, w + at->field[f] + draw->field[f] * width, width);
    }
    rectify(u, width);
    memcpy(v, w + at->middle_bias, width * sizeof *v);
    es_affine(v, w + at->middle, u, width, width);
    rectify(v, width);
    es_add_row(v, u, width);
    return v;
}

void es_net_decide(es_net_run *run, const float *state, const es_draw *draw, float *log_p)
{
    const es_net_shape *const shape = &run->net->shape;
    const es_slot_shape *const slot = &shape->slot[draw->slot];
    const es_slot_layout *const at = &run->layout.slot[draw->slot];
    const float *const w = run->net->weights;

    if (draw->n_candidates == 1) {
        log_p[0] = 0;
        return;
    }
    const size_t width = shape->decoder ? shape->decoder : shape->hidden;
    const float *const v = shape->decoder ? decode(run, state, draw) : top_of(run->net, state);
    memcpy(run->raw, w + at->out_bias, slot->n_raw * sizeof *run->raw);
    es_affine(run->raw, w + at->out, v, width, slot->n_raw);
    es_terms_gather(slot, draw, run->raw, log_p);
    es_log_softmax(log_p, run->scratch, draw->n_candidates);
}
