/**
 * @file chords.h
 * What training asks of pieces that are chords without voices.
 */
#ifndef ES_TRAIN_CHORDS_H
#define ES_TRAIN_CHORDS_H

#include "base/rng.h"
#include "train/corpus.h"

/**
 * Code a piece for training: transposed at random within the coding's range and half an octave; of a long piece a window of ES_WINDOW_BEATS.
 *
 * @param cells  Frames that were coded.
 */
estro_status es_chords_augment(es_coded *out, const es_frames *frames,
                               const es_notes_coding *coding, es_rng *rng, size_t *cells,
                               estro_diag *diag);

/** The coding that holds all pieces of a corpus, with room for transposed ones. */
void es_chords_coding(es_notes_coding *out, const es_corpus *corpus, int grid);

/** Hash of all notes, transposed or not; and of how the topmost notes begin. */
uint64_t es_chords_hash(const es_frames *frames);
uint64_t es_chords_opening(const es_frames *frames);

#endif
