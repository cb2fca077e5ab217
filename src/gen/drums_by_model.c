/*
 * A bar of drums by a model inside the style. First it is laid down what may stand at each place of the bar: all of it where the part
 * plays free; what the chosen cell of the groove has, with the weights of its chances; only what was there, where a phrase is said
 * again. Then the model draws instant by instant, lane by lane: p(candidate) is proportional to p_model^a times that weight, over what no
 * constraint forbids.
 *
 * What the kit of the model does not have (claps, shakers), or what stands off its grid, is drawn as without a model, before the rest.
 */
#include "gen/drums.h"

#include "base/diag.h"
#include "base/real.h"
#include "gen/draw.h"
#include "gen/drum_writer.h"

#include <string.h>

/* Weights of what stood in the bar that is taken up: a hit; nothing. Silence weighs less, or grooves thin out. */
static const double echo_weight = 6, echo_silence = 1.4;

enum { SIXTEENTH = ES_QUARTER / 4, SURE = 100 };

/* ---- what may be ---- */

static es_drum_writer *writer_of(const es_drum_bar *bar)
{
    return bar->engine->drum_writer[bar->group];
}

static void allow_all(es_drum_writer *w)
{
    w->is_free = true;
    for (uint32_t step = 0; step < w->bar_steps; step++) {
        for (int k = 0; k < ES_KIT_LANES; k++) {
            for (int c = 0; c < es_kit_candidates(k); c++) {
                w->cell[step][k].weight[c] = 1;
            }
        }
    }
}

/*
 * A bar that takes up an earlier one of its phrase (a motif): what stood there weighs more. The model by itself goes from each
 * bar to the next and so away from where it began; a drummer comes back.
 */
static void echo(es_drum_bar *bar)
{
    es_drum_writer *w = writer_of(bar);
    const es_engine *engine = bar->engine;
    const int echoed = engine->beats.phrase->bar[bar->bar].echo[bar->part];
    const es_tick start = engine->beats.start + echoed * engine->beats.bar;

    if (echoed < 0 || echoed >= bar->bar) {
        return;
    }
    for (uint32_t step = 0; step < w->bar_steps; step++) {
        for (int k = 0; k < ES_KIT_LANES; k++) {
            w->cell[step][k].weight[0] = echo_silence;
        }
    }
    for (size_t i = 0; i < engine->state->n_drums; i++) {
        const es_note *note = &engine->drums[i];
        const int piece = es_kit_piece_of_key(note->key);
        if (note->part != bar->part || note->start < start ||
            note->start >= start + engine->beats.bar || piece < 0) {
            continue;
        }
        const es_tick step = (note->start - start) / w->step;
        double *weight = w->cell[step][es_kit_lane(piece)].weight;
        weight[0] = 1;
        for (int level = -1; level <= 1; level++) {
            weight[es_kit_candidate(piece, level)] = echo_weight;
        }
        w->echoes[step] = true;
    }
    w->has_echo = true;
}

static void allow_nothing(es_drum_writer *w)
{
    w->is_free = false;
    for (uint32_t step = 0; step < w->bar_steps; step++) {
        for (int k = 0; k < ES_KIT_LANES; k++) {
            w->cell[step][k].weight[0] = 1;
        }
    }
}

/*
 * Allow a hit with a chance in percent. One that is sure has its own loudness, of one left to chance the model chooses it too.
 * @return false when the model has no place or piece for it, or its lane is taken.
 */
static bool allow(es_drum_bar *bar, const es_note *note, int chance)
{
    es_drum_writer *w = writer_of(bar);
    const int piece = es_kit_piece_of_key(note->key);

    if (piece < 0 || (note->start - bar->start) % w->step != 0) {
        return false;
    }
    es_drum_cell *cell = &w->cell[(note->start - bar->start) / w->step][es_kit_lane(piece)];
    if (cell->key) {
        return false;
    }
    cell->key = note->key;
    cell->duration = note->duration;
    cell->marks = note->marks;
    cell->weight[0] = (double)(SURE - chance) / SURE;
    for (int level = -1; level <= 1; level++) {
        cell->weight[es_kit_candidate(piece, level)] =
            chance < SURE ? (double)chance / SURE : level == note->accent;
    }
    return true;
}

