/**
 * @file corpus_file.h
 * A file of a corpus: looked at first, so that voices and grid can be chosen for all, then made into pieces. What is done with one
 * file does not touch another: threads may do it.
 */
#ifndef ES_TRAIN_CORPUS_FILE_H
#define ES_TRAIN_CORPUS_FILE_H

#include "train/corpus.h"

enum { ES_WHY_BYTES = 128 }; /**< Of a reason to leave a file out. */

/** What decides about a section of a file. */
typedef struct es_found {
    uint8_t voices, parts, grid;
    bool on_grid;
} es_found;

typedef struct es_corpus_file {
    const char *path;
    bool is_valid, is_drums; /**< Only drums play. */
    uint64_t hash;           /**< Of its bytes. */
    estro_status status;
    char why[ES_WHY_BYTES]; /**< Why it cannot be read. */
    es_found *sections;     /**< [n_sections], owned; none of drums. */
    size_t n_sections;
} es_corpus_file;

/** What a section of a file, or a file of drums, was made into. */
typedef struct es_made {
    es_corpus_piece piece; /**< Without a path as yet. */
    es_drum_roll take;
    size_t n_notes;
    char why[ES_WHY_BYTES]; /**< Empty: it is a piece or a take. */
} es_made;

typedef struct es_made_file {
    estro_status status;
    es_made *sections;
    size_t n_sections;
} es_made_file;

/** Find out what decides about a file: fills in status, why, is_drums and sections, which are owned. */
void es_corpus_file_look(es_corpus_file *source);

/** Make a file into pieces as chosen for the corpus (profile, grid, n_voices). @param out Overwritten; es_made_done. */
void es_corpus_file_make(const es_corpus *corpus, const es_corpus_file *source, es_made_file *out);
void es_made_done(es_made_file *file);

#endif
