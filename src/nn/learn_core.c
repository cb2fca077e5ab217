/*
 * The recurrent core over whole sequences: forward, then backward right below it.
 *
 * Rows are packed by time (learn_parts.h). All layers are taken through a stretch of time before the next stretch, so that what one
 * layer leaves for the next, and what the gradients of the weights are made of, is still in the cache. Within a stretch the products
 * with the input are made for all rows at once; the products with the state, one time step after the other. On the way back the
 * gradients before the squashing take the place of the gates on the tape.
 */
#include "nn/learn_cell.h"
#include "nn/learn_parts.h"

#include "base/sorted.h"
#include "nn/kernel.h"

#include <string.h>

enum {
    MASK_INPUT = 1,
    MASK_LAYER = 2, /* + layer */
    FORWARD_ROWS = 256
};

static void make_masks(const es_shard_group *group, const es_pass *pass, float *mask, size_t width,
                       es_drop drop, uint32_t what)
{
    for (size_t j = 0; drop.threshold && j < group->n_lanes; j++) {
        drop.key = es_pass_key(pass, group->lane[j].number, UINT32_MAX, what);
        es_drop_mask(mask + j * width, width, drop);
    }
}

/* Multiply the rows of steps begin .. end - 1, each by the mask of its lane. */
static void mask_rows(const es_shard_group *group, float *rows, const float *mask, size_t width,
                      size_t begin, size_t end)
{
    for (size_t t = begin; t < end; t++) {
        const size_t active = group->start[t + 1] - group->start[t];
        for (size_t j = 0; j < active; j++, rows += width) {
            es_multiply(rows, mask + j * width, width);
        }
    }
}

/* What a layer takes in: rows of the first step of the stretch. */
static const float *input_of(const es_shard_group *group, const es_net_shape *shape, int layer,
                             size_t row)
{
    return layer ? group->layer[layer - 1].out + row * shape->hidden
                 : group->x + row * shape->embed;
}

static size_t input_width(const es_net_shape *shape, int layer)
{
    return layer ? shape->hidden : shape->embed;
}

/* ---- one time step of a layer, all lanes that are still there ---- */

/* gates hold W x + b. */
static void step_forward(es_shard_group *group, const es_pass *pass, int layer, size_t t)
{
    const es_net_shape *shape = pass->shape;
    const es_layer_packed *packed = &pass->packed->layer[layer];
    es_layer_tape *tape = &group->layer[layer];
    const size_t hidden = shape->hidden, stride = group->gate_stride;
    const size_t first = group->start[t], active = group->start[t + 1] - first;
    const float *const past = t ? tape->h + group->start[t - 1] * hidden : es_zeros;
    const float *const past_cell = t ? tape->cell + group->start[t - 1] * hidden : es_zeros;
    const size_t past_stride = t ? hidden : 0;
    float *a = tape->gates + first * stride, *inner = tape->inner + first * hidden;
    float *h = tape->h + first * hidden;

    if (t > 0) {
        es_times(a, stride, NULL, past, hidden, packed->state, active);
    }
    if (shape->core == ES_GRU) {
        es_times(inner, hidden, pass->weights + pass->at->layer[layer].candidate, past, past_stride,
                 packed->candidate, active);
    }
    for (size_t j = 0; j < active; j++, a += stride, inner += hidden, h += hidden) {
        if (shape->core == ES_GRU) {
            es_gru_forward(a, inner, past + j * past_stride, h, hidden);
        } else {
            es_lstm_forward(a, past_cell + j * past_stride, tape->cell + (first + j) * hidden,
                            inner, h, hidden);
        }
    }
}

