/*
 * The recurrent core over whole sequences: forward, then backward right below it, layer by layer.
 *
 * Rows are packed by time (learn_parts.h). The products with the input are made for all rows at once; the products with
 * the state, one time step after the other. On the way back the gradients before the squashing take the place of the
 * gates on the tape.
 */
#include "nn/learn_parts.h"

#include "base/real.h"
#include "base/simd.h"
#include "nn/kernel.h"

#include <string.h>

enum {
    MASK_INPUT = 1,
    MASK_LAYER = 2 /* + layer */
};

/* Multiply each row by the mask of its sequence. */
static void mask_rows(const es_shard *shard, float *rows, const float *mask, size_t width)
{
    for (size_t t = 0; t < shard->n_steps; t++) {
        for (size_t row = shard->start[t], j = 0; row < shard->start[t + 1]; row++, j++) {
            es_multiply(rows + row * width, mask + j * width, width);
        }
    }
}

static void make_masks(const es_shard *shard, const es_pass *pass, float *mask, size_t width,
                       es_drop drop, uint32_t what)
{
    for (size_t j = 0; j < shard->n_sequences; j++) {
        drop.key = es_pass_key(pass, shard->number[j], UINT32_MAX, what);
        es_drop_mask(mask + j * width, width, drop);
    }
}

void es_add_table_rows(float *y, const float *weights, const size_t *offset, size_t count,
                       float factor, size_t n)
{
    static const float zeros[ES_MAX_WIDTH];
    const float *row[ES_MAX_FIELDS + ES_ROWS_AT_ONCE];

    for (size_t r = 0; r < count; r++) {
        row[r] = weights + offset[r];
    }
    for (size_t r = count; r < count + ES_ROWS_AT_ONCE; r++) {
        row[r] = zeros;
    }
    es_gather_rows(y, row, count, factor, n);
}

/* Where the embeddings of an event's fields lie. */
static void event_rows(const es_pass *pass, const es_event_fields *event, size_t *offset)
{
    for (int f = 0; f < pass->shape->n_fields; f++) {
        offset[f] = pass->at->event[f] + (size_t)event->field[f] * pass->shape->embed;
    }
}

/* x [n_rows][E] = sum of the embeddings of the event fields. */
static void embed_forward(es_shard *shard, const es_pass *pass)
{
    const size_t embed = pass->shape->embed;
    size_t offset[ES_MAX_FIELDS];

    memset(shard->x, 0, shard->n_rows * embed * sizeof *shard->x);
    for (size_t t = 0; t < shard->n_steps; t++) {
        for (size_t row = shard->start[t], j = 0; row < shard->start[t + 1]; row++, j++) {
            event_rows(pass, &shard->sequence[j]->events[t], offset);
            es_add_table_rows(shard->x + row * embed, pass->weights, offset, pass->shape->n_fields,
                              1, embed);
        }
    }
    if (pass->input.threshold) {
        make_masks(shard, pass, shard->x_mask, embed, pass->input, MASK_INPUT);
        mask_rows(shard, shard->x, shard->x_mask, embed);
    }
}

static void embed_backward(es_shard *shard, const es_pass *pass, float *d_x)
{
    const size_t embed = pass->shape->embed, n_fields = pass->shape->n_fields;
    size_t offset[ES_MAX_FIELDS];
    float *to[ES_MAX_FIELDS];

    if (pass->input.threshold) {
        mask_rows(shard, d_x, shard->x_mask, embed);
    }
    for (size_t t = 0; t < shard->n_steps; t++) {
        for (size_t row = shard->start[t], j = 0; row < shard->start[t + 1]; row++, j++) {
            event_rows(pass, &shard->sequence[j]->events[t], offset);
            for (size_t f = 0; f < n_fields; f++) {
                to[f] = shard->gradient + offset[f];
            }
            es_scatter_rows(to, n_fields, d_x + row * embed, 1, embed);
        }
    }
}

/*
 * One sequence, one step of a GRU.
 *
 * a     [3 H]: W x + b; becomes r, z, n.
 * inner [H]: U_n h + b_un.
 * step  [2 H]: U_r h, U_z h.
 */
static void gru_forward(float *restrict a, const float *restrict inner, const float *restrict step,
                        const float *restrict past, float *restrict h, size_t hidden)
{
    float *const z = a + hidden, *const n = z + hidden;

    es_add_row(a, step, 2 * hidden);
    es_sigmoid_block(a, 2 * hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        n[j] += a[j] * inner[j];
    }
    es_tanh_block(n, hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        h[j] = n[j] + z[j] * (past[j] - n[j]);
    }
}

/*
 * dh    [H]: gradient of h.
 * a     [3 H]: r, z, n; becomes the gradients before the squashing.
 * inner [H]: becomes its gradient.
 * step  [3 H]: becomes the gradients of U h: those of r, z and inner.
 * d_past [H]: the part that does not go through U is added; NULL at the start.
 */
