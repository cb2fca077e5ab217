/**
 * @file stored.h
 * The weights of a tensor as bytes of a model file: floats, halves, or bytes with scales. Little-endian.
 *
 * As bytes, a weight is a whole number from -127 to 127 times a scale. Each row of a table has its scale, since a row is what is
 * looked up, and each column of a matrix, since a column is one output, whose sum is multiplied once. A scale has 8 significant
 * bits, so the products are exact floats, and the largest number under a scale is 127 or -127: what is read and stored again is
 * the same bytes. The scales stand before the numbers, two bytes each: the upper half of a float. Biases stay halves.
 */
#ifndef ES_NN_STORED_H
#define ES_NN_STORED_H

#include "nn/layout.h"

typedef enum es_weight_kind { ES_WEIGHT_F32, ES_WEIGHT_F16, ES_WEIGHT_I8 } es_weight_kind;

enum { ES_WEIGHT_KINDS = 3, ES_BYTE_MOST = 127 };

/** Bytes that a tensor takes. */
size_t es_stored_size(const es_tensor *tensor, es_weight_kind kind);

/** Store the weights of a tensor. @param to [es_stored_size]. @param from [rows][cols], finite. */
void es_stored_put(uint8_t *to, const float *from, const es_tensor *tensor, es_weight_kind kind);

/**
 * Widen what was stored, exactly.
 *
 * @param to    [rows][cols]; overwritten.
 * @param from  [es_stored_size].
 * @param bad   When it returns false: where the first thing stands that es_stored_put would not have written.
 */
bool es_stored_get(float *to, const uint8_t *from, const es_tensor *tensor, es_weight_kind kind,
                   size_t *bad);

/** The scale of weights whose largest magnitude this is; 0 when they are as good as zero. */
float es_byte_scale(float largest);

/** The whole number from -127 to 127 nearest to a weight in units of its scale, which is not 0. */
int8_t es_byte_of(float weight, float scale);

#endif