/* d [active][H]: gradient of h from above; that from the next step is in carry, which gets that of the step before. */
static void step_backward(es_shard_group *group, const es_pass *pass, int layer, size_t t,
                          const float *d)
{
    const es_net_shape *shape = pass->shape;
    const es_layer_packed *packed = &pass->packed->layer[layer];
    es_layer_tape *tape = &group->layer[layer];
    const size_t hidden = shape->hidden, stride = group->gate_stride;
    const size_t first = group->start[t], active = group->start[t + 1] - first;
    const float *const past = t ? tape->h + group->start[t - 1] * hidden : es_zeros;
    const float *const past_cell = t ? tape->cell + group->start[t - 1] * hidden : es_zeros;
    const size_t past_stride = t ? hidden : 0;
    float *const a = tape->gates + first * stride, *const inner = tape->inner + first * hidden;

    for (size_t j = 0; j < active; j++) {
        float *const carry = tape->carry + j * hidden;
        if (shape->core == ES_GRU) {
            es_gru_backward(d + j * hidden, carry, a + j * stride, inner + j * hidden,
                            past + j * past_stride, hidden);
        } else {
            es_lstm_backward(d + j * hidden, carry, tape->d_cell + j * hidden, a + j * stride,
                             inner + j * hidden, past_cell + j * past_stride, hidden);
        }
    }
    if (t > 0 && shape->core == ES_GRU) {
        es_times_turned(tape->carry, hidden, NULL, a, stride, packed->state, active);
        es_times_turned(tape->carry, hidden, NULL, inner, hidden, packed->candidate, active);
    } else if (t > 0) {
        es_times_turned(tape->carry, hidden, es_zeros, a, stride, packed->state, active);
    }
}

/* ---- a stretch of time, steps begin .. end - 1, of a layer ---- */

static void layer_forward(es_shard_group *group, const es_pass *pass, int layer, size_t begin,
                          size_t end)
{
    const es_net_shape *shape = pass->shape;
    es_layer_tape *tape = &group->layer[layer];
    const size_t hidden = shape->hidden, stride = group->gate_stride;
    const size_t first = group->start[begin], count = group->start[end] - first;
    const bool has_table = layer == 0 && es_pass_has_table(pass);

    if (!has_table) {
        es_times(tape->gates + first * stride, stride, pass->weights + pass->at->layer[layer].bias,
                 input_of(group, shape, layer, first), input_width(shape, layer),
                 pass->packed->layer[layer].input, count);
    }
    for (size_t t = begin; t < end; t++) {
        if (has_table) {
            es_table_forward(group, pass, t);
        }
        step_forward(group, pass, layer, t);
    }
    if (pass->core.threshold) {
        memcpy(tape->out + first * hidden, tape->h + first * hidden,
               count * hidden * sizeof *tape->h);
        mask_rows(group, tape->out + first * hidden, tape->mask, hidden, begin, end);
    }
}

/* Gradients of the weights of a layer over some rows of a shard, from those before the squashing. */
static void layer_gradient(const es_shard_group *group, es_shard *shard, const es_pass *pass,
                           int layer, size_t at_row, size_t end_row)
{
    const es_net_shape *shape = pass->shape;
    const es_layer_tape *tape = &group->layer[layer];
    const es_layer_layout *at = &pass->at->layer[layer];
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t plain = shape->core == ES_GRU ? 2 * hidden : gates,
                 n_in = input_width(shape, layer);
    const size_t later = at_row < shard->n_first ? shard->n_first : at_row;
    const uint32_t *const row = shard->row;
    float *const gradient = shard->gradient;
    const es_rows past = {.base = tape->h, .stride = hidden, .row = shard->past_row + later};

    es_product_gradient(gradient + at->state, gates, past,
                        (es_rows){tape->gates, group->gate_stride, row + later}, hidden, plain,
                        end_row - later, group->scratch);
    for (size_t i = at_row; shape->core == ES_GRU && i < end_row; i++) {
        es_add_row(gradient + at->candidate, tape->inner + row[i] * hidden, hidden);
    }
    if (shape->core == ES_GRU) {
        es_product_gradient(gradient + at->state + plain, gates, past,
                            (es_rows){tape->inner, hidden, row + later}, hidden, hidden,
                            end_row - later, group->scratch);
    }
    if (layer == 0 && es_pass_has_table(pass)) {
        return;
    }
    es_product_gradient(gradient + at->input, gates,
                        (es_rows){input_of(group, shape, layer, 0), n_in, row + at_row},
                        (es_rows){tape->gates, group->gate_stride, row + at_row}, n_in, gates,
                        end_row - at_row, group->scratch);
    for (size_t i = at_row; i < end_row; i++) {
        es_add_row(gradient + at->bias, tape->gates + row[i] * group->gate_stride, gates);
    }
}

