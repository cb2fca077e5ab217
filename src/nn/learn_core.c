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
static void mask_rows(const es_group *group, float *rows, const float *mask, size_t width)
{
    for (size_t t = 0; t < group->n_steps; t++) {
        for (size_t row = group->start[t], j = 0; row < group->start[t + 1]; row++, j++) {
            es_multiply(rows + row * width, mask + j * width, width);
        }
    }
}

static void make_masks(const es_group *group, const es_pass *pass, float *mask, size_t width,
                       es_drop drop, uint32_t what)
{
    for (size_t j = 0; j < group->n_lanes; j++) {
        drop.key = es_pass_key(pass, group->lane[j].number, UINT32_MAX, what);
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
static void embed_forward(es_group *group, const es_pass *pass)
{
    const size_t embed = pass->shape->embed;
    size_t offset[ES_MAX_FIELDS];

    memset(group->x, 0, group->n_rows * embed * sizeof *group->x);
    for (size_t t = 0; t < group->n_steps; t++) {
        for (size_t row = group->start[t], j = 0; row < group->start[t + 1]; row++, j++) {
            event_rows(pass, &group->lane[j].sequence->events[t], offset);
            es_add_table_rows(group->x + row * embed, pass->weights, offset, pass->shape->n_fields,
                              1, embed);
        }
    }
    if (pass->input.threshold) {
        make_masks(group, pass, group->x_mask, embed, pass->input, MASK_INPUT);
        mask_rows(group, group->x, group->x_mask, embed);
    }
}

static void embed_backward(es_group *group, const es_pass *pass, float *d_x)
{
    const size_t embed = pass->shape->embed, n_fields = pass->shape->n_fields;
    size_t offset[ES_MAX_FIELDS];
    float *to[ES_MAX_FIELDS];

    if (pass->input.threshold) {
        mask_rows(group, d_x, group->x_mask, embed);
    }
    for (size_t t = 0; t < group->n_steps; t++) {
        for (size_t row = group->start[t], j = 0; row < group->start[t + 1]; row++, j++) {
            event_rows(pass, &group->lane[j].sequence->events[t], offset);
            for (size_t f = 0; f < n_fields; f++) {
                to[f] = group->shard[group->lane[j].shard].gradient + offset[f];
            }
            es_scatter_rows(to, n_fields, d_x + row * embed, 1, embed);
        }
    }
}

/*
 * Events of one field, with nothing random applied to their embedding: W x + b of the first layer is a row of a small table, E W + b,
 * and its gradients are summed for each value of the field before they go back through W and E.
 */
static void gates_from_table(es_group *group, const es_pass *pass)
{
    const size_t gates = es_core_gates(pass->shape) * pass->shape->hidden;

    for (size_t t = 0; t < group->n_steps; t++) {
        for (size_t row = group->start[t], j = 0; row < group->start[t + 1]; row++, j++) {
            const size_t value = group->lane[j].sequence->events[t].field[0];
            memcpy(group->layer[0].gates + row * gates, pass->packed->table + value * gates,
                   gates * sizeof(float));
        }
    }
}

static void table_gradient(const es_group *group, es_shard *shard, const es_pass *pass)
{
    const es_net_shape *shape = pass->shape;
    const es_layer_layout *at = &pass->at->layer[0];
    const size_t gates = es_core_gates(shape) * shape->hidden, embed = shape->embed;
    const size_t size = shape->field_size[0];
    const es_rows table = {.base = pass->weights + pass->at->event[0], .stride = embed};
    const es_rows d_table = {.base = group->d_table, .stride = gates};
    float *const gradient = shard->gradient;
    size_t i = 0;

    memset(group->d_table, 0, size * gates * sizeof *group->d_table);
    for (size_t t = 0; t < group->n_steps; t++) {
        for (size_t row = group->start[t]; row < group->start[t + 1]; row++) {
            if (i < shard->n_rows && shard->row[i] == row) {
                const es_lane *lane = &group->lane[row - group->start[t]];
                es_add_row(group->d_table + lane->sequence->events[t].field[0] * gates,
                           group->layer[0].gates + row * gates, gates);
                i++;
            }
        }
    }
    es_add_rows(gradient + at->bias, group->d_table, size, gates);
    es_product_gradient(gradient + at->input, gates, table, d_table, embed, gates, size,
                        group->scratch);
    es_times_turned(gradient + pass->at->event[0], embed, group->d_table, gates,
                    pass->packed->layer[0].input, size);
}

/*
 * One sequence, one step of a GRU.
 *
 * a     [3 H]: W x + b, in r and z with U h; becomes r, z, n.
 * inner [H]: U_n h + b_un.
 */
static void gru_forward(float *restrict a, const float *restrict inner, const float *restrict past,
                        float *restrict h, size_t hidden)
{
    float *const z = a + hidden, *const n = z + hidden;

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
 * d_past [H]: the part that does not go through U is added; NULL at the start.
 */
static void gru_backward(const float *restrict dh, float *restrict a, float *restrict inner,
                         const float *restrict past, float *restrict d_past, size_t hidden)
{
    float *const z = a + hidden, *const n = z + hidden;

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
        a[j] = dr;
        z[j] = dz;
        n[j] = dn;
        inner[j] = d_inner;
    }
}

/* a [4 H]: W x + U h + b; becomes i, f, g, o. */
static void lstm_forward(float *restrict a, const float *past_cell, float *restrict cell,
                         float *restrict inner, float *restrict h, size_t hidden)
{
    float *const f = a + hidden, *const g = f + hidden, *const o = g + hidden;

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

/* h before the first step. */
static const float no_past[ES_MAX_WIDTH];

/* One time step of a layer, all sequences that are still there. */
static void step_forward(es_group *group, const es_pass *pass, int layer, size_t t)
{
    const es_net_shape *shape = pass->shape;
    const es_packed *packed = pass->packed;
    es_layer_tape *tape = &group->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t first = group->start[t], active = group->start[t + 1] - first;
    const size_t before = t ? group->start[t - 1] : 0;
    float *const a = tape->gates + first * gates, *const inner = tape->inner + first * hidden;

    if (shape->core == ES_GRU) {
        es_fill_rows(inner, pass->weights + pass->at->layer[layer].candidate, active, hidden);
    }
    if (t > 0) {
        const float *const past = tape->h + before * hidden;
        es_times(a, gates, past, hidden, packed->layer[layer].state, active);
        if (shape->core == ES_GRU) {
            es_times(inner, hidden, past, hidden, packed->layer[layer].candidate, active);
        }
    }
    for (size_t j = 0; j < active; j++) {
        float *const h = tape->h + (first + j) * hidden;
        if (shape->core == ES_GRU) {
            const float *past = t ? tape->h + (before + j) * hidden : no_past;
            gru_forward(a + j * gates, inner + j * hidden, past, h, hidden);
        } else {
            const float *past_cell = t ? tape->cell + (before + j) * hidden : NULL;
            lstm_forward(a + j * gates, past_cell, tape->cell + (first + j) * hidden,
                         inner + j * hidden, h, hidden);
        }
    }
}

static void layer_forward(es_group *group, const es_pass *pass, int layer, const float *in,
                          size_t n_in)
{
    const es_net_shape *shape = pass->shape;
    es_layer_tape *tape = &group->layer[layer];
    const es_layer_layout *at = &pass->at->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;

    if (layer == 0 && es_pass_has_table(pass)) {
        gates_from_table(group, pass);
    } else {
        es_fill_rows(tape->gates, pass->weights + at->bias, group->n_rows, gates);
        es_times(tape->gates, gates, in, n_in, pass->packed->layer[layer].input, group->n_rows);
    }
    for (size_t t = 0; t < group->n_steps; t++) {
        step_forward(group, pass, layer, t);
    }
    if (pass->core.threshold) {
        make_masks(group, pass, tape->mask, hidden, pass->core, MASK_LAYER + (uint32_t)layer);
        memcpy(tape->out, tape->h, group->n_rows * hidden * sizeof *tape->h);
        mask_rows(group, tape->out, tape->mask, hidden);
    } else {
        tape->out = tape->h;
    }
}

/* dh [n_rows][H]: gradient of h; that of earlier steps grows as later ones are done. */
static void step_backward(es_group *group, const es_pass *pass, int layer, size_t t, float *dh)
{
    const es_net_shape *shape = pass->shape;
    const es_packed *packed = pass->packed;
    es_layer_tape *tape = &group->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t first = group->start[t], active = group->start[t + 1] - first;
    const size_t before = t ? group->start[t - 1] : 0;
    float *const a = tape->gates + first * gates, *const inner = tape->inner + first * hidden;
    float *const d_past = t ? dh + before * hidden : NULL;

    for (size_t j = 0; j < active; j++) {
        const float *const d = dh + (first + j) * hidden;
        if (shape->core == ES_GRU) {
            const float *past = t ? tape->h + (before + j) * hidden : no_past;
            gru_backward(d, a + j * gates, inner + j * hidden, past,
                         d_past ? d_past + j * hidden : NULL, hidden);
        } else {
            const float *past_cell = t ? tape->cell + (before + j) * hidden : NULL;
            lstm_backward(d, a + j * gates, inner + j * hidden, past_cell,
                          group->d_cell + j * hidden, hidden);
        }
    }
    if (d_past) {
        es_times_turned(d_past, hidden, a, gates, packed->layer[layer].state, active);
        if (shape->core == ES_GRU) {
            es_times_turned(d_past, hidden, inner, hidden, packed->layer[layer].candidate, active);
        }
    }
}

/* Gradients of the weights of a layer over a shard, from those before the squashing. The first layer's input may have its own way. */
static void layer_gradient(const es_group *group, es_shard *shard, const es_pass *pass, int layer,
                           const float *in, size_t n_in)
{
    const es_net_shape *shape = pass->shape;
    const es_layer_tape *tape = &group->layer[layer];
    const es_layer_layout *at = &pass->at->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t plain = shape->core == ES_GRU ? 2 * hidden : gates;
    const size_t first = shard->n_first, later = shard->n_rows - first;
    float *const gradient = shard->gradient;
    const es_rows all = {.base = tape->gates, .stride = gates, .row = shard->row};
    const es_rows after = {.base = tape->gates, .stride = gates, .row = shard->row + first};
    const es_rows inner = {.base = tape->inner, .stride = hidden, .row = shard->row + first};
    const es_rows past = {.base = tape->h, .stride = hidden, .row = shard->past_row + first};

    es_product_gradient(gradient + at->state, gates, past, after, hidden, plain, later,
                        group->scratch);
    if (shape->core == ES_GRU) {
        es_product_gradient(gradient + at->state + plain, gates, past, inner, hidden, hidden, later,
                            group->scratch);
        for (size_t i = 0; i < shard->n_rows; i++) {
            es_add_row(gradient + at->candidate, tape->inner + shard->row[i] * hidden, hidden);
        }
    }
    if (layer == 0 && es_pass_has_table(pass)) {
        table_gradient(group, shard, pass);
        return;
    }
    es_product_gradient(gradient + at->input, gates,
                        (es_rows){.base = in, .stride = n_in, .row = shard->row}, all, n_in, gates,
                        shard->n_rows, group->scratch);
    for (size_t i = 0; i < shard->n_rows; i++) {
        es_add_row(gradient + at->bias, tape->gates + shard->row[i] * gates, gates);
    }
}

/* d_out of the group holds the gradient of what the layer gives out; d_in gets that of `in`. */
static void layer_backward(es_group *group, const es_pass *pass, int layer, const float *in,
                           size_t n_in)
{
    const es_net_shape *shape = pass->shape;
    es_layer_tape *tape = &group->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;

    if (pass->core.threshold) {
        mask_rows(group, group->d_out, tape->mask, hidden);
    }
    memset(group->d_cell, 0, group->n_lanes * hidden * sizeof *group->d_cell);
    for (size_t t = group->n_steps; t-- > 0;) {
        step_backward(group, pass, layer, t, group->d_out);
    }
    for (size_t s = 0; s < group->n_shards; s++) {
        layer_gradient(group, &group->shard[s], pass, layer, in, n_in);
    }
    if (layer == 0 && es_pass_has_table(pass)) {
        return;
    }
    memset(group->d_in, 0, group->n_rows * n_in * sizeof *group->d_in);
    es_times_turned(group->d_in, n_in, tape->gates, gates, pass->packed->layer[layer].input,
                    group->n_rows);
}

void es_core_forward(es_group *group, const es_pass *pass)
{
    const float *in = group->x;
    size_t n_in = pass->shape->embed;

    if (!es_pass_has_table(pass)) {
        embed_forward(group, pass);
    }
    for (int l = 0; l < pass->shape->n_layers; l++) {
        layer_forward(group, pass, l, in, n_in);
        in = group->layer[l].out;
        n_in = pass->shape->hidden;
    }
}

void es_core_backward(es_group *group, const es_pass *pass)
{
    for (int l = pass->shape->n_layers; l-- > 0;) {
        const float *in = l ? group->layer[l - 1].out : group->x;
        layer_backward(group, pass, l, in, l ? pass->shape->hidden : pass->shape->embed);
        float *const swap = group->d_out;
        group->d_out = group->d_in;
        group->d_in = swap;
    }
    if (!es_pass_has_table(pass)) {
        embed_backward(group, pass, group->d_out);
    }
}
