/*
 * Frames of notes, and their way into a stream and out of it. Coding is pushing the piece's choices one by one into the machine
 * that also plays, so both see the same fields.
 */
#include "stream/notes_roll.h"

#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

estro_status es_frames_init(es_frames *frames, size_t count, bool has_onsets, estro_diag *diag)
{
    *frames = (es_frames){.count = count};
    frames->sounding = es_calloc(count ? count : 1, sizeof *frames->sounding);
    if (has_onsets) {
        frames->struck = es_calloc(count ? count : 1, sizeof *frames->struck);
    }
    if (!frames->sounding || (has_onsets && !frames->struck)) {
        es_frames_done(frames);
        return es_fail_memory(diag);
    }
    return ESTRO_OK;
}

void es_frames_done(es_frames *frames)
{
    es_free(frames->sounding);
    es_free(frames->struck);
    *frames = (es_frames){0};
}

void es_frames_measure(es_notes_coding *coding, const es_frames *frames)
{
    for (size_t t = 0; t < frames->count; t++) {
        const es_pitch_set *set = &frames->sounding[t];
        const int count = es_pitch_set_count(set);
        for (int pitch = 0; pitch < 128 && count; pitch++) {
            if (es_pitch_set_has(set, pitch)) {
                coding->low = pitch < coding->low ? (uint8_t)pitch : coding->low;
                coding->high = pitch > coding->high ? (uint8_t)pitch : coding->high;
            }
        }
        if (count > coding->most) {
            coding->most = (uint8_t)(count < ES_NOTES_MOST ? count : ES_NOTES_MOST);
        }
    }
}

/* ---- targets ---- */

/* Does any note of frame t begin that sounded before too? */
static bool strikes_again(const es_frames *frames, size_t t)
{
    if (!frames->struck || t == 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (frames->struck[t].bits[i] & frames->sounding[t].bits[i] &
            frames->sounding[t - 1].bits[i]) {
            return true;
        }
    }
    return false;
}

static int target_frame(const es_frames *frames, const es_notes_coding *coding, size_t t)
{
    static const es_pitch_set nothing;
    const es_pitch_set *now, *before;

    if (t >= frames->count) {
        return coding->has_end ? coding->most + 2 : -1;
    }
    now = &frames->sounding[t];
    before = t ? &frames->sounding[t - 1] : &nothing;
    if (es_pitch_sets_equal(now, before) && !(coding->has_onsets && strikes_again(frames, t))) {
        return 0;
    }
    const int count = es_pitch_set_count(now);
    return count <= coding->most ? count + 1 : -1;
}

int es_frames_target(const es_frames *frames, const es_notes_coding *coding, int transpose,
                     const es_notes_choice *choice, int last_candidate)
{
    const int range = coding->high - coding->low + 1;
    const size_t t = choice->frame;

    if (choice->slot == ES_NOTES_FRAME) {
        return target_frame(frames, coding, t);
    }
    if (choice->slot == ES_NOTES_STRIKE) {
        return frames->struck && es_pitch_set_has(&frames->struck[t], choice->pitch - transpose);
    }
    for (int c = (last_candidate < 0 ? range : last_candidate) - 1; c >= 0; c--) {
        const int pitch = es_notes_pitch(coding, c) - transpose;
        if (pitch >= 0 && pitch < 128 && es_pitch_set_has(&frames->sounding[t], pitch)) {
            return c;
        }
    }
    return -1;
}

/* ---- coding ---- */

typedef struct coder {
    es_coded *out;
    const es_frames *frames;
    const es_notes_coding *coding;
    int transpose;
    int last; /* Candidate of the note just drawn, -1 = none in this frame. */
} coder;

static estro_status set_target(coder *c, es_notes_choice *choice, estro_diag *diag)
{
    if (choice->slot == ES_NOTES_FRAME) {
        c->last = -1;
    }
    const int target = es_frames_target(c->frames, c->coding, c->transpose, choice, c->last);
    if (target < 0 || target >= choice->draw.n_candidates) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "frame %u does not fit the coding", choice->frame);
    }
    if (choice->slot == ES_NOTES_NOTE) {
        c->last = target;
    }
    choice->draw.target = (uint16_t)target;
    return ESTRO_OK;
}

static estro_status code_choice(coder *c, es_notes *notes, estro_diag *diag)
{
    es_notes_choice choice = {0};
    es_event_fields event = {0};

    es_notes_peek(notes, &choice);
    ES_TRY(set_target(c, &choice, diag));
    ES_TRY(es_coded_add_draw(c->out, &choice.draw, choice.event, diag));
    if (es_notes_push(notes, choice.draw.target, &event)) {
        ES_TRY(es_coded_add_event(c->out, &event, diag));
    }
    return ESTRO_OK;
}