static bool is_row_before(const void *element, int64_t row)
{
    return *(const uint32_t *)element < row;
}

/* Of the rows of a shard, how many come before this row of the group. */
static size_t rows_before(const es_shard *shard, size_t row)
{
    return es_count_before(shard->row, shard->n_rows, sizeof *shard->row, is_row_before,
                           (int64_t)row);
}

/* d: gradient of what the layer gives out; d_in gets that of what it takes in. */
static void layer_backward(es_shard_group *group, const es_pass *pass, int layer, size_t begin,
                           size_t end, float *d, float *d_in)
{
    const es_net_shape *shape = pass->shape;
    const es_layer_tape *tape = &group->layer[layer];
    const size_t hidden = shape->hidden, stride = group->gate_stride;
    const size_t first = group->start[begin], count = group->start[end] - first;
    const bool has_table = layer == 0 && es_pass_has_table(pass);

    if (pass->core.threshold) {
        mask_rows(group, d, tape->mask, hidden, begin, end);
    }
    for (size_t t = end; t-- > begin;) {
        step_backward(group, pass, layer, t, d + (group->start[t] - first) * hidden);
        if (has_table) {
            es_table_collect(group, pass, t);
        }
    }
    for (size_t s = 0; s < group->n_shards; s++) {
        es_shard *const shard = &group->shard[s];
        layer_gradient(group, shard, pass, layer, rows_before(shard, first),
                       rows_before(shard, first + count));
    }
    if (!has_table) {
        es_times_turned(d_in, input_width(shape, layer), es_zeros, tape->gates + first * stride,
                        stride, pass->packed->layer[layer].input, count);
    }
}

/* ---- all of it ---- */

void es_core_forward(es_shard_group *group, const es_pass *pass)
{
    const es_net_shape *shape = pass->shape;
    const size_t stretch = FORWARD_ROWS / (group->n_lanes ? group->n_lanes : 1) + 1;

    make_masks(group, pass, group->x_mask, shape->embed, pass->input, MASK_INPUT);
    for (int l = 0; l < shape->n_layers; l++) {
        es_layer_tape *tape = &group->layer[l];
        make_masks(group, pass, tape->mask, shape->hidden, pass->core, MASK_LAYER + (uint32_t)l);
        tape->out = pass->core.threshold ? tape->dropped : tape->h;
    }
    for (size_t begin = 0; begin < group->n_steps; begin += stretch) {
        const size_t end = begin + stretch < group->n_steps ? begin + stretch : group->n_steps;
        if (!es_pass_has_table(pass)) {
            es_embed_forward(group, pass, begin, end);
        }
        for (int l = 0; l < shape->n_layers; l++) {
            layer_forward(group, pass, l, begin, end);
        }
    }
}

/* The stretches are those of the shards, not of the group: gradients are summed in their order. */
void es_core_backward(es_shard_group *group, const es_pass *pass)
{
    const es_net_shape *shape = pass->shape;
    const size_t stretch = group->stretch, lanes = group->n_lanes;

    for (int l = 0; l < shape->n_layers; l++) {
        memset(group->layer[l].carry, 0, lanes * shape->hidden * sizeof(float));
        memset(group->layer[l].d_cell, 0, lanes * shape->hidden * sizeof(float));
    }
    if (es_pass_has_table(pass)) {
        memset(group->d_table, 0, group->d_table_size * sizeof *group->d_table);
    }
    for (size_t n = (group->n_steps + stretch - 1) / stretch; n-- > 0;) {
        const size_t begin = n * stretch;
        const size_t end = begin + stretch < group->n_steps ? begin + stretch : group->n_steps;
        float *d = group->d_out + group->start[begin] * shape->hidden;
        for (int l = shape->n_layers; l-- > 0;) {
            layer_backward(group, pass, l, begin, end, d, group->d_in[l % 2]);
            d = group->d_in[l % 2];
        }
        if (!es_pass_has_table(pass)) {
            es_embed_backward(group, pass, begin, end, d);
        }
    }
    for (size_t s = 0; es_pass_has_table(pass) && s < group->n_shards; s++) {
        es_table_backward(group, pass, s);
    }
}
