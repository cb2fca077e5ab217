/*
 * plans MODEL FILE.mid...: nats per note under three plans. Files are pieces that `estro generate --score` made, whose chords stand in
 * them as texts ("chord SYMBOL ROMAN"), or any others, which have no derived plan.
 *
 *     hidden     no plan
 *     analysed   the key and chords that analysis finds in the notes
 *     derived    the key and chords that the notes were composed for
 *
 * The cost of the plan itself is not counted: what is asked is how much a plan tells the model about the notes.
 */
#include "analysis/analysis.h"
#include "base/file.h"
#include "base/mem.h"
#include "gen/evaluate.h"
#include "smf/files.h"

#include <stdio.h>
#include <string.h>

typedef struct tally {
    double hidden, analysed, derived;
    size_t notes, derived_files, files;
} tally;

/* Chords of the texts, each from its beat on. @return False when there are none. */
static bool read_derived(es_roll *roll, const es_smf *smf)
{
    const int64_t beat = (int64_t)(es_meter_beat(roll->meter) * smf->division / ES_QUARTER);
    uint32_t filled = 0;

    for (size_t i = 0; i < smf->n_events; i++) {
        const es_smf_event *event = &smf->events[i];
        char text[32];
        es_chord chord;
        if (event->status != 0xff || event->data1 != 1 || event->size < 7 ||
            memcmp(smf->bytes + event->offset, "chord ", 6) != 0) {
            continue;
        }
        snprintf(text, sizeof text, "%.*s", (int)event->size - 6,
                 (const char *)smf->bytes + event->offset + 6);
        text[strcspn(text, " ")] = '\0';
        if (es_chord_parse(&chord, text)) {
            for (filled = (uint32_t)(event->tick / beat); filled < roll->n_beats; filled++) {
                roll->chord[filled] = chord;
            }
        }
    }
    return filled > 0;
}

static estro_status tally_file(tally *to, const es_model *model, const es_smf *smf,
                               estro_diag *diag)
{
    es_analysis analysis = {0};
    es_roll roll = {0};
    es_evaluation analysed, derived;
    estro_status status = es_analyse(&analysis, smf, diag);

    if (status == ESTRO_OK) {
        status = es_analysis_roll(&roll, &analysis, model->coding.n_voices, model->coding.grid,
                                  NULL, diag);
    }
    if (status == ESTRO_OK) {
        status = es_evaluate_roll(&analysed, &model->net, &model->coding, &roll, diag);
    }
    if (status == ESTRO_OK && read_derived(&roll, smf)) {
        status = es_evaluate_roll(&derived, &model->net, &model->coding, &roll, diag);
        to->derived += status == ESTRO_OK ? derived.nats_given_plan : 0;
        to->derived_files++;
    }
    if (status == ESTRO_OK) {
        to->hidden += analysed.nats;
        to->analysed += analysed.nats_given_plan;
        to->notes += analysed.notes;
        to->files++;
    }
    es_roll_done(&roll);
    es_analysis_done(&analysis);
    return status;
}

static void try_file(tally *to, const es_model *model, const char *path)
{
    estro_diag diag;
    es_smf smf;
    estro_status status = es_smf_load(&smf, path, &diag);

    if (status == ESTRO_OK) {
        status = tally_file(to, model, &smf, &diag);
    }
    if (status != ESTRO_OK) {
        fprintf(stderr, "skipped %s: %s\n", path, diag.text);
    }
    es_smf_done(&smf);
}

int main(int argc, char **argv)
{
    estro_diag diag;
    es_model *model = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    tally sum = {0};

    if (argc < 3 || es_file_read(&bytes, &size, argv[1], &diag) != ESTRO_OK ||
        es_model_parse(&model, bytes, size, argv[1], &diag) != ESTRO_OK) {
        fprintf(stderr, "%s\n", argc < 3 ? "plans MODEL FILE.mid..." : diag.text);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        try_file(&sum, model, argv[i]);
    }
    const double notes = sum.notes ? (double)sum.notes : 1;
    printf("%zu pieces, %zu notes; nats a note: hidden %.4f, analysed %.4f", sum.files, sum.notes,
           sum.hidden / notes, sum.analysed / notes);
    if (sum.derived_files == sum.files) {
        printf(", derived %.4f", sum.derived / notes);
    }
    printf("\n");
    es_model_free(model);
    es_free(bytes);
    return 0;
}
