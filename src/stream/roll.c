/*
 * Rolls: pieces on a grid, and their way into a stream and out of it. Coding is pushing the piece's choices one by one
 * into the stream that also plays, so both see the same fields.
 */
#include "stream/roll.h"
#include "stream/history.h"

#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

estro_status es_roll_init(es_roll *roll, int n_voices, int grid, uint32_t n_steps, es_meter meter,
                          estro_diag *diag)
{
    const size_t cells = (size_t)n_steps * (size_t)n_voices;

    *roll = (es_roll){
        .n_voices = (uint8_t)n_voices, .grid = (uint8_t)grid, .meter = meter, .n_steps = n_steps};
    roll->pitch = es_calloc(cells, sizeof *roll->pitch);
    roll->onset = es_calloc(cells, sizeof *roll->onset);
    if (!roll->pitch || !roll->onset) {
        es_roll_done(roll);
        return es_fail_memory(diag);
    }
    memset(roll->pitch, -1, cells);
    return ESTRO_OK;
}

void es_roll_done(es_roll *roll)
{
    es_free(roll->pitch);
    es_free(roll->onset);
    es_free(roll->chord);
    *roll = (es_roll){0};
}

void es_roll_transpositions(const es_roll *roll, const es_coding *coding, int *low, int *high)
{
    int down = 127;
    int up = 127;

    for (size_t i = 0; i < (size_t)roll->n_steps * roll->n_voices; i++) {
        const size_t v = i % roll->n_voices;
        const int pitch = roll->pitch[i];
        if (pitch >= 0) {
            down = pitch - coding->low[v] < down ? pitch - coding->low[v] : down;
            up = coding->high[v] - pitch < up ? coding->high[v] - pitch : up;
        }
    }
    *low = -down;
    *high = up;
}

/* ---- coding ---- */

typedef struct coder {
    es_coded *out;
    const es_roll *roll;
    const es_coding *coding;
    int transpose;
    int beat_steps;
} coder;

static int pitch_at(const es_roll *roll, uint32_t step, int voice)
{
    return roll->pitch[(size_t)step * roll->n_voices + (size_t)voice];
}

/* Does the voice begin, end or change a note at this step? */
static bool changes_at(const coder *c, uint32_t step, int voice)
{
    const int pitch = pitch_at(c->roll, step, voice);

    if (step == 0) {
        return pitch >= 0;
    }
    if (pitch != pitch_at(c->roll, step - 1, voice)) {
        return true;
    }
    return pitch >= 0 && c->coding->has_onsets &&
           c->roll->onset[(size_t)step * c->roll->n_voices + (size_t)voice];
}

static uint16_t target_voice(const coder *c, uint32_t step, int voice)
{
    const int pitch = pitch_at(c->roll, step, voice);

    if (pitch < 0) {
        return (uint16_t)es_voice_silence(c->coding, voice);
    }
    if (step > 0 && pitch == pitch_at(c->roll, step - 1, voice) && changes_at(c, step, voice)) {
        return (uint16_t)es_voice_restrike(c->coding, voice);
    }
    return (uint16_t)(pitch + c->transpose - c->coding->low[voice]);
}

static uint16_t target_step(const coder *c, uint32_t step)
{
    uint32_t next = step + 1;

    while (next % (uint32_t)c->beat_steps != 0) {
        for (int v = 0; v < c->roll->n_voices; v++) {
            if (changes_at(c, next, v)) {
                return (uint16_t)(next - step - 1);
            }
        }
        next++;
    }
    return (uint16_t)(next - step - 1);
}

static uint16_t root_token(const coder *c, es_chord chord)
{
    if (chord.quality == ES_QUALITY_NONE) {
        return ES_ROOT_NONE;
    }
    if (chord.quality >= ES_QUALITY_UNKNOWN) {
        return ES_ROOT_UNKNOWN;
    }
    return (uint16_t)es_pitch_class(chord.root + c->transpose);
}

static uint16_t target_plan(const coder *c, const es_choice *choice, bool is_first)
{
    const uint32_t beat = choice->step / (uint32_t)c->beat_steps + (is_first ? 0 : 1);
    const es_key key = es_key_told(c->roll->key);

    if (choice->slot == ES_SLOT_KEY) {
        return (uint16_t)(es_pitch_class(key.tonic + c->transpose) + 12 * key.mode);
    }
    if (choice->slot == ES_SLOT_METER) {
        return (uint16_t)es_meter_token(c->roll->meter);
    }
    if (beat >= c->roll->n_beats) {
        return ES_ROOT_END;
    }
    const es_chord chord = c->roll->chord[beat];
    return choice->slot == ES_SLOT_ROOT      ? root_token(c, chord)
           : choice->slot == ES_SLOT_QUALITY ? chord.quality
                                             : chord.bass;
}

