/**
 * @file names.h
 * Names of General MIDI: instruments with the ranges that suit them, and drums.
 */
#ifndef ES_STYLE_NAMES_H
#define ES_STYLE_NAMES_H

#include <stdint.h>

/** An instrument of General MIDI. */
typedef struct es_instrument {
    const char *name;
    uint8_t low, high;   /**< The keys that it plays well. */
    uint8_t least, most; /**< The lowest and the highest that it has. */
} es_instrument;

/** By program, 0-127. */
const es_instrument *es_instrument_get(int program);

/** Program of a name (case aside), or -1. */
int es_instrument_find(const char *name);

/** The name that a misspelt one is likely to mean: near, or the first that holds it as a word; NULL if none. Static. */
const char *es_instrument_near(const char *name);

/** Name of the i-th drum, NULL past the last; its key. */
const char *es_drum_name(int index);
uint8_t es_drum_key(int index);

#endif
