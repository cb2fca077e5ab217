/*
 * Form: the grammar's derivation of "piece", of a drawn or a wanted length. Pieces longer than one derivation are several
 * in a row, the last of which makes the length come out.
 */
#include "plan/form.h"

#include "base/diag.h"

static uint32_t draw_length(const es_style *style, const es_span *span, es_rng *rng)
{
    double weights[ES_FORM_BARS + 1];

    for (uint32_t n = 0; n <= ES_FORM_BARS; n++) {
        weights[n] = es_span_weight(span, style->form_start, n);
    }
    const int bars = es_rng_choose(rng, weights, ES_FORM_BARS + 1);
    return bars < 0 ? 0 : (uint32_t)bars;
}

estro_status es_form_add(es_form *form, const es_style *style, const es_span *span, uint32_t bars,
                         es_rng *rng, estro_diag *diag)
{
    uint16_t leaves[ES_FORM_BARS];
    uint32_t count;

    if (bars == 0) {
        bars = draw_length(style, span, rng);
    }
    if (bars == 0) {
        const int32_t line = style->form.symbols[style->form_start].line;
        return es_fail_at(diag, ESTRO_ERR_STYLE, es_style_source(style, line), es_style_line(line),
                          1, "the form has no derivation of %d bars or fewer", (int)ES_FORM_BARS);
    }
    form->tree.n_nodes = form->n_leaves > 0 ? form->tree.n_nodes : 0;
    ES_TRY(es_span_draw(span, style->form_start, bars, rng, leaves, ES_FORM_BARS, &count,
                        &form->tree, NULL, diag));
    for (uint32_t i = 0; i < count; i++) {
        if (!es_grow(&form->leaves, form->n_leaves, &form->capacity, sizeof *form->leaves)) {
            return es_fail_memory(diag);
        }
        form->leaves[form->n_leaves++] = leaves[i];
    }
    form->n_bars += bars;
    return ESTRO_OK;
}

/* The derivable length nearest to `bars`: longer ones first. */
static uint32_t nearest_length(const es_style *style, const es_span *span, uint32_t bars)
{
    for (uint32_t n = bars; n <= ES_FORM_BARS; n++) {
        if (es_span_weight(span, style->form_start, n) > 0) {
            return n;
        }
    }
    for (uint32_t n = bars > ES_FORM_BARS ? ES_FORM_BARS : bars; n > 0; n--) {
        if (es_span_weight(span, style->form_start, n) > 0) {
            return n;
        }
    }
    return 0;
}

estro_status es_form_fill(es_form *form, const es_style *style, const es_span *span, uint32_t bars,
                          es_rng *rng, estro_diag *diag)
{
    while (bars > ES_FORM_BARS / 2) {
        const uint32_t before = form->n_bars;
        if (es_span_weight(span, style->form_start, bars) > 0) {
            break;
        }
        ES_TRY(es_form_add(form, style, span, 0, rng, diag));
        const uint32_t made = form->n_bars - before;
        bars = bars > made ? bars - made : 0;
    }
    return bars > 0 ? es_form_add(form, style, span, nearest_length(style, span, bars), rng, diag)
                    : ESTRO_OK;
}

void es_form_done(es_form *form)
{
    es_free(form->leaves);
    es_derivation_done(&form->tree);
    *form = (es_form){0};
}
