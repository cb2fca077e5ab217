/*
 * Cells of drums: one is drawn, then those of its hits that are left to chance. The two constraints that drums know are kept by leaving out
 * cells that cannot, and by forcing or forbidding single hits.
 */
#include "gen/drums.h"

#include "base/diag.h"
#include "base/mem.h"
#include "gen/draw.h"

enum { MOST_CELLS = 1024 };

bool es_drums_are_told(const es_drum_bar *bar, const es_constraint *c, es_tick tick)
{
    es_moment moment;

    if (!c->is_never || !(c->parts >> bar->part & 1)) {
        return false;
    }
    es_moment_at(&moment, &bar->engine->beats, tick);
    return moment.scopes >> c->scope & 1;
}

bool es_drums_by_instant(const es_constraint *c)
{
    return c->scope == ES_SCOPE_BEATS || c->scope == ES_SCOPE_STRONG ||
           c->scope == ES_SCOPE_DOWNBEAT;
}

static es_tick tick_of(const es_drum_bar *bar, uint32_t hit)
{
    return bar->origin + bar->cell->hits[hit].start;
}

static bool is_inside(const es_drum_bar *bar, uint32_t hit)
{
    return tick_of(bar, hit) >= bar->start && tick_of(bar, hit) < bar->end;
}

bool es_drums_are_apart(const es_drum_bar *bar, es_tick tick, uint8_t a, uint8_t b)
{
    const es_style *style = bar->engine->style;

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        const es_constraint *c = &style->constraints[i];
        if (c->kind == ES_CONSTRAINT_TOGETHER && es_drums_are_told(bar, c, tick) &&
            ((c->n == a && c->m == b) || (c->n == b && c->m == a))) {
            return true;
        }
    }
    return false;
}

/* Whether some hit of a key stands at `tick` (by instant) or anywhere in the bar. */
static bool has_key(const es_drum_bar *bar, int key, es_tick tick)
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
static bool all_present(const es_drum_bar *bar, const es_constraint *c)
{
    const es_beats *beats = &bar->engine->beats;

    if (!es_drums_by_instant(c)) {
        return !es_drums_are_told(bar, c, bar->end - beats->beat) || has_key(bar, c->n, -1);
    }
    for (es_tick tick = bar->start; tick < bar->end; tick = es_beats_next(beats, tick)) {
        if (es_drums_are_told(bar, c, tick) && !has_key(bar, c->n, tick)) {
            return false;
        }
    }
    return true;
}

static bool can_be(const es_drum_bar *bar)
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
                es_drums_are_apart(bar, tick_of(bar, a), cell->hits[a].drum, cell->hits[b].drum)) {
                return false;
            }
        }
    }
    return true;
}

bool es_drums_choose_cell(es_drum_bar *bar, es_rng *rng)
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
static bool is_needed(const es_drum_bar *bar, const bool *sounds, uint32_t h)
{
    const es_style *style = bar->engine->style;

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        const es_constraint *c = &style->constraints[i];
        if (c->kind != ES_CONSTRAINT_ABSENT || c->n != bar->cell->hits[h].drum ||
            !es_drums_are_told(bar, c, tick_of(bar, h))) {
            continue;
        }
        bool others = false;
        for (uint32_t o = 0; o < bar->cell->n_hits && !es_drums_by_instant(c); o++) {
            others |= o != h && is_inside(bar, o) && bar->cell->hits[o].drum == c->n &&
                      (sounds[o] || o > h);
        }
        if (!others) {
            return true;
        }
    }
    return false;
}

static bool is_excluded(const es_drum_bar *bar, const bool *sounds, uint32_t h)
{
    for (uint32_t o = 0; o < bar->cell->n_hits; o++) {
        if (sounds[o] && bar->cell->hits[o].start == bar->cell->hits[h].start &&
            es_drums_are_apart(bar, tick_of(bar, h), bar->cell->hits[o].drum,
                               bar->cell->hits[h].drum)) {
            return true;
        }
    }
    return false;
}

estro_status es_drums_sound(es_drum_bar *bar, es_note note, estro_diag *diag)
{
    es_engine *engine = bar->engine;

    if (!es_grow(&engine->drums, engine->state->n_drums, &engine->drums_capacity,
                 sizeof *engine->drums)) {
        return es_fail_memory(diag);
    }
    if (note.start + note.duration > engine->beats.end) {
        note.duration = engine->beats.end - note.start;
    }
    note.part = (uint8_t)bar->part;
    engine->drums[engine->state->n_drums++] = note;
    return ESTRO_OK;
}

es_note es_drums_note(const es_drum_bar *bar, const es_hit *hit)
{
    return (es_note){.start = bar->origin + hit->start,
                     .duration = hit->duration,
                     .key = hit->drum,
                     .accent = hit->accent,
                     .marks = hit->marks};
}

estro_status es_drums_draw_hits(es_drum_bar *bar, es_rng *rng, estro_diag *diag)
{
    bool sounds[ES_MAX_CELL_HITS] = {false};
    const uint32_t n = bar->cell->n_hits;
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
            ES_TRY(es_drums_sound(bar, es_drums_note(bar, &bar->cell->hits[h]), diag));
        }
    }
    return ESTRO_OK;
}
