/**
 * @file trainer.h
 * Training of a model on a corpus: epochs, batches, schedule, validation, the best kept.
 *
 * See include/estro/estro.h for the promises of these functions.
 */
#ifndef ES_TRAIN_TRAINER_H
#define ES_TRAIN_TRAINER_H

#include "train/corpus.h"

#include <estro/estro.h>

estro_status es_training_new(estro_training **out, const estro_train_options *options,
                             void (*skipped)(void *self, const char *path, const char *why),
                             void *self, estro_diag *diag);

/** The same on a corpus that is at hand. @param corpus Taken over, also on failure. */
estro_status es_training_on(estro_training **out, es_corpus *corpus,
                            const estro_train_options *options, estro_diag *diag);

void es_training_free(estro_training *training);
void es_training_report(const estro_training *training, estro_corpus_report *report);
void es_training_progress(const estro_training *training, estro_train_progress *progress);
estro_status es_training_step(estro_training *training, estro_train_progress *progress,
                              estro_diag *diag);
void es_training_stop(estro_training *training);
estro_status es_training_save(estro_training *training, const char *path, estro_diag *diag);

/** Checkpoints: see include/estro/estro.h. */
estro_status es_training_checkpoint(estro_training *training, const char *path, estro_diag *diag);
estro_status es_training_resume(estro_training *training, const char *path, estro_diag *diag);

/** The bytes of a model file with the present averaged weights. @param bytes Owned by the caller; es_free. */
estro_status es_training_present(estro_training *training, uint8_t **bytes, size_t *size,
                                 estro_diag *diag);

/** Threads that are wanted, or as many as there are processors for each of `processes`. */
uint32_t es_training_threads(const estro_train_options *options, int processes);

/** Settings that fit a corpus, filled in where the options leave them open. @param processes That share this machine. */
void es_training_settle(estro_train_options *options, const es_corpus *corpus, int processes);

#endif
