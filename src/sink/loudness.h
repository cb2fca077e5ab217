/**
 * @file loudness.h
 * How loud a piece is: integrated loudness after ITU-R BS.1770-4, in LUFS, of stereo sound.
 */
#ifndef ES_SINK_LOUDNESS_H
#define ES_SINK_LOUDNESS_H

#include <stdbool.h>
#include <stddef.h>

/** A second-order filter, direct form 1; state for two channels. */
typedef struct es_biquad {
    double b0, b1, b2, a1, a2;
    double x1[2], x2[2], y1[2], y2[2];
} es_biquad;

typedef struct es_loudness {
    es_biquad shelf, highpass; /**< K-weighting. */
    size_t hop_frames;         /**< 100 ms. */
    size_t in_hop;
    double hop_sum; /**< Of squares, both channels, in the present hop. */
    double *hops;   /**< Mean square of each hop, owned. */
    size_t n_hops, capacity;
    float peak; /**< Largest absolute sample. */
} es_loudness;

void es_loudness_init(es_loudness *loudness, double sample_rate);
void es_loudness_done(es_loudness *loudness);

/** @param frames  [count * 2], left and right in turn. False when there is no memory. */
bool es_loudness_push(es_loudness *loudness, const float *frames, size_t count);

/** LUFS of all so far; -100 for silence, or less than 0.4 s. */
double es_loudness_lufs(const es_loudness *loudness);

/** 10^(decibel / 20). */
double es_decibel(double decibel);

#endif
