/*
 * Textures: patterns by bar, and motifs.
 *
 * A cell is fixed here where bars must agree on it: in a pattern of several bars, and in bars that share a motif letter; a later bar of a letter also
 * takes up the shape of the first one (echo). All else is left to the composer. Cells with conditions count where they hold.
 */
#include "plan/texture.h"

#include "base/diag.h"
#include "plan/condition.h"

#include <string.h>

int16_t es_texture_pattern(const es_texture_part *part, uint16_t bar, uint16_t n_bars)
{
    if (!part->plays) {
        return -2;
    }
    if (bar + 1 == n_bars && part->last_pattern >= 0) {
        return part->last_pattern;
    }
    if (bar == 0 && part->first_pattern >= 0) {
        return part->first_pattern;
    }
    return part->pattern;
}

uint16_t es_texture_repeats(const es_plan_phrase *phrase, const es_style *style, uint16_t b,
                            const es_plan_bar *bar)
{
    const es_texture *texture = &style->textures[phrase->leaf->texture];
    uint16_t repeats = 0;
    bool any_sounds = false;

    for (uint32_t p = 0; p < style->n_parts; p++) {
        const int16_t pattern = es_texture_pattern(&texture->part[p], b, phrase->n_bars);
        const bool is_of_a_bar = pattern < 0 || style->patterns[pattern].bars == 1;
        /* Patterns of several bars are said again from where they begin. */
        const bool goes_on = is_of_a_bar || b == 0 || (phrase->bar[b - 1].repeats >> p & 1);
        if (pattern == bar->pattern[p] && goes_on) {
            repeats |= (uint16_t)(1U << p);
            any_sounds |= pattern != -2;
        }
    }
    return any_sounds ? repeats : 0;
}

/* A cell for a pattern that begins in bar `b`, of those whose conditions hold; -1 when there is none. */
static int16_t draw_cell(const es_plan_phrase *phrase, const es_pattern *pattern, uint16_t b,
                         es_rng *rng)
{
    int16_t last = -1;
    double left = 0;

    for (uint32_t i = 0; i < pattern->n_cells; i++) {
        if (es_cell_is_open(&pattern->cells[i], phrase, b)) {
            left += pattern->cells[i].weight;
            last = (int16_t)i;
        }
    }
    left *= es_rng_unit(rng);
    for (int16_t i = 0; i < last; i++) {
        if (!es_cell_is_open(&pattern->cells[i], phrase, b)) {
            continue;
        }
        if (left < pattern->cells[i].weight) {
            return i;
        }
        left -= pattern->cells[i].weight;
    }
    return last;
}

static bool any_open(const es_plan_phrase *phrase, const es_pattern *pattern, uint16_t b)
{
    for (uint32_t i = 0; i < pattern->n_cells; i++) {
        if (es_cell_is_open(&pattern->cells[i], phrase, b)) {
            return true;
        }
    }
    return false;
}

/* The first bar with this bar's motif letter and pattern, or the bar itself. */
static uint16_t motif_source(const es_plan_phrase *phrase, const es_texture_part *part,
                             uint32_t part_index, uint16_t bar)
{
    const size_t letters = strlen(part->motif);

    if (letters == 0) {
        return bar;
    }
    for (uint16_t b = 0; b < bar; b++) {
        if (part->motif[b % letters] == part->motif[bar % letters] &&
            phrase->bar[b].pattern[part_index] == phrase->bar[bar].pattern[part_index]) {
            return b;
        }
    }
    return bar;
}

static estro_status fail_closed(const es_plan_phrase *phrase, const es_style *style, uint32_t p,
                                uint16_t b, estro_diag *diag)
{
    const es_pattern *pattern = &style->patterns[phrase->bar[b].pattern[p]];

    return es_fail_at(diag, ESTRO_ERR_CONFLICT, es_style_source(style, pattern->line),
                      es_style_line(pattern->line), 1,
                      "bar %u, part %s: the conditions of '%s' leave no way to play it",
                      (unsigned)(phrase->first_bar + b + 1), style->parts[p].name, pattern->name);
}

