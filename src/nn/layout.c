/*
 * One walk over the shape gives every tensor its place. Offsets, initial weights, the tensor table of a model file and
 * weight decay all come from this walk, so they cannot disagree.
 */
#include "nn/layout.h"

#include <stdio.h>
#include <string.h>

enum { ALIGN_FLOATS = 16, MAX_RAW = 4096, MAX_WEIGHTS = 1 << 27 };

typedef struct walk {
    size_t offset;
    size_t n_tensors;
    es_tensor_visit *visit;
    void *self;
} walk;

static size_t add(walk *w, es_tensor_kind kind, size_t rows, size_t cols, const char *group,
                  int number, const char *what, int field)
{
    es_tensor tensor = {.kind = kind, .rows = (uint32_t)rows, .cols = (uint32_t)cols};

    if (w->visit) {
        if (field >= 0) {
            snprintf(tensor.name, sizeof tensor.name, "%s.%d%s.%d", group, number, what, field);
        } else {
            snprintf(tensor.name, sizeof tensor.name, "%s.%d%s", group, number, what);
        }
        tensor.offset = w->offset;
        w->visit(w->self, &tensor);
    }
    const size_t offset = w->offset;
    w->offset += (rows * cols + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
    w->n_tensors++;
    return offset;
}

size_t es_core_gates(const es_net_shape *shape)
{
    return shape->core == ES_LSTM ? 4 : 3;
}

static void add_layer(walk *w, es_layer_layout *out, const es_net_shape *shape, int layer)
{
    const size_t hidden = shape->hidden, gates = es_core_gates(shape) * hidden;
    const size_t in = layer ? hidden : shape->embed;

    out->input = add(w, ES_TENSOR_CORE_MATRIX, in, gates, "core", layer, ".input", -1);
    out->state = add(w, ES_TENSOR_CORE_MATRIX, hidden, gates, "core", layer, ".state", -1);
    out->bias = add(w, ES_TENSOR_CORE_BIAS, 1, gates, "core", layer, ".bias", -1);
    if (shape->core == ES_GRU) {
        out->candidate = add(w, ES_TENSOR_BIAS, 1, hidden, "core", layer, ".candidate", -1);
    }
}

static void add_slot(walk *w, es_slot_layout *out, const es_net_shape *shape, int index)
{
    const es_slot_shape *slot = &shape->slot[index];
    const size_t width = shape->decoder;
    const es_tensor_kind matrix = ES_TENSOR_DECODER_MATRIX, bias = ES_TENSOR_BIAS;

    for (int f = 0; f < slot->n_fields; f++) {
        out->field[f] =
            add(w, ES_TENSOR_DRAW_TABLE, slot->field_size[f], width, "slot", index, ".field", f);
    }
    if (width > 0) {
        out->core = add(w, matrix, shape->hidden, width, "slot", index, ".core", -1);
        out->core_bias = add(w, bias, 1, width, "slot", index, ".core_bias", -1);
        out->middle = add(w, matrix, width, width, "slot", index, ".middle", -1);
        out->middle_bias = add(w, bias, 1, width, "slot", index, ".middle_bias", -1);
    }
    out->out =
        add(w, matrix, width ? width : shape->hidden, slot->n_raw, "slot", index, ".out", -1);
    out->out_bias = add(w, bias, 1, slot->n_raw, "slot", index, ".out_bias", -1);
}

void es_net_layout_make(es_net_layout *layout, const es_net_shape *shape, es_tensor_visit *visit,
                        void *self)
{
    walk w = {.visit = visit, .self = self};

    memset(layout, 0, sizeof *layout);
    for (int f = 0; f < shape->n_fields; f++) {
        layout->event[f] =
            add(&w, ES_TENSOR_EVENT_TABLE, shape->field_size[f], shape->embed, "event", f, "", -1);
    }
    for (int l = 0; l < shape->n_layers; l++) {
        add_layer(&w, &layout->layer[l], shape, l);
    }
    for (int s = 0; s < shape->n_slots; s++) {
        add_slot(&w, &layout->slot[s], shape, s);
    }
    layout->n_weights = w.offset;
    layout->n_tensors = w.n_tensors;
}

static bool within(size_t value, size_t least, size_t most)
{
    return value >= least && value <= most;
}

static bool slot_ok(const es_slot_shape *slot, bool has_decoder)
{
    if (slot->n_fields > ES_MAX_FIELDS || !within(slot->n_raw, 1, MAX_RAW) ||
        !within(slot->n_candidates, 1, ES_MAX_CANDIDATES) || slot->n_ordered > slot->n_candidates ||
        (slot->n_fields > 0 && !has_decoder)) {
        return false;
    }
    for (int f = 0; f < slot->n_fields; f++) {
        if (slot->field_size[f] == 0) {
            return false;
        }
    }
    return true;
}

bool es_net_shape_ok(const es_net_shape *shape)
{
    es_net_layout layout;

    if (shape->core > ES_LSTM || !within(shape->n_layers, 1, ES_MAX_LAYERS) ||
        !within(shape->hidden, 1, ES_MAX_WIDTH) || !within(shape->embed, 1, ES_MAX_WIDTH) ||
        !within(shape->decoder, 0, ES_MAX_WIDTH) || shape->n_fields > ES_MAX_FIELDS ||
        !within(shape->n_slots, 1, ES_MAX_SLOTS)) {
        return false;
    }
    for (int f = 0; f < shape->n_fields; f++) {
        if (shape->field_size[f] == 0) {
            return false;
        }
    }
    for (int s = 0; s < shape->n_slots; s++) {
        if (!slot_ok(&shape->slot[s], shape->decoder > 0)) {
            return false;
        }
    }
    /* Below 2^37 floats for the largest shape, so the sum cannot overflow 64 bits; the limit is far below. */
    es_net_layout_make(&layout, shape, NULL, NULL);
    return layout.n_weights <= MAX_WEIGHTS;
}

size_t es_net_size(const es_net_shape *shape)
{
    es_net_layout layout;

    if (!es_net_shape_ok(shape)) {
        return 0;
    }
    es_net_layout_make(&layout, shape, NULL, NULL);
    return layout.n_weights;
}
