/*
 * A model as the writer of a group. The plan is told, not drawn: its draws are pushed from the beats, so they cost nothing and the net
 * never decides them. Voices and steps are drawn by whoever holds the writer, from log_p.
 *
 * A note struck again at its pitch is a re-strike where the model knows them; else it is a hold to the model, and the style's alone.
 */
#include "gen/writer.h"

#include "base/diag.h"
#include "base/mem.h"
#include "gen/constraint.h"

/* ---- does the model fit? ---- */

static bool fits_grid(const es_writer *writer, es_tick ticks)
{
    return ticks % writer->step == 0;
}

/* Whether a part's patterns stand on the grid of the model. (A free rhythm gives way: es_writer_grid.) */
static bool has_fitting_rhythm(const es_writer *writer, const es_style *style, int part)
{
    for (uint32_t t = 0; t < style->n_textures; t++) {
        const es_texture_part *plays = &style->textures[t].part[part];
        const int16_t patterns[3] = {plays->pattern, plays->first_pattern, plays->last_pattern};
        for (int p = 0; p < 3; p++) {
            if (!plays->plays || patterns[p] < 0) {
                continue;
            }
            const es_pattern *pattern = &style->patterns[patterns[p]];
            for (uint32_t c = 0; c < pattern->n_cells; c++) {
                for (uint32_t h = 0; h < pattern->cells[c].n_hits; h++) {
                    if (!fits_grid(writer, pattern->cells[c].hits[h].start)) {
                        return false;
                    }
                }
            }
        }
    }
    return true;
}

static estro_status check(const es_writer *writer, const es_style *style, const es_cast *cast,
                          estro_diag *diag)
{
    const es_coding *coding = &writer->model->coding;
    const char *model = writer->model->name, *group = style->groups[cast->group].name;

    if (coding->n_voices != cast->n_lines) {
        return es_fail(diag, ESTRO_ERR_MODEL, "model %s writes %d voices, group %s has %d", model,
                       coding->n_voices, group, cast->n_lines);
    }
    for (uint32_t i = 0; i < style->form.n_leaves; i++) {
        const es_meter meter = style->phrases[i].meter;
        if (es_coding_beat(coding, meter) == 0) {
            return es_fail(diag, ESTRO_ERR_MODEL,
                           "model %s (%d steps a quarter) has no beats of %d/%d", model,
                           coding->grid, meter.numerator, meter.denominator);
        }
    }
    for (int i = 0; i < cast->n_lines; i++) {
        const es_part *part = &style->parts[cast->part[i]];
        if (part->low > coding->high[i] || part->high < coding->low[i]) {
            return es_fail(diag, ESTRO_ERR_MODEL,
                           "part %s (%d..%d) is out of reach of model %s (%d..%d there)",
                           part->name, part->low, part->high, model, coding->low[i],
                           coding->high[i]);
        }
        if (!has_fitting_rhythm(writer, style, cast->part[i])) {
            return es_fail(
                diag, ESTRO_ERR_MODEL,
                "rhythms of part %s are finer than the grid of model %s (%d steps a quarter)",
                part->name, model, coding->grid);
        }
    }
    return ESTRO_OK;
}
es_tick es_writer_grid(const es_writer *writer, es_tick grid)
{
    es_tick both = grid;

    while (!fits_grid(writer, both)) {
        both += grid;
    }
    return both;
}

/* ---- life ---- */

estro_status es_writer_new(es_writer **out, const es_model *model, const es_style *style,
                           const es_cast *cast, double exponent, estro_diag *diag)
{
    if (model->coding.n_voices == 0) {
        return es_fail(diag, ESTRO_ERR_MODEL,
                       "model %s is not of voices; group %s of the style asks for some",
                       model->name, style->groups[cast->group].name);
    }
    es_writer *writer = es_calloc(1, sizeof *writer);

    if (!writer) {
        return es_fail_memory(diag);
    }
    writer->model = model;
    writer->exponent = exponent;
    writer->step = ES_QUARTER / model->coding.grid;
    estro_status status = check(writer, style, cast, diag);
    if (status == ESTRO_OK) {
        status = es_stream_new(&writer->stream, &model->coding, diag);
    }
    if (status == ESTRO_OK) {
        status = es_net_run_new(&writer->run, &model->net, diag);
    }
    if (status != ESTRO_OK) {
        es_writer_free(writer);
        return status;
    }
    *out = writer;
    return ESTRO_OK;
}

