/**
 * @file model.h
 * A loaded model: the net, the coding that it speaks, and the fingerprints of what it was trained on.
 */
#ifndef ES_GEN_MODEL_H
#define ES_GEN_MODEL_H

#include "nn/model_file.h"
#include "nn/net.h"
#include "stream/drums.h"
#include "stream/notes.h"

typedef struct es_model {
    char name[64]; /**< File name without folder and ending. */
    es_net net;
    es_model_meta meta;
    es_coding coding;       /**< Profile voices. */
    es_drum_coding drums;   /**< Profile drums: meta.profile says which. */
    es_notes_coding notes;  /**< Profile notes. */
    uint64_t *fingerprints; /**< Sorted. */
    size_t n_fingerprints;
    uint64_t fingerprint_mask; /**< es_fingerprints_mask of them. */
    uint8_t digest[8];         /**< Of the file. */
} es_model;

/** From bytes (borrowed during the call). @return ESTRO_ERR_MODEL: damaged, or of another vocabulary (both numbers said). */
estro_status es_model_parse(es_model **out, const uint8_t *bytes, size_t size, const char *source,
                            estro_diag *diag);
/** The same from a file. @return also ESTRO_ERR_IO. */
estro_status es_model_load(es_model **out, const char *path, estro_diag *diag);
void es_model_free(es_model *model);

#endif
