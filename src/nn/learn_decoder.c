/*
 * The decoder over the draws of a shard: slot by slot, a block of rows at a time, forward, loss and backward in one go
 * while the block is in the cache.
 *
 *     a = state Wc + bc + sum of field rows     u = drop(relu(a))
 *     q = u W2 + b2                             v = drop(u + relu(q))
 *     raw = v Wo + bo                           logits by the terms, nats = -log softmax
 *
 * Draws of one event follow each other and share its state: the map of the state is made once for them, and their gradients are
 * summed before they go back through it.
 */
#include "nn/learn_parts.h"

#include "nn/kernel.h"

#include <string.h>

enum { MASK_U = 64, MASK_V, MASK_FIELDS };

/* A block of draws of one slot, with what it needs of the weights. */
typedef struct block {
    es_shard_group *group;
    es_shard *shard;
    const es_pass *pass;
    const es_slot_shape *slot;
    const es_slot_layout *at;
    const es_slot_packed *packed;
    const es_pick *pick;
    size_t count;
    size_t n_states;
    int32_t state_row[ES_BLOCK_ROWS]; /* Of the core, of each state. */
    uint8_t state_of[ES_BLOCK_ROWS];  /* The state of each draw. */
} block;

static uint32_t key_of(const block *b, size_t i, uint32_t what)
{
    return es_pass_key(b->pass, b->pick[i].sequence, b->pick[i].number, what);
}

/* Which states there are. Without a decoder the draws and the states are one to one. */
static void find_states(block *b)
{
    const bool shares = b->pass->shape->decoder > 0;

    b->n_states = 0;
    for (size_t i = 0; i < b->count; i++) {
        const int32_t row = b->pick[i].row;
        if (i == 0 || !shares || row != b->state_row[b->n_states - 1]) {
            b->state_row[b->n_states++] = row;
        }
        b->state_of[i] = (uint8_t)(b->n_states - 1);
    }
}

/* state [n_states][H]: the core's outputs that the draws are made from. */
static void gather_states(const block *b)
{
    const size_t hidden = b->pass->shape->hidden;
    const float *const out = b->group->layer[b->pass->shape->n_layers - 1].out;
    float *state = b->group->decoder.state;

    for (size_t i = 0; i < b->n_states; i++, state += hidden) {
        const int32_t row = b->state_row[i];
        memcpy(state, row == ES_NO_ROW ? es_zeros : out + (size_t)row * hidden,
               hidden * sizeof *state);
    }
}

/* d_out of the core += state gradients [n_states][H]. */
static void scatter_states(const block *b)
{
    const size_t hidden = b->pass->shape->hidden;
    const float *d = b->group->decoder.state;

    for (size_t i = 0; i < b->n_states; i++, d += hidden) {
        if (b->state_row[i] != ES_NO_ROW) {
            es_add_row(b->group->d_out + (size_t)b->state_row[i] * hidden, d, hidden);
        }
    }
}

/* Offsets of the field rows of draw i that are not dropped; returns how many. */
static size_t field_rows(const block *b, size_t i, size_t *offset)
{
    const size_t width = b->pass->shape->decoder, n_fields = b->slot->n_fields;
    const uint16_t *const field = b->pick[i].draw->field;
    es_drop drop = b->pass->field;
    float mask[ES_MAX_FIELDS];
    size_t count = 0;

    if (drop.threshold == 0) {
        for (size_t f = 0; f < n_fields; f++) {
            offset[f] = b->at->field[f] + field[f] * width;
        }
        return n_fields;
    }
    drop.key = key_of(b, i, MASK_FIELDS);
    es_drop_mask(mask, n_fields, drop);
    for (size_t f = 0; f < n_fields; f++) {
        offset[count] = b->at->field[f] + field[f] * width;
        count += mask[f] != 0;
    }
    return count;
}

