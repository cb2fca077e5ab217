/*
 * Evaluation for a host.
 */
#include "api/api.h"

#include "base/diag.h"
#include "gen/evaluate.h"

estro_status estro_evaluate(const estro_model *model, const char *path, estro_evaluation *out,
                            estro_diag *diag)
{
    es_evaluation inner;

    es_diag_init(diag, path);
    ES_TRY(es_evaluate_file(&inner, model->model, path, diag));
    *out = (estro_evaluation){
        .steps = inner.steps,
        .notes = inner.notes,
        .voices = inner.voices,
        .nats = inner.nats,
        .nats_plan = inner.nats_plan,
        .nats_given_plan = inner.nats_given_plan,
    };
    return ESTRO_OK;
}
