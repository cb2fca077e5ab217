/**
 * @file corpus.h
 * A corpus of MIDI files: found, read, analysed, split by piece, duplicates on one side.
 */
#ifndef ES_TRAIN_CORPUS_H
#define ES_TRAIN_CORPUS_H

#include "stream/drum_roll.h"
#include "stream/notes_roll.h"
#include "stream/roll.h"

typedef struct es_corpus_piece {
    es_roll roll;       /**< Profile voices. */
    es_drum_roll drums; /**< Profile drums: `roll` is empty then. */
    es_frames frames;   /**< Profile notes: `roll` is empty then. */
    bool goes_on;       /**< A part of a longer piece: it does not end where it ends. */
    char *path;         /**< Owned, or in the map. */
    uint64_t
        tune_hash; /**< Transposition-free hash of the top voice's opening: duplicates share it. */
    bool is_valid;
    bool is_mapped; /**< Arrays and path lie in the map of the corpus. */
    bool is_lesson; /**< Composed by a teacher; what is learned of it is what all teachers say. */
} es_corpus_piece;

/** Owned arrays; es_corpus_done. */
typedef struct es_corpus {
    es_corpus_piece *pieces;
    uint32_t profile; /**< ES_PROFILE_VOICES, _NOTES or _DRUMS, of all of them. */
    size_t n_pieces, n_lessons, n_files, n_skipped, n_duplicates, n_notes;
    es_coding coding; /**< That holds all of them in 12 transpositions where ranges allow. */
    es_drum_coding drum_coding;
    es_notes_coding notes_coding;
    uint8_t digest[8];
    int n_voices, grid; /**< As chosen; 0 of drums. */
    void *map;          /**< The pieces as coded, see cache.h; or NULL. */
    size_t map_bytes;
    bool is_cached; /**< It was there already. */
    char note[320]; /**< What a person should know about the cache, or "". */
} es_corpus;

typedef struct es_corpus_options {
    const char *const *paths;
    size_t n_paths;
    const char *const *valid;
    size_t n_valid;
    uint64_t seed;
    uint32_t
        profile; /**< ES_PROFILE_NOTES: chords without voices; else what the files are: drums or voices. */
    int voices; /**< 0 = what most files have. */
    bool no_bars;
    int threads;       /**< That read; the result does not depend on it. 0 = 1. */
    const char *cache; /**< Folder to keep the coded corpus in; NULL = it is not kept. */
    void (*skipped)(void *self, const char *path, const char *why); /**< May be NULL. */
    void *self;
} es_corpus_options;

/** @return ESTRO_ERR_IO when a path cannot be read, ESTRO_ERR_FORMAT when nothing usable is in it. */
estro_status es_corpus_read(es_corpus *out, const es_corpus_options *options, estro_diag *diag);
void es_corpus_done(es_corpus *corpus);

/** Lay the coding of its profile around the pieces. */
void es_corpus_make_coding(es_corpus *corpus, bool no_bars);

#endif
