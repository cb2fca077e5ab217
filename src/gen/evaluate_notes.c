/* Likelihood of chords without voices. */
#include "gen/evaluate.h"

#include "analysis/frames.h"
#include "base/diag.h"
#include "smf/files.h"

/* Notes that begin: where the data does not tell, those that did not sound before. */
static size_t count_notes(const es_frames *frames)
{
    size_t notes = 0;

    for (size_t t = 0; t < frames->count; t++) {
        for (int i = 0; i < 2; i++) {
            const uint64_t before = t ? frames->sounding[t - 1].bits[i] : 0;
            notes += (size_t)es_count_bits(frames->struck ? frames->struck[t].bits[i]
                                                          : frames->sounding[t].bits[i] & ~before);
        }
    }
    return notes;
}

estro_status es_evaluate_frames(es_evaluation *out, const es_net *net,
                                const es_notes_coding *coding, const es_frames *frames,
                                estro_diag *diag)
{
    es_evaluation found = {.steps = frames->count, .voices = 1, .notes = count_notes(frames)};
    es_notes_coding used = {.low = 127};
    es_frames_nats nats;

    es_frames_measure(&used, frames);
    if (used.low <= used.high) {
        found.transposed = used.low < coding->low     ? coding->low - used.low
                           : used.high > coding->high ? coding->high - used.high
                                                      : 0;
    }
    ES_TRY(es_frames_score(&nats, NULL, frames, coding, found.transposed, net, diag));
    found.nats = found.nats_given_plan = nats.notes;
    found.tokens = nats.n_choices;
    found.nats_plan = nats.end;
    found.plan_tokens = coding->has_end && !frames->goes_on;
    *out = found;
    return ESTRO_OK;
}

estro_status es_evaluate_notes_file(es_evaluation *out, const es_model *model, const char *path,
                                    estro_diag *diag)
{
    const int grid = model->notes.grid;
    es_smf smf;
    es_analysis analysis = {0};
    es_frames frames = {0};
    estro_status status = es_smf_load(&smf, path, diag);

    if (status == ESTRO_OK) {
        status = es_analyse(&analysis, &smf, diag);
    }
    if (status == ESTRO_OK) {
        status =
            es_analysis_frames(&frames, &analysis, grid ? grid : ES_NOTES_USUAL_GRID, NULL, diag);
    }
    if (status == ESTRO_OK) {
        status = es_evaluate_frames(out, &model->net, &model->notes, &frames, diag);
    }
    es_frames_done(&frames);
    es_analysis_done(&analysis);
    es_smf_done(&smf);
    return status;
}
