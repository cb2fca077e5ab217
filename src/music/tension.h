/**
 * @file tension.h
 * Chords beyond the lexicon: ninths, elevenths, thirteenths, altered fifths, added and missing tones, as texts.
 *
 * A chord keeps the quality of the lexicon that it rests on, and a set of what is added. A text is a stack (13 for 7, 9 and 13),
 * then what is altered or added (b9, #11, add9). One table serves symbols (Dm9) and figures of numerals (ii9).
 */
#ifndef ES_MUSIC_TENSION_H
#define ES_MUSIC_TENSION_H

#include "music/chord.h"

/** What a text of the table says. Those without figures are read, not written. */
typedef struct es_stack {
    const char *symbol;  /**< After a root: "m9". */
    const char *figures; /**< After a numeral: "9"; or NULL. */
    uint8_t quality;     /**< es_quality. */
    uint16_t tensions;   /**< As in es_chord. */
} es_stack;

/** The stack whose symbol is the longest at the start of a text, or NULL. @param n_bytes Its length. */
const es_stack *es_stack_of_symbol(const char *text, size_t *n_bytes);

/** The largest stack that a chord holds, or NULL. */
const es_stack *es_stack_of_chord(es_chord chord);

/** Read what is added or altered after a quality: "b9", "#11add13". @param chord Its tensions change. @return Bytes, perhaps 0. */
size_t es_additions_parse(es_chord *chord, const char *text);

/** Write what a chord has beyond `stack` (NULL: beyond its quality), so that it is read back. */
void es_additions_write(char *out, size_t size, es_chord chord, const es_stack *stack);

#endif
