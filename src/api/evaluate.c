/*
 * Evaluation for a host.
 */
#include "api/api.h"

#include "base/diag.h"
#include "base/path.h"
#include "gen/evaluate.h"
#include "smf/files.h"

estro_status estro_midi_file_each(const char *path, bool (*each)(void *self, const char *path),
                                  void *self, estro_diag *diag)
{
    es_path_names names;

    es_diag_init(diag, NULL);
    ES_TRY(es_midi_files(&names, &path, 1, diag));
    for (size_t i = 0; i < names.count && each(self, names.names[i]); i++) {
    }
    es_path_names_done(&names);
    return ESTRO_OK;
}

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
        .tokens = inner.tokens,
        .plan_tokens = inner.plan_tokens,
        .nats = inner.nats,
        .nats_plan = inner.nats_plan,
        .nats_given_plan = inner.nats_given_plan,
        .transposed = inner.transposed,
    };
    return ESTRO_OK;
}
