/*
 * Writing freehand. The model is ahead of what is given out, so that it is known how long a note lasts: by LOOK_AHEAD quarters, at
 * which a longer one is cut. What was drawn stays drawn, so the notes do not depend on how much is asked for at a time.
 */
#include "gen/freehand.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/real.h"
#include "gen/draw.h"

enum { LOOK_AHEAD = 16 }; /* Quarters. */

struct es_freehand {
    es_notes_coding coding;
    es_notes *notes;
    es_net_run *run;
    float *state;
    uint64_t seed;
    double temperature;
    size_t given; /* Frames that are given out. */
    es_freehand_stats stats;
};

estro_status es_freehand_new(es_freehand **out, const es_net *net, const es_notes_coding *coding,
                             uint64_t seed, double temperature, estro_diag *diag)
{
    es_freehand *freehand = es_calloc(1, sizeof *freehand);
    estro_status status;

    *out = NULL;
    if (!freehand) {
        return es_fail_memory(diag);
    }
    freehand->coding = *coding;
    freehand->seed = seed;
    freehand->temperature = temperature;
    status = es_notes_new(&freehand->notes, coding, diag);
    if (status == ESTRO_OK) {
        status = es_net_run_new(&freehand->run, net, diag);
    }
    if (status == ESTRO_OK) {
        freehand->state = es_calloc(es_net_state_size(net), sizeof *freehand->state);
        status = freehand->state ? ESTRO_OK : es_fail_memory(diag);
    }
    if (status != ESTRO_OK) {
        es_freehand_free(freehand);
        return status;
    }
    *out = freehand;
    return ESTRO_OK;
}

void es_freehand_free(es_freehand *freehand)
{
    if (!freehand) {
        return;
    }
    es_notes_free(freehand->notes);
    es_net_run_free(freehand->run);
    es_free(freehand->state);
    es_free(freehand);
}

es_freehand_stats es_freehand_stats_of(const es_freehand *freehand)
{
    return freehand->stats;
}

static es_tick step_of(const es_freehand *f)
{
    return ES_QUARTER / (f->coding.grid ? f->coding.grid : ES_NOTES_USUAL_GRID);
}

/* ---- drawing ---- */

/* Candidates that may be drawn: no end, no count that says "none" a second time, and room below for the notes to come. */
static bool may_be(const es_freehand *f, const es_notes_choice *choice, int candidate, int to_come)
{
    if (choice->slot == ES_NOTES_NOTE) {
        return candidate >= to_come;
    }
    if (choice->slot == ES_NOTES_FRAME && candidate == 1) {
        const es_pitch_set before =
            choice->frame ? es_notes_sounding(f->notes, choice->frame - 1) : (es_pitch_set){0};
        return es_pitch_set_count(&before) > 0;
    }
    return choice->slot != ES_NOTES_FRAME || candidate < f->coding.most + 2;
}

/* @param number  Of the choice in its frame. @param to_come Notes of the frame that come after this one. */
static uint16_t draw(es_freehand *f, uint32_t number, int to_come)
{
    es_notes_choice choice = {0};
    float log_p[ES_MAX_CANDIDATES];
    double weights[ES_MAX_CANDIDATES];

    es_notes_peek(f->notes, &choice);
    es_net_decide(f->run, f->state, &choice.draw, log_p);
    for (int c = 0; c < choice.draw.n_candidates; c++) {
        weights[c] = may_be(f, &choice, c, to_come) ? es_exp((double)log_p[c] / f->temperature) : 0;
    }
    es_rng rng = es_rng_at(f->seed, ES_FOR_PITCH, choice.frame, number, 0);
    const int drawn =
        es_draw_weighted(&rng, weights, choice.draw.n_candidates, &f->stats.log_p_sampler);
    const int chosen = drawn < 0 ? 0 : drawn;
    f->stats.draws++;
    f->stats.log_p_model += (double)log_p[chosen];
    return (uint16_t)chosen;
}

static void write_frame(es_freehand *f)
{
    const size_t frame = es_notes_count(f->notes);
    int to_come = 0;

    for (uint32_t number = 0; es_notes_count(f->notes) == frame; number++) {
        es_notes_choice next = {0};
        es_event_fields event;
        es_notes_peek_slot(f->notes, &next);
        to_come -= next.slot == ES_NOTES_NOTE;
        const uint16_t chosen = draw(f, number, to_come);
        if (next.slot == ES_NOTES_FRAME) {
            to_come = chosen - 1;
        }
        if (es_notes_push(f->notes, chosen, &event)) {
            es_net_step(f->run, f->state, &event);
        }
    }
}

/* ---- giving out ---- */

/* Frames that a note lasts which begins in `frame`, at most until `end`. */
static size_t lasting(const es_notes *notes, size_t frame, int pitch, size_t end)
{
    size_t t = frame + 1;

    while (t < end) {
        const es_pitch_set on = es_notes_sounding(notes, t);
        const es_pitch_set struck = es_notes_struck(notes, t);
        if (!es_pitch_set_has(&on, pitch) || es_pitch_set_has(&struck, pitch)) {
            break;
        }
        t++;
    }
    return t - frame;
}

static bool give_frame(const es_freehand *f, size_t frame, size_t end, es_note_list *out)
{
    const es_pitch_set struck = es_notes_struck(f->notes, frame);
    const es_tick step = step_of(f);

    for (int pitch = 0; pitch < 128; pitch++) {
        if (!es_pitch_set_has(&struck, pitch)) {
            continue;
        }
        if (!es_grow(&out->notes, out->count, &out->capacity, sizeof *out->notes)) {
            return false;
        }
        out->notes[out->count++] =
            (es_note){.start = (es_tick)frame * step,
                      .duration = (es_tick)lasting(f->notes, frame, pitch, end) * step,
                      .key = (uint8_t)pitch};
    }
    return true;
}

estro_status es_freehand_write(es_freehand *f, es_tick end, bool is_last, es_note_list *out,
                               estro_diag *diag)
{
    const size_t until = (size_t)(end / step_of(f));
    const size_t ahead = until + (size_t)(LOOK_AHEAD * ES_QUARTER / step_of(f));

    out->count = 0;
    while (es_notes_count(f->notes) < ahead) {
        ES_TRY(es_notes_reserve(f->notes, 1, diag));
        write_frame(f);
    }
    for (; f->given < until; f->given++) {
        if (!give_frame(f, f->given, is_last ? until : ahead, out)) {
            return es_fail_memory(diag);
        }
    }
    return ESTRO_OK;
}
