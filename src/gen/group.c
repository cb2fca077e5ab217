/*
 * A bar of a group, instant by instant: what each part does and which pitches (by_weights.c, by_model.c), then when the next
 * instant comes. When nothing is legal, the instant before is drawn again.
 */
#include "base/diag.h"
#include "gen/draw.h"
#include "gen/group.h"
#include "gen/tone.h"

/* ---- doing it ---- */

static estro_status apply(es_group_run *run, estro_diag *diag)
{
    es_engine *engine = run->engine;
    const es_search *search = &engine->search;
    const es_cast *cast = run->scene.cast;

    for (int k = 0; k < search->n; k++) {
        const int i = search->order[k];
        const es_option *option = &search->option[k][run->chosen[k]];
        const es_action *action = &search->action[cast->place[i]][option->action];
        es_line *line = &engine->state->line[cast->line[i]];
        es_track *track = &engine->track[cast->line[i]];
        const bool strikes = option->act == ES_ACT_STRIKE;

        es_line_advance(line, &search->rules->line[i], &search->moment, option->pitch, strikes);
        if (es_scene_is_exempt(&run->scene, i, run->tick)) {
            es_line_forgive(line);
        }
        if (strikes && run->writer) {
            es_budget_struck(run->writer->model, &engine->state->copied[cast->line[i]],
                             search->sound[k][run->chosen[k]].before, option->pitch, run->tick);
        }
        if (strikes) {
            es_tone_struck(line, &run->scene.style->parts[cast->part[i]], action, option->pitch);
            const es_track_note *note =
                es_scene_is_given(&run->scene, i, run->tick)
                    ? es_given_note(run->scene.given, cast->line[i], run->tick)
                    : NULL;
            if (!es_track_strike(track, run->tick, option->pitch,
                                 note ? note->accent : action->accent,
                                 note ? note->marks : action->marks)) {
                return es_fail_memory(diag);
            }
        } else if (option->act == ES_ACT_REST) {
            es_track_close(track, run->tick);
        }
    }
    for (int p = 0; p < cast->n_parts; p++) {
        const es_action *action = &search->action[p][run->actions[p]];
        es_rhythm *rhythm = &engine->state->rhythm[cast->parts[p]];
        if (es_given_at(run->scene.given, cast->parts[p], run->tick)) {
            es_rhythm_follow(rhythm, run->tick, action->act == ES_ACT_STRIKE);
        } else {
            es_rhythm_take(rhythm, run->tick, action);
        }
    }
    return ESTRO_OK;
}

/* ---- when the next instant comes ---- */

/* The latest tick that may come next: no note or silence may last longer, no held note may be caught by an earlier group. */
static es_tick latest_next(const es_group_run *run, es_tick beat)
{
    const es_engine *engine = run->engine;
    const es_cast *cast = run->scene.cast;
    es_tick latest = beat;

    for (int i = 0; i < cast->n_lines; i++) {
        const es_line *line = &engine->state->line[cast->line[i]];
        if (es_scene_is_given(&run->scene, i, run->tick)) {
            continue;
        }
        if (!engine->state->rhythm[cast->part[i]].is_silent && line->max_end < latest) {
            latest = line->max_end;
        }
        if (line->pitch >= 0) {
            const es_tick limit = es_scene_hold_limit(&run->scene, engine->search.rules, i,
                                                      line->pitch, run->tick, beat);
            latest = limit < latest ? limit : latest;
        }
    }
    return latest;
}

/* Whether anything can be played at a tick of this bar that may come next. */
static estro_status check_step(es_group_run *run, es_tick tick, double *weight, estro_diag *diag)
{
    es_search *search = &run->engine->search;
    static const es_ahead ways[] = {ES_AHEAD_ONE, ES_AHEAD_ANYWHERE}; /* The quick one, the last. */
    int actions[ES_GROUP_LINES];
    es_options_left left;

    ES_TRY(es_search_prepare(search, &run->scene, tick, false, diag));
    for (int p = 0; p < run->scene.cast->n_parts; p++) {
        actions[p] = -1;
    }
    es_search_all(search, &left);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        ES_TRY(es_search_foresee(search, actions, ways[i], diag));
        if (es_search_any(search, &left)) {
            return ESTRO_OK;
        }
    }
    *weight = 0;
    return ESTRO_OK;
}

