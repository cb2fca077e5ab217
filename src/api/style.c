/*
 * Styles for a host: found, read, compiled. Immutable from then on.
 */
#include "api/api.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "style/check.h"
#include "style/format.h"

#include <stdio.h>
#include <string.h>

/* The text of a style, found by path or name. @param found  [ES_PATH_BYTES]. @param bytes  Owned. */
static estro_status read_style(char *found, uint8_t **bytes, size_t *size, const char *path,
                               estro_diag *diag)
{
    es_diag_init(diag, NULL);
    snprintf(found, ES_PATH_BYTES, "-");
    if (strcmp(path, "-") != 0) {
        ES_TRY(estro_find(found, ES_PATH_BYTES, path, ".style", diag));
    }
    return es_file_read_most(bytes, size, found, ES_MAX_STYLE_BYTES, diag);
}

estro_style_options estro_style_options_default(void)
{
    return (estro_style_options){.size = sizeof(estro_style_options)};
}

static es_settings settings_of(const estro_style_options *options)
{
    return options ? (es_settings){options->settings, options->n_settings} : (es_settings){0};
}

estro_status estro_style_check(const char *path, const estro_style_options *options,
                               void (*warn)(void *self, const char *source, int line, int column,
                                            const char *text),
                               void *self, estro_diag *diag)
{
    const es_settings settings = settings_of(options);
    char found[ES_PATH_BYTES];
    uint8_t *bytes;
    size_t size;

    ES_TRY(read_style(found, &bytes, &size, path, diag));
    const estro_status status =
        es_style_check((const char *)bytes, size, found, &settings, warn, self, diag);
    es_free(bytes);
    return status;
}

estro_status estro_style_format(const char *path,
                                void (*write)(void *self, const char *text, size_t size,
                                              bool is_same),
                                void *self, estro_diag *diag)
{
    char found[ES_PATH_BYTES];
    es_text out = {0};
    uint8_t *bytes;
    size_t size;

    ES_TRY(read_style(found, &bytes, &size, path, diag));
    const estro_status status = es_style_format(&out, (const char *)bytes, size, found, diag);
    if (status == ESTRO_OK) {
        write(self, out.text, out.length, out.length == size && memcmp(out.text, bytes, size) == 0);
    }
    es_text_done(&out);
    es_free(bytes);
    return status;
}

estro_status estro_style_load(estro_style **out, const char *path,
                              const estro_style_options *options, estro_diag *diag)
{
    char found[ES_PATH_BYTES];
    uint8_t *bytes;
    size_t size;

    ES_TRY(read_style(found, &bytes, &size, path, diag));
    const estro_status status =
        estro_style_parse(out, (const char *)bytes, size, found, options, diag);
    es_free(bytes);
    return status;
}

estro_status estro_style_parse(estro_style **out, const char *text, size_t size, const char *source,
                               const estro_style_options *options, estro_diag *diag)
{
    const es_settings settings = settings_of(options);
    estro_style *style = es_calloc(1, sizeof *style);

    if (!style) {
        return es_fail_memory(diag);
    }
    const estro_status status =
        es_style_parse_with(&style->style, text, size, source, &settings, diag);
    if (status != ESTRO_OK) {
        es_free(style);
        return status;
    }
    *out = style;
    return ESTRO_OK;
}

bool estro_style_param(const estro_style *style, size_t index, estro_param *out)
{
    const es_style *s = style->style;

    if (index >= s->n_params) {
        return false;
    }
    const es_param *param = &s->params[index];
    *out = (estro_param){.name = param->name,
                         .title = param->title,
                         .words = param->words,
                         .n_words = param->n_words,
                         .low = param->low,
                         .high = param->high,
                         .initial = param->initial,
                         .value = param->value,
                         .controller = param->controller};
    return true;
}

void es_api_style_release(estro_style *style)
{
    if (style && atomic_fetch_sub_explicit(&style->holders, 1, memory_order_acq_rel) == 0) {
        es_style_free(style->style);
        es_free(style);
    }
}

void estro_style_free(estro_style *style)
{
    es_api_style_release(style);
}

const char *estro_style_name(const estro_style *style)
{
    return style->style->name;
}

const char *estro_style_title(const estro_style *style)
{
    return style->style->title;
}

/** Whether a group before `group` asks for the same model. */
static bool is_named_before(const es_style *style, uint32_t group)
{
    for (uint32_t i = 0; i < group; i++) {
        if (style->groups[i].model &&
            strcmp(style->groups[i].model, style->groups[group].model) == 0) {
            return true;
        }
    }
    return false;
}

const char *estro_style_model(const estro_style *style, size_t index)
{
    const es_style *s = style->style;

    for (uint32_t i = 0; i < s->n_groups; i++) {
        if (s->groups[i].model && !is_named_before(s, i) && index-- == 0) {
            return s->groups[i].model;
        }
    }
    return NULL;
}
