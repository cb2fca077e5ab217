/* Any text is a style or one located error: the line is in the text, and what was compiled can be freed. */
#include "style/style.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    estro_diag diag = {0};
    es_style *style = NULL;
    int32_t lines = 1;

    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n';
    }
    if (es_style_parse(&style, (const char *)data, size, "fuzz", &diag) != ESTRO_OK) {
        const bool is_located = diag.line >= 1 && diag.line <= lines && diag.column >= 1;
        if (diag.status != ESTRO_ERR_MEMORY && (!is_located || !diag.text[0])) {
            abort();
        }
    }
    es_style_free(style);
    return 0;
}
