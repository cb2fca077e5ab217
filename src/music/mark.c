/*
 * Words of marks.
 */
#include "music/mark.h"

#include <string.h>

static const char *const names[ES_MARK_COUNT] = {
#define ES_MARK_NAME(name, word) word,
    ES_MARK_LIST(ES_MARK_NAME)
#undef ES_MARK_NAME
};

const char *es_mark_name(es_mark mark)
{
    return names[mark];
}

int es_mark_find(const char *text, size_t length)
{
    for (int i = 0; i < ES_MARK_COUNT; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0) {
            return i;
        }
    }
    return -1;
}
