/**
 * @file cache.h
 * Coded pieces in a file that is mapped: written once, used by all later trainings on the same files.
 *
 * A cache is named by a key that says all that its pieces come from; see corpus.c. It is written beside itself and renamed, so
 * that it is whole or not there, and two processes that write the same one do each other no harm. It may be removed at any time.
 */
#ifndef ES_TRAIN_CACHE_H
#define ES_TRAIN_CACHE_H

#include "train/corpus.h"

/** A cache being written: pieces go to disk as they come, so memory does not grow with them. */
typedef struct es_cache_writer es_cache_writer;

/**
 * Begin one.
 *
 * @param folder  Made if it is not there. NULL or one that cannot be written to: a nameless temporary file is used.
 * @param note    [size]: why there is no lasting one, or untouched. @return ESTRO_ERR_IO, ESTRO_ERR_MEMORY.
 */
estro_status es_cache_begin(es_cache_writer **out, const char *folder, uint64_t key, char *note,
                            size_t size, estro_diag *diag);

/** Add a piece. @param piece Its arrays are written and freed; its path is taken over. Also on failure. */
estro_status es_cache_add(es_cache_writer *writer, es_corpus_piece *piece, estro_diag *diag);

/** Add a file that was left out, with the reason. */
estro_status es_cache_add_skipped(es_cache_writer *writer, const char *path, const char *why,
                                  estro_diag *diag);

/**
 * Finish: the pieces of `corpus` are those that were added, mapped; with profile, grid, n_voices, n_notes, n_skipped and digest as they stand in it.
 * The writer is freed in any case.
 */
estro_status es_cache_finish(es_cache_writer *writer, es_corpus *corpus, estro_diag *diag);
/** Give up; accepts NULL. */
void es_cache_abandon(es_cache_writer *writer);

/**
 * Map a cache that is there.
 *
 * @param corpus  Gets pieces, profile, grid, n_voices, n_notes, n_skipped and digest; untouched when there is none.
 * @param note    [size]: that it was damaged, or untouched.
 * @param skipped Called for each file that was left out; may be NULL.
 * @return ESTRO_END when there is none that can be used.
 */
estro_status es_cache_open(es_corpus *corpus, const char *folder, uint64_t key, char *note,
                           size_t size,
                           void (*skipped)(void *self, const char *path, const char *why),
                           void *self, estro_diag *diag);

/** Where caches lie when nobody says it: $XDG_CACHE_HOME/estro or $HOME/.cache/estro. False when neither is set. */
bool es_cache_folder(char *out, size_t size);

#endif
