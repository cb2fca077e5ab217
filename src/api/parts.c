/* Parts of a style by the names that a person gives. */
#include "api/api.h"

#include "base/diag.h"
#include "base/near.h"
#include "base/text.h"

#include <stdio.h>

void es_api_part_names(char *out, size_t size, const es_style *style)
{
    *out = '\0';
    for (uint32_t p = 0; p < style->n_parts; p++) {
        es_append(out, size, " %s", style->parts[p].name);
    }
}

estro_status es_api_part(uint32_t *part, const es_style *style, const char *text, size_t length,
                         estro_diag *diag)
{
    const char *names[ES_MAX_PARTS];
    char name[64], known[160];

    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name), text);
    const int found = es_part_find(style, name);
    if (found >= 0) {
        *part = (uint32_t)found;
        return ESTRO_OK;
    }
    for (uint32_t p = 0; p < style->n_parts; p++) {
        names[p] = style->parts[p].name;
    }
    const char *near = es_near(name, names, style->n_parts);
    if (near) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "there is no part '%s'; did you mean '%s'?", name,
                       near);
    }
    es_api_part_names(known, sizeof known, style);
    return es_fail(diag, ESTRO_ERR_ARGUMENT, "there is no part '%s'; parts are%s", name, known);
}
