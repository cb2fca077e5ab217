/*
 * Copies are known by fingerprints of runs of ES_RUN_NOTES notes; a longer copy is as many of them in a row. A note struck again at its
 * pitch is no note to a model that knows no re-strikes, so neither is it here.
 */
#include "gen/budget.h"

es_budget es_budget_of(const es_model *model, uint32_t notes, const es_copied *copied)
{
    const bool has_limit = model && notes > 0 && model->n_fingerprints > 0;

    return (es_budget){.model = has_limit ? model : NULL,
                       .most = notes < ES_RUN_NOTES ? 0 : notes + 1 - ES_RUN_NOTES,
                       .copied = copied};
}

static bool is_note(const es_model *model, int before, int pitch)
{
    return model->coding.has_onsets || pitch != before;
}

static bool is_copy(const es_model *model, const es_run *run, int pitch, es_tick tick)
{
    return es_fingerprint_find(
        model->fingerprints, model->n_fingerprints,
        es_fingerprint_cut(es_run_fingerprint(run, pitch, tick), model->fingerprint_mask));
}

bool es_budget_forbids(const es_budget *budget, int line, int before, int pitch, es_tick tick)
{
    const es_copied *copied = &budget->copied[line];

    return budget->model && is_note(budget->model, before, pitch) && copied->runs >= budget->most &&
           is_copy(budget->model, &copied->run, pitch, tick);
}

void es_budget_struck(const es_model *model, es_copied *copied, int before, int pitch, es_tick tick)
{
    if (!is_note(model, before, pitch)) {
        return;
    }
    copied->runs = (uint16_t)(is_copy(model, &copied->run, pitch, tick)
                                  ? copied->runs + (copied->runs < UINT16_MAX)
                                  : 0);
    es_run_push(&copied->run, pitch, tick);
}