static estro_status code_choice(coder *c, es_stream *stream, estro_diag *diag)
{
    es_choice choice = {0};
    es_event_fields event = {0};

    es_stream_peek(stream, &choice);
    choice.draw.target = choice.slot == ES_SLOT_VOICE  ? target_voice(c, choice.step, choice.voice)
                         : choice.slot == ES_SLOT_STEP ? target_step(c, choice.step)
                                                       : target_plan(c, &choice, stream->is_first);
    if (choice.draw.target >= choice.draw.n_candidates) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "step %u does not fit the coding", choice.step);
    }
    ES_TRY(es_coded_add_draw(c->out, &choice.draw, choice.event, diag));
    if (es_stream_push(stream, choice.draw.target, &event)) {
        ES_TRY(es_coded_add_event(c->out, &event, diag));
        return es_stream_reserve(stream, 2, diag);
    }
    return ESTRO_OK;
}

static estro_status check_fit(const coder *c, bool hidden, estro_diag *diag)
{
    const es_roll *roll = c->roll;
    int low, high;

    if (roll->n_voices != c->coding->n_voices || roll->grid != c->coding->grid) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "%d voices on a grid of %d; the coding has %d on %d",
                       roll->n_voices, roll->grid, c->coding->n_voices, c->coding->grid);
    }
    if (!c->beat_steps || roll->n_steps % (uint32_t)(c->beat_steps ? c->beat_steps : 1) != 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "metre %d/%d does not fit the coding",
                       roll->meter.numerator, roll->meter.denominator);
    }
    es_roll_transpositions(roll, c->coding, &low, &high);
    if (c->transpose < low || c->transpose > high) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "pitches are outside of the coding's ranges");
    }
    if (!hidden && (!roll->has_key || !roll->chord ||
                    roll->n_beats != roll->n_steps / (uint32_t)c->beat_steps)) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "the plan of the piece is not known");
    }
    return ESTRO_OK;
}

estro_status es_roll_code(es_coded *out, const es_roll *roll, const es_coding *coding,
                          int transpose, bool hidden, estro_diag *diag)
{
    coder c = {.out = out,
               .roll = roll,
               .coding = coding,
               .transpose = transpose,
               .beat_steps = es_coding_beat(coding, roll->meter)};
    es_stream *stream = NULL;
    estro_status status = check_fit(&c, hidden, diag);

    *out = (es_coded){0};
    if (status == ESTRO_OK) {
        status = es_stream_new(&stream, coding, diag);
    }
    if (status == ESTRO_OK) {
        es_stream_begin(stream, hidden, roll->meter);
    }
    while (status == ESTRO_OK && stream->instants[stream->n_instants].step < roll->n_steps) {
        status = code_choice(&c, stream, diag);
    }
    es_stream_free(stream);
    if (status != ESTRO_OK) {
        es_coded_done(out);
    }
    return status;
}

/* ---- decoding ---- */

static es_chord chord_of(es_chord_token token)
{
    if (token.root < ES_ROOT_NONE) {
        return (es_chord){.root = token.root, .quality = token.quality, .bass = token.bass};
    }
    return (es_chord){.quality = token.root == ES_ROOT_NONE ? ES_QUALITY_NONE : ES_QUALITY_UNKNOWN};
}

static void write_instant(es_roll *roll, const es_stream *s, const es_instant *instant)
{
    for (uint32_t t = instant->step; t < instant->step + instant->length; t++) {
        for (uint8_t v = 0; v < roll->n_voices; v++) {
            const size_t cell = (size_t)t * roll->n_voices + v;
            const uint8_t change = instant->change[v];
            roll->pitch[cell] = (int8_t)(instant->pitch[v] == ES_SILENT ? -1 : instant->pitch[v]);
            roll->onset[cell] = t == instant->step && (change == ES_BEGAN || change == ES_STRUCK);
        }
    }
    if (roll->chord && instant->place == 0) {
        roll->chord[instant->step / s->beat_steps] = chord_of(instant->chord);
    }
}

estro_status es_roll_decode(es_roll *out, const es_stream *s, estro_diag *diag)
{
    const uint32_t n_steps = es_open(s)->step;

    ES_TRY(es_roll_init(out, s->coding.n_voices, s->coding.grid, n_steps, s->meter, diag));
    if (s->key_token < ES_KEYS) {
        out->n_beats = (n_steps + s->beat_steps - 1) / s->beat_steps;
        out->chord = es_calloc(out->n_beats, sizeof *out->chord);
        if (!out->chord) {
            es_roll_done(out);
            return es_fail_memory(diag);
        }
        out->has_key = true;
        out->key = (es_key){s->key_token % 12, s->key_token / 12};
    }
    for (uint32_t i = 0; i < s->n_instants; i++) {
        write_instant(out, s, &s->instants[i]);
    }
    return ESTRO_OK;
}
