/* Rows of draws and events that grow; the sequence points to them at all times. */
#include "stream/coded.h"

#include "base/diag.h"
#include "base/mem.h"

estro_status es_coded_add_draw(es_coded *coded, const es_draw *draw, uint32_t event,
                               estro_diag *diag)
{
    const size_t n = coded->sequence.n_draws;

    if (!es_grow(&coded->draws, n, &coded->draw_capacity, sizeof *coded->draws) ||
        !es_grow(&coded->draw_event, n, &coded->draw_event_capacity, sizeof *coded->draw_event)) {
        return es_fail_memory(diag);
    }
    coded->draws[n] = *draw;
    coded->draw_event[n] = event;
    coded->sequence.draws = coded->draws;
    coded->sequence.draw_event = coded->draw_event;
    coded->sequence.n_draws++;
    return ESTRO_OK;
}

estro_status es_coded_add_event(es_coded *coded, const es_event_fields *event, estro_diag *diag)
{
    const size_t n = coded->sequence.n_events;

    if (!es_grow(&coded->events, n, &coded->event_capacity, sizeof *coded->events)) {
        return es_fail_memory(diag);
    }
    coded->events[n] = *event;
    coded->sequence.events = coded->events;
    coded->sequence.n_events++;
    return ESTRO_OK;
}

void es_coded_done(es_coded *coded)
{
    es_free(coded->events);
    es_free(coded->draws);
    es_free(coded->draw_event);
    *coded = (es_coded){0};
}