/* u [count][D]: the mapped state and fields; the rows of dropped fields are left out, the others scaled. */
static void gather_fields(const block *b)
{
    const size_t width = b->pass->shape->decoder;
    size_t offset[ES_MAX_FIELDS];

    for (size_t i = 0; i < b->count; i++) {
        float *const u = b->group->decoder.u + i * width;
        memcpy(u, b->group->decoder.core + b->state_of[i] * width, width * sizeof *u);
        es_add_table_rows(u, b->pass->weights, offset, field_rows(b, i, offset),
                          b->pass->field.scale, width);
    }
}

static void scatter_fields(const block *b, const float *d)
{
    const size_t width = b->pass->shape->decoder;
    size_t offset[ES_MAX_FIELDS];
    float *row[ES_MAX_FIELDS];

    for (size_t i = 0; i < b->count; i++) {
        const size_t count = field_rows(b, i, offset);
        for (size_t r = 0; r < count; r++) {
            row[r] = b->shard->gradient + offset[r];
        }
        es_scatter_rows(row, count, d + i * width, b->pass->field.scale, width);
    }
}

/* u, q and v of the draws, from their states and fields. */
static void forward(const block *b)
{
    const es_decoder_tape *const tape = &b->group->decoder;
    const size_t hidden = b->pass->shape->hidden, width = b->pass->shape->decoder;
    es_drop drop = b->pass->decoder;

    es_times(tape->core, width, b->pass->weights + b->at->core_bias, tape->state, hidden,
             b->packed->core, b->n_states);
    gather_fields(b);
    for (size_t i = 0; i < b->count; i++) {
        drop.key = drop.threshold ? key_of(b, i, MASK_U) : 0;
        es_relu_drop(tape->u + i * width, width, drop);
    }
    es_times(tape->q, width, b->pass->weights + b->at->middle_bias, tape->u, width,
             b->packed->middle, b->count);
    for (size_t i = 0; i < b->count; i++) {
        const size_t at = i * width;
        drop.key = drop.threshold ? key_of(b, i, MASK_V) : 0;
        es_residual_drop(tape->v + at, tape->u + at, tape->q + at, width, drop);
    }
}

/* What the raw logits are a map of: v [D], or the state [H] of a net without a decoder. */
static float *before_out(const block *b)
{
    return b->pass->shape->decoder ? b->group->decoder.v : b->group->decoder.state;
}

static void forward_out(const block *b)
{
    const es_decoder_tape *const tape = &b->group->decoder;
    const es_packed_matrix *const out = b->packed->out;

    es_times(tape->raw, out->n, b->pass->weights + b->at->out_bias, before_out(b), out->k, out,
             b->count);
}

/* Gradient by the logits: p, [n_candidates], becomes scale * (p - goal), or - target where there is no goal. */
static void logit_gradient(const es_pick *pick, float *p, double sum, float scale)
{
    const size_t n = pick->draw->n_candidates;
    const float factor = (float)((double)scale / sum);

    for (size_t c = 0; c < n; c++) {
        p[c] *= factor;
    }
    if (!pick->goal) {
        p[pick->draw->target] -= scale;
        return;
    }
    for (size_t c = 0; c < n; c++) {
        p[c] -= scale * pick->goal[c];
    }
}

static void teach(const es_pick *pick, const float *p, double sum, float share)
{
    const float factor = (float)((double)share / sum);

    for (size_t c = 0; pick->goal && c < pick->draw->n_candidates; c++) {
        pick->goal[c] += factor * p[c];
    }
}

/* Nats of the block's targets; d_raw [count][n_raw] is carried back through the terms. */
static double loss(const block *b)
{
    const es_decoder_tape *const tape = &b->group->decoder;
    const size_t n_raw = b->slot->n_raw;
    double nats = 0;

    if (b->pass->backward) {
        memset(tape->d_raw, 0, b->count * n_raw * sizeof *tape->d_raw);
    }
    for (size_t i = 0; i < b->count; i++) {
        const es_draw *draw = b->pick[i].draw;
        float logit[ES_MAX_CANDIDATES], p[ES_MAX_CANDIDATES];
        es_terms_gather(b->slot, draw, tape->raw + i * n_raw, logit);
        const double sum = es_log_softmax(logit, p, draw->n_candidates);
        nats -= (double)logit[draw->target];
        if (b->pass->share > 0) {
            teach(&b->pick[i], p, sum, b->pass->share);
        }
        if (b->pass->backward) {
            logit_gradient(&b->pick[i], p, sum, b->pass->scale);
            es_terms_scatter(b->slot, draw, p, tape->d_raw + i * n_raw);
        }
    }
    return nats;
}

