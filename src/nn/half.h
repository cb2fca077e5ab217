/**
 * @file half.h
 * IEEE half precision, by integers: for storing weights.
 */
#ifndef ES_NN_HALF_H
#define ES_NN_HALF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Nearest half of a finite float, ties to even; what is too large becomes the largest finite half, 65504. */
uint16_t es_half_of_float(float x);

/** The float a finite half stands for: exact. */
float es_float_of_half(uint16_t half);

/** A block of little-endian halves, [count] of two bytes each. @return False when one of them is not finite. */
bool es_halves_widen(float *to, const uint8_t *from, size_t count);

/** Neither infinite nor NaN. */
bool es_half_is_finite(uint16_t half);

#endif
