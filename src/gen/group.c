/*
 * A bar of a group, instant by instant: what each part does, which pitches, when the next instant comes.
 *
 * By weights alone an instant is two draws: the actions of all parts (weights of their rhythms, over those that have a legal
 * sonority at all), then the sonority (product of the weights of its pitches). So rhythm does not depend on how many pitches happen to
 * be legal, and pitches do not depend on how rhythm was drawn. When nothing is legal, the instant before is drawn again.
 */
#include "base/diag.h"
#include "base/real.h"
#include "gen/draw.h"
#include "gen/engine.h"
#include "gen/tone.h"

enum { MOST_VECTORS = 256 };

typedef struct group_run {
    es_engine *engine;
    es_scene scene;
    es_rng rhythm, pitch; /* Chance of actions and times; of sonorities. */
    int actions[ES_GROUP_LINES];
    uint8_t chosen[ES_GROUP_LINES];
    bool relaxed; /* No sonority leads to the next beat in one move: some part must move before. */
    bool goes_on; /* The one that was drawn does. */
    es_tick tick;
    es_tick end; /* Of the bar. */
} group_run;

static estro_status stuck(group_run *run)
{
    run->engine->stuck_at = run->tick;
    run->engine->stuck_group = run->scene.cast->group;
    return ESTRO_ERR_CONFLICT;
}

/* ---- what each part does ---- */

static bool restrict_to(const es_search *search, const int *actions, es_options_left *left)
{
    const es_cast *cast = search->scene->cast;

    es_search_all(search, left);
    for (int k = 0; k < search->n; k++) {
        const int action = actions[cast->place[search->order[k]]];
        if (action >= 0) {
            left->of[k] &= search->of_action[k][action];
        }
        if (left->of[k] == 0) {
            return false;
        }
    }
    return true;
}

static bool someone_acts(const es_search *search, const int *actions)
{
    for (int p = 0; p < search->scene->cast->n_parts; p++) {
        if (search->action[p][actions[p]].act != ES_ACT_HOLD) {
            return true;
        }
    }
    return false;
}

/* The weight of a vector of actions, 0 when no sonority goes with it. */
static estro_status weigh(group_run *run, const int *actions, double *weight, estro_diag *diag)
{
    es_search *search = &run->engine->search;
    es_options_left left;

    *weight = 0;
    if ((search->must_act && !someone_acts(search, actions)) ||
        !restrict_to(search, actions, &left)) {
        return ESTRO_OK;
    }
    ES_TRY(es_search_foresee(search, actions, run->relaxed, diag));
    if (!es_search_any(search, &left)) {
        return ESTRO_OK;
    }
    *weight = 1;
    for (int p = 0; p < search->scene->cast->n_parts; p++) {
        *weight *= search->action[p][actions[p]].weight;
    }
    return ESTRO_OK;
}

static void vector_at(const es_search *search, int first, int index, int *actions)
{
    for (int p = first; p < search->scene->cast->n_parts; p++) {
        actions[p] = index % search->n_actions[p];
        index /= search->n_actions[p];
    }
}

/* Parts from `first` on are drawn jointly, in `count` ways; those before, when there are too many ways, one by one. */
static estro_status draw_vector(group_run *run, int first, int count, bool *found, estro_diag *diag)
{
    es_search *search = &run->engine->search;
    double *log_p = &run->engine->state->stats.log_p_sampler;
    double weights[MOST_VECTORS];

    for (int p = 0; p < first; p++) {
        for (int a = 0; a < search->n_actions[p]; a++) {
            weights[a] = search->action[p][a].weight;
        }
        run->actions[p] = es_draw_weighted(&run->rhythm, weights, search->n_actions[p], log_p);
    }
    for (int v = 0; v < count; v++) {
        vector_at(search, first, v, run->actions);
        ES_TRY(weigh(run, run->actions, &weights[v], diag));
    }
    const int drawn = es_draw_weighted(&run->rhythm, weights, count, log_p);
    *found = drawn >= 0;
    if (*found) {
        vector_at(search, first, drawn, run->actions);
    }
    return ESTRO_OK;
}

