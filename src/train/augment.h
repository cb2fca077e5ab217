/**
 * @file augment.h
 * What a piece looks like this time: transposed, its plan hidden or slightly wrong, a window of it if it is long.
 */
#ifndef ES_TRAIN_AUGMENT_H
#define ES_TRAIN_AUGMENT_H

#include "base/rng.h"
#include "stream/roll.h"

enum { ES_WINDOW_BEATS = 384 }; /**< Of a longer piece a window of so many beats is taken. */

/**
 * Code a piece for training: transposed at random within its ranges and half an octave.
 *
 * Chords of shown plans are jittered in every other piece: an analysis errs too. Pieces longer than a few hundred beats give a
 * window that begins at a bar line.
 *
 * @param cells  Voice-steps that were coded.
 */
estro_status es_augment_code(es_coded *out, const es_roll *roll, const es_coding *coding,
                             bool hidden, es_rng *rng, size_t *cells, estro_diag *diag);

#endif
