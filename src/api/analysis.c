/*
 * Analysis for a host: the file is read, taken apart once, and described as often as wanted.
 */
#include "api/analysed.h"

#include "base/mem.h"
#include "smf/files.h"

#include <stdio.h>
#include <stdlib.h>

/** All tempo changes of a file: tick and microseconds to a quarter, in order. */
typedef struct tempo_change {
    int64_t tick;
    uint32_t us;
} tempo_change;

static int by_tick(const void *a, const void *b)
{
    const tempo_change *left = a, *right = b;

    if (left->tick != right->tick) {
        return left->tick < right->tick ? -1 : 1;
    }
    return left->us < right->us ? -1 : left->us > right->us;
}

static size_t collect(tempo_change *out, const es_smf *smf)
{
    size_t count = 0;

    for (size_t i = 0; i < smf->n_events; i++) {
        const es_smf_event *e = &smf->events[i];
        if (e->status != ES_SMF_META || e->data1 != ES_SMF_TEMPO || e->size < 3) {
            continue;
        }
        if (out) {
            const uint8_t *b = smf->bytes + e->offset;
            out[count] = (tempo_change){.tick = e->tick,
                                        .us = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2]};
        }
        count++;
    }
    return count;
}

/** Seconds to the last bar line. */
static estro_status measure(estro_analysis *self, estro_diag *diag)
{
    const es_tick length = self->found.length - self->found.pickup;
    const double end = (double)length * self->smf.division / ES_QUARTER;
    const size_t count = collect(NULL, &self->smf);
    tempo_change *changes = es_calloc(count, sizeof *changes);
    double at = 0, us = 500000;

    if (!changes) {
        return es_fail_memory(diag);
    }
    collect(changes, &self->smf);
    if (count) {
        qsort(changes, count, sizeof *changes, by_tick);
    }
    for (size_t i = 0; i < count && (double)changes[i].tick < end; i++) {
        self->seconds += ((double)changes[i].tick - at) * us;
        at = (double)changes[i].tick;
        us = changes[i].us;
    }
    self->seconds = (self->seconds + (end - at) * us) / self->smf.division / 1e6;
    es_free(changes);
    return ESTRO_OK;
}

static estro_status load(estro_analysis *self, const char *path, estro_diag *diag)
{
    es_diag_init(diag, path);
    snprintf(self->path, sizeof self->path, "%s", path);
    ES_TRY(es_smf_load(&self->smf, path, diag));
    ES_TRY(es_analyse(&self->found, &self->smf, diag));
    return measure(self, diag);
}

estro_status estro_analysis_file(estro_analysis **out, const char *path, estro_diag *diag)
{
    estro_analysis *self = es_calloc(1, sizeof *self);

    if (!self) {
        return es_fail_memory(diag);
    }
    const estro_status status = load(self, path, diag);
    if (status != ESTRO_OK) {
        estro_analysis_free(self);
        return status;
    }
    *out = self;
    return ESTRO_OK;
}

void estro_analysis_free(estro_analysis *analysis)
{
    if (!analysis) {
        return;
    }
    es_analysis_done(&analysis->found);
    es_smf_done(&analysis->smf);
    es_text_done(&analysis->text);
    free(analysis->json);
    es_free(analysis);
}

const char *estro_analysis_text(estro_analysis *analysis, int columns)
{
    es_text_done(&analysis->text);
    es_describe(analysis, columns < 40 ? 40 : columns > 1000 ? 1000 : columns);
    return analysis->text.has_failed ? NULL : analysis->text.text;
}
