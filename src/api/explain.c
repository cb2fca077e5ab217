/*
 * How a piece came about. It is composed, and of each phrase the plan is kept and the tree that its harmony was derived by. Which cell of a
 * pattern a bar has is not drawn as such (gen/rhythm.h): it is found by the notes, and where several agree the likeliest is named.
 */
#include "api/explained.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

const es_grammar *es_explained_grammar(const estro_explanation *self,
                                       const es_explained_phrase *phrase)
{
    return phrase ? &self->style->harmony[phrase->plan.key.mode] : &self->style->form;
}

const char *es_explained_name(const es_symbol *symbol)
{
    return strchr(symbol->name, '.') ? "( )" : symbol->name;
}

/* ---- cells ---- */

/* The notes of a part in a bar. */
typedef struct heard {
    const es_bar *bar;
    uint8_t part;
} heard;

static bool begins(const heard *h, es_tick tick, int drum, es_tick *duration)
{
    for (size_t i = 0; i < h->bar->n_notes; i++) {
        const es_note *note = &h->bar->notes[i];
        if (note->part == h->part && note->start - h->bar->start == tick &&
            (drum < 0 || note->key == drum)) {
            *duration = note->duration;
            return true;
        }
    }
    return false;
}

/* Whether a cell has a hit where a note begins. */
static bool has_hit(const es_cell *cell, es_tick tick, int drum)
{
    for (uint32_t i = 0; i < cell->n_hits; i++) {
        const es_hit *hit = &cell->hits[i];
        if (hit->start == tick && hit->tone != ES_TONE_REST && (drum < 0 || hit->drum == drum)) {
            return true;
        }
    }
    return false;
}

/* How well notes agree with a cell from `offset` on: -1 not at all, else the more durations the better. */
static int agreement(const heard *h, const es_cell *cell, es_tick offset, bool is_drums)
{
    int same = 0;

    for (size_t i = 0; i < h->bar->n_notes; i++) {
        const es_note *note = &h->bar->notes[i];
        if (note->part == h->part &&
            !has_hit(cell, offset + note->start - h->bar->start, is_drums ? note->key : -1)) {
            return -1;
        }
    }
    for (uint32_t i = 0; i < cell->n_hits; i++) {
        const es_hit *hit = &cell->hits[i];
        const es_tick at = hit->start - offset;
        es_tick duration = 0;
        if (at < 0 || at >= h->bar->length || hit->tone == ES_TONE_REST) {
            continue;
        }
        const bool is_there = begins(h, at, is_drums ? hit->drum : -1, &duration);
        if (!is_there && hit->chance == 100) {
            return -1;
        }
        same += is_there && duration == hit->duration;
    }
    return same;
}

static int16_t find_cell(const es_style *style, const es_bar *bar, const es_plan_bar *plan,
                         uint8_t part)
{
    const heard h = {bar, part};
    int best = -1;
    int16_t found = -1;

    if (plan->pattern[part] < 0 || plan->cell[part] >= 0) {
        return plan->pattern[part] < 0 ? -1 : plan->cell[part];
    }
    const es_pattern *pattern = &style->patterns[plan->pattern[part]];
    for (uint32_t c = 0; c < pattern->n_cells; c++) {
        const es_cell *cell = &pattern->cells[c];
        const int same = agreement(&h, cell, plan->cell_bar[part] * bar->length, pattern->is_drums);
        if (same > best ||
            (same >= 0 && same == best && cell->weight > pattern->cells[found].weight)) {
            best = same;
            found = (int16_t)c;
        }
    }
    return found;
}

/* ---- composing ---- */

static bool copy_tree(es_derivation *to, const es_derivation *from)
{
    to->nodes = es_calloc(from->n_nodes ? from->n_nodes : 1, sizeof *to->nodes);
    if (!to->nodes) {
        return false;
    }
    if (from->n_nodes) {
        memcpy(to->nodes, from->nodes, from->n_nodes * sizeof *to->nodes);
    }
    to->n_nodes = to->capacity = from->n_nodes;
    return true;
}

static estro_status add_phrase(estro_explanation *self, const es_composer *composer,
                               estro_diag *diag)
{
    if (!es_grow(&self->phrases, self->n_phrases, &self->capacity, sizeof *self->phrases)) {
        return es_fail_memory(diag);
    }
    es_explained_phrase *phrase = &self->phrases[self->n_phrases];
    memset(phrase, 0, sizeof *phrase);
    phrase->plan = *es_composer_phrase(composer);
    phrase->plan.tune = NULL;
    if (!copy_tree(&phrase->harmony, es_planner_harmony(es_composer_planner(composer)))) {
        return es_fail_memory(diag);
    }
    self->n_phrases++;
    return ESTRO_OK;
}

static estro_status follow(estro_explanation *self, estro_composer *composer, estro_diag *diag)
{
    estro_status status;
    es_bar bar;

    self->style = composer->style;
    self->seed = composer->seed;
    self->frame = *es_composer_frame(composer->composer);
    memcpy(self->about, composer->about, sizeof self->about);
    if (!copy_tree(&self->form, es_planner_form(es_composer_planner(composer->composer)))) {
        return es_fail_memory(diag);
    }
    while ((status = es_api_next(composer, &bar, diag)) == ESTRO_OK) {
        if (bar.phrase_bar == 0) {
            ES_TRY(add_phrase(self, composer->composer, diag));
        }
        es_explained_phrase *phrase = &self->phrases[self->n_phrases - 1];
        for (uint8_t p = 0; p < self->style->n_parts; p++) {
            phrase->cell[bar.phrase_bar][p] =
                find_cell(self->style, &bar, &phrase->plan.bar[bar.phrase_bar], p);
        }
    }
    return status == ESTRO_END ? ESTRO_OK : status;
}

estro_status estro_explanation_new(estro_explanation **out, const estro_style *style,
                                   const estro_compose_options *options, estro_diag *diag)
{
    estro_composer *composer;

    es_diag_init(diag, NULL);
    if (options && (options->endless || options->parts)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "what is explained has an end, and all parts");
    }
    estro_explanation *self = es_calloc(1, sizeof *self);
    if (!self) {
        return es_fail_memory(diag);
    }
    estro_status status = estro_composer_new(&composer, style, options, diag);
    if (status == ESTRO_OK) {
        status = follow(self, composer, diag);
        self->own_style = composer->own_style;
        composer->own_style = NULL;
        estro_composer_free(composer);
    }
    if (status != ESTRO_OK) {
        estro_explanation_free(self);
        return status;
    }
    *out = self;
    return ESTRO_OK;
}

void estro_explanation_free(estro_explanation *self)
{
    if (!self) {
        return;
    }
    for (size_t i = 0; i < self->n_phrases; i++) {
        es_derivation_done(&self->phrases[i].harmony);
    }
    es_free(self->phrases);
    es_derivation_done(&self->form);
    es_text_done(&self->text);
    es_text_done(&self->sheet);
    free(self->json);
    es_style_free(self->own_style);
    es_free(self);
}
