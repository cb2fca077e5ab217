/**
 * @file toy_net.h
 * Small nets with all kinds of terms, and random events and draws for them; a plain double-precision net to compare with.
 */
#ifndef ES_TEST_TOY_NET_H
#define ES_TEST_TOY_NET_H

#include "base/rng.h"
#include "nn/layout.h"
#include "nn/net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Widths are odd on purpose, so that vectors have a rest. */
static inline es_net_shape toy_shape(es_core core, int n_layers)
{
    es_net_shape shape = {.core = (uint8_t)core,
                          .n_layers = (uint8_t)n_layers,
                          .hidden = 21,
                          .embed = 19,
                          .decoder = 18,
                          .n_fields = 3,
                          .field_size = {5, 2, 7},
                          .n_slots = 3};

    shape.slot[0] = (es_slot_shape){
        .n_fields = 2, .field_size = {3, 4}, .n_raw = 6, .n_candidates = 6, .n_ordered = 0};
    /* 16 direct, 7 clamped, 12 by pitch class, 1 alone. */
    shape.slot[1] = (es_slot_shape){.n_fields = 4,
                                    .field_size = {9, 2, 16, 3},
                                    .n_raw = 36,
                                    .n_candidates = 16,
                                    .n_ordered = 14};
    shape.slot[2] = (es_slot_shape){.n_fields = 0, .n_raw = 12, .n_candidates = 5, .n_ordered = 5};
    return shape;
}

/* The same without a decoder, and with one event field. */
static inline es_net_shape toy_plain_shape(es_core core, int n_layers)
{
    es_net_shape shape = toy_shape(core, n_layers);

    shape.decoder = 0;
    shape.n_fields = 1;
    for (int s = 0; s < shape.n_slots; s++) {
        shape.slot[s].n_fields = 0;
    }
    return shape;
}

static inline int toy_below(es_rng *rng, int n)
{
    return (int)es_rng_below(rng, (uint32_t)n);
}

static inline void toy_event(const es_net_shape *shape, es_event_fields *event, es_rng *rng)
{
    memset(event, 0, sizeof *event);
    for (int f = 0; f < shape->n_fields; f++) {
        event->field[f] = (uint16_t)toy_below(rng, shape->field_size[f]);
    }
}

/* A draw of a slot of toy_shape, with one to four terms of all kinds. */
static inline void toy_draw(const es_net_shape *shape, int slot, es_draw *draw, es_rng *rng)
{
    const es_slot_shape *s = &shape->slot[slot];

    memset(draw, 0, sizeof *draw);
    draw->slot = (uint16_t)slot;
    draw->n_candidates = (uint16_t)(s->n_candidates - toy_below(rng, 3));
    draw->target = (uint16_t)toy_below(rng, draw->n_candidates);
    for (int f = 0; f < s->n_fields; f++) {
        draw->field[f] = (uint16_t)toy_below(rng, s->field_size[f]);
    }
    if (slot == 0) {
        draw->term[draw->n_terms++] = (es_term){.kind = ES_TERM_DIRECT};
    } else if (slot == 1) {
        draw->term[draw->n_terms++] = (es_term){.kind = ES_TERM_DIRECT};
        draw->term[draw->n_terms++] = (es_term){.kind = ES_TERM_CLAMP,
                                                .base = 16,
                                                .span = 3,
                                                .shift = (int16_t)(toy_below(rng, 20) - 3)};
        draw->term[draw->n_terms++] = (es_term){
            .kind = ES_TERM_MOD12, .base = 23, .shift = (int16_t)(toy_below(rng, 40) - 20)};
        draw->term[draw->n_terms++] =
            (es_term){.kind = ES_TERM_ONE, .base = 35, .shift = (int16_t)(toy_below(rng, 18) - 1)};
    } else {
        draw->term[draw->n_terms++] =
            (es_term){.kind = ES_TERM_MOD12, .shift = (int16_t)(toy_below(rng, 5))};
        draw->term[draw->n_terms++] = (es_term){
            .kind = ES_TERM_CLAMP, .base = 3, .span = 4, .shift = (int16_t)(toy_below(rng, 5))};
    }
}

/* out[j] += sum of x[k] w[k][j]. */
static inline void plain_affine(double *out, const float *w, const double *x, int n_in, int n_out)
{
    for (int j = 0; j < n_out; j++) {
        for (int k = 0; k < n_in; k++) {
            out[j] += x[k] * (double)w[k * n_out + j];
        }
    }
}

static inline double plain_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

enum { TOY_WIDTH = 512 };

