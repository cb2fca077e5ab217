/**
 * @file abc.h
 * Tunes in ABC notation (the standard 2.1) to notes in exact time.
 *
 * Read are the fields X T M L Q K (in the head, in the body, and inline), notes, accidentals, octaves, lengths, broken rhythm, tuplets, ties,
 * rests, bar lines, repeats and endings. Of a chord the top note counts, of several voices the first one. Grace notes, decorations, chord
 * symbols, words and slurs are passed over. Repeats are played out.
 */
#ifndef ES_ABC_ABC_H
#define ES_ABC_ABC_H

#include "score/score.h"

#include <estro/status.h>

/** A tune. Owned notes; es_abc_done. */
typedef struct es_abc {
    char title[96];
    es_meter meter;
    bool has_key; /**< Else `key` is C major, and nobody said so. */
    es_key
        key; /**< Lydian counts as major, phrygian and locrian as minor; the notes are right all the same. */
    double tempo;   /**< Quarters per minute, 0 = not said. */
    es_note *notes; /**< One line: no two sound at once. Bar lines stand at multiples of a bar. */
    size_t n_notes;
    es_tick length; /**< To the last bar line. */
} es_abc;

enum { ES_ABC_MOST_BYTES = 1 << 20, ES_ABC_MOST_NOTES = 1 << 16 };

/**
 * Read the first tune of a text.
 *
 * @param out         Overwritten; zero on failure.
 * @param text        [size], borrowed.
 * @param source      Name for messages; borrowed.
 * @param is_snippet  A line of notes without a head: where no length and no metre are said, they are those with which its bars come out.
 * @return ESTRO_ERR_SYNTAX with line and column, ESTRO_ERR_MEMORY.
 */
estro_status es_abc_read(es_abc *out, const char *text, size_t size, const char *source,
                         bool is_snippet, estro_diag *diag);
void es_abc_done(es_abc *abc);

#endif