static estro_status draw_actions(group_run *run, estro_diag *diag)
{
    const es_search *search = &run->engine->search;
    int first = run->scene.cast->n_parts, count = 1;
    bool found;

    for (int p = 0; p < run->scene.cast->n_parts; p++) {
        if (search->n_actions[p] == 0) {
            return stuck(run);
        }
    }
    while (first > 0 && count * search->n_actions[first - 1] <= MOST_VECTORS) {
        count *= search->n_actions[--first];
    }
    run->relaxed = false;
    ES_TRY(draw_vector(run, first, count, &found, diag));
    if (!found) { /* Nothing gets to the next beat in one move; perhaps in two. */
        run->relaxed = true;
        ES_TRY(draw_vector(run, first, count, &found, diag));
    }
    return found ? ESTRO_OK : stuck(run);
}

/* ---- which pitches ---- */

static int draw_one(es_rng *rng, const es_search *search, double *log_p)
{
    double total = 0;

    if (search->n_found <= 1) {
        return (int)search->n_found - 1;
    }
    for (size_t s = 0; s < search->n_found; s++) {
        total += search->found[s].weight;
    }
    double left = es_rng_unit(rng) * total;
    size_t drawn = 0;
    while (drawn + 1 < search->n_found && left >= search->found[drawn].weight) {
        left -= search->found[drawn++].weight;
    }
    *log_p += es_log(search->found[drawn].weight / total);
    return (int)drawn;
}

static estro_status draw_sonority(group_run *run, estro_diag *diag)
{
    es_search *search = &run->engine->search;
    es_state *state = run->engine->state;
    es_options_left left;

    if (!restrict_to(search, run->actions, &left)) {
        return stuck(run);
    }
    ES_TRY(es_search_foresee(search, run->actions, run->relaxed, diag));
    ES_TRY(es_search_list(search, &left, diag));
    const int drawn = draw_one(&run->pitch, search, &state->stats.log_p_sampler);
    if (drawn < 0) {
        return stuck(run);
    }
    for (int k = 0; k < search->n; k++) {
        run->chosen[k] = search->found[drawn].option[k];
    }
    run->goes_on = true;
    if (run->relaxed) {
        ES_TRY(es_search_foresee(search, run->actions, false, diag));
        run->goes_on = es_search_stands(search, run->chosen);
    }
    return ESTRO_OK;
}

/* ---- doing it ---- */

static estro_status apply(group_run *run, estro_diag *diag)
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
        if (strikes) {
            es_tone_struck(line, &run->scene.style->parts[cast->part[i]], action, option->pitch);
            if (!es_track_strike(track, run->tick, option->pitch, action->accent)) {
                return es_fail_memory(diag);
            }
        } else if (option->act == ES_ACT_REST) {
            es_track_close(track, run->tick);
        }
    }
    for (int p = 0; p < cast->n_parts; p++) {
        es_rhythm_take(&engine->state->rhythm[cast->parts[p]], run->tick,
                       &search->action[p][run->actions[p]]);
    }
    return ESTRO_OK;
}

/* ---- when the next instant comes ---- */

