/*
 * The monotonic clock of POSIX. Sleeping is always to an absolute time, so errors do not add up, and an interrupted sleep goes
 * on to the same instant.
 */
#include "base/clock.h"

#include <errno.h>
#include <time.h>

#define NS_PER_SECOND UINT64_C(1000000000)

static uint64_t monotonic_now(void *self)
{
    struct timespec now = {0};

    (void)self;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static void monotonic_sleep_until(void *self, uint64_t deadline_ns)
{
    const struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / NS_PER_SECOND),
                                      .tv_nsec = (long)(deadline_ns % NS_PER_SECOND)};

    (void)self;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
    }
}

static void monotonic_idle(void *self, uint64_t span_ns)
{
    monotonic_sleep_until(self, monotonic_now(self) + span_ns);
}

const es_clock es_clock_monotonic = {monotonic_now, monotonic_sleep_until, monotonic_idle, NULL};
