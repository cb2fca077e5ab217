/*
 * A theme in another metre: a monotone map of times, made of one of bars, one of beats, and one within the beat.
 *
 * Places are counted in parts of a beat, 1/40,320 each, which every usual division of a beat is a multiple of.
 */
#include "theme/meters.h"

enum { BEAT = 40320, MOST_BEATS = 64 };

typedef int64_t place; /* In beats, times BEAT. */

static bool is_compound(es_meter meter)
{
    return es_meter_beat(meter) != ES_WHOLE / meter.denominator;
}

static bool is_triple(int beats)
{
    return beats % 3 == 0;
}

static bool is_even(int beats)
{
    return beats % 2 == 0 && !is_triple(beats);
}

static place floor_to(place x, place unit)
{
    return x >= 0 ? x / unit * unit : -((-x + unit - 1) / unit) * unit;
}

/* From three parts of a beat to two of which the second is halved, and the way back: two parts to a long and a short one. */
static place thirds_to_halves(place x)
{
    const place in = x - floor_to(x, BEAT);

    return x - in + (in < BEAT / 3 ? in * 3 / 2 : BEAT / 2 + (in - BEAT / 3) * 3 / 4);
}

static place halves_to_thirds(place x)
{
    const place in = x - floor_to(x, BEAT);

    return x - in + (in < BEAT / 2 ? in * 4 / 3 : BEAT * 2 / 3 + (in - BEAT / 2) * 2 / 3);
}

/* The first of two beats is doubled: three come of them. Of three: four. */
static place double_first(place x, int beats)
{
    const place group = floor_to(x, (place)beats * BEAT);
    const place in = x - group;

    return group / beats * (beats + 1) + (in < BEAT ? 2 * in : in + BEAT);
}

static place scale(place x, int values)
{
    const place unit = (place)1 << (values < 0 ? -values : 0);

    return values > 0 ? x << values : floor_to(x, unit) / unit;
}

/* So many beats in other values; 0: not a whole number of them. */
static int scale_beats(int n, int values)
{
    return values >= 0 ? n << values : n % (1 << -values) ? 0 : n >> -values;
}

static int bar_beats(const es_meter_map *map, int n)
{
    const int to = es_meter_beats(map->to);

    if (is_triple(n) && is_even(to)) {
        n = n / 3 * 4;
    } else if (is_even(n) && is_triple(to)) {
        n = n / 2 * 3;
    }
    return n;
}

/* Three parts of a beat are the three beats of a bar, or three beats become those of one beat. */
static bool beats_are_bars(es_meter from, es_meter to)
{
    return is_compound(from) != is_compound(to) &&
           (is_compound(from) ? is_triple(es_meter_beats(to)) : is_triple(es_meter_beats(from)));
}

bool es_meter_map_make(es_meter_map *out, es_meter from, es_meter to, int values)
{
    const int n = es_meter_beats(from), m = es_meter_beats(to);
    es_meter_map map = {.from = from, .to = to, .values = values};

    if (beats_are_bars(from, to)) {
        map.beats = is_compound(from) ? 3 * n : n / 3;
        *out = map;
        return values == 0;
    }
    if (values && ((is_triple(n) && is_triple(m)) || (is_compound(from) && is_compound(to)))) {
        return false; /* The beats of a bar of three would come between those of the style. */
    }
    /* Values change before the first of two beats is doubled, and after the first of three is. */
    const int beats = is_triple(n) ? n : scale_beats(n, values);
    if (beats == 0 || (values && is_even(m) && beats == 1)) {
        return false;
    }
    map.beats = bar_beats(&map, beats);
    map.beats = is_triple(n) ? scale_beats(map.beats, values) : map.beats;
    if (map.beats == 0) {
        return false;
    }
    if (map.beats % m && m % map.beats &&
        values) { /* Neither whole bars nor a whole part of one. */
        return false;
    }
    *out = map;
    return map.beats > 0 && map.beats <= MOST_BEATS;
}

es_tick es_meter_map_bar(const es_meter_map *map)
{
    return map->beats * es_meter_beat(map->to);
}

es_tick es_meter_map_at(const es_meter_map *map, es_tick time)
{
    const int n = es_meter_beats(map->from), m = es_meter_beats(map->to);
    const es_tick beat = es_meter_beat(map->from);
    const es_tick in_bar = es_meter_bar(map->from);
    const es_tick bar = floor_to(time, in_bar) / in_bar;
    place x = ((time - bar * in_bar) * BEAT + beat / 2) / beat;
    const int beats = is_triple(n) ? n : scale_beats(n, map->values);

    if (beats_are_bars(map->from, map->to)) {
        return bar * es_meter_map_bar(map) + (time - bar * in_bar) * es_meter_map_bar(map) / in_bar;
    }
    if (is_compound(map->from) && !is_compound(map->to)) {
        x = thirds_to_halves(x);
    }
    if (is_triple(n) && is_even(m)) {
        x = scale(double_first(x, 3), map->values);
    } else {
        x = scale(x, map->values);
        x = is_even(beats) && is_triple(m) ? double_first(x, 2) : x;
    }
    if (!is_compound(map->from) && is_compound(map->to)) {
        x = halves_to_thirds(x);
    }
    const es_tick to_beat = es_meter_beat(map->to);
    return bar * es_meter_map_bar(map) + (x * to_beat + BEAT / 2) / BEAT;
}

bool es_meter_map_is_even(const es_meter_map *map)
{
    const es_tick from = es_meter_bar(map->from), to = es_meter_map_bar(map);
    const es_tick step = es_meter_beat(map->from) / 6; /* Halves and thirds of beats. */

    for (es_tick time = 0; time < from; time += step) {
        if (es_meter_map_at(map, time) * from != time * to) {
            return false;
        }
    }
    return true;
}