/* Gradient of the matrix [n_in][n_out] that lies at this offset: in^T d. */
static void product_gradient(const block *b, size_t offset, const float *in, size_t n_in,
                             const float *d, size_t n_out, size_t count)
{
    es_product_gradient(b->shard->gradient + offset, n_out, (es_rows){.base = in, .stride = n_in},
                        (es_rows){.base = d, .stride = n_out}, n_in, n_out, count,
                        b->group->scratch);
}

/* From d_raw to the gradient of what the raw logits are a map of. */
static void backward_out(const block *b, float *d)
{
    const es_decoder_tape *const tape = &b->group->decoder;
    const es_packed_matrix *const out = b->packed->out;

    es_add_rows(b->shard->gradient + b->at->out_bias, tape->d_raw, b->count, out->n);
    product_gradient(b, b->at->out, before_out(b), out->k, tape->d_raw, out->n, b->count);
    es_times_turned(d, out->k, es_zeros, tape->d_raw, out->n, out, b->count);
}

/* From dv to the gradient of the states. */
static void backward(const block *b)
{
    const es_decoder_tape *const tape = &b->group->decoder;
    const size_t hidden = b->pass->shape->hidden, width = b->pass->shape->decoder;
    const size_t count = b->count;
    float *const gradient = b->shard->gradient;
    const float scale = b->pass->decoder.scale;

    es_residual_drop_back(tape->dv, tape->q, tape->v, count * width, scale);
    es_add_rows(gradient + b->at->middle_bias, tape->q, count, width);
    product_gradient(b, b->at->middle, tape->u, width, tape->q, width, count);
    es_times_turned(tape->dv, width, NULL, tape->q, width, b->packed->middle, count);

    es_relu_drop_back(tape->dv, tape->u, count * width, scale);
    scatter_fields(b, tape->dv);
    memset(tape->core, 0, b->n_states * width * sizeof *tape->core);
    for (size_t i = 0; i < count; i++) {
        es_add_row(tape->core + b->state_of[i] * width, tape->dv + i * width, width);
    }
    es_add_rows(gradient + b->at->core_bias, tape->core, b->n_states, width);
    product_gradient(b, b->at->core, tape->state, hidden, tape->core, width, b->n_states);
    es_times_turned(tape->state, hidden, es_zeros, tape->core, width, b->packed->core, b->n_states);
}

static void one_block(block *b)
{
    const es_decoder_tape *const tape = &b->group->decoder;
    const size_t s = (size_t)(b->slot - b->pass->shape->slot);
    const bool has_decoder = b->pass->shape->decoder > 0;

    find_states(b);
    gather_states(b);
    if (has_decoder) {
        forward(b);
    }
    forward_out(b);
    b->shard->slot_nats[s] += loss(b);
    if (b->pass->backward) {
        backward_out(b, has_decoder ? tape->dv : tape->state);
        if (has_decoder) {
            backward(b);
        }
        scatter_states(b);
    }
}

void es_decoder_pass(es_shard_group *group, es_shard *shard, const es_pass *pass)
{
    for (int s = 0; s < pass->shape->n_slots; s++) {
        const size_t end = shard->slot_start[s + 1];
        for (size_t at = shard->slot_start[s]; at < end; at += ES_BLOCK_ROWS) {
            block b = {.group = group,
                       .shard = shard,
                       .pass = pass,
                       .slot = &pass->shape->slot[s],
                       .at = &pass->at->slot[s],
                       .packed = &pass->packed->slot[s],
                       .pick = shard->pick + at,
                       .count = end - at < ES_BLOCK_ROWS ? end - at : ES_BLOCK_ROWS};
            one_block(&b);
        }
    }
}
