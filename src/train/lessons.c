/* Lessons: the stream of a piece, drawn by the net that plays. No style, no rules: what is to be learned is what the model says. */
#include "train/lessons.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/real.h"
#include "base/rng.h"

enum { ATTEMPTS = 20, FEWEST_BEATS = 8 };
enum { LONGEST = 1200 }; /* Instants: no end was found by then. */

static bool fits(const es_roll *roll, const es_coding *coding)
{
    const int beat = es_coding_beat(coding, roll->meter);
    int low, high;

    es_roll_transpositions(roll, coding, &low, &high);
    return beat > 0 && roll->n_steps >= (uint32_t)(FEWEST_BEATS * beat) &&
           roll->n_steps % (uint32_t)beat == 0 && low <= 0 && high >= 0;
}

static uint16_t draw(es_net_run *run, const float *state, const es_draw *choice, es_rng *rng)
{
    float log_p[ES_MAX_CANDIDATES];
    double p[ES_MAX_CANDIDATES];

    es_net_decide(run, state, choice, log_p);
    for (int c = 0; c < choice->n_candidates; c++) {
        p[c] = es_exp((double)log_p[c]);
    }
    return (uint16_t)es_rng_choose(rng, p, choice->n_candidates);
}

/* To the end that the model finds, or until it is too late for one. */
static estro_status draw_all(es_stream *stream, es_net_run *run, float *state, es_rng *rng,
                             estro_diag *diag)
{
    const es_meter none = {0};
    size_t instants = 0;

    es_stream_begin(stream, false, none);
    while (instants < LONGEST && !es_stream_is_over(stream)) {
        es_choice choice = {0};
        es_event_fields event = {0};
        es_stream_peek(stream, &choice);
        const uint16_t drawn = draw(run, state, &choice.draw, rng);
        if (es_stream_push(stream, drawn, &event)) {
            es_net_step(run, state, &event);
            instants++;
            ES_TRY(es_stream_reserve(stream, 2, diag));
        }
    }
    return ESTRO_OK;
}

static estro_status draw_one(es_roll *out, bool *has_ended, const es_model *model, es_rng rng,
                             estro_diag *diag)
{
    float *state = es_calloc(es_net_state_size(&model->net), sizeof *state);
    es_stream *stream = NULL;
    es_net_run *run = NULL;
    estro_status status = state ? es_net_run_new(&run, &model->net, diag) : es_fail_memory(diag);

    if (status == ESTRO_OK) {
        status = es_stream_new(&stream, &model->coding, diag);
    }
    if (status == ESTRO_OK) {
        status = draw_all(stream, run, state, &rng, diag);
    }
    *has_ended = status == ESTRO_OK && es_stream_is_over(stream);
    if (*has_ended) {
        status = es_roll_decode(out, stream, diag);
    }
    es_stream_free(stream);
    es_net_run_free(run);
    es_free(state);
    return status;
}

estro_status es_lesson_draw(es_roll *out, const es_model *model, uint64_t seed, uint64_t number,
                            estro_diag *diag)
{
    for (uint64_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        bool has_ended;
        ES_TRY(draw_one(out, &has_ended, model,
                        es_rng_at(seed, ES_FOR_TRAINING, 3, number, attempt), diag));
        if (has_ended && fits(out, &model->coding)) {
            return ESTRO_OK;
        }
        es_roll_done(out);
    }
    return es_fail(diag, ESTRO_ERR_MODEL, "%s: composes no whole pieces", model->name);
}
