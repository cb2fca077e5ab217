/*
 * Likelihood of drums by the net that plays: exact by the chain rule, each choice given all before it.
 */
#include "gen/evaluate.h"

#include "analysis/drums.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"

/* Nats and number of the draws of the plan, and of the others. */
typedef struct sums {
    double plan, hits;
    size_t n_plan, n_hits;
} sums;

static estro_status sum_nats(sums *out, const es_net *net, const es_sequence *sequence,
                             estro_diag *diag)
{
    float log_p[ES_MAX_CANDIDATES];
    float *state = es_calloc(es_net_state_size(net), sizeof *state);
    es_net_run *run = NULL;
    estro_status status = state ? es_net_run_new(&run, net, diag) : es_fail_memory(diag);
    uint32_t event = 0;

    for (size_t i = 0; status == ESTRO_OK && i < sequence->n_draws; i++) {
        const es_draw *draw = &sequence->draws[i];
        for (; event < sequence->draw_event[i]; event++) {
            es_net_step(run, state, &sequence->events[event]);
        }
        es_net_decide(run, state, draw, log_p);
        const bool is_plan = draw->slot < ES_DRUM_STEP;
        *(is_plan ? &out->plan : &out->hits) -= (double)log_p[draw->target];
        *(is_plan ? &out->n_plan : &out->n_hits) += 1;
    }
    es_net_run_free(run);
    es_free(state);
    return status;
}

static estro_status nats_of(sums *out, const es_net *net, const es_drum_coding *coding,
                            const es_drum_roll *roll, bool hidden, estro_diag *diag)
{
    es_coded coded;

    *out = (sums){0};
    ES_TRY(es_drum_roll_code(&coded, roll, coding, hidden, true, diag));
    const estro_status status = sum_nats(out, net, &coded.sequence, diag);
    es_coded_done(&coded);
    return status;
}

estro_status es_evaluate_drums(es_evaluation *out, const es_net *net, const es_drum_coding *coding,
                               const es_drum_roll *roll, estro_diag *diag)
{
    sums hidden, given = {0};

    ES_TRY(nats_of(&hidden, net, coding, roll, true, diag));
    if (roll->has_plan) {
        ES_TRY(nats_of(&given, net, coding, roll, false, diag));
    }
    *out = (es_evaluation){.steps = es_drum_roll_steps(roll),
                           .voices = 1,
                           .notes = es_drum_roll_hits(roll),
                           .tokens = hidden.n_hits,
                           .plan_tokens = given.n_plan,
                           .nats = hidden.hits,
                           .nats_plan = given.plan,
                           .nats_given_plan = given.hits};
    return ESTRO_OK;
}

estro_status es_evaluate_drum_file(es_evaluation *out, const es_model *model, const char *path,
                                   estro_diag *diag)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    es_smf smf = {0};
    es_drummer drummer = {0};
    estro_status status = es_file_read(&bytes, &size, path, diag);

    if (status == ESTRO_OK) {
        status = es_smf_read(&smf, bytes, size, path, diag);
    }
    if (status == ESTRO_OK) {
        status = es_drummer_read(&drummer, &smf, path, diag);
    }
    if (status == ESTRO_OK) {
        status = es_evaluate_drums(out, &model->net, &model->drums, &drummer.roll, diag);
    }
    es_drummer_done(&drummer);
    es_smf_done(&smf);
    es_free(bytes);
    return status;
}
