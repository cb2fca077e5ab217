/* Any bytes with size and hash put right: read, or refused at a place inside them; what is read plays, and is written as the same bytes. */
#include "base/mem.h"
#include "nn/model_file.h"

#include "../support/model_bytes.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
    if (!truth) {
        abort();
    }
}

/* A step and a decision of each slot, with all fields 0. */
static void play(const es_net *net)
{
    const es_event_fields event = {0};
    float log_p[ES_MAX_CANDIDATES];
    es_net_run *run;
    float *state = es_calloc(es_net_state_size(net), sizeof *state);

    demand(state && es_net_run_new(&run, net, NULL) == ESTRO_OK);
    es_net_step(run, state, &event);
    for (int s = 0; s < net->shape.n_slots; s++) {
        const es_draw draw = {.slot = (uint16_t)s,
                              .n_candidates = net->shape.slot[s].n_candidates,
                              .n_terms = 1,
                              .term = {{.kind = ES_TERM_ONE}}};
        es_net_decide(run, state, &draw, log_p);
    }
    es_net_run_free(run);
    es_free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    es_net net;
    es_model_meta meta;
    estro_diag diag;
    uint64_t *prints;
    size_t n_prints, n_again;
    uint8_t *again;

    uint8_t *bytes = es_calloc(size, 1);
    demand(bytes != NULL);
    memcpy(bytes, data, size);
    if (size >= 32) {
        for (size_t i = 0; i < 8; i++) {
            bytes[16 + i] = (uint8_t)((uint64_t)size >> (8 * i));
        }
        mend_hash(bytes, size);
    }
    const estro_status status =
        es_model_read(&net, &meta, &prints, &n_prints, bytes, size, "fuzz", &diag);
    if (status == ESTRO_OK) {
        play(&net);
        demand(es_model_write(&again, &n_again, &net, &meta, prints, n_prints,
                              (es_weight_kind)bytes[12], &diag) == ESTRO_OK);
        demand(n_again == size && memcmp(again, bytes, size) == 0);
        es_free(again);
        es_free(prints);
        es_net_done(&net);
    } else {
        demand(status == ESTRO_ERR_MODEL && diag.offset >= 0 && diag.offset <= (int64_t)size &&
               diag.text[0]);
    }
    es_free(bytes);
    return 0;
}
