/**
 * @file drums.h
 * A bar of a drum part, as the files that draw it share it: by the style's cells (drum_cell.c), or with a model (drums_by_model.c).
 */
#ifndef ES_GEN_DRUMS_H
#define ES_GEN_DRUMS_H

#include "gen/engine.h"

typedef struct es_drum_bar {
    es_engine *engine;
    int part;
    uint32_t group;
    uint16_t bar;              /**< Of the phrase. */
    const es_pattern *pattern; /**< NULL: a free rhythm. */
    const es_cell *cell;       /**< NULL until one is chosen. */
    es_tick origin;            /**< Where the cell begins. */
    es_tick start, end;
} es_drum_bar;

/** Is a `never` about the part at a tick? */
bool es_drums_are_told(const es_drum_bar *bar, const es_constraint *c, es_tick tick);

/** "absent" holds for each instant of a scope that names places, for each bar of one that does not. */
bool es_drums_by_instant(const es_constraint *c);

/** Whether two keys may not sound together at `tick`. */
bool es_drums_are_apart(const es_drum_bar *bar, es_tick tick, uint8_t a, uint8_t b);

/** Choose one of the cells that are still possible, by weight. */
bool es_drums_choose_cell(es_drum_bar *bar, es_rng *rng);

/** Draw those hits of the cell in this bar that are left to chance, and let them all sound. */
estro_status es_drums_draw_hits(es_drum_bar *bar, es_rng *rng, estro_diag *diag);

/** A hit of the cell as a note. */
es_note es_drums_note(const es_drum_bar *bar, const es_hit *hit);

/** Add a note. */
estro_status es_drums_sound(es_drum_bar *bar, es_note note, estro_diag *diag);

/** Draw the bar by the model of its group. ESTRO_ERR_CONFLICT when nothing is left to draw from. */
estro_status es_drums_by_model(es_drum_bar *bar, const es_scene *scene, es_rng *rng,
                               estro_diag *diag);

#endif
