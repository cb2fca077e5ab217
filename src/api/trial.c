/*
 * Trying a style: pieces are composed, measured and dropped; what was found is kept beside what the style expects.
 */
#include "api/api.h"

#include "base/diag.h"
#include "base/mem.h"
#include "judge/judge.h"

struct estro_trial {
    const estro_style *style;
    es_judge *judge;
    es_piece piece; /* Its memory serves all pieces. */
};

estro_status estro_trial_new(estro_trial **out, const estro_style *style, estro_diag *diag)
{
    estro_trial *trial = es_calloc(1, sizeof *trial);

    es_diag_init(diag, NULL);
    if (!trial) {
        return es_fail_memory(diag);
    }
    trial->style = style;
    const estro_status status = es_judge_new(&trial->judge, style->style, diag);
    if (status != ESTRO_OK) {
        es_free(trial);
        return status;
    }
    *out = trial;
    return ESTRO_OK;
}

void estro_trial_free(estro_trial *trial)
{
    if (trial) {
        es_judge_free(trial->judge);
        es_piece_done(&trial->piece);
        es_free(trial);
    }
}

static estro_status compose(estro_trial *trial, estro_composer *composer, estro_diag *diag)
{
    es_piece *piece = &trial->piece;
    estro_status status;
    es_bar bar;

    es_piece_reset(piece, trial->style->style, es_composer_frame(composer->composer)->key);
    while ((status = es_api_next(composer, &bar, diag)) == ESTRO_OK) {
        ES_TRY(es_piece_add(piece, &bar, composer->seed, diag));
    }
    ES_TRY(status == ESTRO_END ? ESTRO_OK : status);
    return es_judge_piece(trial->judge, piece, composer->seed, diag);
}

estro_status estro_trial_piece(estro_trial *trial, const estro_compose_options *options,
                               estro_compose_stats *stats, estro_diag *diag)
{
    estro_composer *composer;

    ES_TRY(estro_composer_new(&composer, trial->style, options, diag));
    const estro_status status = compose(trial, composer, diag);
    if (stats && status == ESTRO_OK) {
        *stats = estro_composer_stats(composer);
    }
    estro_composer_free(composer);
    return status;
}

bool estro_trial_finding(const estro_trial *trial, size_t index, estro_finding *out)
{
    const es_style *style = trial->style->style;

    if (index >= style->n_expects) {
        return false;
    }
    const es_finding finding = es_judge_finding(trial->judge, (uint32_t)index);
    *out = (estro_finding){
        .source = es_style_source(style, finding.expect->line),
        .line = es_style_line(finding.expect->line),
        .column = finding.expect->column,
        .text = finding.expect->text,
        .holds = es_finding_holds(&finding),
        .is_open = finding.is_open,
        .pieces = finding.measured,
        .missed = finding.missed,
        .low = finding.low,
        .mean = finding.measured ? finding.sum / finding.measured : 0,
        .high = finding.high,
        .first_seed = finding.first_seed,
        .first_value = finding.first_value,
    };
    return true;
}
