/* Any bytes: read, or refused at a place inside them; what is read can be written, and reads back the same without a note on its events. */
#include "base/mem.h"
#include "smf/smf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
    if (!truth) {
        abort();
    }
}

static void demand_same(const es_smf *a, const es_smf *b)
{
    demand(a->n_events == b->n_events && a->n_tracks == b->n_tracks && a->format == b->format);
    demand(a->division == b->division && a->smpte_fps == b->smpte_fps &&
           a->smpte_ticks == b->smpte_ticks);
    for (size_t i = 0; i < a->n_events; i++) {
        const es_smf_event *const x = &a->events[i];
        const es_smf_event *const y = &b->events[i];
        demand(x->tick == y->tick && x->track == y->track && x->status == y->status);
        demand(x->data1 == y->data1 && x->data2 == y->data2 && x->size == y->size);
        demand(memcmp(a->bytes + x->offset, b->bytes + y->offset, x->size) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    es_smf smf, again;
    estro_diag diag;
    uint8_t *bytes;
    size_t n_bytes;
    const estro_status status = es_smf_read(&smf, data, size, "fuzz", &diag);

    if (status != ESTRO_OK) {
        demand(status == ESTRO_ERR_FORMAT && diag.offset >= 0 && diag.offset <= (int64_t)size &&
               diag.text[0]);
        return 0;
    }
    for (int i = 0; i < smf.n_notes; i++) {
        demand(smf.note[i][0] && strlen(smf.note[i]) < sizeof smf.note[i] - 1);
    }
    /* Steps on both sides of a skipped message may add up to more than one step can hold. */
    if (es_smf_write(&bytes, &n_bytes, &smf, &diag) == ESTRO_OK) {
        demand(es_smf_read(&again, bytes, n_bytes, "fuzz", &diag) == ESTRO_OK);
        demand_same(&smf, &again);
        es_smf_done(&again);
        es_free(bytes);
    } else {
        demand(diag.status == ESTRO_ERR_ARGUMENT && smf.n_notes > 0);
    }
    es_smf_done(&smf);
    return 0;
}
