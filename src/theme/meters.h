/**
 * @file meters.h
 * A theme in another metre.
 *
 * Bars go to bars and beats to beats. What is changed, and nothing else:
 * - the theme may be written in values twice or four times as long or short;
 * - a beat of three eighths is a bar of three beats, and the other way round, where only one of both metres has the one and the other the other;
 * - else three eighths of a beat that has three become a long one and two short ones where beats have two halves (1/2 1/4 1/4); two halves become a long and a
 *   short one where beats have three (2/3 1/3);
 * - of three beats the first is doubled where bars have two or four; of two beats the first is doubled where bars have three;
 * - else beats are beats, and bar lines fall where they do.
 */
#ifndef ES_THEME_METERS_H
#define ES_THEME_METERS_H

#include "music/time.h"

#include <stdbool.h>

/** From time in a theme's metre to that in another. */
typedef struct es_meter_map {
    es_meter from, to;
    int values; /**< A beat becomes 2 to the power of this many beats: -2 to 2. */
    int beats;  /**< Of `to` that a bar of `from` becomes. */
} es_meter_map;

/** @return False when the values cannot be changed so here; with 0 they can be. */
bool es_meter_map_make(es_meter_map *out, es_meter from, es_meter to, int values);

/** How long a bar of the theme is. */
es_tick es_meter_map_bar(const es_meter_map *map);

/** Whether all values are changed alike. */
bool es_meter_map_is_even(const es_meter_map *map);

/** Where a time of the theme goes. Monotone. */
es_tick es_meter_map_at(const es_meter_map *map, es_tick time);

#endif
