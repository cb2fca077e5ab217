/**
 * @file text.h
 * Text that is written piece by piece: it grows, or has the room that it has.
 */
#ifndef ES_BASE_TEXT_H
#define ES_BASE_TEXT_H

#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>

/** The length of a prefix that a text begins with, 0 where it does not. */
static inline size_t es_prefix(const char *text, const char *prefix)
{
    size_t n = 0;

    while (prefix[n] && text[n] == prefix[n]) {
        n++;
    }
    return prefix[n] ? 0 : n;
}

/** Zero-initialise; es_text_done. Once memory has failed, all that follows is dropped and `has_failed` stays true. */
typedef struct es_text {
    char *text; /**< Ended by a NUL; NULL while nothing was added. */
    size_t length, capacity;
    bool has_failed;
} es_text;

void es_text_add(es_text *text, const char *format, ...) ES_PRINTF(2, 3);

/** The same byte `count` times. */
void es_text_fill(es_text *text, char byte, size_t count);
void es_text_done(es_text *text);

/** Write behind what a text of `size` bytes holds; what has no room is left out. */
void es_append(char *text, size_t size, const char *format, ...) ES_PRINTF(3, 4);

#endif
