/* The net steps over the events and is asked about each draw in turn. No masks, no approximation. */
#include "gen/nats.h"

#include "base/diag.h"
#include "base/mem.h"

estro_status es_nats_of(es_nats *out, const es_net *net, const es_sequence *sequence,
                        uint16_t plan_slots, estro_diag *diag)
{
    float log_p[ES_MAX_CANDIDATES];
    float *state = es_calloc(es_net_state_size(net), sizeof *state);
    es_net_run *run = NULL;
    estro_status status = state ? es_net_run_new(&run, net, diag) : es_fail_memory(diag);
    uint32_t event = 0;

    *out = (es_nats){0};
    for (size_t i = 0; status == ESTRO_OK && i < sequence->n_draws; i++) {
        const es_draw *draw = &sequence->draws[i];
        for (; event < sequence->draw_event[i]; event++) {
            es_net_step(run, state, &sequence->events[event]);
        }
        es_net_decide(run, state, draw, log_p);
        const bool is_plan = draw->slot < plan_slots;
        *(is_plan ? &out->plan : &out->notes) -= (double)log_p[draw->target];
        *(is_plan ? &out->n_plan : &out->n_notes) += 1;
    }
    es_net_run_free(run);
    es_free(state);
    return status;
}
