/*
 * An instant by a model inside the style: the model chooses voice by voice among what can be completed to a legal sonority with a
 * successor. p(candidate) is proportional to p_model^a times the weight of the style, which is mild here: what the style prefers.
 *
 * Several options of a line may be one candidate to the model (held or struck again, where it knows no re-strikes): then the
 * candidate is drawn first, and the style's weights choose among its options.
 */
#include "base/diag.h"
#include "base/real.h"
#include "gen/draw.h"
#include "gen/group.h"

/* Draw a candidate by the model: the weight of each times its probability. Counted in the statistics. */
static int draw_candidate(es_group_run *run, const double *allowed)
{
    const es_writer *writer = run->writer;
    es_compose_stats *stats = &run->engine->state->stats;
    const int count = writer->choice.draw.n_candidates;
    double weights[ES_MAX_CANDIDATES] = {0};
    double z = 0;
    int open = 0;

    for (int c = 0; c < count; c++) {
        weights[c] = 0;
        if (allowed[c] > 0) {
            weights[c] = allowed[c] * es_exp(writer->exponent * (double)writer->log_p[c]);
            z += es_exp((double)writer->log_p[c]);
            open++;
        }
    }
    const int drawn = es_draw_weighted(&run->pitch, weights, count, &stats->log_p_sampler);
    if (drawn >= 0) {
        if (!run->scene.is_exact) { /* What is said again is no choice. */
            stats->draws++;
            stats->forced += open == 1;
            stats->sum_z += z < 1 ? z : 1;
            stats->sum_log_z += es_log(z < 1 ? z : 1);
        }
        stats->log_p_model += (double)writer->log_p[drawn];
    }
    return drawn;
}

static int candidate_of(const es_group_run *run, int k, int o)
{
    const es_search *search = &run->engine->search;
    const es_sound *sound = &search->sound[k][o];
    const int candidate = es_writer_candidate(run->writer, search->order[k], sound->before,
                                              sound->now, sound->strikes);

    return candidate < run->writer->choice.draw.n_candidates ? candidate : -1;
}

/* A line of which the model is told: actions by the rhythm, then pitches by their weights. */
static int draw_given(es_group_run *run, int k, double *weights)
{
    const es_search *search = &run->engine->search;
    const int place = run->scene.cast->place[search->order[k]];
    double of_action[ES_MAX_ACTIONS] = {0};

    for (int o = 0; o < search->n_options[k]; o++) {
        of_action[search->option[k][o].action] += weights[o];
    }
    for (int o = 0; o < search->n_options[k]; o++) {
        const int action = search->option[k][o].action;
        if (weights[o] > 0) {
            weights[o] *= search->action[place][action].weight / of_action[action];
        }
    }
    return es_draw_weighted(&run->pitch, weights, search->n_options[k],
                            &run->engine->state->stats.log_p_sampler);
}

/* Draw the option of the k-th line among those left. */
static int draw_option(es_group_run *run, es_options_left *left, int k)
{
    es_search *search = &run->engine->search;
    double allowed[ES_MAX_CANDIDATES] = {0}, weights[ES_MAX_OPTIONS];

    for (int o = 0; o < search->n_options[k]; o++) {
        const int candidate = candidate_of(run, k, o);
        es_options_left below = *left;
        weights[o] = 0;
        if (!(left->of[k] >> o & 1) || candidate < 0) {
            continue;
        }
        search->chosen[k] = (uint8_t)o;
        if (es_search_narrow(search, &below, k, o) && es_search_any_after(search, &below, k)) {
            weights[o] =
                search->option[k][o].weight * es_search_pair_weight(search, search->chosen, k, o);
            if (k + 1 == search->n) {
                weights[o] *= es_search_set_weight(search, search->chosen);
            }
            allowed[candidate] += weights[o];
        }
    }
    if (es_scene_by_weights(&run->scene, search->order[k])) {
        return draw_given(run, k, weights);
    }
    const int drawn = draw_candidate(run, allowed);
    for (int o = 0; o < search->n_options[k]; o++) {
        if (drawn < 0 || candidate_of(run, k, o) != drawn) {
            weights[o] = 0;
        }
    }
    return es_draw_weighted(&run->rhythm, weights, search->n_options[k],
                            &run->engine->state->stats.log_p_sampler);
}

/* Look ahead as strictly as leaves something. */
static estro_status foresee(es_group_run *run, es_options_left *left, estro_diag *diag)
{
    es_search *search = &run->engine->search;

    for (int p = 0; p < run->scene.cast->n_parts; p++) {
        run->actions[p] = -1;
    }
    es_search_all(search, left);
    for (run->ahead = 0; run->ahead < ES_AHEAD_COUNT; run->ahead++) {
        ES_TRY(es_search_foresee(search, run->actions, run->ahead, diag));
        if (es_search_any(search, left)) {
            return ESTRO_OK;
        }
    }
    return es_engine_stuck(run->engine, run->scene.cast->group, run->tick);
}

estro_status es_draw_by_model(es_group_run *run, estro_diag *diag)
{
    es_search *search = &run->engine->search;
    float *state = es_engine_net_state(run->engine, run->scene.cast->group);
    es_options_left left;

    es_writer_push_plan(run->writer, run->scene.beats, &search->moment);
    ES_TRY(foresee(run, &left, diag));
    for (int k = 0; k < search->n; k++) {
        const int i = search->order[k];
        const bool is_given = es_scene_is_given(&run->scene, i, run->tick);
        if (!is_given) {
            es_writer_look(run->writer, state);
        }
        const int o = is_given ? 0 : draw_option(run, &left, k);
        if (o < 0) {
            return es_engine_stuck(run->engine, run->scene.cast->group, run->tick);
        }
        search->chosen[k] = run->chosen[k] = (uint8_t)o;
        es_search_narrow(search, &left, k, o);
        run->actions[run->scene.cast->place[i]] = search->option[k][o].action;
        if (is_given) {
            es_group_tell_voice(run, run->writer, i, &search->sound[k][o]);
        } else {
            es_writer_push(run->writer, state, candidate_of(run, k, o));
        }
    }
    run->goes_on = true;
    if (run->ahead % 2) {
        ES_TRY(es_search_foresee(search, run->actions, run->ahead - 1, diag));
        run->goes_on = es_search_stands(search, run->chosen);
    }
    return ESTRO_OK;
}

/* Whether all parts play in a free rhythm: then the model alone says when. */
static bool is_free(const es_group_run *run)
{
    if (run->scene.style->groups[run->scene.cast->group].given) {
        return false;
    }
    for (int p = 0; p < run->scene.cast->n_parts; p++) {
        if (run->scene.rhythms[run->scene.cast->parts[p]].pattern) {
            return false;
        }
    }
    return true;
}

int es_draw_step_by_model(es_group_run *run, const es_steps *steps)
{
    const bool by_model_alone = is_free(run);
    float *state = es_engine_net_state(run->engine, run->scene.cast->group);
    double allowed[ES_MAX_CANDIDATES] = {0};
    int step[ES_MAX_CANDIDATES];

    es_writer_look(run->writer, state);
    for (int m = 0; m < steps->count; m++) {
        const int candidate = es_writer_step(run->writer, steps->tick[m] - run->tick);
        if (candidate >= 0 && candidate < run->writer->choice.draw.n_candidates) {
            allowed[candidate] = by_model_alone ? steps->weight[m] > 0 : steps->weight[m];
            step[candidate] = m;
        }
    }
    const int drawn = draw_candidate(run, allowed);
    if (drawn < 0) {
        return -1;
    }
    es_writer_push(run->writer, state, drawn);
    return step[drawn];
}
