/*
 * An instant by the weights of the style alone, in two draws: the actions of all parts (weights of their rhythms, over those that have a
 * legal sonority at all), then the sonority (product of the weights of its pitches). So rhythm does not depend on how many pitches happen to
 * be legal, and pitches do not depend on how rhythm was drawn.
 */
#include "base/diag.h"
#include "base/real.h"
#include "gen/draw.h"
#include "gen/group.h"

enum { MOST_VECTORS = 256 };

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
static estro_status weigh(es_group_run *run, const int *actions, double *weight, estro_diag *diag)
{
    es_search *search = &run->engine->search;
    es_options_left left;

    *weight = 0;
    if ((search->must_act && !someone_acts(search, actions)) ||
        !restrict_to(search, actions, &left)) {
        return ESTRO_OK;
    }
    ES_TRY(es_search_foresee(search, actions, run->ahead, diag));
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
static estro_status draw_vector(es_group_run *run, int first, int count, bool *found,
                                estro_diag *diag)
{
    es_search *search = &run->engine->search;
    double *log_p = &run->engine->state->stats.log_p_sampler;
    const double log_p_before = *log_p;
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
    } else {
        *log_p = log_p_before;
    }
    return ESTRO_OK;
}

/* Each part has one thing to do: that a sonority goes with it is seen when they are listed. */
static bool has_no_choice(es_group_run *run)
{
    const es_search *search = &run->engine->search;

    for (int p = 0; p < run->scene.cast->n_parts; p++) {
        if (search->n_actions[p] != 1) {
            return false;
        }
        run->actions[p] = 0;
    }
    return !search->must_act || someone_acts(search, run->actions);
}

static estro_status draw_actions(es_group_run *run, estro_diag *diag)
{
    const es_search *search = &run->engine->search;
    int first = run->scene.cast->n_parts, count = 1;
    bool found;

    for (int p = 0; p < run->scene.cast->n_parts; p++) {
        if (search->n_actions[p] == 0) {
            return es_engine_stuck(run->engine, run->scene.cast->group, run->tick);
        }
    }
    while (first > 0 && count * search->n_actions[first - 1] <= MOST_VECTORS) {
        count *= search->n_actions[--first];
    }
    for (run->ahead = 0; run->ahead < ES_AHEAD_COUNT; run->ahead++) {
        ES_TRY(draw_vector(run, first, count, &found, diag));
        if (found) {
            return ESTRO_OK;
        }
    }
    return es_engine_stuck(run->engine, run->scene.cast->group, run->tick);
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

static estro_status draw_sonority(es_group_run *run, estro_diag *diag)
{
    es_search *search = &run->engine->search;
    es_state *state = run->engine->state;
    es_options_left left;

    if (!restrict_to(search, run->actions, &left)) {
        return es_engine_stuck(run->engine, run->scene.cast->group, run->tick);
    }
    ES_TRY(es_search_foresee(search, run->actions, run->ahead, diag));
    ES_TRY(es_search_list(search, &left, diag));
    const int drawn = draw_one(&run->pitch, search, &state->stats.log_p_sampler);
    if (drawn < 0) {
        return es_engine_stuck(run->engine, run->scene.cast->group, run->tick);
    }
    for (int k = 0; k < search->n; k++) {
        run->chosen[k] = search->found[drawn].option[k];
    }
    run->goes_on = true;
    if (run->ahead % 2) {
        ES_TRY(es_search_foresee(search, run->actions, run->ahead - 1, diag));
        run->goes_on = es_search_stands(search, run->chosen);
    }
    return ESTRO_OK;
}

estro_status es_draw_by_weights(es_group_run *run, estro_diag *diag)
{
    estro_status status = ESTRO_ERR_CONFLICT;

    if (!has_no_choice(run)) {
        ES_TRY(draw_actions(run, diag));
        return draw_sonority(run, diag);
    }
    for (int ahead = 0; ahead < ES_AHEAD_COUNT && status == ESTRO_ERR_CONFLICT; ahead++) {
        run->ahead = ahead;
        status = draw_sonority(run, diag);
    }
    return status;
}
