/*
 * What two compilations of one style have in common, where params are set otherwise.
 */
#include "plan/restyle.h"

#include <string.h>

bool es_same_form(const es_style *a, const es_style *b)
{
    bool is_same = a->form.n_leaves == b->form.n_leaves;

    for (uint32_t i = 0; is_same && i < a->form.n_leaves; i++) {
        const es_phrase_leaf *x = &a->phrases[i], *y = &b->phrases[i];
        is_same = x->label == y->label && x->primes == y->primes && x->bars == y->bars &&
                  x->cadence == y->cadence && x->meter.numerator == y->meter.numerator &&
                  x->meter.denominator == y->meter.denominator &&
                  strcmp(x->section, y->section) == 0;
    }
    return is_same;
}

static bool same_cell(const es_cell *a, const es_cell *b)
{
    bool is_same = a->n_hits == b->n_hits && a->n_conditions == b->n_conditions;

    for (uint32_t i = 0; is_same && i < a->n_hits; i++) {
        const es_hit *x = &a->hits[i], *y = &b->hits[i];
        is_same = x->start == y->start && x->duration == y->duration && x->tone == y->tone &&
                  x->drum == y->drum;
    }
    return is_same;
}

bool es_same_patterns(const es_style *a, const es_style *b)
{
    bool is_same = a->n_patterns == b->n_patterns;

    for (uint32_t p = 0; is_same && p < a->n_patterns; p++) {
        const es_pattern *x = &a->patterns[p], *y = &b->patterns[p];
        is_same = x->bars == y->bars && x->n_cells == y->n_cells;
        for (uint32_t c = 0; is_same && c < x->n_cells; c++) {
            is_same = same_cell(&x->cells[c], &y->cells[c]);
        }
    }
    return is_same;
}

/* The same numeral in another style, NULL where it has none. */
static const char *find_roman(const es_style *style, unsigned mode, const char *roman)
{
    for (uint32_t i = 0; i < style->harmony[mode].n_leaves; i++) {
        if (strcmp(style->chords[mode][i].roman, roman) == 0) {
            return style->chords[mode][i].roman;
        }
    }
    return NULL;
}

static void rebind(es_plan_phrase *phrase, const es_style *from, const es_style *to)
{
    phrase->leaf = &to->phrases[phrase->leaf - from->phrases];
    for (uint16_t b = 0; b < phrase->n_bars; b++) {
        const char **roman = phrase->bar[b].roman;
        for (int beat = 0; beat < ES_MAX_BEATS; beat++) {
            roman[beat] = roman[beat] ? find_roman(to, phrase->key.mode, roman[beat]) : NULL;
        }
    }
}

void es_rebind(es_plan_phrase *const ideas[ES_IDEAS], const es_style *from, const es_style *to)
{
    for (int i = 0; i < ES_IDEAS; i++) {
        if (ideas[i]) {
            rebind(ideas[i], from, to);
        }
    }
}