/* Is there anything left to draw? */
static bool goes_on(const es_notes *notes, const es_frames *frames, const es_notes_coding *coding)
{
    return es_notes_count(notes) < frames->count ||
           (coding->has_end && !frames->goes_on && !es_notes_is_over(notes));
}

/* Pitches outside of the coding would be passed over in silence. */
static estro_status check_fit(const es_frames *frames, const es_notes_coding *coding, int transpose,
                              estro_diag *diag)
{
    es_notes_coding used = {.low = 127};

    es_frames_measure(&used, frames);
    if (used.high >= used.low &&
        (used.low + transpose < coding->low || used.high + transpose > coding->high)) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "pitches are outside of the coding's range");
    }
    return ESTRO_OK;
}

estro_status es_frames_code(es_coded *out, const es_frames *frames, const es_notes_coding *coding,
                            int transpose, estro_diag *diag)
{
    coder c = {.out = out, .frames = frames, .coding = coding, .transpose = transpose, .last = -1};
    es_notes *notes = NULL;
    estro_status status;

    *out = (es_coded){0};
    ES_TRY(check_fit(frames, coding, transpose, diag));
    status = es_notes_new(&notes, coding, diag);
    if (status == ESTRO_OK) {
        status = es_notes_reserve(notes, frames->count + 1, diag);
    }
    while (status == ESTRO_OK && goes_on(notes, frames, coding)) {
        status = code_choice(&c, notes, diag);
    }
    es_notes_free(notes);
    if (status != ESTRO_OK) {
        es_coded_done(out);
    }
    return status;
}

estro_status es_frames_decode(es_frames *out, const es_notes *notes, bool has_onsets,
                              estro_diag *diag)
{
    ES_TRY(es_frames_init(out, es_notes_count(notes), has_onsets, diag));
    for (size_t t = 0; t < out->count; t++) {
        out->sounding[t] = es_notes_sounding(notes, t);
        if (has_onsets) {
            out->struck[t] = es_notes_struck(notes, t);
        }
    }
    return ESTRO_OK;
}

/* ---- likelihood ---- */

typedef struct player {
    es_notes *notes;
    es_net_run *run;
    float *state;
} player;

static estro_status play(player *p, coder *c, es_frames_nats *out, double *frame_nats,
                         estro_diag *diag)
{
    float log_p[ES_MAX_CANDIDATES];
    es_event_fields event;

    *out = (es_frames_nats){0};
    while (goes_on(p->notes, c->frames, c->coding)) {
        es_notes_choice choice = {0};
        es_notes_peek(p->notes, &choice);
        ES_TRY(set_target(c, &choice, diag));
        es_net_decide(p->run, p->state, &choice.draw, log_p);
        const double cost = -(double)log_p[choice.draw.target];
        if (choice.frame >= c->frames->count) {
            out->end = cost;
        } else {
            out->notes += cost;
            out->n_choices++;
        }
        if (frame_nats && choice.frame < c->frames->count) {
            frame_nats[choice.frame] += cost;
        }
        if (es_notes_push(p->notes, choice.draw.target, &event)) {
            es_net_step(p->run, p->state, &event);
        }
    }
    return ESTRO_OK;
}

estro_status es_frames_score(es_frames_nats *out, double *frame_nats, const es_frames *frames,
                             const es_notes_coding *coding, int transpose, const es_net *net,
                             estro_diag *diag)
{
    player p = {0};
    coder c = {.frames = frames, .coding = coding, .transpose = transpose, .last = -1};
    estro_status status = check_fit(frames, coding, transpose, diag);

    if (frame_nats) {
        memset(frame_nats, 0, frames->count * sizeof *frame_nats);
    }
    if (status == ESTRO_OK) {
        status = es_notes_new(&p.notes, coding, diag);
    }
    if (status == ESTRO_OK) {
        status = es_notes_reserve(p.notes, frames->count + 1, diag);
    }
    if (status == ESTRO_OK) {
        status = es_net_run_new(&p.run, net, diag);
    }
    if (status == ESTRO_OK) {
        p.state = es_calloc(es_net_state_size(net), sizeof *p.state);
        status = p.state ? play(&p, &c, out, frame_nats, diag) : es_fail_memory(diag);
    }
    es_free(p.state);
    es_net_run_free(p.run);
    es_notes_free(p.notes);
    return status;
}
