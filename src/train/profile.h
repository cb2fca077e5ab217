/**
 * @file profile.h
 * What training asks of a piece, whatever the profile of its corpus: voices, chords or drums.
 */
#ifndef ES_TRAIN_PROFILE_H
#define ES_TRAIN_PROFILE_H

#include "base/rng.h"
#include "gen/evaluate.h"
#include "nn/model_file.h"
#include "train/corpus.h"

/** Grid steps of a piece, and of a quarter. */
uint32_t es_corpus_piece_steps(const es_corpus_piece *piece);
uint32_t es_corpus_piece_grid(const es_corpus_piece *piece);

/** What its nats are divided by: voice-steps; grid steps of drums. */
size_t es_corpus_piece_cells(const es_corpus_piece *piece);

/** Code a whole piece as it is, the plan hidden. */
estro_status es_corpus_piece_code(es_coded *out, const es_corpus *corpus,
                                  const es_corpus_piece *piece, estro_diag *diag);

/** Code a piece for training, as es_augment_code. @param cells Cells that were coded. */
estro_status es_corpus_piece_augment(es_coded *out, const es_corpus *corpus,
                                     const es_corpus_piece *piece, bool hidden, es_rng *rng,
                                     size_t *cells, estro_diag *diag);

estro_status es_corpus_piece_evaluate(es_evaluation *out, const es_net *net,
                                      const es_corpus *corpus, const es_corpus_piece *piece,
                                      estro_diag *diag);

/** Hash of all notes, transposed or not, and of the opening: of pieces that open alike all are on one side of a split. */
uint64_t es_corpus_piece_hash(const es_corpus_piece *piece);
uint64_t es_corpus_piece_opening(const es_corpus_piece *piece);

void es_corpus_piece_done(es_corpus_piece *piece);

/** Fill in what the coding says about a net. */
void es_corpus_shape(const es_corpus *corpus, es_net_shape *shape);

/** Fill in vocabulary, profile and setup of a model. */
void es_corpus_describe(const es_corpus *corpus, es_model_meta *meta);

#endif
