/*
 * Likelihood of drums by the net that plays: exact by the chain rule, each choice given all before it.
 */
#include "gen/evaluate.h"
#include "gen/nats.h"

#include "analysis/drums.h"
#include "base/diag.h"
#include "smf/files.h"

static estro_status nats_of(es_nats *out, const es_net *net, const es_drum_coding *coding,
                            const es_drum_roll *roll, bool hidden, estro_diag *diag)
{
    es_coded coded;

    ES_TRY(es_drum_roll_code(&coded, roll, coding, hidden, true, diag));
    const estro_status status = es_nats_of(out, net, &coded.sequence, ES_DRUM_STEP, diag);
    es_coded_done(&coded);
    return status;
}

estro_status es_evaluate_drums(es_evaluation *out, const es_net *net, const es_drum_coding *coding,
                               const es_drum_roll *roll, estro_diag *diag)
{
    es_nats hidden, given = {0};

    ES_TRY(nats_of(&hidden, net, coding, roll, true, diag));
    if (roll->has_plan) {
        ES_TRY(nats_of(&given, net, coding, roll, false, diag));
    }
    *out = (es_evaluation){.steps = es_drum_roll_steps(roll),
                           .voices = 1,
                           .notes = es_drum_roll_hits(roll),
                           .tokens = hidden.n_notes,
                           .plan_tokens = given.n_plan,
                           .nats = hidden.notes,
                           .nats_plan = given.plan,
                           .nats_given_plan = given.notes};
    return ESTRO_OK;
}

estro_status es_evaluate_drum_file(es_evaluation *out, const es_model *model, const char *path,
                                   estro_diag *diag)
{
    es_smf smf;
    es_drummer drummer = {0};
    estro_status status = es_smf_load(&smf, path, diag);

    if (status == ESTRO_OK) {
        status = es_drummer_read(&drummer, &smf, path, diag);
    }
    if (status == ESTRO_OK) {
        status = es_evaluate_drums(out, &model->net, &model->drums, &drummer.roll, diag);
    }
    es_drummer_done(&drummer);
    es_smf_done(&smf);
    return status;
}
