/*
 * Each frame needs a gain that keeps it below the ceiling. The least of those in the window ahead is taken (it may rise again only slowly),
 * and the mean of the last `look` of these is applied. For a peak at frame p every one of them was at most what p needs, so their mean
 * is too: no overshoot, and the gain falls along a ramp instead of a step.
 */
#include "sink/limiter.h"

#include "base/mem.h"

#include <string.h>

static const double look_seconds = 0.005;
static const double release_seconds = 0.120;

bool es_limiter_init(es_limiter *limiter, double sample_rate, double gain, double ceiling)
{
    const size_t look = (size_t)(sample_rate * look_seconds) + 1;

    memset(limiter, 0, sizeof *limiter);
    limiter->gain = gain;
    limiter->ceiling = ceiling;
    limiter->release = 1 / (release_seconds * sample_rate);
    limiter->look = look;
    limiter->delayed = es_calloc(2 * look, sizeof *limiter->delayed);
    limiter->needed = es_calloc(look + 1, sizeof *limiter->needed);
    limiter->place = es_calloc(look + 1, sizeof *limiter->place);
    limiter->recent = es_calloc(look, sizeof *limiter->recent);
    if (!limiter->delayed || !limiter->needed || !limiter->place || !limiter->recent) {
        es_limiter_done(limiter);
        return false;
    }
    for (size_t i = 0; i < look; i++) {
        limiter->recent[i] = 1;
    }
    limiter->sum = (double)look;
    limiter->last = 1;
    return true;
}

void es_limiter_done(es_limiter *limiter)
{
    es_free(limiter->delayed);
    es_free(limiter->needed);
    es_free(limiter->place);
    es_free(limiter->recent);
    memset(limiter, 0, sizeof *limiter);
}

/* The least gain needed in the last look + 1 frames, the newest of which needs `needed`. */
static double least(es_limiter *limiter, double needed)
{
    const size_t size = limiter->look + 1;

    while (limiter->count > 0 &&
           limiter->needed[(limiter->first + limiter->count - 1) % size] >= needed) {
        limiter->count--;
    }
    if (limiter->count > 0 && limiter->place[limiter->first] + size <= limiter->frame) {
        limiter->first = (limiter->first + 1) % size;
        limiter->count--;
    }
    const size_t at = (limiter->first + limiter->count) % size;
    limiter->needed[at] = needed;
    limiter->place[at] = limiter->frame;
    limiter->count++;
    return limiter->needed[limiter->first];
}

static double magnitude(double x)
{
    return x < 0 ? -x : x;
}

void es_limiter_run(es_limiter *limiter, float *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t at = limiter->frame % limiter->look;
        const double left = limiter->gain * (double)frames[2 * i];
        const double right = limiter->gain * (double)frames[2 * i + 1];
        const double l = magnitude(left);
        const double r = magnitude(right);
        const double peak = l > r ? l : r;
        const double wanted = least(limiter, peak > limiter->ceiling ? limiter->ceiling / peak : 1);
        const double risen = limiter->last + (1 - limiter->last) * limiter->release;

        limiter->last = wanted < risen ? wanted : risen;
        limiter->sum += limiter->last - limiter->recent[at];
        limiter->recent[at] = limiter->last;
        const double applied = limiter->sum / (double)limiter->look;
        frames[2 * i] = (float)((double)limiter->delayed[2 * at] * applied);
        frames[2 * i + 1] = (float)((double)limiter->delayed[2 * at + 1] * applied);
        limiter->delayed[2 * at] = (float)left;
        limiter->delayed[2 * at + 1] = (float)right;
        limiter->frame++;
    }
}
