/*
 * Models for a host.
 */
#include "api/api.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"

#include <string.h>

estro_status estro_model_load(estro_model **out, const char *path, estro_diag *diag)
{
    char found[ES_PATH_BYTES] = "-";
    uint8_t *bytes;
    size_t size;

    es_diag_init(diag, NULL);
    if (strcmp(path, "-") != 0) {
        ES_TRY(estro_find(found, sizeof found, path, ".model", diag));
    }
    ES_TRY(es_file_read(&bytes, &size, found, diag));
    const estro_status status = estro_model_parse(out, bytes, size, found, diag);
    es_free(bytes);
    return status;
}

estro_status estro_model_parse(estro_model **out, const uint8_t *bytes, size_t size,
                               const char *source, estro_diag *diag)
{
    estro_model *model = es_calloc(1, sizeof *model);

    if (!model) {
        return es_fail_memory(diag);
    }
    const estro_status status = es_model_parse(&model->model, bytes, size, source, diag);
    if (status != ESTRO_OK) {
        es_free(model);
        return status;
    }
    *out = model;
    return ESTRO_OK;
}

void estro_model_free(estro_model *model)
{
    if (model) {
        es_model_free(model->model);
        es_free(model);
    }
}

const char *estro_model_name(const estro_model *model)
{
    return model->model->name;
}

const char *estro_model_card(const estro_model *model)
{
    return model->model->meta.card;
}