/* One step in double precision, straight from the formulas. state: per layer h, and c for an LSTM. */
static inline void plain_step(const es_net *net, double *state, const es_event_fields *event)
{
    static double x[TOY_WIDTH], a[4 * TOY_WIDTH], b[4 * TOY_WIDTH];
    const es_net_shape *shape = &net->shape;
    const int hidden = shape->hidden, embed = shape->embed, lstm = shape->core == ES_LSTM;
    const int gates = (lstm ? 4 : 3) * hidden;
    int n_in = embed;
    es_net_layout at;

    es_net_layout_make(&at, shape, NULL, NULL);
    memset(x, 0, sizeof x);
    for (int f = 0; f < shape->n_fields; f++) {
        for (int j = 0; j < embed; j++) {
            x[j] += (double)net->weights[at.event[f] + (size_t)(event->field[f] * embed + j)];
        }
    }
    for (int l = 0; l < shape->n_layers; l++) {
        double *h = state + l * hidden * (lstm ? 2 : 1);
        for (int j = 0; j < gates; j++) {
            a[j] = (double)net->weights[at.layer[l].bias + (size_t)j];
            b[j] = 0;
        }
        plain_affine(a, net->weights + at.layer[l].input, x, n_in, gates);
        plain_affine(b, net->weights + at.layer[l].state, h, hidden, gates);
        for (int j = 0; j < hidden; j++) {
            if (lstm) {
                const double i = plain_sigmoid(a[j] + b[j]);
                const double f = plain_sigmoid(a[hidden + j] + b[hidden + j]);
                const double g = tanh(a[2 * hidden + j] + b[2 * hidden + j]);
                const double o = plain_sigmoid(a[3 * hidden + j] + b[3 * hidden + j]);
                h[hidden + j] = f * h[hidden + j] + i * g;
                h[j] = o * tanh(h[hidden + j]);
            } else {
                const double bias = (double)net->weights[at.layer[l].candidate + (size_t)j];
                const double r = plain_sigmoid(a[j] + b[j]);
                const double z = plain_sigmoid(a[hidden + j] + b[hidden + j]);
                const double n = tanh(a[2 * hidden + j] + r * (b[2 * hidden + j] + bias));
                h[j] = (1 - z) * n + z * h[j];
            }
            x[j] = h[j];
        }
        n_in = hidden;
    }
}

/* What the raw logits are a map of, [D]: the decoder's v; top itself without a decoder. */
static inline void plain_decode(const es_net *net, const es_slot_layout *at, const double *top,
                                const es_draw *draw, double *v)
{
    static double u[TOY_WIDTH];
    const es_slot_shape *slot = &net->shape.slot[draw->slot];
    const int width = net->shape.decoder;
    const float *w = net->weights;

    if (width == 0) {
        memcpy(v, top, net->shape.hidden * sizeof *v);
        return;
    }
    for (int j = 0; j < width; j++) {
        u[j] = (double)w[at->core_bias + (size_t)j];
        v[j] = (double)w[at->middle_bias + (size_t)j];
        for (int f = 0; f < slot->n_fields; f++) {
            u[j] += (double)w[at->field[f] + (size_t)(draw->field[f] * width + j)];
        }
    }
    plain_affine(u, w + at->core, top, net->shape.hidden, width);
    for (int j = 0; j < width; j++) {
        u[j] = fmax(u[j], 0);
    }
    plain_affine(v, w + at->middle, u, width, width);
    for (int j = 0; j < width; j++) {
        v[j] = u[j] + fmax(v[j], 0);
    }
}

/* Log-probabilities of a draw in double precision; top: the top layer's h. */
static inline void plain_decide(const es_net *net, const double *top, const es_draw *draw,
                                double *log_p)
{
    static double v[TOY_WIDTH], raw[TOY_WIDTH];
    const es_slot_shape *slot = &net->shape.slot[draw->slot];
    const int width = net->shape.decoder ? net->shape.decoder : net->shape.hidden;
    const float *w = net->weights;
    double total = 0;
    es_net_layout layout;

    es_net_layout_make(&layout, &net->shape, NULL, NULL);
    const es_slot_layout *at = &layout.slot[draw->slot];
    plain_decode(net, at, top, draw, v);
    for (int j = 0; j < slot->n_raw; j++) {
        raw[j] = (double)w[at->out_bias + (size_t)j];
    }
    plain_affine(raw, w + at->out, v, width, slot->n_raw);
    for (int c = 0; c < draw->n_candidates; c++) {
        log_p[c] = 0;
        for (int t = 0; t < draw->n_terms; t++) {
            const es_term *term = &draw->term[t];
            const int from = c - term->shift, span = term->span;
            const int near = from < -span ? -span : from > span ? span : from;
            if (term->kind == ES_TERM_DIRECT) {
                log_p[c] += raw[term->base + c];
            } else if (term->kind == ES_TERM_ONE) {
                log_p[c] += from == 0 ? raw[term->base] : 0;
            } else if (c < slot->n_ordered) {
                log_p[c] += raw[term->base +
                                (term->kind == ES_TERM_MOD12 ? (from + 1200) % 12 : near + span)];
            }
        }
        total += exp(log_p[c]);
    }
    for (int c = 0; c < draw->n_candidates; c++) {
        log_p[c] -= log(total);
    }
}

#endif