/* The cell that bar `b` begins with, where it is settled beforehand; false when nothing is left to play. */
static bool choose_cell(es_plan_phrase *phrase, const es_pattern *pattern, uint32_t p, uint16_t b,
                        int16_t said, bool is_bound, es_rng *rng)
{
    es_plan_bar *bar = &phrase->bar[b];

    if (said >= 0 && es_cell_is_open(&pattern->cells[said], phrase, b)) {
        bar->cell[p] = said;
        return true;
    }
    if (!is_bound) {
        return any_open(phrase, pattern, b);
    }
    bar->cell[p] = draw_cell(phrase, pattern, b, rng);
    return bar->cell[p] >= 0;
}

static bool draw_bar(es_plan_phrase *phrase, const es_style *style, const es_texture_part *part,
                     uint32_t p, uint16_t b, uint16_t run, es_rng *rng)
{
    es_plan_bar *bar = &phrase->bar[b];
    const int16_t index = bar->pattern[p];
    const uint16_t source = motif_source(phrase, part, p, b);

    bar->cell[p] = -1;
    bar->cell_bar[p] = 0;
    bar->echo[p] = source < b ? (int16_t)source : -1;
    if (index < 0) {
        return true;
    }
    const es_pattern *pattern = &style->patterns[index];
    bar->cell_bar[p] = (uint8_t)(run % pattern->bars);
    if (bar->cell_bar[p] > 0) {
        bar->cell[p] = phrase->bar[b - 1].cell[p];
        return true;
    }
    const bool says_again = source < b && phrase->bar[source].cell_bar[p] == 0;
    return choose_cell(phrase, pattern, p, b, says_again ? phrase->bar[source].cell[p] : -1,
                       pattern->bars > 1 || part->motif[0], rng);
}

/* A part that plays a bar again: whether what was settled for that one can stay. */
static bool stays(const es_plan_phrase *phrase, const es_style *style, uint32_t p, uint16_t b)
{
    const es_plan_bar *bar = &phrase->bar[b];
    const es_pattern *pattern = bar->pattern[p] >= 0 ? &style->patterns[bar->pattern[p]] : NULL;

    if (!(bar->repeats >> p & 1)) {
        return false;
    }
    if (!pattern) {
        return true;
    }
    if (bar->cell_bar[p] > 0) {
        return bar->cell[p] == phrase->bar[b - 1].cell[p];
    }
    return bar->cell[p] >= 0 ? es_cell_is_open(&pattern->cells[bar->cell[p]], phrase, b)
                             : any_open(phrase, pattern, b);
}

void es_texture_lay(es_plan_phrase *phrase, const es_style *style)
{
    const es_texture *texture = &style->textures[phrase->leaf->texture];

    for (uint32_t p = 0; p < style->n_parts; p++) {
        for (uint16_t b = 0; b < phrase->n_bars; b++) {
            phrase->bar[b].pattern[p] = es_texture_pattern(&texture->part[p], b, phrase->n_bars);
        }
    }
}

estro_status es_texture_draw(es_plan_phrase *phrase, const es_style *style, uint64_t seed,
                             uint32_t attempt, estro_diag *diag)
{
    const es_texture *texture = &style->textures[phrase->leaf->texture];

    for (uint32_t p = 0; p < style->n_parts; p++) {
        es_rng rng = es_rng_at(seed, ES_FOR_TEXTURE, phrase->index, p, attempt);
        uint16_t run = 0; /* bars since the present pattern began */
        for (uint16_t b = 0; b < phrase->n_bars; b++) {
            const int16_t pattern = es_texture_pattern(&texture->part[p], b, phrase->n_bars);
            run = b > 0 && phrase->bar[b - 1].pattern[p] == pattern ? (uint16_t)(run + 1) : 0;
            if (!stays(phrase, style, p, b) &&
                !draw_bar(phrase, style, &texture->part[p], p, b, run, &rng)) {
                return fail_closed(phrase, style, p, b, diag);
            }
        }
    }
    return ESTRO_OK;
}
