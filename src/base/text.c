/*
 * Growing text. Failure is remembered instead of returned, so that a writer of many lines checks once, at the end.
 */
#include "base/text.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** Room for `more` bytes and the NUL. */
static bool make_room(es_text *text, size_t more)
{
    while (!text->has_failed && text->capacity - text->length <= more) {
        text->has_failed = !es_grow(&text->text, text->capacity, &text->capacity, 1);
    }
    return !text->has_failed;
}

void es_text_add(es_text *text, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) {
        text->has_failed = true;
    } else if (make_room(text, (size_t)length)) {
        vsnprintf(text->text + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

void es_text_fill(es_text *text, char byte, size_t count)
{
    if (make_room(text, count)) {
        memset(text->text + text->length, byte, count);
        text->length += count;
        text->text[text->length] = '\0';
    }
}

void es_text_done(es_text *text)
{
    es_free(text->text);
    *text = (es_text){0};
}

void es_append(char *text, size_t size, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}
