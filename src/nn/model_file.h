/**
 * @file model_file.h
 * Model files: magic, version, header text, tensor table, weights, checksum; little-endian.
 *
 * Each length is checked against the bytes that are left. Weights are stored as bytes with scales (training writes these),
 * halves or floats, and widened when loaded.
 */
#ifndef ES_NN_MODEL_FILE_H
#define ES_NN_MODEL_FILE_H

#include "nn/net.h"
#include "nn/stored.h"

/** One named blob or number in the header: what the net was trained on and for. */
typedef struct es_model_meta {
    uint32_t vocabulary; /**< Number of the stream coding. */
    uint32_t profile;    /**< Which profile of the coding (stream/coding.h). */
    uint32_t setup_size; /**< Bytes of setup in use. */
    uint8_t setup[512];  /**< Profile settings, opaque here: grid, ranges, roles. */
    uint64_t seed;
    uint8_t corpus_digest[8]; /**< Of the corpus' files. */
    char card[1024];          /**< Corpus, licence, attribution, command, losses: text. */
} es_model_meta;

/** Build the bytes of a model file. @param out, out_size Owned by the caller; es_free. */
estro_status es_model_write(uint8_t **out, size_t *out_size, const es_net *net,
                            const es_model_meta *meta, const uint64_t *fingerprints,
                            size_t n_fingerprints, es_weight_kind kind, estro_diag *diag);

/**
 * Read a model from bytes (borrowed during the call).
 *
 * @param net           Initialised; es_net_done by the caller.
 * @param fingerprints  Sorted hashes of the training material's note runs; owned (es_free); NULL if none.
 * @return ESTRO_ERR_MODEL with a byte offset, ESTRO_ERR_MEMORY.
 */
estro_status es_model_read(es_net *net, es_model_meta *meta, uint64_t **fingerprints,
                           size_t *n_fingerprints, const uint8_t *bytes, size_t size,
                           const char *source, estro_diag *diag);

#endif
