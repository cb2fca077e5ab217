/*
 * From gradients to weights: their sum over the shards, its norm, AdamW, the running mean of the weights. All goes
 * stretch by stretch, and sums over stretches are made in their order, so threads change no bit.
 */
#include "nn/learn_parts.h"

#include "base/diag.h"
#include "base/mem.h"
#include "nn/kernel.h"

#include <math.h>
#include <string.h>

enum { STRETCH_FLOATS = 32768 };

typedef struct cutting {
    es_stretch *stretches;
    size_t count, room;
    bool failed;
} cutting;

static void cut_tensor(void *self, const es_tensor *tensor)
{
    cutting *c = self;
    const size_t end = tensor->offset + (size_t)tensor->rows * tensor->cols;
    const bool decays = tensor->kind != ES_TENSOR_BIAS && tensor->kind != ES_TENSOR_CORE_BIAS;

    for (size_t at = tensor->offset; at < end && !c->failed; at += STRETCH_FLOATS) {
        if (!es_grow(&c->stretches, c->count, &c->room, sizeof *c->stretches)) {
            c->failed = true;
            return;
        }
        const size_t left = end - at;
        c->stretches[c->count++] = (es_stretch){
            .offset = at, .count = left < STRETCH_FLOATS ? left : STRETCH_FLOATS, .decays = decays};
    }
}

estro_status es_stretches_make(es_stretch **out, size_t *count, const es_net_shape *shape,
                               estro_diag *diag)
{
    cutting c = {0};
    es_net_layout layout;

    *out = NULL;
    *count = 0;
    es_net_layout_make(&layout, shape, cut_tensor, &c);
    if (c.failed) {
        es_free(c.stretches);
        return es_fail_memory(diag);
    }
    *out = c.stretches;
    *count = c.count;
    return ESTRO_OK;
}

/* The tree: neighbours are added, then their sums, and so on. Ranks go on where the shards of each of them end. */
static void sum_stretch(void *self, size_t number)
{
    es_adam_job *job = self;
    const es_stretch *stretch = &job->stretches[number];
    const float *const sum = job->gradients[0] + stretch->offset;

    for (size_t distance = 1; distance < job->n_gradients; distance *= 2) {
        for (size_t g = 0; g + distance < job->n_gradients; g += 2 * distance) {
            float *const gradient = job->gradients[g + distance] + stretch->offset;
            es_add_row(job->gradients[g] + stretch->offset, gradient, stretch->count);
            memset(gradient, 0, stretch->count * sizeof *gradient);
        }
    }
    job->squares[number] = es_sum_squares(sum, stretch->count);
}

double es_adam_sum(es_adam_job *job, int n_threads)
{
    double total = 0;

    es_parallel(n_threads, job->n_stretches, sum_stretch, job);
    for (size_t i = 0; i < job->n_stretches; i++) {
        total += job->squares[i];
    }
    return sqrt(total);
}

static void apply_stretch(void *self, size_t number)
{
    es_adam_job *job = self;
    const es_stretch *stretch = &job->stretches[number];
    const size_t at = stretch->offset;
    es_adam adam = job->adam;

    adam.keep = stretch->decays ? job->decay_keep : 1;
    es_adam_update(job->weights + at, job->m + at, job->v + at, job->mean ? job->mean + at : NULL,
                   job->gradients[0] + at, stretch->count, &adam);
    memset(job->gradients[0] + at, 0, stretch->count * sizeof(float));
}

void es_adam_apply(es_adam_job *job, int n_threads)
{
    es_parallel(n_threads, job->n_stretches, apply_stretch, job);
}
