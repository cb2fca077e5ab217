/*
 * Pieces of drums on a grid, into a stream and out of it. Coding is pushing the piece's choices one by one into the stream that
 * also plays, so both see the same fields.
 */
#include "stream/drum_roll.h"
#include "stream/drum_history.h"

#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

enum { MOST_STEPS = 1 << 22 };

estro_status es_drum_roll_init(es_drum_roll *roll, int grid, es_meter meter, uint32_t n_bars,
                               estro_diag *diag)
{
    const es_tick bar = es_meter_bar(meter) * grid;

    *roll = (es_drum_roll){.grid = (uint8_t)grid, .meter = meter, .n_bars = n_bars};
    if (bar <= 0 || bar % ES_QUARTER || n_bars > MOST_STEPS / (bar / ES_QUARTER)) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "%u bars of %d/%d on %d steps to a quarter", n_bars,
                       meter.numerator, meter.denominator, grid);
    }
    roll->bar_steps = (uint32_t)(bar / ES_QUARTER);
    roll->hit = es_calloc(es_drum_roll_steps(roll) + 1, ES_KIT_LANES);
    roll->kind = es_calloc((size_t)n_bars + 1, 1);
    if (!roll->hit || !roll->kind) {
        es_drum_roll_done(roll);
        return es_fail_memory(diag);
    }
    return ESTRO_OK;
}

void es_drum_roll_done(es_drum_roll *roll)
{
    es_free(roll->hit);
    es_free(roll->kind);
    *roll = (es_drum_roll){0};
}

size_t es_drum_roll_hits(const es_drum_roll *roll)
{
    size_t hits = 0;

    for (size_t i = 0; i < es_drum_roll_steps(roll) * ES_KIT_LANES; i++) {
        hits += roll->hit[i] > 0;
    }
    return hits;
}

/* ---- coding ---- */

typedef struct coder {
    es_coded *out;
    const es_drum_roll *roll;
    int beat_steps;
} coder;

static bool is_hit_at(const es_drum_roll *roll, size_t step)
{
    for (size_t k = 0; k < ES_KIT_LANES; k++) {
        if (roll->hit[step * ES_KIT_LANES + k]) {
            return true;
        }
    }
    return false;
}

static uint16_t target_step(const coder *c, uint32_t step)
{
    uint32_t next = step + 1;

    while (next % (uint32_t)c->beat_steps != 0 && !is_hit_at(c->roll, next)) {
        next++;
    }
    return (uint16_t)(next - step - 1);
}

static uint16_t target_of(const coder *c, const es_choice *choice)
{
    const es_drum_roll *roll = c->roll;
    const uint32_t bar = choice->step / roll->bar_steps;

    switch (choice->slot) {
    case ES_DRUM_FAMILY:
        return roll->family;
    case ES_DRUM_METER:
        return (uint16_t)es_meter_token(roll->meter);
    case ES_DRUM_KIND:
        return bar < roll->n_bars ? roll->kind[bar] : (uint16_t)ES_DRUM_END;
    case ES_DRUM_STEP:
        return target_step(c, choice->step);
    default:
        return roll->hit[(size_t)choice->step * ES_KIT_LANES + choice->voice];
    }
}

static estro_status code_choice(coder *c, es_drum_stream *stream, estro_diag *diag)
{
    es_choice choice = {0};
    es_event_fields event = {0};

    es_drum_stream_peek(stream, &choice);
    choice.draw.target = target_of(c, &choice);
    if (choice.draw.target >= choice.draw.n_candidates) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "step %u does not fit the coding", choice.step);
    }
    ES_TRY(es_coded_add_draw(c->out, &choice.draw, choice.event, diag));
    if (es_drum_stream_push(stream, choice.draw.target, &event)) {
        ES_TRY(es_coded_add_event(c->out, &event, diag));
        return es_drum_stream_reserve(stream, 2, diag);
    }
    return ESTRO_OK;
}

static estro_status check_fit(const coder *c, const es_drum_coding *coding, bool hidden,
                              estro_diag *diag)
{
    const es_drum_roll *roll = c->roll;

    if (roll->grid != coding->grid) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "a grid of %d to a quarter; the coding has %d",
                       roll->grid, coding->grid);
    }
    if (c->beat_steps == 0 || roll->n_bars == 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "%u bars of %d/%d do not fit the coding",
                       roll->n_bars, roll->meter.numerator, roll->meter.denominator);
    }
    if (!hidden && !roll->has_plan) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "the plan of the piece is not known");
    }
    return ESTRO_OK;
}

estro_status es_drum_roll_code(es_coded *out, const es_drum_roll *roll,
                               const es_drum_coding *coding, bool hidden, bool is_end,
                               estro_diag *diag)
{
    coder c = {.out = out, .roll = roll, .beat_steps = es_drum_coding_beat(coding, roll->meter)};
    const size_t end = es_drum_roll_steps(roll);
    es_drum_stream *stream = NULL;
    estro_status status = check_fit(&c, coding, hidden, diag);

    *out = (es_coded){0};
    if (status == ESTRO_OK) {
        status = es_drum_stream_new(&stream, coding, diag);
    }
    if (status == ESTRO_OK) {
        es_drum_stream_begin(stream, hidden, roll->meter);
    }
    while (status == ESTRO_OK && es_drum_stream_step(stream) < end) {
        status = code_choice(&c, stream, diag);
    }
    if (status == ESTRO_OK && !hidden && is_end) {
        status = code_choice(&c, stream, diag);
    }
    es_drum_stream_free(stream);
    if (status != ESTRO_OK) {
        es_coded_done(out);
    }
    return status;
}

/* ---- decoding ---- */

estro_status es_drum_roll_decode(es_drum_roll *out, const es_drum_stream *s, estro_diag *diag)
{
    const es_meter meter = es_meter_of_token(s->meter_token);

    ES_TRY(es_drum_roll_init(out, s->coding.grid, meter.numerator ? meter : (es_meter){4, 4},
                             es_drum_open(s)->bar, diag));
    out->has_plan = s->family < ES_FAMILIES;
    out->family = out->has_plan ? s->family : 0;
    for (uint32_t i = 0; i < s->n_instants; i++) {
        const es_drum_instant *instant = &s->instants[i];
        if (instant->bar < out->n_bars) {
            memcpy(out->hit + (size_t)instant->step * ES_KIT_LANES, instant->hit, ES_KIT_LANES);
            out->kind[instant->bar] = out->has_plan ? instant->kind : (uint8_t)ES_DRUM_GROOVE;
        }
    }
    return ESTRO_OK;
}
