/*
 * Drums: a cell is drawn, then those of its hits that are left to chance. No pitches, so no search; the two constraints that drums
 * know are kept by leaving out cells that cannot, and by forcing or forbidding single hits.
 */
#include "base/diag.h"
#include "gen/draw.h"
#include "gen/engine.h"

#include <string.h>

enum { MOST_CELLS = 1024 };

static bool is_about(const es_engine *engine, const es_constraint *c, int part, es_tick tick)
{
    es_moment moment;

    if (!c->is_never || !(c->parts >> part & 1)) {
        return false;
    }
    es_moment_at(&moment, &engine->beats, tick);
    return moment.scopes >> c->scope & 1;
}

/* "absent" holds for each instant of a scope that names places, for each bar of one that does not. */
static bool is_by_instant(const es_constraint *c)
{
    return c->scope == ES_SCOPE_BEATS || c->scope == ES_SCOPE_STRONG ||
           c->scope == ES_SCOPE_DOWNBEAT;
}

typedef struct drum_bar {
    es_engine *engine;
    int part;
    const es_cell *cell;
    es_tick origin, start, end;
} drum_bar;

static es_tick tick_of(const drum_bar *bar, uint32_t hit)
{
    return bar->origin + bar->cell->hits[hit].start;
}

static bool is_inside(const drum_bar *bar, uint32_t hit)
{
    return tick_of(bar, hit) >= bar->start && tick_of(bar, hit) < bar->end;
}

/* Whether two keys may not sound together at `tick`. */
static bool are_apart(const drum_bar *bar, es_tick tick, uint8_t a, uint8_t b)
{
    const es_style *style = bar->engine->style;

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        const es_constraint *c = &style->constraints[i];
        if (c->kind == ES_CONSTRAINT_TOGETHER && is_about(bar->engine, c, bar->part, tick) &&
            ((c->n == a && c->m == b) || (c->n == b && c->m == a))) {
            return true;
        }
    }
    return false;
}

/* Whether some hit of a key stands at `tick` (by instant) or anywhere in the bar. */
static bool has_key(const drum_bar *bar, int key, es_tick tick)
{
    for (uint32_t h = 0; h < bar->cell->n_hits; h++) {
        const es_hit *hit = &bar->cell->hits[h];
        if (hit->drum == key && hit->chance > 0 && is_inside(bar, h) &&
            (tick < 0 || tick_of(bar, h) == tick)) {
            return true;
        }
    }
    return false;
}

/* Places where an "absent" asks for its key: calls `ask` for each; true when it is true for all. */
static bool all_present(const drum_bar *bar, const es_constraint *c)
{
    const es_beats *beats = &bar->engine->beats;

    if (!is_by_instant(c)) {
        return !is_about(bar->engine, c, bar->part, bar->end - beats->beat) ||
               has_key(bar, c->n, -1);
    }
    for (es_tick tick = bar->start; tick < bar->end; tick = es_beats_next(beats, tick)) {
        if (is_about(bar->engine, c, bar->part, tick) && !has_key(bar, c->n, tick)) {
            return false;
        }
    }
    return true;
}

static bool can_be(const drum_bar *bar)
{
    const es_style *style = bar->engine->style;
    const es_cell *cell = bar->cell;

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        const es_constraint *c = &style->constraints[i];
        if (c->kind == ES_CONSTRAINT_ABSENT && c->is_never && (c->parts >> bar->part & 1) &&
            !all_present(bar, c)) {
            return false;
        }
    }
    for (uint32_t a = 0; a < cell->n_hits; a++) {
        for (uint32_t b = a + 1; b < cell->n_hits && cell->hits[b].start == cell->hits[a].start;
             b++) {
            if (cell->hits[a].chance >= 100 && cell->hits[b].chance >= 100 && is_inside(bar, a) &&
                are_apart(bar, tick_of(bar, a), cell->hits[a].drum, cell->hits[b].drum)) {
                return false;
            }
        }
    }
    return true;
}

static bool choose_cell(drum_bar *bar, es_rng *rng)
{
    es_rhythm *rhythm = &bar->engine->state->rhythm[bar->part];
    double weights[MOST_CELLS];
    const uint32_t count = rhythm->n_live < MOST_CELLS ? rhythm->n_live : MOST_CELLS;

    for (uint32_t i = 0; i < count; i++) {
        bar->cell = &rhythm->pattern->cells[rhythm->live[i].cell];
        weights[i] = can_be(bar) ? bar->cell->weight : 0;
    }
    const int drawn =
        es_draw_weighted(rng, weights, (int)count, &bar->engine->state->stats.log_p_sampler);
    if (drawn < 0) {
        return false;
    }
    rhythm->live[0] = rhythm->live[drawn];
    rhythm->n_live = 1;
    bar->cell = &rhythm->pattern->cells[rhythm->live[0].cell];
    return true;
}

