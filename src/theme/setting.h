/**
 * @file setting.h
 * A theme in a style: which phrases have it, what they do with it, and the notes that come of that.
 *
 * Phrases with the option `theme` have it as they say. In a form without that option the phrases from the first one on in which the theme's part
 * plays state it in order, until their section or the theme is over; phrases of a label have what the first of that label has; of other labels
 * most develop a phrase of it, each in a way that is drawn.
 */
#ifndef ES_THEME_SETTING_H
#define ES_THEME_SETTING_H

#include "plan/plan.h"
#include "theme/theme.h"

/** What a phrase does with the theme. */
typedef struct es_theme_use {
    uint16_t kinds; /**< Set of es_theme_kind. */
    uint8_t part;
    es_tick start, end; /**< In the phrase. */
    es_tick from, to;   /**< Of what was read, from its beginning: the passage that is used. */
    size_t n_source, n_notes; /**< Notes of that passage that are used, and notes that came of it. */
    const es_tick *source;    /**< [n_source]: where the former stand in what was read, ascending. Borrowed. */
    int semitones;            /**< From the passage's first note to the one that came of it. */
    int steps;    /**< Of the scale, by which it was moved, or each turn of a sequence is. */
    int num, den; /**< How much longer its values became by all of this; 0/0: not evenly. */
} es_theme_use;

typedef struct es_setting es_setting;

/**
 * Set a theme for a style.
 *
 * @param theme, style  Kept.
 * @param grids         [n_parts]: shortest time that each part knows, ticks; borrowed.
 * @return ESTRO_ERR_ARGUMENT when no part can have a theme; ESTRO_ERR_MEMORY.
 */
estro_status es_setting_new(es_setting **out, const es_theme *theme, const es_style *style,
                            const es_tick *grids, uint64_t seed, estro_diag *diag);
void es_setting_free(es_setting *setting);

/** What the planner is to ask. Valid as long as the setting. */
es_tunes es_setting_tunes(es_setting *setting);

/** The key of the style that suits the theme: of its mode, if there is one, and such that its part can play it. */
es_key es_setting_key(const es_setting *setting);

/** What came of the theme in a phrase with this tune, which is one of the setting's. */
const es_theme_use *es_setting_use(const es_tune *tune);

#endif
