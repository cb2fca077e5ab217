/*
 * Inner loops that play and training share, in one written order whatever the vector width.
 */
#include "nn/kernel.h"

#include "base/real.h"
#include "base/simd.h"

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
