/**
 * @file roll.h
 * A piece on a grid, in voices, with its plan: what is coded into a stream, and what a stream is decoded to.
 */
#ifndef ES_STREAM_ROLL_H
#define ES_STREAM_ROLL_H

#include "stream/coded.h"
#include "stream/coding.h"

/** Owned arrays; zero-initialise; es_roll_done. */
typedef struct es_roll {
    uint8_t n_voices;
    uint8_t grid; /**< Steps to a quarter. */
    es_meter meter;
    es_key key;
    bool has_key;
    uint32_t
        n_steps;    /**< Step 0 is a bar line (a pickup is preceded by silence); ends on a beat. */
    int8_t *pitch;  /**< [n_steps][n_voices], top voice first; -1 silent. */
    uint8_t *onset; /**< [n_steps][n_voices]: a note begins. */
    uint32_t n_beats;
    es_chord *chord; /**< [n_beats]; NULL = no plan known. */
    uint8_t
        program[ES_MAX_VOICES]; /**< Instrument of each voice, General MIDI + 1; 0 = not known. */
} es_roll;

estro_status es_roll_init(es_roll *roll, int n_voices, int grid, uint32_t n_steps, es_meter meter,
                          estro_diag *diag);
void es_roll_done(es_roll *roll);

/**
 * Code a piece.
 *
 * @param transpose  Semitones added to all pitches, key and chords; must keep them inside the coding.
 * @param hidden     Leave the plan out.
 * @return ESTRO_ERR_FORMAT when a pitch, step or voice does not fit the coding.
 */
estro_status es_roll_code(es_coded *out, const es_roll *roll, const es_coding *coding,
                          int transpose, bool hidden, estro_diag *diag);

/**
 * The complete instants of a stream as a roll: the inverse of es_roll_code at transposition 0 (key and chords only when
 * the plan was drawn; chords without a root have root and bass 0). For streams of at most ES_STREAM_REMEMBERED instants.
 */
estro_status es_roll_decode(es_roll *out, const es_stream *stream, estro_diag *diag);

/** Lowest and highest transposition that fits the coding. */
void es_roll_transpositions(const es_roll *roll, const es_coding *coding, int *low, int *high);

#endif
