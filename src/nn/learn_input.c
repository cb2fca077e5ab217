/*
 * The input of the core: the sum of the embeddings of an event's fields, or, where it can be, a row of a table.
 */
#include "nn/learn_parts.h"

#include "nn/kernel.h"

#include <string.h>

void es_add_table_rows(float *y, const float *weights, const size_t *offset, size_t count,
                       float factor, size_t n)
{
    const float *row[ES_MAX_FIELDS + ES_ROWS_AT_ONCE];

    for (size_t r = 0; r < count; r++) {
        row[r] = weights + offset[r];
    }
    for (size_t r = count; r < count + ES_ROWS_AT_ONCE; r++) {
        row[r] = es_zeros;
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

/* x [rows][E] = sum of the embeddings of the event fields, dropped by the lane's mask. */
void es_embed_forward(es_shard_group *group, const es_pass *pass, size_t begin, size_t end)
{
    const size_t embed = pass->shape->embed;
    size_t offset[ES_MAX_FIELDS];

    for (size_t t = begin; t < end; t++) {
        float *x = group->x + group->start[t] * embed;
        const size_t active = group->start[t + 1] - group->start[t];
        for (size_t j = 0; j < active; j++, x += embed) {
            event_rows(pass, &group->lane[j].sequence->events[t], offset);
            memset(x, 0, embed * sizeof *x);
            es_add_table_rows(x, pass->weights, offset, pass->shape->n_fields, 1, embed);
            if (pass->input.threshold) {
                es_multiply(x, group->x_mask + j * embed, embed);
            }
        }
    }
}

void es_embed_backward(const es_shard_group *group, const es_pass *pass, size_t begin, size_t end,
                       float *d_x)
{
    const size_t embed = pass->shape->embed, n_fields = pass->shape->n_fields;
    size_t offset[ES_MAX_FIELDS];
    float *to[ES_MAX_FIELDS];

    for (size_t t = begin; t < end; t++) {
        const size_t active = group->start[t + 1] - group->start[t];
        for (size_t j = 0; j < active; j++, d_x += embed) {
            event_rows(pass, &group->lane[j].sequence->events[t], offset);
            for (size_t f = 0; f < n_fields; f++) {
                to[f] = group->shard[group->lane[j].shard].gradient + offset[f];
            }
            if (pass->input.threshold) {
                es_multiply(d_x, group->x_mask + j * embed, embed);
            }
            es_scatter_rows(to, n_fields, d_x, 1, embed);
        }
    }
}

/*
 * Events of one field, with nothing random applied to their embedding: W x + b of the first layer is a row of a small table, E W + b,
 * and its gradients are summed for each value of the field before they go back through W and E.
 */
void es_table_forward(es_shard_group *group, const es_pass *pass, size_t t)
{
    const size_t gates = es_core_gates(pass->shape) * pass->shape->hidden;

    for (size_t row = group->start[t], j = 0; row < group->start[t + 1]; row++, j++) {
        const size_t value = group->lane[j].sequence->events[t].field[0];
        memcpy(group->layer[0].gates + row * group->gate_stride,
               pass->packed->table + value * gates, gates * sizeof(float));
    }
}

static float *d_table_of(const es_shard_group *group, const es_net_shape *shape, size_t shard)
{
    return group->d_table + shard * shape->field_size[0] * es_core_gates(shape) * shape->hidden;
}

void es_table_collect(const es_shard_group *group, const es_pass *pass, size_t t)
{
    const size_t gates = es_core_gates(pass->shape) * pass->shape->hidden;

    for (size_t row = group->start[t], j = 0; row < group->start[t + 1]; row++, j++) {
        const size_t value = group->lane[j].sequence->events[t].field[0];
        es_add_row(d_table_of(group, pass->shape, group->lane[j].shard) + value * gates,
                   group->layer[0].gates + row * group->gate_stride, gates);
    }
}

void es_table_backward(const es_shard_group *group, const es_pass *pass, size_t shard)
{
    const es_net_shape *shape = pass->shape;
    const es_layer_layout *at = &pass->at->layer[0];
    const size_t gates = es_core_gates(shape) * shape->hidden, embed = shape->embed;
    const size_t size = shape->field_size[0];
    const float *const d_table = d_table_of(group, shape, shard);
    float *const gradient = group->shard[shard].gradient;

    es_add_rows(gradient + at->bias, d_table, size, gates);
    es_product_gradient(gradient + at->input, gates,
                        (es_rows){.base = pass->weights + pass->at->event[0], .stride = embed},
                        (es_rows){.base = d_table, .stride = gates}, embed, gates, size,
                        group->scratch);
    es_times_turned(gradient + pass->at->event[0], embed, NULL, d_table, gates,
                    pass->packed->layer[0].input, size);
}