static estro_status allow_quote(es_drum_bar *bar, const es_scene *scene, estro_diag *diag)
{
    allow_nothing(writer_of(bar));
    for (size_t i = 0; i < scene->quote->n_drums; i++) {
        es_note note = scene->quote->drums[i];
        note.start += scene->quote_shift.ticks;
        if (note.part != bar->part || note.start < bar->start || note.start >= bar->end) {
            continue;
        }
        if (!allow(bar, &note, SURE)) {
            ES_TRY(es_drums_sound(bar, note, diag));
        }
    }
    return ESTRO_OK;
}

/* What is given, whatever the constraints say. */
static estro_status allow_given(es_drum_bar *bar, const es_given *given, estro_diag *diag)
{
    allow_nothing(writer_of(bar));
    for (size_t i = es_given_first_drum(given, bar->start);
         i < given->n_drums && given->drums[i].start < bar->end; i++) {
        const es_note *note = &given->drums[i];
        if (note->part == bar->part && !allow(bar, note, SURE)) {
            ES_TRY(es_drums_sound(bar, *note, diag));
        }
    }
    return ESTRO_OK;
}

/* A cell of the groove: what the model does not know is drawn at once. */
static estro_status allow_cell(es_drum_bar *bar, es_rng *rng, estro_diag *diag)
{
    es_hit foreign[ES_MAX_CELL_HITS];
    uint32_t n_foreign = 0;

    if (!es_drums_choose_cell(bar, rng)) {
        return ESTRO_ERR_CONFLICT;
    }
    allow_nothing(writer_of(bar));
    for (uint32_t h = 0; h < bar->cell->n_hits; h++) {
        const es_hit *hit = &bar->cell->hits[h];
        const es_note note = es_drums_note(bar, hit);
        if (note.start >= bar->start && note.start < bar->end && !allow(bar, &note, hit->chance)) {
            foreign[n_foreign++] = *hit;
        }
    }
    const es_cell rest = {.n_hits = n_foreign, .hits = foreign};
    es_drum_bar others = *bar;
    others.cell = &rest;
    return es_drums_draw_hits(&others, rng, diag);
}

/* ---- the plan ---- */

/* Where the plan wants a fill: in the last bar of a phrase that others follow. */
static bool is_fill(const es_drum_bar *bar)
{
    const es_plan_phrase *phrase = bar->engine->beats.phrase;

    return phrase->n_bars > 1 && bar->bar + 1 == phrase->n_bars && !phrase->is_last;
}

/* Draw by the weights times the model's probabilities. Counted in the statistics, unless it is said again. */
static int draw(es_drum_bar *bar, const double *allowed, es_rng *rng, bool is_quote)
{
    const es_drum_writer *w = writer_of(bar);
    es_compose_stats *stats = &bar->engine->state->stats;
    const int count = w->choice.draw.n_candidates;
    double weights[ES_MAX_CANDIDATES] = {0};
    double z = 0;
    int open = 0;

    for (int c = 0; c < count; c++) {
        if (allowed[c] > 0) {
            weights[c] = allowed[c] * es_exp(w->exponent * (double)w->log_p[c]);
            z += es_exp((double)w->log_p[c]);
            open++;
        }
    }
    const int drawn = es_draw_weighted(rng, weights, count, &stats->log_p_sampler);
    if (drawn >= 0 && !is_quote) {
        stats->draws++;
        stats->forced += open == 1;
        stats->sum_z += z < 1 ? z : 1;
        stats->sum_log_z += es_log(z < 1 ? z : 1);
    }
    stats->log_p_model += drawn >= 0 ? (double)w->log_p[drawn] : 0;
    return drawn;
}

