/*
 * Words of the language: cadences, modes, roles, kinds of themes, by number and by name.
 */
#include "style/parse.h"

#include <string.h>

const char *es_cadence_name(es_cadence cadence)
{
    static const char *const names[ES_CADENCE_COUNT] = {"open", "half", "authentic", "plagal",
                                                        "deceptive"};

    return (unsigned)cadence < ES_CADENCE_COUNT ? names[cadence] : "?";
}

const char *es_theme_kind_name(es_theme_kind kind)
{
    static const char *const names[ES_THEME_KINDS] = {
#define THEME_WORD(name, word) word,
        ES_THEME_LIST(THEME_WORD)
#undef THEME_WORD
    };

    return (unsigned)kind < ES_THEME_KINDS ? names[kind] : "?";
}

const char *es_role_name(es_role role)
{
    static const char *const names[ES_ROLE_COUNT] = {"melody", "counter", "harmony", "bass",
                                                     "drums"};

    return (unsigned)role < ES_ROLE_COUNT ? names[role] : "?";
}

int es_mode_find(const char *text, size_t length)
{
    for (int i = 0; i < ES_MODE_COUNT; i++) {
        if (strlen(es_mode_name(i)) == length && memcmp(es_mode_name(i), text, length) == 0) {
            return i;
        }
    }
    return -1;
}

int es_cadence_find(const char *text, size_t length)
{
    for (int i = 0; i < ES_CADENCE_COUNT; i++) {
        const char *name = es_cadence_name((es_cadence)i);
        if (strlen(name) == length && memcmp(name, text, length) == 0) {
            return i;
        }
    }
    return -1;
}
