/**
 * @file limiter.h
 * A look-ahead limiter for stereo sound: no sample leaves it above a ceiling, and it turns down gently before a peak.
 */
#ifndef ES_SINK_LIMITER_H
#define ES_SINK_LIMITER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct es_limiter {
    double gain, ceiling;
    double release;      /**< Share of the way back to full gain, per frame. */
    size_t look;         /**< Frames of look-ahead, and of delay. */
    float *delayed;      /**< [look * 2]: frames on their way. */
    double *needed;      /**< [look + 1]: gain that each frame of the window needs ... */
    size_t *place;       /**< ... and its frame: a queue of falling minima. */
    size_t first, count; /**< Of the queue. */
    double *recent;      /**< [look]: gains whose mean is applied. */
    double sum, last;
    size_t frame;
} es_limiter;

/** @param gain Applied to all. False when there is no memory. */
bool es_limiter_init(es_limiter *limiter, double sample_rate, double gain, double ceiling);
void es_limiter_done(es_limiter *limiter);

/** In place; what comes out is what went in es_limiter.look frames before, silence at first. */
void es_limiter_run(es_limiter *limiter, float *frames, size_t count);

#endif