/* The family: that of the feel that the style asks for, else the model's own choice. */
static int draw_family(es_drum_bar *bar, const float *state, es_rng *rng)
{
    es_drum_writer *w = writer_of(bar);
    const es_feel *feel = bar->engine->style->performance.feel;
    const int family = feel ? es_family_of(feel->name) : ES_FAMILIES - 1;
    double any[ES_FAMILIES];
    double ignored = 0;

    if (family < ES_FAMILIES - 1) {
        return family;
    }
    es_drum_writer_look(w, state);
    for (int f = 0; f < ES_FAMILIES; f++) {
        any[f] = es_exp((double)w->log_p[f]);
    }
    const int drawn = es_draw_weighted(rng, any, ES_FAMILIES, &ignored);
    return drawn < 0 ? ES_FAMILIES - 1 : drawn;
}

/* Tell what the stream asks of the plan. */
static void push_plan(es_drum_bar *bar, float *state, es_rng *rng)
{
    es_drum_writer *w = writer_of(bar);
    uint8_t slot, lane;

    for (es_drum_stream_peek_slot(w->stream, &slot, &lane); slot < ES_DRUM_STEP;
         es_drum_stream_peek_slot(w->stream, &slot, &lane)) {
        int candidate = is_fill(bar) ? ES_DRUM_FILL : ES_DRUM_GROOVE;
        if (slot == ES_DRUM_METER) {
            candidate = es_meter_token(bar->engine->beats.meter);
        } else if (slot == ES_DRUM_FAMILY) {
            candidate = draw_family(bar, state, rng);
        }
        es_drum_writer_push(w, state, candidate);
    }
}

/* ---- constraints ---- */

/* An instant that is being drawn. */
typedef struct instant {
    es_drum_bar *bar;
    es_rng *rng;
    float *state;
    bool is_quote; /* It is said again, ... */
    bool is_given; /* ... or given. */
    uint32_t step; /* Of the bar. */
    uint8_t hits[ES_KIT_LANES];
} instant;

static es_tick tick_of(const instant *now)
{
    return now->bar->start + (es_tick)now->step * writer_of(now->bar)->step;
}

static uint8_t key_of(const es_drum_writer *w, uint32_t step, int lane, int candidate)
{
    const es_drum_cell *cell = &w->cell[step][lane];

    return cell->key ? cell->key : es_kit_key(es_kit_piece_of(lane, candidate));
}

/* Can a key still sound at a step: at any where the groove has it, at the beats of a free bar? */
static bool may_sound_at(const es_drum_bar *bar, uint32_t step, int key)
{
    const es_drum_writer *w = writer_of(bar);
    const int piece = es_kit_piece_of_key(key);
    const es_tick beat = bar->engine->beats.beat / w->step;

    if (piece < 0) {
        return false;
    }
    if (w->is_free) {
        return key == es_kit_key(piece) && step % (uint32_t)beat == 0;
    }
    const es_drum_cell *cell = &w->cell[step][es_kit_lane(piece)];
    return cell->key == key && cell->weight[es_kit_candidate(piece, 0)] +
                                       cell->weight[es_kit_candidate(piece, -1)] +
                                       cell->weight[es_kit_candidate(piece, 1)] >
                                   0;
}

static bool has_sounded(const es_drum_bar *bar, int key)
{
    const es_engine *engine = bar->engine;

    for (size_t i = engine->state->n_drums; i-- > 0;) {
        const es_note *note = &engine->drums[i];
        if (note->part == bar->part && note->key == key && note->start >= bar->start &&
            note->start < bar->end) {
            return true;
        }
    }
    return false;
}

