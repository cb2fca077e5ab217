/*
 * Inner loops that play and training share.
 *
 * The outputs of a product stand side by side in a vector and the inputs are taken in ascending order, eight rows of
 * the matrix at a time to spare loads and stores of y. Eight or one at a time, the additions to one output are the same
 * ones in the same order.
 */
#include "nn/kernel.h"

#include "base/real.h"
#include "base/simd.h"

ES_INLINE void es_affine_body(float *restrict y, const float *restrict w, const float *restrict x,
                              size_t n_in, size_t n_out)
{
    size_t k = 0;

    for (; k + 8 <= n_in; k += 8) {
        const float *const w0 = w + k * n_out, *const w1 = w0 + n_out, *const w2 = w1 + n_out,
                           *const w3 = w2 + n_out, *const w4 = w3 + n_out, *const w5 = w4 + n_out,
                           *const w6 = w5 + n_out, *const w7 = w6 + n_out;
        const float x0 = x[k], x1 = x[k + 1], x2 = x[k + 2], x3 = x[k + 3];
        const float x4 = x[k + 4], x5 = x[k + 5], x6 = x[k + 6], x7 = x[k + 7];
        ES_SIMD
        for (size_t j = 0; j < n_out; j++) {
            float sum = y[j];
            sum += x0 * w0[j];
            sum += x1 * w1[j];
            sum += x2 * w2[j];
            sum += x3 * w3[j];
            sum += x4 * w4[j];
            sum += x5 * w5[j];
            sum += x6 * w6[j];
            sum += x7 * w7[j];
            y[j] = sum;
        }
    }
    for (; k < n_in; k++) {
        const float *const row = w + k * n_out;
        const float factor = x[k];
        ES_SIMD
        for (size_t j = 0; j < n_out; j++) {
            y[j] += factor * row[j];
        }
    }
}

ES_CLONES(es_affine,
          (float *restrict y, const float *restrict w, const float *restrict x, size_t n_in,
           size_t n_out),
          (y, w, x, n_in, n_out))

ES_INLINE void es_add_row_body(float *restrict y, const float *restrict row, size_t n)
{
    ES_SIMD
    for (size_t j = 0; j < n; j++) {
        y[j] += row[j];
    }
}

ES_CLONES(es_add_row, (float *restrict y, const float *restrict row, size_t n), (y, row, n))

float es_largest(const float *x, size_t n)
{
    float largest = x[0];

    for (size_t i = 1; i < n; i++) {
        largest = x[i] > largest ? x[i] : largest;
    }
    return largest;
}

double es_log_softmax(float *logit, float *scratch, size_t n)
{
    const float largest = es_largest(logit, n);
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        logit[i] -= largest;
        scratch[i] = logit[i];
    }
    es_exp_block(scratch, n);
    for (size_t i = 0; i < n; i++) {
        sum += (double)scratch[i];
    }
    const float log_sum = (float)es_log(sum);
    for (size_t i = 0; i < n; i++) {
        logit[i] -= log_sum;
    }
    return sum;
}

static bool term_ok(const es_slot_shape *slot, const es_draw *draw, const es_term *term)
{
    const unsigned room = slot->n_raw;

    switch ((es_term_kind)term->kind) {
    case ES_TERM_DIRECT:
        return term->base + (unsigned)draw->n_candidates <= room;
    case ES_TERM_CLAMP:
        return term->base + 2u * term->span + 1 <= room;
    case ES_TERM_MOD12:
        return term->base + 12u <= room;
    case ES_TERM_ONE:
        return term->base < room;
    }
    return false;
}

bool es_draw_ok(const es_net_shape *shape, const es_draw *draw)
{
    if (draw->slot >= shape->n_slots) {
        return false;
    }
    const es_slot_shape *slot = &shape->slot[draw->slot];
    if (draw->n_candidates < 1 || draw->n_candidates > slot->n_candidates ||
        draw->n_terms > ES_MAX_TERMS || draw->target >= draw->n_candidates) {
        return false;
    }
    for (int f = 0; f < slot->n_fields; f++) {
        if (draw->field[f] >= slot->field_size[f]) {
            return false;
        }
    }
    for (int t = 0; t < draw->n_terms; t++) {
        if (!term_ok(slot, draw, &draw->term[t])) {
            return false;
        }
    }
    return true;
}

static int clamp(int value, int span)
{
    return value < -span ? -span : value > span ? span : value;
}

static int modulo_12(int value)
{
    const int rest = value % 12;

    return rest < 0 ? rest + 12 : rest;
}

void es_terms_gather(const es_slot_shape *slot, const es_draw *draw, const float *raw, float *logit)
{
    const int n = draw->n_candidates;
    const int n_ordered = slot->n_ordered < n ? slot->n_ordered : n;

    for (int c = 0; c < n; c++) {
        logit[c] = 0;
    }
    for (int t = 0; t < draw->n_terms; t++) {
        const es_term *term = &draw->term[t];
        const float *from = raw + term->base;
        const int shift = term->shift, span = term->span;

        switch ((es_term_kind)term->kind) {
        case ES_TERM_DIRECT:
            for (int c = 0; c < n; c++) {
                logit[c] += from[c];
            }
            break;
        case ES_TERM_CLAMP:
            for (int c = 0; c < n_ordered; c++) {
                logit[c] += from[clamp(c - shift, span) + span];
            }
            break;
        case ES_TERM_MOD12:
            for (int c = 0, m = modulo_12(-shift); c < n_ordered; c++, m = m == 11 ? 0 : m + 1) {
                logit[c] += from[m];
            }
            break;
        case ES_TERM_ONE:
            if (shift >= 0 && shift < n) {
                logit[shift] += from[0];
            }
            break;
        }
    }
}

void es_terms_scatter(const es_slot_shape *slot, const es_draw *draw, const float *d_logit,
                      float *raw)
{
    const int n = draw->n_candidates;
    const int n_ordered = slot->n_ordered < n ? slot->n_ordered : n;

    for (int t = 0; t < draw->n_terms; t++) {
        const es_term *term = &draw->term[t];
        float *to = raw + term->base;
        const int shift = term->shift, span = term->span;

        switch ((es_term_kind)term->kind) {
        case ES_TERM_DIRECT:
            for (int c = 0; c < n; c++) {
                to[c] += d_logit[c];
            }
            break;
        case ES_TERM_CLAMP:
            for (int c = 0; c < n_ordered; c++) {
                to[clamp(c - shift, span) + span] += d_logit[c];
            }
            break;
        case ES_TERM_MOD12:
            for (int c = 0, m = modulo_12(-shift); c < n_ordered; c++, m = m == 11 ? 0 : m + 1) {
                to[m] += d_logit[c];
            }
            break;
        case ES_TERM_ONE:
            if (shift >= 0 && shift < n) {
                to[0] += d_logit[shift];
            }
            break;
        }
    }
}
