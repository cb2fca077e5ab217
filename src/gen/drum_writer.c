/*
 * A model as the writer of drums. The metre and the kind of each bar are told, so they cost nothing; hits and steps are drawn by whoever
 * holds the writer, from log_p.
 */
#include "gen/drum_writer.h"

#include "base/diag.h"
#include "base/mem.h"

static estro_status check(const es_model *model, const es_style *style, uint32_t group,
                          estro_diag *diag)
{
    const es_group *wants = &style->groups[group];

    if (model->meta.profile != ES_PROFILE_DRUMS) {
        return es_fail(diag, ESTRO_ERR_MODEL, "model %s writes voices, group %s has drums alone",
                       model->name, wants->name);
    }
    if (wants->n_parts != 1) {
        return es_fail(diag, ESTRO_ERR_MODEL,
                       "model %s writes one drum part, group %s has %d parts", model->name,
                       wants->name, wants->n_parts);
    }
    for (uint32_t i = 0; i < style->form.n_leaves; i++) {
        const es_meter meter = style->phrases[i].meter;
        if (es_drum_coding_beat(&model->drums, meter) == 0) {
            return es_fail(diag, ESTRO_ERR_MODEL,
                           "model %s (%d steps a quarter) has no bars of %d/%d", model->name,
                           model->drums.grid, meter.numerator, meter.denominator);
        }
    }
    return ESTRO_OK;
}

estro_status es_drum_writer_new(es_drum_writer **out, const es_model *model, const es_style *style,
                                uint32_t group, double exponent, estro_diag *diag)
{
    ES_TRY(check(model, style, group, diag));
    es_drum_writer *writer = es_calloc(1, sizeof *writer);
    if (!writer) {
        return es_fail_memory(diag);
    }
    writer->model = model;
    writer->exponent = exponent;
    writer->step = ES_QUARTER / model->drums.grid;
    estro_status status = es_drum_stream_new(&writer->stream, &model->drums, diag);
    if (status == ESTRO_OK) {
        status = es_net_run_new(&writer->run, &model->net, diag);
    }
    if (status != ESTRO_OK) {
        es_drum_writer_free(writer);
        return status;
    }
    *out = writer;
    return ESTRO_OK;
}

void es_drum_writer_free(es_drum_writer *writer)
{
    if (writer) {
        es_drum_stream_free(writer->stream);
        es_net_run_free(writer->run);
        es_free(writer);
    }
}

void es_drum_writer_begin(es_drum_writer *writer, float *state)
{
    const size_t size = es_net_state_size(&writer->model->net);

    es_drum_stream_begin(writer->stream, false, (es_meter){4, 4});
    for (size_t i = 0; i < size; i++) {
        state[i] = 0;
    }
}

void es_drum_writer_look(es_drum_writer *writer, const float *state)
{
    es_drum_stream_peek(writer->stream, &writer->choice);
    es_net_decide(writer->run, state, &writer->choice.draw, writer->log_p);
}

void es_drum_writer_push(es_drum_writer *writer, float *state, int candidate)
{
    es_event_fields event;

    if (es_drum_stream_push(writer->stream, (uint16_t)candidate, &event)) {
        es_net_step(writer->run, state, &event);
    }
}