void es_writer_free(es_writer *writer)
{
    if (!writer) {
        return;
    }
    es_stream_free(writer->stream);
    es_net_run_free(writer->run);
    es_free(writer);
}

void es_writer_begin(es_writer *writer, float *state)
{
    const size_t size = es_net_state_size(&writer->model->net);

    es_stream_begin(writer->stream, false, (es_meter){4, 4});
    for (size_t i = 0; i < size; i++) {
        state[i] = 0;
    }
}

estro_status es_writer_reserve(es_writer *writer, size_t instants, estro_diag *diag)
{
    return es_stream_reserve(writer->stream, instants + 2, diag);
}

/* ---- the plan ---- */

enum { ROOT_NONE = 12, ROOT_UNKNOWN = 13, ROOT_END = 14 };

static int root_token(const es_chord *chord)
{
    if (!chord) {
        return ROOT_END;
    }
    if (chord->quality == ES_QUALITY_NONE) {
        return ROOT_NONE;
    }
    return chord->quality >= ES_QUALITY_UNKNOWN ? ROOT_UNKNOWN : chord->root;
}

void es_writer_push_plan(es_writer *writer, const es_beats *beats, const es_moment *moment)
{
    const uint32_t beat = (uint32_t)((moment->tick - beats->start) / beats->beat);
    const es_key key = es_key_told(beats->phrase->key);
    bool is_own = false; /* The chord asked for is that of this beat, not of the next. */
    uint8_t slot, voice;

    for (es_stream_peek_slot(writer->stream, &slot, &voice); slot < ES_SLOT_STEP;
         es_stream_peek_slot(writer->stream, &slot, &voice)) {
        const bool is_end = beat + 1 == beats->n && beats->phrase->is_last;
        const es_chord *next = is_end ? NULL : &beats->beats[beat + 1].harmony.chord;
        const es_chord *chord = is_own ? &beats->beats[beat].harmony.chord : next;
        int candidate = 0;
        bool is_complete = false;
        switch (slot) {
        case ES_SLOT_KEY:
            candidate = key.tonic + 12 * key.mode;
            break;
        case ES_SLOT_METER:
            candidate = es_meter_token(beats->meter);
            is_own = true;
            break;
        case ES_SLOT_ROOT:
            candidate = root_token(chord);
            is_complete = candidate >= ROOT_NONE;
            break;
        case ES_SLOT_QUALITY:
            candidate = chord->quality;
            break;
        default:
            candidate = chord->bass;
            is_complete = true;
        }
        es_stream_push(writer->stream, (uint16_t)candidate, NULL);
        is_own = is_own && !is_complete;
    }
}

/* ---- choices ---- */

void es_writer_look(es_writer *writer, const float *state)
{
    es_stream_peek(writer->stream, &writer->choice);
    es_net_decide(writer->run, state, &writer->choice.draw, writer->log_p);
}

void es_writer_push(es_writer *writer, float *state, int candidate)
{
    es_event_fields event;

    if (es_stream_push(writer->stream, (uint16_t)candidate, &event)) {
        es_net_step(writer->run, state, &event);
    }
}

int es_writer_candidate(const es_writer *writer, int voice, int before, int pitch, bool strikes)
{
    const es_coding *coding = &writer->model->coding;

    if (pitch == ES_SILENT) {
        return es_voice_silence(coding, voice);
    }
    if (strikes && pitch == before && coding->has_onsets) {
        return es_voice_restrike(coding, voice);
    }
    if (pitch < coding->low[voice] || pitch > coding->high[voice]) {
        return -1;
    }
    return pitch - coding->low[voice];
}

int es_writer_step(const es_writer *writer, es_tick ticks)
{
    return ticks % writer->step == 0 ? (int)(ticks / writer->step) - 1 : -1;
}