/* Whether an "absent" depends on this hit: no other of its key is left to satisfy it. */
static bool is_needed(const drum_bar *bar, const bool *sounds, uint32_t h)
{
    const es_style *style = bar->engine->style;

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        const es_constraint *c = &style->constraints[i];
        if (c->kind != ES_CONSTRAINT_ABSENT || c->n != bar->cell->hits[h].drum ||
            !is_about(bar->engine, c, bar->part, tick_of(bar, h))) {
            continue;
        }
        bool others = false;
        for (uint32_t o = 0; o < bar->cell->n_hits && !is_by_instant(c); o++) {
            others |= o != h && is_inside(bar, o) && bar->cell->hits[o].drum == c->n &&
                      (sounds[o] || o > h);
        }
        if (!others) {
            return true;
        }
    }
    return false;
}

static bool is_excluded(const drum_bar *bar, const bool *sounds, uint32_t h)
{
    for (uint32_t o = 0; o < bar->cell->n_hits; o++) {
        if (sounds[o] && bar->cell->hits[o].start == bar->cell->hits[h].start &&
            are_apart(bar, tick_of(bar, h), bar->cell->hits[o].drum, bar->cell->hits[h].drum)) {
            return true;
        }
    }
    return false;
}

static estro_status sound(drum_bar *bar, uint32_t h, estro_diag *diag)
{
    es_engine *engine = bar->engine;
    const es_hit *hit = &bar->cell->hits[h];

    if (!es_grow(&engine->drums, engine->state->n_drums, &engine->drums_capacity,
                 sizeof *engine->drums)) {
        return es_fail_memory(diag);
    }
    es_tick duration = hit->duration;
    if (tick_of(bar, h) + duration > engine->beats.end) {
        duration = engine->beats.end - tick_of(bar, h);
    }
    engine->drums[engine->state->n_drums++] = (es_note){.start = tick_of(bar, h),
                                                        .duration = duration,
                                                        .key = hit->drum,
                                                        .part = (uint8_t)bar->part,
                                                        .accent = hit->accent};
    return ESTRO_OK;
}

enum { MOST_HITS = 512 };

static estro_status draw_hits(drum_bar *bar, es_rng *rng, estro_diag *diag)
{
    bool sounds[MOST_HITS] = {false};
    const uint32_t n = bar->cell->n_hits < MOST_HITS ? bar->cell->n_hits : MOST_HITS;
    double *log_p = &bar->engine->state->stats.log_p_sampler;

    for (uint32_t h = 0; h < n; h++) {
        sounds[h] = is_inside(bar, h) && bar->cell->hits[h].chance >= 100;
    }
    for (uint32_t h = 0; h < n; h++) {
        const uint8_t chance = bar->cell->hits[h].chance;
        if (!is_inside(bar, h) || chance >= 100) {
            continue;
        }
        const bool needed = is_needed(bar, sounds, h), excluded = is_excluded(bar, sounds, h);
        const double weights[2] = {needed ? 0 : 100.0 - chance, excluded ? 0 : (double)chance};
        const int drawn = es_draw_weighted(rng, weights, 2, log_p);
        if (drawn < 0) {
            return ESTRO_ERR_CONFLICT;
        }
        sounds[h] = drawn == 1;
    }
    for (uint32_t h = 0; h < n; h++) {
        if (sounds[h]) {
            ES_TRY(sound(bar, h, diag));
        }
    }
    return ESTRO_OK;
}

/* Say the bar of a quoted phrase again. */
static estro_status quote_bar(const drum_bar *bar, const es_scene *scene, estro_diag *diag)
{
    es_engine *engine = bar->engine;

    for (size_t i = 0; i < scene->quote->n_drums; i++) {
        es_note note = scene->quote->drums[i];
        note.start += scene->quote_shift;
        if (note.part != bar->part || note.start < bar->start || note.start >= bar->end) {
            continue;
        }
        if (!es_grow(&engine->drums, engine->state->n_drums, &engine->drums_capacity,
                     sizeof *engine->drums)) {
            return es_fail_memory(diag);
        }
        engine->drums[engine->state->n_drums++] = note;
    }
    return ESTRO_OK;
}

estro_status es_drums_bar(es_engine *engine, uint32_t group, uint16_t bar, estro_diag *diag)
{
    const es_style *style = engine->style;
    const es_tick start = engine->beats.start + bar * engine->beats.bar;

    for (int i = 0; i < style->groups[group].n_parts; i++) {
        const int part = style->groups[group].part[i];
        const es_rhythm *rhythm = &engine->state->rhythm[part];
        if (style->parts[part].role != ES_ROLE_DRUMS || !rhythm->pattern) {
            continue;
        }
        drum_bar run = {.engine = engine,
                        .part = part,
                        .origin = rhythm->origin,
                        .start = start,
                        .end = start + engine->beats.bar};
        es_scene scene;
        es_engine_scene(engine, group, bar, &scene);
        if (scene.quote) {
            ES_TRY(quote_bar(&run, &scene, diag));
            continue;
        }
        es_rng rng = es_engine_rng(engine, ES_FOR_RHYTHM, bar, (uint32_t)(32 + part), 0);
        if (!choose_cell(&run, &rng)) {
            engine->stuck_at = start;
            engine->stuck_group = group;
            return ESTRO_ERR_CONFLICT;
        }
        ES_TRY(draw_hits(&run, &rng, diag));
    }
    return ESTRO_OK;
}