/* Is this step the last at which an "absent" can be satisfied with the key? */
static bool is_due(const es_drum_bar *bar, uint32_t step, int key)
{
    const es_style *style = bar->engine->style;
    const es_drum_writer *w = writer_of(bar);
    const es_tick tick = bar->start + (es_tick)step * w->step;

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        const es_constraint *c = &style->constraints[i];
        if (c->kind != ES_CONSTRAINT_ABSENT || c->n != key || !may_sound_at(bar, step, key)) {
            continue;
        }
        if (es_drums_by_instant(c)) {
            if (es_drums_are_told(bar, c, tick)) {
                return true;
            }
            continue;
        }
        if (!es_drums_are_told(bar, c, bar->end - bar->engine->beats.beat) ||
            has_sounded(bar, key)) {
            continue;
        }
        uint32_t later = step + 1;
        while (later < w->bar_steps && !may_sound_at(bar, later, key)) {
            later++;
        }
        if (later == w->bar_steps) {
            return true;
        }
    }
    return false;
}

/* Does a key clash with what sounds at this instant, or with what has to? */
static bool is_excluded(const instant *now, uint8_t key)
{
    const es_engine *engine = now->bar->engine;

    for (uint32_t i = 0; i < engine->style->n_constraints; i++) {
        const es_constraint *c = &engine->style->constraints[i];
        if (c->kind == ES_CONSTRAINT_ABSENT && c->n != key &&
            es_drums_are_apart(now->bar, tick_of(now), (uint8_t)c->n, key) &&
            is_due(now->bar, now->step, c->n)) {
            return true;
        }
    }

    for (size_t i = engine->state->n_drums; i-- > 0;) {
        const es_note *note = &engine->drums[i];
        if (note->part == now->bar->part && note->start == tick_of(now) &&
            es_drums_are_apart(now->bar, tick_of(now), note->key, key)) {
            return true;
        }
    }
    return false;
}

/* ---- an instant ---- */

/* Could a lane be hit at a step, as far as the groove says? */
static bool has_hit(const es_drum_writer *w, uint32_t step, int lane)
{
    for (int c = 1; c < es_kit_candidates(lane); c++) {
        if (w->cell[step][lane].weight[c] > 0) {
            return true;
        }
    }
    return false;
}

/* Must something be hit at a step: the groove says so, or a constraint? */
static bool is_sure(const es_drum_bar *bar, uint32_t step)
{
    const es_drum_writer *w = writer_of(bar);

    for (int k = 0; k < ES_KIT_LANES; k++) {
        if (!w->is_free && has_hit(w, step, k) &&
            (!(w->cell[step][k].weight[0] > 0) || is_due(bar, step, w->cell[step][k].key))) {
            return true;
        }
    }
    return false;
}

/* Off the beat something has to be hit: is this lane the last that can be? */
static bool is_last_chance(const instant *now, int lane)
{
    static const uint8_t nothing[ES_KIT_LANES] = {0};
    const es_drum_writer *w = writer_of(now->bar);
    const uint32_t beat = (uint32_t)(now->bar->engine->beats.beat / w->step);

    if (now->step % beat == 0 || memcmp(now->hits, nothing, (size_t)lane) != 0) {
        return false;
    }
    for (int k = lane + 1; k < ES_KIT_LANES; k++) {
        if (has_hit(w, now->step, k)) {
            return false;
        }
    }
    return true;
}

/* Weights of the candidates of a lane: what is due alone, else all that no constraint forbids. */
static void weigh_lane(const instant *now, int lane, double *allowed)
{
    const es_drum_writer *w = writer_of(now->bar);
    const es_drum_cell *cell = &w->cell[now->step][lane];
    const int count = es_kit_candidates(lane);
    bool any_is_due = false;

    for (int c = 1; c < count; c++) {
        const uint8_t key = key_of(w, now->step, lane, c);
        const bool is_open = cell->weight[c] > 0;
        if (is_open && is_due(now->bar, now->step, key) && !any_is_due) {
            any_is_due = true;
            memset(allowed, 0, (size_t)count * sizeof *allowed);
        }
        const bool may =
            is_open && (!any_is_due || is_due(now->bar, now->step, key)) && !is_excluded(now, key);
        allowed[c] = may ? cell->weight[c] : 0;
    }
    allowed[0] = any_is_due || is_last_chance(now, lane) ? 0 : cell->weight[0];
}