static void gru_backward(const float *restrict dh, float *restrict a, float *restrict inner,
                         const float *restrict past, float *restrict step, float *restrict d_past,
                         size_t hidden)
{
    float *const z = a + hidden, *const n = z + hidden;
    float *const step_z = step + hidden, *const step_n = step_z + hidden;

    if (d_past) {
        ES_SIMD
        for (size_t j = 0; j < hidden; j++) {
            d_past[j] += dh[j] * z[j];
        }
    }
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        const float dn = dh[j] * (1 - z[j]) * (1 - n[j] * n[j]);
        const float dz = dh[j] * (past[j] - n[j]) * z[j] * (1 - z[j]);
        const float dr = dn * inner[j] * a[j] * (1 - a[j]);
        const float d_inner = dn * a[j];
        a[j] = step[j] = dr;
        z[j] = step_z[j] = dz;
        n[j] = dn;
        inner[j] = step_n[j] = d_inner;
    }
}

/*
 * a    [4 H]: W x + b; becomes i, f, g, o.
 * step [4 H]: U h.
 */
static void lstm_forward(float *restrict a, const float *restrict step, const float *past_cell,
                         float *restrict cell, float *restrict inner, float *restrict h,
                         size_t hidden)
{
    float *const f = a + hidden, *const g = f + hidden, *const o = g + hidden;

    es_add_row(a, step, 4 * hidden);
    es_sigmoid_block(a, 2 * hidden);
    es_tanh_block(g, hidden);
    es_sigmoid_block(o, hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        cell[j] = a[j] * g[j] + (past_cell ? f[j] * past_cell[j] : 0);
        inner[j] = cell[j];
    }
    es_tanh_block(inner, hidden);
    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        h[j] = o[j] * inner[j];
    }
}

/* d_cell [H]: gradient of c from the step after; becomes that of the step before. */
static void lstm_backward(const float *restrict dh, float *restrict a, const float *restrict inner,
                          const float *past_cell, float *restrict d_cell, size_t hidden)
{
    float *const f = a + hidden, *const g = f + hidden, *const o = g + hidden;

    ES_SIMD
    for (size_t j = 0; j < hidden; j++) {
        const float dc = d_cell[j] + dh[j] * o[j] * (1 - inner[j] * inner[j]);
        const float d_o = dh[j] * inner[j] * o[j] * (1 - o[j]);
        const float di = dc * g[j] * a[j] * (1 - a[j]);
        const float df = past_cell ? dc * past_cell[j] * f[j] * (1 - f[j]) : 0;
        const float dg = dc * a[j] * (1 - g[j] * g[j]);
        d_cell[j] = dc * f[j];
        a[j] = di;
        f[j] = df;
        g[j] = dg;
        o[j] = d_o;
    }
}

/* The h of step t - 1 beside each row of step t: zero at the start. */
static void remember_past(const es_shard *shard, es_layer_tape *tape, size_t t, size_t active,
                          size_t hidden)
{
    float *past = tape->past + shard->start[t] * hidden;

    if (t == 0) {
        memset(past, 0, active * hidden * sizeof *past);
    } else {
        memcpy(past, tape->h + shard->start[t - 1] * hidden, active * hidden * sizeof *past);
    }
}

/* One time step of a layer, all sequences that are still there. */
static void step_forward(es_shard *shard, const es_pass *pass, int layer, size_t t)
{
    const es_net_shape *shape = pass->shape;
    es_layer_tape *tape = &shard->layer[layer];
    const es_layer_layout *at = &pass->at->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t first = shard->start[t], active = shard->start[t + 1] - first;

    remember_past(shard, tape, t, active, hidden);
    memset(shard->step, 0, active * gates * sizeof *shard->step);
    if (t > 0) {
        es_affine_rows(shard->step, pass->weights + at->state, tape->past + first * hidden, active,
                       hidden, gates);
    }
    for (size_t j = 0; j < active; j++) {
        const size_t row = first + j;
        float *const a = tape->gates + row * gates, *const step = shard->step + j * gates;
        float *const inner = tape->inner + row * hidden, *const h = tape->h + row * hidden;
        if (shape->core == ES_GRU) {
            memcpy(inner, step + 2 * hidden, hidden * sizeof *inner);
            es_add_row(inner, pass->weights + at->candidate, hidden);
            gru_forward(a, inner, step, tape->past + row * hidden, h, hidden);
        } else {
            const float *past_cell = t ? tape->cell + (shard->start[t - 1] + j) * hidden : NULL;
            lstm_forward(a, step, past_cell, tape->cell + row * hidden, inner, h, hidden);
        }
    }
}

