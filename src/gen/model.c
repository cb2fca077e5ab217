/*
 * Loading a model. What the file says about its net must be what its coding asks for: then every field and candidate that the
 * coding makes is one that the net has, and playing needs no checks.
 */
#include "gen/model.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "stream/fingerprint.h"

#include <stdio.h>
#include <string.h>

/* FNV-1a over 64 bits, mixed once more. */
static void digest_bytes(uint8_t digest[8], const uint8_t *bytes, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    for (int i = 0; i < 8; i++) {
        digest[i] = (uint8_t)(hash >> (56 - 8 * i));
    }
}

/* File name without folder and ending. */
static void name_model(es_model *model, const char *source)
{
    const char *base = es_path_base(source);
    const size_t length =
        es_path_ends(base, ".model") ? strlen(base) - strlen(".model") : strlen(base);

    snprintf(model->name, sizeof model->name, "%.*s", (int)(length < 63 ? length : 63), base);
}

static bool has_sizes(const uint16_t *a, const uint16_t *b, uint16_t count)
{
    return memcmp(a, b, count * sizeof *a) == 0;
}

/* Whether the net is of the shape that the coding asks for. */
static bool fits(const es_model *model)
{
    const es_net_shape *net = &model->net.shape;
    es_net_shape *wanted = es_calloc(1, sizeof *wanted);

    if (!wanted) {
        return false;
    }
    switch (model->meta.profile) {
    case ES_PROFILE_DRUMS:
        es_drum_coding_shape(&model->drums, wanted);
        break;
    case ES_PROFILE_NOTES:
        es_notes_shape(&model->notes, wanted);
        break;
    default:
        es_coding_shape(&model->coding, wanted);
    }
    bool is_same = net->n_fields == wanted->n_fields && net->n_slots == wanted->n_slots &&
                   has_sizes(net->field_size, wanted->field_size, wanted->n_fields);
    for (int i = 0; is_same && i < wanted->n_slots; i++) {
        const es_slot_shape *a = &net->slot[i], *b = &wanted->slot[i];
        is_same = a->n_fields == b->n_fields && a->n_raw == b->n_raw &&
                  a->n_candidates == b->n_candidates && a->n_ordered == b->n_ordered &&
                  has_sizes(a->field_size, b->field_size, b->n_fields);
    }
    es_free(wanted);
    return is_same;
}

/* Vocabulary of a profile, as far as this estro knows it. */
static uint32_t vocabulary_of(uint32_t profile)
{
    switch (profile) {
    case ES_PROFILE_VOICES:
        return ES_VOCABULARY;
    case ES_PROFILE_NOTES:
        return ES_NOTES_VOCABULARY;
    case ES_PROFILE_DRUMS:
        return ES_DRUM_VOCABULARY;
    default:
        return 0;
    }
}

static bool unpack(es_model *model)
{
    const uint8_t *setup = model->meta.setup;
    const size_t size = model->meta.setup_size;

    switch (model->meta.profile) {
    case ES_PROFILE_DRUMS:
        return es_drum_coding_unpack(&model->drums, setup, size);
    case ES_PROFILE_NOTES:
        return es_notes_unpack(&model->notes, setup, size);
    default:
        return es_coding_unpack(&model->coding, setup, size);
    }
}

static estro_status understand(es_model *model, estro_diag *diag)
{
    const es_model_meta *meta = &model->meta;

    if (meta->vocabulary == 0 || meta->vocabulary != vocabulary_of(meta->profile)) {
        return es_fail(diag, ESTRO_ERR_MODEL,
                       "the model speaks vocabulary %lu, profile %lu; this estro has %d and %d "
                       "(voices), %d and %d (notes), %d and %d (drums)",
                       (unsigned long)meta->vocabulary, (unsigned long)meta->profile, ES_VOCABULARY,
                       ES_PROFILE_VOICES, ES_NOTES_VOCABULARY, ES_PROFILE_NOTES, ES_DRUM_VOCABULARY,
                       ES_PROFILE_DRUMS);
    }
    if (!unpack(model)) {
        return es_fail(diag, ESTRO_ERR_MODEL, "the settings of the model's coding make no sense");
    }
    if (!fits(model)) {
        return es_fail(diag, ESTRO_ERR_MODEL, "the model's net is not of the shape of its coding");
    }
    return ESTRO_OK;
}

estro_status es_model_parse(es_model **out, const uint8_t *bytes, size_t size, const char *source,
                            estro_diag *diag)
{
    es_model *model = es_calloc(1, sizeof *model);

    es_diag_init(diag, source);
    if (!model) {
        return es_fail_memory(diag);
    }
    estro_status status = es_model_read(&model->net, &model->meta, &model->fingerprints,
                                        &model->n_fingerprints, bytes, size, source, diag);
    if (status == ESTRO_OK) {
        model->fingerprint_mask = es_fingerprints_mask(model->fingerprints, model->n_fingerprints);
        status = understand(model, diag);
    }
    if (status != ESTRO_OK) {
        es_model_free(model);
        return status;
    }
    name_model(model, source);
    digest_bytes(model->digest, bytes, size);
    *out = model;
    return ESTRO_OK;
}

estro_status es_model_load(es_model **out, const char *path, estro_diag *diag)
{
    uint8_t *bytes = NULL;
    size_t size = 0;

    ES_TRY(es_file_read(&bytes, &size, path, diag));
    const estro_status status = es_model_parse(out, bytes, size, path, diag);
    es_free(bytes);
    return status;
}

void es_model_free(es_model *model)
{
    if (model) {
        es_net_done(&model->net);
        es_free(model->fingerprints);
        es_free(model);
    }
}
