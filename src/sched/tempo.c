/*
 * Tempo in whole microseconds a quarter, as MIDI files have it, and times in whole nanoseconds from the last change on: a file
 * played back gives the times that were scheduled. Each change rounds down by less than a nanosecond.
 */
#include "sched/tempo.h"

enum {
    US_AT_120 = 500000,
    MOST_US = 0xFFFFFF /* a file has three bytes for it */
};

/* Some 146 years; sums of two stay inside 64 bits. */
static const uint64_t end_of_time_ns = UINT64_C(1) << 62;

es_tempo_map es_tempo_map_at(uint32_t ticks_per_quarter)
{
    return (es_tempo_map){.us_per_quarter = US_AT_120, .ticks_per_quarter = ticks_per_quarter};
}

uint64_t es_tempo_ns(const es_tempo_map *map, int64_t tick)
{
    const uint64_t span = tick > map->tick ? (uint64_t)(tick - map->tick) : 0;
    const uint64_t quarters = span / map->ticks_per_quarter;
    const uint64_t rest = span % map->ticks_per_quarter;
    const uint64_t quarter_ns = (uint64_t)map->us_per_quarter * 1000;

    if (quarter_ns > 0 && quarters >= end_of_time_ns / quarter_ns) {
        return end_of_time_ns;
    }
    const uint64_t time_ns =
        map->time_ns + quarters * quarter_ns + rest * quarter_ns / map->ticks_per_quarter;
    return time_ns < end_of_time_ns ? time_ns : end_of_time_ns;
}

void es_tempo_change(es_tempo_map *map, int64_t tick, uint32_t us_per_quarter)
{
    map->time_ns = es_tempo_ns(map, tick);
    map->tick = tick;
    map->us_per_quarter = us_per_quarter;
}

uint32_t es_tempo_us(double quarters_per_minute)
{
    const double us = quarters_per_minute > 0 ? 60e6 / quarters_per_minute + 0.5 : US_AT_120;

    return us < 1 ? 1 : us > MOST_US ? MOST_US : (uint32_t)us;
}
