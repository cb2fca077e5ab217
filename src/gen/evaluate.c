/*
 * Likelihood by the net that plays: the piece is coded, and each choice costs minus the logarithm of its probability given all
 * before it. No masks, no approximation; the sum is exact by the chain rule.
 */
#include "gen/evaluate.h"
#include "gen/nats.h"

#include "analysis/analysis.h"
#include "analysis/voices.h"
#include "base/diag.h"
#include "smf/files.h"

static estro_status nats_of(es_nats *out, const es_net *net, const es_coding *coding,
                            const es_roll *roll, int transpose, bool hidden, estro_diag *diag)
{
    es_coded coded;

    ES_TRY(es_roll_code(&coded, roll, coding, transpose, hidden, diag));
    const estro_status status = es_nats_of(out, net, &coded.sequence, ES_SLOT_STEP, diag);
    es_coded_done(&coded);
    return status;
}

static size_t count_notes(const es_roll *roll)
{
    size_t notes = 0;

    for (size_t i = 0; i < (size_t)roll->n_steps * roll->n_voices; i++) {
        notes += roll->onset[i] && roll->pitch[i] >= 0;
    }
    return notes;
}

estro_status es_evaluate_roll(es_evaluation *out, const es_net *net, const es_coding *coding,
                              const es_roll *roll, estro_diag *diag)
{
    es_evaluation found = {
        .steps = roll->n_steps, .voices = roll->n_voices, .notes = count_notes(roll)};
    es_nats hidden;
    es_nats given = {0};
    int low = 0;
    int high = 0;

    if (roll->n_voices == coding->n_voices) {
        es_roll_transpositions(roll, coding, &low, &high);
    }
    found.transposed = low > 0 ? low : high < 0 ? high : 0;
    ES_TRY(nats_of(&hidden, net, coding, roll, found.transposed, true, diag));
    if (roll->chord && roll->has_key) {
        ES_TRY(nats_of(&given, net, coding, roll, found.transposed, false, diag));
    }
    found.nats = hidden.notes;
    found.tokens = hidden.n_notes;
    found.nats_plan = given.plan;
    found.plan_tokens = given.n_plan;
    found.nats_given_plan = given.notes;
    *out = found;
    return ESTRO_OK;
}

static void add_to(es_evaluation *sum, const es_evaluation *one)
{
    sum->steps += one->steps;
    sum->notes += one->notes;
    sum->voices = one->voices;
    sum->tokens += one->tokens;
    sum->plan_tokens += one->plan_tokens;
    sum->nats += one->nats;
    sum->nats_plan += one->nats_plan;
    sum->nats_given_plan += one->nats_given_plan;
    sum->transposed = one->transposed;
}

static estro_status evaluate_section(es_evaluation *out, const es_model *model,
                                     es_analysis *section, estro_diag *diag)
{
    const es_coding *coding = &model->coding;
    es_roll roll = {0};
    size_t dropped = 0;

    if (es_count_parts(section) != coding->n_voices) {
        es_thin_voices(section);
    }
    ES_TRY(es_analysis_roll(&roll, section, coding->n_voices, coding->grid, &dropped, diag));
    const estro_status status = es_evaluate_roll(out, &model->net, coding, &roll, diag);
    es_roll_done(&roll);
    return status;
}

/* Sections that do not fit the model are passed over while another one does. */
static estro_status evaluate_sections(es_evaluation *out, const es_model *model,
                                      es_sections *sections, estro_diag *diag)
{
    es_evaluation sum = {0};
    estro_status failed = ESTRO_OK;

    for (size_t i = 0; i < sections->count; i++) {
        es_evaluation one;
        const estro_status status = evaluate_section(&one, model, &sections->list[i], diag);
        if (status == ESTRO_OK) {
            add_to(&sum, &one);
        } else if (status != ESTRO_ERR_FORMAT) {
            return status;
        } else {
            failed = status;
        }
    }
    if (sum.steps == 0) {
        return failed;
    }
    *out = sum;
    return ESTRO_OK;
}

static estro_status evaluate_voices(es_evaluation *out, const es_model *model, const char *path,
                                    estro_diag *diag)
{
    es_smf smf;
    es_sections sections = {0};
    estro_status status = es_smf_load(&smf, path, diag);

    if (status == ESTRO_OK) {
        status = es_analyse_sections(&sections, &smf, diag);
    }
    if (status == ESTRO_OK) {
        status = evaluate_sections(out, model, &sections, diag);
    }
    es_sections_done(&sections);
    es_smf_done(&smf);
    return status;
}

estro_status es_evaluate_file(es_evaluation *out, const es_model *model, const char *path,
                              estro_diag *diag)
{
    if (model->meta.profile == ES_PROFILE_DRUMS) {
        return es_evaluate_drum_file(out, model, path, diag);
    }
    if (model->meta.profile == ES_PROFILE_NOTES) {
        return es_evaluate_notes_file(out, model, path, diag);
    }
    return evaluate_voices(out, model, path, diag);
}