/* Take the weight of those next ticks at which nothing could be played. The last, the beat, is left prepared. */
static estro_status check_steps(es_group_run *run, es_steps *steps, estro_diag *diag)
{
    int open = 0;

    if (!run->goes_on) {
        steps->weight[steps->count - 1] = 0;
    }
    for (int m = 0; m < steps->count; m++) {
        open += steps->weight[m] > 0;
    }
    for (int m = 0; m < steps->count && open > 1; m++) {
        if (steps->weight[m] > 0 && steps->tick[m] < run->end) {
            ES_TRY(check_step(run, steps->tick[m], &steps->weight[m], diag));
        }
    }
    return ESTRO_OK;
}

/* A quote goes on when it did; an echo rather then. */
static void keep_quoted_step(const es_group_run *run, es_steps *steps)
{
    const es_scene *scene = &run->scene;
    const double other = scene->is_exact ? 0 : 1 / scene->echo_weight;
    const es_tick acts =
        es_quote_next(scene->quote, scene->cast, run->tick - scene->quote_shift.ticks);
    const es_tick beat = steps->tick[steps->count - 1];
    const es_tick next = acts == ES_OPEN_END || acts + scene->quote_shift.ticks > beat
                             ? beat
                             : acts + scene->quote_shift.ticks;

    for (int m = 0; m < steps->count; m++) {
        steps->weight[m] *= steps->tick[m] == next ? 1 : other;
    }
}

/* The times of a part: of what is given; else as its rhythm says, until it is given again. */
static void find_times(const es_group_run *run, int part, es_tick beat, es_times *out)
{
    const es_engine *engine = run->engine;
    const es_given *given = run->scene.given;
    const bool is_given = es_given_at(given, part, run->tick);
    const es_tick until = is_given
                              ? es_given_next(given, &engine->style->parts[part], part, run->tick)
                              : es_given_from(given, part, run->tick);

    if (is_given) {
        out->count = 0;
        out->later = 1;
    } else {
        es_rhythm_times(&engine->state->rhythm[part], &engine->beats, run->tick,
                        until < beat ? until : beat, out);
    }
    if (until < beat && out->count < ES_MAX_TIMES) {
        out->tick[out->count] = until;
        out->weight[out->count++] = out->later;
        out->later = 0;
    }
}

static estro_status draw_step(es_group_run *run, es_tick *next, estro_diag *diag)
{
    es_engine *engine = run->engine;
    const es_cast *cast = run->scene.cast;
    const es_tick beat = es_beats_next(&engine->beats, run->tick);
    es_times times[ES_GROUP_LINES];
    es_steps steps;

    for (int p = 0; p < cast->n_parts; p++) {
        find_times(run, cast->parts[p], beat, &times[p]);
    }
    es_steps_make(&steps, times, cast->n_parts, beat, latest_next(run, beat));
    if (run->scene.quote) {
        keep_quoted_step(run, &steps);
    }
    ES_TRY(check_steps(run, &steps, diag));
    const int drawn = run->writer ? es_draw_step_by_model(run, &steps)
                                  : es_draw_weighted(&run->rhythm, steps.weight, steps.count,
                                                     &engine->state->stats.log_p_sampler);
    if (drawn < 0) {
        return es_engine_stuck(run->engine, run->scene.cast->group, run->tick);
    }
    *next = steps.tick[drawn];
    for (int p = 0; p < cast->n_parts; p++) {
        es_rhythm *rhythm = &engine->state->rhythm[cast->parts[p]];
        if (es_given_at(run->scene.given, cast->parts[p], run->tick)) {
            es_rhythm_skip(rhythm, *next);
        } else {
            es_rhythm_pass(rhythm, *next);
        }
    }
    return ESTRO_OK;
}

/* ---- an instant, a bar ---- */

static estro_status draw_by_model(es_group_run *run, estro_diag *diag)
{
    ES_TRY(es_search_prepare(&run->engine->search, &run->scene, run->tick, false, diag));
    return es_draw_by_model(run, diag);
}

/* In the voicings of the parts; where the rules leave none of those, in any. */
static estro_status draw_by_weights(es_group_run *run, estro_diag *diag)
{
    es_search *search = &run->engine->search;

    ES_TRY(es_search_prepare(search, &run->scene, run->tick, true, diag));
    const estro_status status = es_draw_by_weights(run, diag);
    if (status != ESTRO_ERR_CONFLICT || !search->has_voicing) {
        return status;
    }
    ES_TRY(es_search_prepare(search, &run->scene, run->tick, false, diag));
    return es_draw_by_weights(run, diag);
}

