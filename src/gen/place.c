/*
 * What is given is put in its place without search: the lines of a group that are all given in a bar. Lines and rhythms end up as if they
 * had been drawn, so that what comes after goes on from them.
 *
 * A model that writes the group is told the bar afterwards, instant by instant, on its grid: what begins between two of its places counts
 * as begun on the first, and a pitch that it does not have as that pitch in the nearest octave.
 */
#include "base/diag.h"
#include "gen/group.h"
#include "gen/tone.h"

enum { OCTAVE = 12 };

/* ---- putting in ---- */

static estro_status place_line(es_group_run *run, const es_rules *rules, const es_moment *moment,
                               int i, bool *strikes, estro_diag *diag)
{
    es_engine *engine = run->engine;
    const es_cast *cast = run->scene.cast;
    const int own = cast->line[i];
    const es_action any = {.act = ES_ACT_STRIKE, .tone = ES_TONE_ANY};
    es_line *line = &engine->state->line[own];
    es_track *track = &engine->track[own];
    const es_sound sound = es_scene_given(&run->scene, i, run->tick, line->pitch);
    const int before = line->pitch;

    if (before >= 0 && sound.now < 0) {
        es_track_close(track, run->tick);
    }
    es_line_advance(line, &rules->line[i], moment, sound.now, sound.strikes);
    if (es_scene_is_exempt(&run->scene, i, run->tick)) {
        es_line_forgive(line);
    }
    if (!sound.strikes) {
        return ESTRO_OK;
    }
    *strikes = true;
    es_tone_struck(line, &run->scene.style->parts[cast->part[i]], &any, sound.now);
    if (run->writer) {
        es_budget_struck(run->writer->model, &engine->state->copied[own], before, sound.now,
                         run->tick);
    }
    const es_track_note *note = es_given_note(run->scene.given, own, run->tick);
    return es_track_strike(track, run->tick, sound.now, note->accent, note->marks)
               ? ESTRO_OK
               : es_fail_memory(diag);
}

static estro_status place_instant(es_group_run *run, estro_diag *diag)
{
    const es_cast *cast = run->scene.cast;
    bool strikes[ES_GROUP_LINES] = {false};
    es_moment moment;

    es_moment_at(&moment, run->scene.beats, run->tick);
    const es_rules *rules = es_scene_rules(&run->scene, &moment);
    if (!rules) {
        return es_fail_memory(diag);
    }
    for (int i = 0; i < cast->n_lines; i++) {
        ES_TRY(place_line(run, rules, &moment, i, &strikes[cast->place[i]], diag));
    }
    for (int p = 0; p < cast->n_parts; p++) {
        es_rhythm_follow(&run->engine->state->rhythm[cast->parts[p]], run->tick, strikes[p]);
    }
    return ESTRO_OK;
}

static es_tick next_placed(const es_group_run *run)
{
    const es_cast *cast = run->scene.cast;
    es_tick next = es_beats_next(run->scene.beats, run->tick);

    for (int p = 0; p < cast->n_parts; p++) {
        const int part = cast->parts[p];
        const es_tick acts =
            es_given_next(run->scene.given, &run->scene.style->parts[part], part, run->tick);
        next = acts < next ? acts : next;
    }
    return next;
}

/* Whether all of the group is given from here to the end of the piece. */
static bool is_for_ever(const es_group_run *run)
{
    const es_cast *cast = run->scene.cast;

    for (int p = 0; p < cast->n_parts; p++) {
        if (!es_given_covers(run->scene.given, cast->parts[p], run->tick, ES_OPEN_END)) {
            return false;
        }
    }
    return true;
}

estro_status es_group_place(es_group_run *run, estro_diag *diag)
{
    const es_tick start = run->tick;
    const bool has_listener = run->writer && !is_for_ever(run);

    while (run->tick < run->end) {
        ES_TRY(place_instant(run, diag));
        run->tick = next_placed(run);
    }
    if (has_listener) {
        es_group_tell(run, start);
    }
    return ESTRO_OK;
}

/* ---- telling the model ---- */

/* What a line does within a step of the model that begins at `tick`. */
static es_sound within_step(const es_track *track, es_tick tick, es_tick step)
{
    const int at = es_track_find(track, tick + step - 1);
    es_sound sound = {.before = es_track_at(track, tick).before, .now = ES_SILENT};

    if (at >= 0 && track->notes[at].end >= tick + step) {
        sound.now = track->notes[at].pitch;
        sound.strikes = track->notes[at].start >= tick;
    }
    return sound;
}

static int told_candidate(const es_writer *writer, int voice, const es_sound *sound)
{
    const es_coding *coding = &writer->model->coding;
    int before = sound->before, pitch = sound->now;

    while (pitch >= 0 && pitch < coding->low[voice]) {
        pitch += OCTAVE;
        before += before >= 0 ? OCTAVE : 0;
    }
    while (pitch > coding->high[voice]) {
        pitch -= OCTAVE;
        before -= before >= OCTAVE ? OCTAVE : 0;
    }
    const int candidate = es_writer_candidate(writer, voice, before, pitch, sound->strikes);
    return candidate < 0 ? es_voice_silence(coding, voice) : candidate;
}

void es_group_tell_voice(es_group_run *run, es_writer *writer, int i, const es_sound *sound)
{
    es_sound told = *sound;
    int candidate = told_candidate(writer, i, &told);

    /* What sounded between its places the model was not told: to it nothing is struck again. */
    es_stream_peek(writer->stream, &writer->choice);
    if (candidate >= writer->choice.draw.n_candidates) {
        told.before = ES_SILENT;
        candidate = told_candidate(writer, i, &told);
    }
    es_writer_push(writer, es_engine_net_state(run->engine, run->scene.cast->group), candidate);
}

static void tell_instant(es_group_run *run, es_writer *writer, es_tick tick)
{
    const es_cast *cast = run->scene.cast;
    es_moment moment;

    es_moment_at(&moment, run->scene.beats, tick);
    es_writer_push_plan(writer, run->scene.beats, &moment);
    for (int k = 0; k < cast->n_lines; k++) {
        const int i = es_drawing_order(cast->n_lines, k);
        const es_sound sound = within_step(&run->engine->track[cast->line[i]], tick, writer->step);
        es_group_tell_voice(run, writer, i, &sound);
    }
}

static es_tick next_told(const es_group_run *run, const es_writer *writer, es_tick start,
                         es_tick tick)
{
    const es_cast *cast = run->scene.cast;
    es_tick next = es_beats_next(run->scene.beats, tick);

    for (int i = 0; i < cast->n_lines; i++) {
        const es_tick acts =
            es_track_next(&run->engine->track[cast->line[i]], tick + writer->step - 1);
        next = acts < next ? start + (acts - start) / writer->step * writer->step : next;
    }
    return next;
}

void es_group_tell(es_group_run *run, es_tick start)
{
    const uint32_t group = run->scene.cast->group;
    es_writer *writer = run->engine->writer[group];
    float *state = es_engine_net_state(run->engine, group);

    for (es_tick tick = start; tick < run->end;) {
        const es_tick next = next_told(run, writer, start, tick);
        tell_instant(run, writer, tick);
        es_writer_push(writer, state, es_writer_step(writer, next - tick));
        tick = next;
    }
}
