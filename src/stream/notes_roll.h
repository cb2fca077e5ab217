/**
 * @file notes_roll.h
 * A piece as frames of notes: what is coded into a stream of profile `notes`, and what it is decoded to.
 */
#ifndef ES_STREAM_NOTES_ROLL_H
#define ES_STREAM_NOTES_ROLL_H

#include "stream/coded.h"
#include "stream/notes.h"

/** Owned arrays; zero-initialise; es_frames_done. */
typedef struct es_frames {
    size_t count;
    es_pitch_set *sounding; /**< [count] */
    es_pitch_set
        *struck;  /**< [count]: which of them begin here; NULL where the data does not tell. */
    uint8_t grid; /**< Frames to a quarter, 0 = not known. */
    bool goes_on; /**< A part of a longer piece: its end is not coded. */
} es_frames;

estro_status es_frames_init(es_frames *frames, size_t count, bool has_onsets, estro_diag *diag);
void es_frames_done(es_frames *frames);

/** Lowest and highest pitch and most notes of a frame, taken into a coding (which starts with low 127, high 0, most 1). */
void es_frames_measure(es_notes_coding *coding, const es_frames *frames);

/**
 * Code a piece.
 *
 * @param transpose  Semitones added to all pitches; must keep them inside the coding.
 * @return ESTRO_ERR_FORMAT when a pitch or a number of notes does not fit the coding.
 */
estro_status es_frames_code(es_coded *out, const es_frames *frames, const es_notes_coding *coding,
                            int transpose, estro_diag *diag);

/** The complete frames of a piece: the inverse of es_frames_code at transposition 0. */
estro_status es_frames_decode(es_frames *out, const es_notes *notes, bool has_onsets,
                              estro_diag *diag);

/** Nats of a piece: of all its choices, and of that it ends where it ends, if this is coded. */
typedef struct es_frames_nats {
    double notes, end;
    size_t n_choices; /**< Of the notes. */
} es_frames_nats;

/**
 * Exact nats of a piece under a net of the coding's shape, as it is played: one choice after another.
 *
 * @param frame_nats  [frames->count], nats of each frame; may be NULL.
 * @return As es_frames_code.
 */
estro_status es_frames_score(es_frames_nats *out, double *frame_nats, const es_frames *frames,
                             const es_notes_coding *coding, int transpose, const es_net *net,
                             estro_diag *diag);

/** What the piece says for a choice: the candidate, or -1 when it does not fit. */
int es_frames_target(const es_frames *frames, const es_notes_coding *coding, int transpose,
                     const es_notes_choice *choice, int last_candidate);

#endif
