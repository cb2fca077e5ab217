/**
 * @file split.h
 * Duplicates, and who validates.
 */
#ifndef ES_TRAIN_SPLIT_H
#define ES_TRAIN_SPLIT_H

#include "train/corpus.h"

/**
 * Take out pieces that are the same as an earlier one, transposed or not; choose the pieces that validate.
 *
 * Without valid paths, about a tenth of the tunes is chosen by the seed; pieces whose top voices open alike go together.
 */
estro_status es_corpus_split(es_corpus *corpus, const es_corpus_options *options, estro_diag *diag);

#endif
