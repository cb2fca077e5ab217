/*
 * Drums: a cell is drawn, then those of its hits that are left to chance. No pitches, so no search; the two constraints that drums
 * know are kept by leaving out cells that cannot, and by forcing or forbidding single hits. A free rhythm without a model is plain.
 */
#include "gen/drums.h"

#include "base/diag.h"
#include "gen/draw.h"
#include "stream/kit.h"

#include <string.h>

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

/* Say the bar of a quoted phrase again. */
static estro_status quote_bar(es_drum_bar *bar, const es_scene *scene, estro_diag *diag)
{
    for (size_t i = 0; i < scene->quote->n_drums; i++) {
        es_note note = scene->quote->drums[i];
        note.start += scene->quote_shift;
        if (note.part == bar->part && note.start >= bar->start && note.start < bar->end) {
            ES_TRY(es_drums_sound(bar, note, diag));
        }
    }
    return ESTRO_OK;
}

/* Put in the bar as it is given. */
static estro_status place_bar(es_drum_bar *bar, const es_given *given, estro_diag *diag)
{
    for (size_t i = es_given_first_drum(given, bar->start);
         i < given->n_drums && given->drums[i].start < bar->end; i++) {
        if (given->drums[i].part == bar->part) {
            ES_TRY(es_drums_sound(bar, given->drums[i], diag));
        }
    }
    return ESTRO_OK;
}

/* ---- without a model or a pattern ---- */

/* Chance of a hit, tenths: on bar lines, strong beats, other beats, halves of beats, anything finer. */
static const struct {
    uint8_t piece, chance[5];
} plain[] = {{ES_KIT_KICK, {10, 7, 1, 2, 1}},
             {ES_KIT_SNARE, {0, 1, 9, 1, 1}},
             {ES_KIT_HAT, {9, 9, 9, 7, 1}}};

/* A free rhythm by weights alone: each place of the part's grid and each drum by itself. */
static estro_status free_bar(es_drum_bar *bar, es_rng *rng, estro_diag *diag)
{
    const es_part *part = &bar->engine->style->parts[bar->part];
    double *log_p = &bar->engine->state->stats.log_p_sampler;

    for (es_tick tick = bar->start; tick < bar->end; tick += part->grid) {
        const int finer = 3 - es_meter_strength(bar->engine->beats.meter, tick - bar->start);
        uint8_t sounding[sizeof plain / sizeof *plain];
        size_t n = 0;
        for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
            const uint8_t key = es_kit_key(plain[i].piece);
            bool may = true, must = false;
            for (size_t j = 0; j < n; j++) {
                may = may && !es_drums_are_apart(bar, tick, sounding[j], key);
            }
            for (uint32_t c = 0; c < bar->engine->style->n_constraints; c++) {
                const es_constraint *asked = &bar->engine->style->constraints[c];
                must = must || (asked->kind == ES_CONSTRAINT_ABSENT && asked->n == key &&
                                (es_drums_by_instant(asked) || tick == bar->start) &&
                                es_drums_are_told(bar, asked, tick));
            }
            const double chance = plain[i].chance[finer];
            const double weights[2] = {must ? 0 : 10 - chance, !may ? 0 : must ? 1 : chance};
            const int drawn = es_draw_weighted(rng, weights, 2, log_p);
            if (drawn < 0) {
                return ESTRO_ERR_CONFLICT;
            }
            if (drawn == 1) {
                sounding[n++] = key;
                ES_TRY(es_drums_sound(
                    bar, (es_note){.start = tick, .duration = part->grid, .key = key}, diag));
            }
        }
    }
    return ESTRO_OK;
}

/* ---- a bar ---- */

static estro_status draw_bar(es_drum_bar *bar, const es_scene *scene, es_rng *rng, estro_diag *diag)
{
    if (bar->engine->drum_writer[bar->group]) {
        return es_drums_by_model(bar, scene, rng, diag);
    }
    if (es_given_covers(scene->given, bar->part, bar->start, bar->end)) {
        return place_bar(bar, scene->given, diag);
    }
    if (scene->quote) {
        return quote_bar(bar, scene, diag);
    }
    if (!bar->pattern) {
        return free_bar(bar, rng, diag);
    }
    return es_drums_choose_cell(bar, rng) ? es_drums_draw_hits(bar, rng, diag) : ESTRO_ERR_CONFLICT;
}

/* Whether hits are given in a bar. */
static bool has_given(const es_engine *engine, int part, es_tick start)
{
    const es_given *given = engine->given;

    if (!es_given_covers(given, part, start, start + engine->beats.bar)) {
        return false;
    }
    for (size_t i = es_given_first_drum(given, start);
         i < given->n_drums && given->drums[i].start < start + engine->beats.bar; i++) {
        if (given->drums[i].part == part) {
            return true;
        }
    }
    return false;
}

estro_status es_drums_bar(es_engine *engine, uint32_t group, uint16_t bar, estro_diag *diag)
{
    const es_style *style = engine->style;
    const es_tick start = engine->beats.start + bar * engine->beats.bar;

    for (int i = 0; i < style->groups[group].n_parts; i++) {
        const int part = style->groups[group].part[i];
        const es_rhythm *rhythm = &engine->state->rhythm[part];
        if (style->parts[part].role != ES_ROLE_DRUMS ||
            (rhythm->is_silent && !has_given(engine, part, start))) {
            continue;
        }
        es_drum_bar run = {.engine = engine,
                           .part = part,
                           .group = group,
                           .bar = bar,
                           .pattern = rhythm->pattern,
                           .origin = rhythm->origin,
                           .start = start,
                           .end = start + engine->beats.bar};
        es_scene scene;
        es_engine_scene(engine, group, bar, &scene);
        es_rng rng =
            es_engine_rng(engine, ES_FOR_RHYTHM, bar, (uint32_t)(ES_DRUM_ADDRESS + part), 0);
        const estro_status status = draw_bar(&run, &scene, &rng, diag);
        if (status == ESTRO_ERR_CONFLICT) {
            engine->stuck_at = start;
            engine->stuck_group = group;
        }
        ES_TRY(status);
    }
    return ESTRO_OK;
}
