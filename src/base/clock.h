/**
 * @file clock.h
 * Time that only goes forward, and waiting for an instant of it.
 */
#ifndef ES_BASE_CLOCK_H
#define ES_BASE_CLOCK_H

#include <stdint.h>

/** A clock: the system's, or a test's own. All times are ns on this clock. */
typedef struct es_clock {
    uint64_t (*now)(void *self);
    /** Return at `deadline_ns`, not before. */
    void (*sleep_until)(void *self, uint64_t deadline_ns);
    /** Wait a little for another thread: about `span_ns`; music does not go on meanwhile on a virtual clock. */
    void (*idle)(void *self, uint64_t span_ns);
    void *self;
} es_clock;

/** The system's monotonic clock. Real-time safe. */
extern const es_clock es_clock_monotonic;

#endif
