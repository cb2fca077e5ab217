/*
 * A bar of a drum part: said again, given, by a model (drums_by_model.c), by the style's cells (drum_cell.c), or, in a free rhythm without a
 * model, plain. No pitches, so no search.
 */
#include "gen/drums.h"

#include "base/diag.h"
#include "gen/draw.h"
#include "stream/kit.h"

/* Say the bar of a quoted phrase again. */
static estro_status quote_bar(es_drum_bar *bar, const es_scene *scene, estro_diag *diag)
{
    for (size_t i = 0; i < scene->quote->n_drums; i++) {
        es_note note = scene->quote->drums[i];
        note.start += scene->quote_shift.ticks;
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
    if (scene->quote) { /* Exact or not: drums have no seam that others could spoil. */
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
        ES_TRY(status == ESTRO_ERR_CONFLICT ? es_engine_stuck(engine, group, start) : status);
    }
    return ESTRO_OK;
}
