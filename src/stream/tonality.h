/**
 * @file tonality.h
 * The key that the notes so far suggest.
 */
#ifndef ES_STREAM_TONALITY_H
#define ES_STREAM_TONALITY_H

#include <stdint.h>

enum { ES_TONALITIES = 24 }; /**< 12 major, 12 minor. */

/**
 * The major or minor key whose profile (Krumhansl and Kessler's) agrees best with how long each pitch class sounded.
 *
 * @param weight  [12], in any unit. @return tonic + 12 * minor, or ES_TONALITIES for silence.
 */
int es_tonality(const uint32_t weight[12]);

#endif
