/**
 * @file near.h
 * Which known word was meant: for "did you mean".
 */
#ifndef ES_BASE_NEAR_H
#define ES_BASE_NEAR_H

#include <stddef.h>

/**
 * How far two words are apart: letters inserted, left out, replaced, or swapped with their neighbour; upper and lower case
 * are the same. Words beyond 63 bytes are compared by their first 63.
 */
int es_near_distance(const char *a, const char *b);

/** The nearest of `words` [count] to `word`, or NULL when none is near enough to be meant (a third of its letters). */
const char *es_near(const char *word, const char *const *words, size_t count);

#endif
