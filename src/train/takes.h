/**
 * @file takes.h
 * Takes of drummers to pieces that can be trained on.
 */
#ifndef ES_TRAIN_TAKES_H
#define ES_TRAIN_TAKES_H

#include "train/corpus.h"

/** A take: the whole of a file. */
typedef struct es_take {
    es_drum_roll roll;
    const char *path; /**< Borrowed. */
    bool is_valid;
} es_take;

/**
 * Add takes to a corpus of drums as pieces.
 *
 * Takes to validate on stay as they are. Of the others long ones are cut into pieces of 32 bars, so that an epoch hears all of
 * them; short ones of one folder, family and kind (a session's fills) are put together, so that batches are not full of single bars.
 *
 * @param takes  [n_takes]; borrowed.
 */
estro_status es_takes_add(es_corpus *corpus, const es_take *takes, size_t n_takes,
                          estro_diag *diag);

#endif
