/*
 * BS.1770-4: K-weighting (a shelf, then a high-pass), mean squares over blocks of 400 ms that overlap by three quarters, an absolute
 * gate at -70 LUFS, then a relative one 10 LU below what passed. Blocks are four hops of 100 ms, so one number a hop is kept.
 */
#include "sink/loudness.h"

#include "base/mem.h"
#include "base/real.h"

#include <string.h>

#define PI         3.14159265358979323846
#define LN_10      2.30258509299404568402
#define SILENCE    (-100.0)
#define OFFSET     (-0.691)
#define GATE       (-70.0)
#define GATE_BELOW (-10.0)

enum { HOPS_PER_SECOND = 10, HOPS_PER_BLOCK = 4 };

double es_decibel(double decibel)
{
    return es_exp(decibel * LN_10 / 20);
}

/* tan x for 0 <= x < 1, by series: the filters need no more. */
static double tangent(double x)
{
    double sine = 0;
    double cosine = 0;
    double term = 1;

    for (int i = 0; i < 24; i++) {
        if (i % 2 == 0) {
            cosine += i % 4 == 0 ? term : -term;
        } else {
            sine += i % 4 == 1 ? term : -term;
        }
        term *= x / (i + 1);
    }
    return sine / cosine;
}

/* The analog prototypes of BS.1770, which gives their digital forms at 48 kHz only, at any sample rate. */
static es_biquad shelf_at(double rate)
{
    const double k = tangent(PI * 1681.974450955533 / rate);
    const double q = 0.7071752369554196;
    const double high = 1.584864701130855; /* +4 dB */
    const double middle = 1.258720930232562;
    const double a0 = 1 + k / q + k * k;

    return (es_biquad){.b0 = (high + middle * k / q + k * k) / a0,
                       .b1 = 2 * (k * k - high) / a0,
                       .b2 = (high - middle * k / q + k * k) / a0,
                       .a1 = 2 * (k * k - 1) / a0,
                       .a2 = (1 - k / q + k * k) / a0};
}

static es_biquad highpass_at(double rate)
{
    const double k = tangent(PI * 38.13547087602444 / rate);
    const double q = 0.5003270373238773;
    const double a0 = 1 + k / q + k * k;

    return (es_biquad){
        .b0 = 1, .b1 = -2, .b2 = 1, .a1 = 2 * (k * k - 1) / a0, .a2 = (1 - k / q + k * k) / a0};
}

static double filter(es_biquad *f, int channel, double x)
{
    const double y = f->b0 * x + f->b1 * f->x1[channel] + f->b2 * f->x2[channel] -
                     f->a1 * f->y1[channel] - f->a2 * f->y2[channel];

    f->x2[channel] = f->x1[channel];
    f->x1[channel] = x;
    f->y2[channel] = f->y1[channel];
    f->y1[channel] = y;
    return y;
}

void es_loudness_init(es_loudness *loudness, double sample_rate)
{
    memset(loudness, 0, sizeof *loudness);
    loudness->shelf = shelf_at(sample_rate);
    loudness->highpass = highpass_at(sample_rate);
    loudness->hop_frames = (size_t)(sample_rate / HOPS_PER_SECOND + 0.5);
}

void es_loudness_done(es_loudness *loudness)
{
    es_free(loudness->hops);
    loudness->hops = NULL;
}

bool es_loudness_push(es_loudness *loudness, const float *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int channel = 0; channel < 2; channel++) {
            const float x = frames[2 * i + (size_t)channel];
            const float size = x < 0 ? -x : x;
            const double y =
                filter(&loudness->highpass, channel, filter(&loudness->shelf, channel, (double)x));
            loudness->peak = size > loudness->peak ? size : loudness->peak;
            loudness->hop_sum += y * y;
        }
        if (++loudness->in_hop < loudness->hop_frames) {
            continue;
        }
        if (!es_grow(&loudness->hops, loudness->n_hops, &loudness->capacity,
                     sizeof *loudness->hops)) {
            return false;
        }
        loudness->hops[loudness->n_hops++] = loudness->hop_sum / (double)loudness->hop_frames;
        loudness->hop_sum = 0;
        loudness->in_hop = 0;
    }
    return true;
}

static double lufs_of(double mean_square)
{
    return mean_square > 1e-12 ? OFFSET + 10 * es_log(mean_square) / LN_10 : SILENCE;
}

/* Mean of the blocks louder than `gate`, as LUFS. */
static double gated(const es_loudness *loudness, double gate)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i + HOPS_PER_BLOCK <= loudness->n_hops; i++) {
        double block = 0;
        for (size_t j = 0; j < HOPS_PER_BLOCK; j++) {
            block += loudness->hops[i + j] / HOPS_PER_BLOCK;
        }
        if (lufs_of(block) > gate) {
            sum += block;
            count++;
        }
    }
    return count > 0 ? lufs_of(sum / (double)count) : SILENCE;
}

double es_loudness_lufs(const es_loudness *loudness)
{
    const double loud = gated(loudness, GATE);

    return loud > GATE ? gated(loudness, loud + GATE_BELOW) : SILENCE;
}
