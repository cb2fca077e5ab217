/* The text in hand: numbers, and errors where they are met. */
#include "abc/reader.h"

#include "base/diag.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

estro_status es_abc_fail(const es_abc_reader *reader, const char *at, const char *format, ...)
{
    char text[128];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return es_fail_at(reader->diag, ESTRO_ERR_SYNTAX, reader->source, reader->line,
                      (int)(at - reader->line_start) + 1, "%s", text);
}

int64_t es_abc_number(const char **at, const char *end)
{
    int64_t value = 0;

    while (*at < end && isdigit((unsigned char)**at)) {
        value = value * 10 + (**at - '0');
        value = value > ES_ABC_MOST_LENGTH ? ES_ABC_MOST_LENGTH + 1 : value;
        (*at)++;
    }
    return value;
}
