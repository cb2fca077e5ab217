/*
 * Textures: patterns by bar, and motifs.
 *
 * A cell is fixed here where bars must agree on it: in a pattern of several bars, and in bars that share a motif letter; a later bar of a letter also
 * takes up the shape of the first one (echo). All else is left to the composer.
 */
#include "plan/texture.h"

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

bool es_texture_agrees(const es_plan_phrase *phrase, const es_style *style, uint16_t b,
                       const es_plan_bar *bar)
{
    const es_texture *texture = &style->textures[phrase->leaf->texture];

    for (uint32_t p = 0; p < style->n_parts; p++) {
        if (es_texture_pattern(&texture->part[p], b, phrase->n_bars) != bar->pattern[p]) {
            return false;
        }
    }
    return true;
}

static int16_t draw_cell(const es_pattern *pattern, es_rng *rng)
{
    double left = 0;

    for (uint32_t i = 0; i < pattern->n_cells; i++) {
        left += pattern->cells[i].weight;
    }
    left *= es_rng_unit(rng);
    for (uint32_t i = 0; i + 1 < pattern->n_cells; i++) {
        if (left < pattern->cells[i].weight) {
            return (int16_t)i;
        }
        left -= pattern->cells[i].weight;
    }
    return (int16_t)(pattern->n_cells - 1);
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

static void lay_bar(es_plan_phrase *phrase, const es_style *style, const es_texture_part *part,
                    uint32_t p, uint16_t b, uint16_t run, es_rng *rng)
{
    es_plan_bar *bar = &phrase->bar[b];
    const int16_t index = bar->pattern[p];
    const uint16_t source = motif_source(phrase, part, p, b);

    bar->cell[p] = -1;
    bar->cell_bar[p] = 0;
    bar->echo[p] = source < b ? (int16_t)source : -1;
    if (index < 0) {
        return;
    }
    const es_pattern *pattern = &style->patterns[index];
    if (pattern->bars > 1) {
        const bool says_again = source < b && phrase->bar[source].cell_bar[p] == 0;

        bar->cell_bar[p] = (uint8_t)(run % pattern->bars);
        bar->cell[p] = run % pattern->bars ? phrase->bar[b - 1].cell[p]
                       : says_again        ? phrase->bar[source].cell[p]
                                           : draw_cell(pattern, rng);
    } else if (part->motif[0]) {
        bar->cell[p] = source < b ? phrase->bar[source].cell[p] : draw_cell(pattern, rng);
    }
}

void es_texture_lay(es_plan_phrase *phrase, const es_style *style, uint16_t first_bar,
                    uint64_t seed, uint32_t attempt)
{
    const es_texture *texture = &style->textures[phrase->leaf->texture];

    for (uint32_t p = 0; p < style->n_parts; p++) {
        es_rng rng = es_rng_at(seed, ES_FOR_TEXTURE, phrase->index, p, attempt);
        uint16_t run = 0; /* bars since the present pattern began */
        for (uint16_t b = 0; b < phrase->n_bars; b++) {
            es_plan_bar *bar = &phrase->bar[b];
            const int16_t pattern = es_texture_pattern(&texture->part[p], b, phrase->n_bars);
            run = b > 0 && phrase->bar[b - 1].pattern[p] == pattern ? (uint16_t)(run + 1) : 0;
            if (b >= first_bar) {
                bar->pattern[p] = pattern;
                lay_bar(phrase, style, &texture->part[p], p, b, run, &rng);
            }
        }
    }
}