static estro_status draw_lane(instant *now, int lane, estro_diag *diag)
{
    es_drum_bar *bar = now->bar;
    es_drum_writer *w = writer_of(bar);
    const es_drum_cell *cell = &w->cell[now->step][lane];
    double allowed[ES_MAX_CANDIDATES] = {0};

    es_drum_writer_look(w, now->state);
    if (now->is_given) {
        memcpy(allowed, cell->weight, sizeof cell->weight);
    } else {
        weigh_lane(now, lane, allowed);
    }
    const int drawn = draw(bar, allowed, now->rng, now->is_quote || now->is_given);
    if (drawn < 0) {
        return ESTRO_ERR_CONFLICT;
    }
    now->hits[lane] = (uint8_t)drawn;
    es_drum_writer_push(w, now->state, drawn);
    if (drawn == 0) {
        return ESTRO_OK;
    }
    return es_drums_sound(bar,
                          (es_note){.start = tick_of(now),
                                    .duration = cell->duration ? cell->duration : SIXTEENTH,
                                    .key = key_of(w, now->step, lane, drawn),
                                    .accent = (int8_t)es_kit_accent_of(drawn),
                                    .marks = cell->marks},
                          diag);
}

/* The next instant: not beyond the next beat, nor beyond what has to be hit before. */
static bool draw_step(instant *now)
{
    es_drum_bar *bar = now->bar;
    es_drum_writer *w = writer_of(bar);
    const uint32_t beat = (uint32_t)(bar->engine->beats.beat / w->step);
    double allowed[ES_MAX_CANDIDATES] = {0};
    bool is_past_echo = false;

    es_drum_writer_look(w, now->state);
    for (uint32_t c = 0; c < w->choice.draw.n_candidates; c++) {
        const uint32_t next = now->step + c + 1;
        bool may = next % beat == 0;
        for (int k = 0; k < ES_KIT_LANES && !may; k++) {
            may = has_hit(w, next, k);
        }
        allowed[c] = may;
        if (w->has_echo && !is_past_echo && (next % beat == 0 || w->echoes[next])) {
            allowed[c] = may ? echo_weight : 0;
            is_past_echo = true;
        }
        if (next % beat == 0 || is_sure(bar, next)) {
            break;
        }
    }
    const int drawn = draw(bar, allowed, now->rng, now->is_quote || now->is_given);
    if (drawn < 0) {
        return false;
    }
    es_drum_writer_push(w, now->state, drawn);
    now->step += (uint32_t)drawn + 1;
    return true;
}

estro_status es_drums_by_model(es_drum_bar *bar, const es_scene *scene, es_rng *rng,
                               estro_diag *diag)
{
    es_drum_writer *w = writer_of(bar);
    instant now = {.bar = bar,
                   .rng = rng,
                   .state = es_engine_net_state(bar->engine, bar->group),
                   .is_quote = scene->is_exact,
                   .is_given = es_given_covers(scene->given, bar->part, bar->start, bar->end)};

    w->bar_steps = (uint32_t)((bar->end - bar->start) / w->step);
    memset(w->cell, 0, sizeof w->cell);
    memset(w->echoes, 0, sizeof w->echoes);
    w->has_echo = false;
    ES_TRY(es_drum_stream_reserve(w->stream, w->bar_steps + 2, diag));
    if (now.is_given) {
        ES_TRY(allow_given(bar, scene->given, diag));
    } else if (scene->is_exact) {
        ES_TRY(allow_quote(bar, scene, diag));
    } else if (bar->pattern) {
        ES_TRY(allow_cell(bar, rng, diag));
    } else {
        allow_all(w);
        echo(bar);
    }
    push_plan(bar, now.state, rng);
    while (now.step < w->bar_steps) {
        for (int k = 0; k < ES_KIT_LANES; k++) {
            ES_TRY(draw_lane(&now, k, diag));
        }
        if (!draw_step(&now)) {
            return ESTRO_ERR_CONFLICT;
        }
    }
    return ESTRO_OK;
}