static estro_status draw_instant(es_group_run *run, es_tick *next, estro_diag *diag)
{
    ES_TRY(run->writer ? draw_by_model(run, diag) : draw_by_weights(run, diag));
    ES_TRY(apply(run, diag));
    return draw_step(run, next, diag);
}

static void set_chance(es_group_run *run, uint16_t bar, uint64_t attempt)
{
    const uint32_t group = run->scene.cast->group;

    run->rhythm = es_engine_rng(run->engine, ES_FOR_RHYTHM, bar, group, attempt);
    run->pitch = es_engine_rng(run->engine, ES_FOR_PITCH, bar, group, attempt);
}

static estro_status draw_bar(es_group_run *run, uint16_t bar, estro_diag *diag)
{
    es_engine *engine = run->engine;
    es_tick tick_before = run->tick;
    bool has_before = false;
    size_t here = 0; /* Of the two saved instants, the one that belongs to the present tick. */
    uint64_t attempt = 0;

    set_chance(run, bar, attempt);
    while (run->tick < run->end) {
        es_tick next;
        es_engine_save(engine, engine->saved_instant + here * engine->state_size);
        const estro_status status = draw_instant(run, &next, diag);
        if (status == ESTRO_OK) {
            here ^= 1;
            has_before = true;
            tick_before = run->tick;
            run->tick = next;
            continue;
        }
        if (status != ESTRO_ERR_CONFLICT || !has_before || run->scene.is_exact ||
            ++attempt > ES_INSTANT_TRIES) {
            return status;
        }
        engine->redrawn_instants++;
        here ^= 1;
        has_before = false; /* Only one instant is kept: a second failure in a row is the bar's. */
        es_engine_restore(engine, engine->saved_instant + here * engine->state_size);
        run->tick = tick_before;
        set_chance(run, bar, attempt);
    }
    return ESTRO_OK;
}

/* Whether all that the group plays in the bar is given. */
static bool is_given(const es_group_run *run)
{
    const es_cast *cast = run->scene.cast;

    for (int p = 0; p < cast->n_parts; p++) {
        if (!es_given_covers(run->scene.given, cast->parts[p], run->tick, run->end)) {
            return false;
        }
    }
    return true;
}

/* Whether the model has a place for each time at which something that is given begins or ends. */
static bool has_given_on_grid(const es_group_run *run)
{
    const es_cast *cast = run->scene.cast;
    const es_given *given = run->scene.given;

    for (int p = 0; p < cast->n_parts; p++) {
        const int part = cast->parts[p];
        es_tick tick =
            es_given_at(given, part, run->tick) ? run->tick : es_given_from(given, part, run->tick);
        while (tick < run->end) {
            if ((tick - run->tick) % run->writer->step != 0) {
                return false;
            }
            tick = es_given_at(given, part, tick)
                       ? es_given_next(given, &run->scene.style->parts[part], part, tick)
                       : es_given_from(given, part, tick);
        }
    }
    return true;
}

estro_status es_group_bar(es_engine *engine, uint32_t group, uint16_t bar, estro_diag *diag)
{
    const es_tick end = engine->beats.start + (bar + 1) * engine->beats.bar;
    es_group_run run = {.engine = engine, .tick = end - engine->beats.bar, .end = end};

    if (engine->cast[group].n_lines == 0) {
        return ESTRO_OK;
    }
    es_engine_scene(engine, group, bar, &run.scene);
    run.writer = engine->writer[group];
    if (run.writer) {
        ES_TRY(es_writer_reserve(run.writer, (size_t)(engine->beats.bar / run.writer->step), diag));
    }
    if (is_given(&run)) {
        return es_group_place(&run, diag);
    }
    const bool is_told = run.writer && !has_given_on_grid(&run);
    if (is_told) { /* The model cannot write beside it: the weights do, and it is told. */
        run.writer = NULL;
        run.scene.is_modelled = false;
    }
    ES_TRY(draw_bar(&run, bar, diag));
    if (is_told) {
        es_group_tell(&run, end - engine->beats.bar);
    }
    return ESTRO_OK;
}