/* The latest tick that may come next: no note or silence may last longer, no held note may be caught by an earlier group. */
static es_tick latest_next(const group_run *run, es_tick beat)
{
    const es_engine *engine = run->engine;
    const es_cast *cast = run->scene.cast;
    es_tick latest = beat;

    for (int i = 0; i < cast->n_lines; i++) {
        const es_line *line = &engine->state->line[cast->line[i]];
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
static estro_status check_step(group_run *run, es_tick tick, double *weight, estro_diag *diag)
{
    es_search *search = &run->engine->search;
    int actions[ES_GROUP_LINES];
    es_options_left left;

    ES_TRY(es_search_prepare(search, &run->scene, tick, diag));
    for (int p = 0; p < run->scene.cast->n_parts; p++) {
        actions[p] = -1;
    }
    ES_TRY(es_search_foresee(search, actions, true, diag));
    es_search_all(search, &left);
    if (!es_search_any(search, &left)) {
        *weight = 0;
    }
    return ESTRO_OK;
}

/* Take the weight of those next ticks at which nothing could be played. The last, the beat, is left prepared. */
static estro_status check_steps(group_run *run, es_steps *steps, estro_diag *diag)
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

static estro_status draw_step(group_run *run, es_tick *next, estro_diag *diag)
{
    es_engine *engine = run->engine;
    const es_cast *cast = run->scene.cast;
    const es_tick beat = es_beats_next(&engine->beats, run->tick);
    es_times times[ES_GROUP_LINES];
    es_steps steps;

    for (int p = 0; p < cast->n_parts; p++) {
        es_rhythm_times(&engine->state->rhythm[cast->parts[p]], &engine->beats, run->tick, beat,
                        &times[p]);
    }
    es_steps_make(&steps, times, cast->n_parts, beat, latest_next(run, beat));
    ES_TRY(check_steps(run, &steps, diag));
    const int drawn = es_draw_weighted(&run->rhythm, steps.weight, steps.count,
                                       &engine->state->stats.log_p_sampler);
    if (drawn < 0) {
        return stuck(run);
    }
    *next = steps.tick[drawn];
    for (int p = 0; p < cast->n_parts; p++) {
        es_rhythm_pass(&engine->state->rhythm[cast->parts[p]], *next);
    }
    return ESTRO_OK;
}

/* ---- an instant, a bar ---- */

static estro_status draw_instant(group_run *run, es_tick *next, estro_diag *diag)
{
    ES_TRY(es_search_prepare(&run->engine->search, &run->scene, run->tick, diag));
    ES_TRY(draw_actions(run, diag));
    ES_TRY(draw_sonority(run, diag));
    ES_TRY(apply(run, diag));
    return draw_step(run, next, diag);
}

static void set_chance(group_run *run, uint16_t bar, uint64_t attempt)
{
    const uint32_t group = run->scene.cast->group;

    run->rhythm = es_engine_rng(run->engine, ES_FOR_RHYTHM, bar, group, attempt);
    run->pitch = es_engine_rng(run->engine, ES_FOR_PITCH, bar, group, attempt);
}

estro_status es_group_bar(es_engine *engine, uint32_t group, uint16_t bar, estro_diag *diag)
{
    const es_tick end = engine->beats.start + (bar + 1) * engine->beats.bar;
    group_run run = {.engine = engine, .tick = end - engine->beats.bar, .end = end};
    es_tick tick_before = run.tick;
    bool has_before = false;
    size_t here = 0; /* Of the two saved instants, the one that belongs to the present tick. */
    uint64_t attempt = 0;

    if (engine->cast[group].n_lines == 0) {
        return ESTRO_OK;
    }
    es_engine_scene(engine, group, bar, &run.scene);
    set_chance(&run, bar, attempt);
    while (run.tick < end) {
        es_tick next;
        es_engine_save(engine, engine->saved_instant + here * engine->state_size);
        const estro_status status = draw_instant(&run, &next, diag);
        if (status == ESTRO_OK) {
            here ^= 1;
            has_before = true;
            tick_before = run.tick;
            run.tick = next;
            continue;
        }
        if (status != ESTRO_ERR_CONFLICT || !has_before || ++attempt > ES_INSTANT_TRIES) {
            return status;
        }
        engine->redrawn_instants++;
        here ^= 1;
        has_before = false; /* Only one instant is kept: a second failure in a row is the bar's. */
        es_engine_restore(engine, engine->saved_instant + here * engine->state_size);
        run.tick = tick_before;
        set_chance(&run, bar, attempt);
    }
    return ESTRO_OK;
}
