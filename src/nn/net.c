/*
 * A net: its memory and its initial weights. The weights of each tensor come from a stream of chance addressed by the
 * tensor's number, so they depend on the seed and the shape alone.
 */
#include "nn/net.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/rng.h"
#include "nn/layout.h"

#include <math.h>
#include <string.h>

estro_status es_net_init(es_net *out, const es_net_shape *shape, estro_diag *diag)
{
    const size_t n_weights = es_net_size(shape);

    memset(out, 0, sizeof *out);
    if (n_weights == 0) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "net shape out of bounds");
    }
    out->weights = es_calloc(n_weights, sizeof *out->weights);
    if (!out->weights) {
        return es_fail_memory(diag);
    }
    out->shape = *shape;
    out->n_weights = n_weights;
    return ESTRO_OK;
}

void es_net_done(es_net *net)
{
    es_free(net->weights);
    memset(net, 0, sizeof *net);
}

/* Near-normal, mean 0, variance 1: the sum of four uniform numbers of 16 bits, less its mean, over its deviation. */
static float normal(es_rng *rng)
{
    const uint64_t bits = es_rng_next(rng);
    const uint64_t sum =
        (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);

    return (float)(((double)sum * (1.0 / 65536.0) - (2.0 - 2.0 / 65536.0)) * 1.7320508075688772);
}

/* Uniform in [-1, 1), from 32 bits. */
static double uniform(uint64_t bits)
{
    return (double)(bits & 0xffffffffu) * (1.0 / 2147483648.0) - 1;
}

static void fill_normal(float *w, size_t n, float deviation, es_rng *rng)
{
    for (size_t i = 0; i < n; i++) {
        w[i] = deviation * normal(rng);
    }
}

static void fill_uniform(float *w, size_t n, double bound, es_rng *rng)
{
    for (size_t i = 0; i < n; i += 2) {
        const uint64_t bits = es_rng_next(rng);
        w[i] = (float)(uniform(bits) * bound);
        if (i + 1 < n) {
            w[i + 1] = (float)(uniform(bits >> 32) * bound);
        }
    }
}

typedef struct randomising {
    es_net *net;
    uint64_t seed;
    uint64_t tensor;
} randomising;

/* Biases stay zero, but for the LSTM's forget gate, which starts open. */
static void randomise_tensor(void *self, const es_tensor *tensor)
{
    randomising *r = self;
    float *w = r->net->weights + tensor->offset;
    const size_t n = (size_t)tensor->rows * tensor->cols, hidden = r->net->shape.hidden;
    es_rng rng = es_rng_at(r->seed, ES_FOR_TRAINING, 0, r->tensor++, 0);

    switch (tensor->kind) {
    case ES_TENSOR_EVENT_TABLE:
        fill_normal(w, n, 0.25f, &rng);
        break;
    case ES_TENSOR_DRAW_TABLE:
        fill_normal(w, n, 0.15f, &rng);
        break;
    case ES_TENSOR_CORE_MATRIX:
        fill_uniform(w, n, 1 / sqrt((double)hidden), &rng);
        break;
    case ES_TENSOR_DECODER_MATRIX:
        fill_uniform(w, n, 1 / sqrt((double)tensor->rows), &rng);
        break;
    case ES_TENSOR_CORE_BIAS:
        for (size_t i = hidden; r->net->shape.core == ES_LSTM && i < 2 * hidden; i++) {
            w[i] = 1;
        }
        break;
    case ES_TENSOR_BIAS:
        break;
    }
}

void es_net_randomise(es_net *net, uint64_t seed)
{
    randomising r = {.net = net, .seed = seed};
    es_net_layout layout;

    memset(net->weights, 0, net->n_weights * sizeof *net->weights);
    es_net_layout_make(&layout, &net->shape, randomise_tensor, &r);
}
