/*
 * Options as a host gives them, most as text, to what planner and composer want.
 */
#include "api/api.h"

#include "base/diag.h"

#include <string.h>

estro_compose_options estro_compose_options_default(void)
{
    const es_compose_options inner = es_compose_options_default();

    return (estro_compose_options){
        .size = sizeof(estro_compose_options),
        .seed = inner.plan.seed,
        .temperature = inner.temperature,
        .candidates = inner.candidates,
        .max_copy = inner.max_copy,
    };
}

static estro_status read_key(es_plan_options *plan, const char *text, estro_diag *diag)
{
    const size_t length = es_key_parse(&plan->key, text);

    if (length == 0 || text[length]) {
        return es_fail(
            diag, ESTRO_ERR_ARGUMENT,
            "'%s' is no key; keys are such as C, Eb, \"F# major\", a or \"a minor\", \"d dorian\"",
            text);
    }
    plan->has_key = true;
    return ESTRO_OK;
}

/** Names separated by commas, to a set of parts. */
static estro_status read_parts(uint32_t *parts, const es_style *style, const char *text,
                               estro_diag *diag)
{
    *parts = 0;
    for (;;) {
        const size_t length = strcspn(text, ",");
        uint32_t part;
        ES_TRY(es_api_part(&part, style, text, length, diag));
        *parts |= (uint32_t)1 << part;
        if (!text[length]) {
            return ESTRO_OK;
        }
        text += length + 1;
    }
}

static estro_status check_numbers(const estro_compose_options *given, estro_diag *diag)
{
    if (!(given->tempo == 0 || (given->tempo >= 10 && given->tempo <= 1000))) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a tempo is from 10 to 1000 quarters a minute");
    }
    if (!(given->seconds >= 0 && given->seconds <= 86400)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a duration is from 0 seconds to a day");
    }
    if (given->bars > 100000) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a piece has at most 100,000 bars");
    }
    if (!(given->temperature > 0 && given->temperature <= 100)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a temperature is above 0, and at most 100");
    }
    if (given->candidates > 64) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "there can be 64 candidates at most");
    }
    if (given->n_models > ESTRO_MAX_MODELS) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "there can be %d models at most",
                       ESTRO_MAX_MODELS);
    }
    return ESTRO_OK;
}

static estro_status read_given(estro_composer *self, es_compose_options *out,
                               const estro_compose_options *given, estro_diag *diag)
{
    es_tick grids[ES_MAX_PARTS];

    if (given->theme || given->reroll || given->pin || given->keep || out->freehand) {
        return es_fail(
            diag, ESTRO_ERR_ARGUMENT,
            "given parts go together with no theme, reroll, pin or keep, and need a style");
    }
    es_api_grids(grids, self->style, out);
    ES_TRY(es_user_parts_read(&self->user, given->given, self->style, grids, diag));
    es_user_parts_set(self->user, out);
    return ESTRO_OK;
}

estro_status es_api_options(estro_composer *self, es_compose_options *out,
                            const estro_compose_options *given, estro_diag *diag)
{
    es_plan_options *plan = &out->plan;

    ES_TRY(check_numbers(given, diag));
    plan->seed = self->seed = given->seed;
    plan->tempo = given->tempo;
    plan->bars = given->bars;
    plan->seconds = given->seconds;
    plan->endless = given->endless;
    out->temperature = given->temperature;
    out->candidates = given->candidates;
    out->max_copy = given->max_copy;
    for (uint32_t i = 0; i < given->n_models; i++) {
        out->models[out->n_models++] = given->models[i]->model;
    }
    self->as_written = given->as_written;
    self->parts = UINT32_MAX;
    if (given->parts) {
        ES_TRY(read_parts(&self->parts, self->style, given->parts, diag));
    }
    if (given->key) {
        ES_TRY(read_key(plan, given->key, diag));
    }
    if (given->chords) {
        ES_TRY(
            es_api_chords(&self->chords, &plan->n_chords, given->chords, self->style->meter, diag));
        plan->chords = self->chords;
    }
    if (given->given) {
        ES_TRY(read_given(self, out, given, diag));
    }
    return given->theme ? es_api_theme(self, out, given->theme, diag) : ESTRO_OK;
}
