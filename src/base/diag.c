/*
 * Diagnostics: plain data filled by printf rules. Nothing here allocates or
 * prints; texts that do not fit are cut.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *estro_status_text(estro_status status)
{
    static const char *const texts[] = {
#define TEXT(name, text) text,
        ESTRO_STATUS_LIST(TEXT)
#undef TEXT
    };

    if ((unsigned)status >= ESTRO_STATUS_COUNT) {
        return "unknown status";
    }
    return texts[status];
}

void es_diag_init(estro_diag *diag, const char *source)
{
    if (!diag) {
        return;
    }
    memset(diag, 0, sizeof *diag);
    diag->offset = -1;
    if (source) {
        snprintf(diag->source, sizeof diag->source, "%s", source);
    }
}

static void fill(estro_diag *diag, estro_status status, const char *source, int line, int column,
                 int64_t offset)
{
    diag->status = status;
    if (source) {
        snprintf(diag->source, sizeof diag->source, "%s", source);
    }
    diag->line = line;
    diag->column = diag->caret = column;
    diag->offset = offset;
    diag->excerpt[0] = '\0';
}

estro_status es_fail(estro_diag *diag, estro_status status, const char *format, ...)
{
    va_list arguments;

    if (diag) {
        fill(diag, status, NULL, 0, 0, -1);
        va_start(arguments, format);
        vsnprintf(diag->text, sizeof diag->text, format, arguments);
        va_end(arguments);
    }
    return status;
}

estro_status es_fail_at(estro_diag *diag, estro_status status, const char *source, int line,
                        int column, const char *format, ...)
{
    va_list arguments;

    if (diag) {
        fill(diag, status, source, line, column, -1);
        va_start(arguments, format);
        vsnprintf(diag->text, sizeof diag->text, format, arguments);
        va_end(arguments);
    }
    return status;
}

estro_status es_fail_offset(estro_diag *diag, estro_status status, const char *source,
                            int64_t offset, const char *format, ...)
{
    va_list arguments;

    if (diag) {
        fill(diag, status, source, 0, 0, offset);
        va_start(arguments, format);
        vsnprintf(diag->text, sizeof diag->text, format, arguments);
        va_end(arguments);
    }
    return status;
}

estro_status es_fail_memory(estro_diag *diag)
{
    return es_fail(diag, ESTRO_ERR_MEMORY, "out of memory");
}
