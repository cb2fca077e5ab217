/*
 * The matrices of a net laid out in panels: made once for each pass over a batch, from the weights as they are then, and read by
 * all shards and time steps.
 */
#include "nn/learn_parts.h"

#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

const float es_zeros[ES_MAX_WIDTH];

/* A matrix [k][n] of the weights; the memory of its panels is found later. */
static const es_packed_matrix *add(es_packed *packed, size_t offset, size_t stride, size_t k,
                                   size_t n)
{
    es_packed_matrix *matrix = &packed->matrix[packed->n_matrices++];

    *matrix = (es_packed_matrix){.offset = offset, .stride = stride, .k = k, .n = n};
    return matrix;
}

static void add_layer(es_packed *packed, const es_net_shape *shape, const es_layer_layout *at,
                      int layer)
{
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    es_layer_packed *out = &packed->layer[layer];

    out->input = add(packed, at->input, gates, layer ? hidden : shape->embed, gates);
    if (shape->core == ES_GRU) {
        out->state = add(packed, at->state, gates, hidden, 2 * hidden);
        out->candidate = add(packed, at->state + 2 * hidden, gates, hidden, hidden);
    } else {
        out->state = add(packed, at->state, gates, hidden, gates);
    }
}

static void add_slot(es_packed *packed, const es_net_shape *shape, const es_slot_layout *at,
                     int slot)
{
    const size_t width = shape->decoder, n_raw = shape->slot[slot].n_raw;
    es_slot_packed *out = &packed->slot[slot];

    if (width > 0) {
        out->core = add(packed, at->core, width, shape->hidden, width);
        out->middle = add(packed, at->middle, width, width, width);
    }
    out->out = add(packed, at->out, n_raw, width ? width : shape->hidden, n_raw);
}

estro_status es_packed_init(es_packed *packed, const es_net_shape *shape, const es_net_layout *at,
                            estro_diag *diag)
{
    size_t size = 0;

    memset(packed, 0, sizeof *packed);
    for (int l = 0; l < shape->n_layers; l++) {
        add_layer(packed, shape, &at->layer[l], l);
    }
    for (int s = 0; s < shape->n_slots; s++) {
        add_slot(packed, shape, &at->slot[s], s);
    }
    const size_t table =
        shape->n_fields == 1 ? shape->field_size[0] * es_core_gates(shape) * shape->hidden : 0;
    for (size_t i = 0; i < packed->n_matrices; i++) {
        const es_packed_matrix *m = &packed->matrix[i];
        size += es_panels_size(m->k, m->n) + es_panels_size(m->n, m->k);
    }
    packed->memory = es_calloc(size + table + ES_ALIGN_FLOATS, sizeof *packed->memory);
    if (!packed->memory) {
        return es_fail_memory(diag);
    }
    float *next = es_aligned(packed->memory);
    for (size_t i = 0; i < packed->n_matrices; i++) {
        es_packed_matrix *m = &packed->matrix[i];
        m->forward = next;
        m->backward = next + es_panels_size(m->k, m->n);
        next = m->backward + es_panels_size(m->n, m->k);
    }
    packed->table = table ? next : NULL;
    return ESTRO_OK;
}

void es_packed_done(es_packed *packed)
{
    es_free(packed->memory);
    memset(packed, 0, sizeof *packed);
}

typedef struct filling {
    es_packed *packed;
    const es_pass *pass;
} filling;

static void fill_matrix(void *self, size_t number)
{
    const filling *f = self;
    const es_packed_matrix *m = &f->packed->matrix[number];
    const float *const from = f->pass->weights + m->offset;

    es_panels_pack(m->forward, from, m->stride, m->k, m->n);
    if (f->pass->backward) {
        es_panels_pack_turned(m->backward, from, m->stride, m->n, m->k);
    }
}

bool es_pass_has_table(const es_pass *pass)
{
    return pass->packed->table && pass->input.threshold == 0;
}

void es_packed_fill(es_packed *packed, const es_pass *pass, int n_threads)
{
    filling f = {.packed = packed, .pass = pass};

    es_parallel(n_threads, packed->n_matrices, fill_matrix, &f);
    if (es_pass_has_table(pass)) {
        const es_packed_matrix *input = packed->layer[0].input;
        const size_t size = pass->shape->field_size[0];
        es_times(packed->table, input->n, pass->weights + pass->at->layer[0].bias,
                 pass->weights + pass->at->event[0], input->k, input, size);
    }
}

void es_times(float *y, size_t y_stride, const float *row, const float *x, size_t x_stride,
              const es_packed_matrix *matrix, size_t m)
{
    es_product(y, y_stride, row ? row : y, row ? 0 : y_stride, x, x_stride, matrix->forward, m,
               matrix->n, matrix->k);
}

void es_times_turned(float *x, size_t x_stride, const float *row, const float *y, size_t y_stride,
                     const es_packed_matrix *matrix, size_t m)
{
    es_product(x, x_stride, row ? row : x, row ? 0 : x_stride, y, y_stride, matrix->backward, m,
               matrix->k, matrix->n);
}
