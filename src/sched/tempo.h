/**
 * @file tempo.h
 * From ticks to nanoseconds, in whole numbers: the one place where musical time becomes clock time.
 */
#ifndef ES_SCHED_TEMPO_H
#define ES_SCHED_TEMPO_H

#include <stdint.h>

/** The tempo since its last change. */
typedef struct es_tempo_map {
    int64_t tick;     /**< Where the tempo changed last ... */
    uint64_t time_ns; /**< ... and when that is. */
    uint32_t us_per_quarter;
    uint32_t ticks_per_quarter;
} es_tempo_map;

/** From tick 0, at 120. */
es_tempo_map es_tempo_map_at(uint32_t ticks_per_quarter);

/** Time of a tick at or after the last change. A file may name times that no clock can hold: those stop at the largest. */
uint64_t es_tempo_ns(const es_tempo_map *map, int64_t tick);

/** A new tempo from `tick` on, which is at or after the last change. */
void es_tempo_change(es_tempo_map *map, int64_t tick, uint32_t us_per_quarter);

/** Microseconds per quarter of a tempo in quarters per minute, as files hold it (24 bits). */
uint32_t es_tempo_us(double quarters_per_minute);

#endif