static void layer_forward(es_shard *shard, const es_pass *pass, int layer, const float *in,
                          size_t n_in)
{
    const es_net_shape *shape = pass->shape;
    es_layer_tape *tape = &shard->layer[layer];
    const es_layer_layout *at = &pass->at->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;

    for (size_t row = 0; row < shard->n_rows; row++) {
        memcpy(tape->gates + row * gates, pass->weights + at->bias, gates * sizeof *tape->gates);
    }
    es_product(tape->gates, in, pass->weights + at->input, shard->n_rows, gates, n_in);
    for (size_t t = 0; t < shard->n_steps; t++) {
        step_forward(shard, pass, layer, t);
    }
    if (pass->core.threshold) {
        make_masks(shard, pass, tape->mask, hidden, pass->core, MASK_LAYER + (uint32_t)layer);
        memcpy(tape->out, tape->h, shard->n_rows * hidden * sizeof *tape->h);
        mask_rows(shard, tape->out, tape->mask, hidden);
    } else {
        tape->out = tape->h;
    }
}

/* dh [n_rows][H]: gradient of h; that of earlier steps grows as later ones are done. */
static void step_backward(es_shard *shard, const es_pass *pass, int layer, size_t t, float *dh)
{
    const es_net_shape *shape = pass->shape;
    es_layer_tape *tape = &shard->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t first = shard->start[t], active = shard->start[t + 1] - first;
    float *const d_past = t ? dh + shard->start[t - 1] * hidden : NULL;
    const float *d_state = shard->step;

    for (size_t j = 0; j < active; j++) {
        const size_t row = first + j;
        float *const a = tape->gates + row * gates, *const inner = tape->inner + row * hidden;
        if (shape->core == ES_GRU) {
            gru_backward(dh + row * hidden, a, inner, tape->past + row * hidden,
                         shard->step + j * gates, d_past ? d_past + j * hidden : NULL, hidden);
        } else {
            const float *past_cell = t ? tape->cell + (shard->start[t - 1] + j) * hidden : NULL;
            lstm_backward(dh + row * hidden, a, inner, past_cell, shard->d_cell + j * hidden,
                          hidden);
        }
    }
    if (shape->core == ES_LSTM) {
        d_state = tape->gates + first * gates;
    }
    if (d_past) {
        es_affine_rows(d_past, pass->state_turned[layer], d_state, active, gates, hidden);
    }
}

/* d_out of the shard holds the gradient of what the layer gives out; d_in gets that of `in`. */
static void layer_backward(es_shard *shard, const es_pass *pass, int layer, const float *in,
                           size_t n_in)
{
    const es_net_shape *shape = pass->shape;
    es_layer_tape *tape = &shard->layer[layer];
    const es_layer_layout *at = &pass->at->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t rows = shard->n_rows;
    float *const gradient = shard->gradient;

    if (pass->core.threshold) {
        mask_rows(shard, shard->d_out, tape->mask, hidden);
    }
    memset(shard->d_cell, 0, shard->n_sequences * hidden * sizeof *shard->d_cell);
    for (size_t t = shard->n_steps; t-- > 0;) {
        step_backward(shard, pass, layer, t, shard->d_out);
    }
    for (size_t row = 0; row < rows; row++) {
        es_add_row(gradient + at->bias, tape->gates + row * gates, gates);
        if (shape->core == ES_GRU) {
            es_add_row(gradient + at->candidate, tape->inner + row * hidden, hidden);
        }
    }
    es_product_gradient(gradient + at->input, gates, in, tape->gates, gates, n_in, gates, rows);
    const size_t plain = shape->core == ES_GRU ? 2 * hidden : gates;
    es_product_gradient(gradient + at->state, gates, tape->past, tape->gates, gates, hidden, plain,
                        rows);
    if (shape->core == ES_GRU) {
        es_product_gradient(gradient + at->state + plain, gates, tape->past, tape->inner, hidden,
                            hidden, hidden, rows);
    }
    es_product_turned(shard->d_in, tape->gates, pass->weights + at->input, rows, n_in, gates,
                      false);
}

void es_core_forward(es_shard *shard, const es_pass *pass)
{
    const float *in = shard->x;
    size_t n_in = pass->shape->embed;

    embed_forward(shard, pass);
    for (int l = 0; l < pass->shape->n_layers; l++) {
        layer_forward(shard, pass, l, in, n_in);
        in = shard->layer[l].out;
        n_in = pass->shape->hidden;
    }
}

void es_core_backward(es_shard *shard, const es_pass *pass)
{
    for (int l = pass->shape->n_layers; l-- > 0;) {
        const float *in = l ? shard->layer[l - 1].out : shard->x;
        layer_backward(shard, pass, l, in, l ? pass->shape->hidden : pass->shape->embed);
        float *const swap = shard->d_out;
        shard->d_out = shard->d_in;
        shard->d_in = swap;
    }
    embed_backward(shard, pass, shard->d_out);
}
