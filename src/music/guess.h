/**
 * @file guess.h
 * Which chord was meant: for "did you mean".
 */
#ifndef ES_MUSIC_GUESS_H
#define ES_MUSIC_GUESS_H

#include "music/chord.h"

#include <stdbool.h>
#include <stddef.h>

/** The chord symbol that a misspelt one is likely to mean. @param out [size], overwritten where there is one. @return False: none is near. */
bool es_chord_near(char *out, size_t size, const char *word);

/** The same for a Roman numeral in a key; false too for what does not begin as one. */
bool es_roman_near(char *out, size_t size, const char *word, es_key key);

#endif
