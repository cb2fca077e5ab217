/*
 *     scopes = scope (" " scope)*
 *     scope  = field ("," field)*
 *     field  = "bar=" N (".." N)? | "part=" name | "try=" N
 *
 * A scope without a bar is the whole part, one without a part all parts.
 */
#include "api/bars.h"

#include "api/api.h"
#include "base/diag.h"
#include "base/near.h"

#include <string.h>

enum { MOST_WORD = 64, MOST_NUMBER = 1000000 };

static const char *const fields[] = {"bar", "part", "try"};

/* A whole number from 1. @return Past it, NULL = there is none. */
static const char *read_number(uint32_t *out, const char *at)
{
    const char *const first = at;

    *out = 0;
    for (; *at >= '0' && *at <= '9' && *out <= MOST_NUMBER; at++) {
        *out = *out * 10 + (uint32_t)(*at - '0');
    }
    return at > first && *out >= 1 && *out <= MOST_NUMBER ? at : NULL;
}

static estro_status read_bars(es_bars_of_part *scope, const char *word, estro_diag *diag)
{
    uint32_t first, last;
    const char *at = read_number(&first, word);

    last = first;
    if (at && strncmp(at, "..", 2) == 0) {
        at = read_number(&last, at + 2);
    }
    if (!at || *at || last < first) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT,
                       "'bar=%s': bars are a number from 1, or two, as 17..20", word);
    }
    scope->first = first - 1;
    scope->last = last - 1;
    return ESTRO_OK;
}

static estro_status read_part(es_bars_of_part *scope, const char *word, const es_style *style,
                              estro_diag *diag)
{
    uint32_t part;

    ES_TRY(es_api_part(&part, style, word, strlen(word), diag));
    scope->parts = (uint32_t)1 << part;
    return ESTRO_OK;
}

static estro_status read_field(es_bars_of_part *scope, const char *name, const char *word,
                               const es_style *style, estro_diag *diag)
{
    if (strcmp(name, "bar") == 0) {
        return read_bars(scope, word, diag);
    }
    if (strcmp(name, "part") == 0) {
        return read_part(scope, word, style, diag);
    }
    if (strcmp(name, "try") == 0) {
        const char *end = read_number(&scope->attempt, word);
        return end && !*end
                   ? ESTRO_OK
                   : es_fail(diag, ESTRO_ERR_ARGUMENT, "'try=%s': tries are numbered from 1", word);
    }
    const char *near = es_near(name, fields, sizeof fields / sizeof *fields);
    return es_fail(diag, ESTRO_ERR_ARGUMENT, "'%s' is no bar=N, part=NAME or try=N%s%s%s", name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Copy up to one of `ends`. @return Past the copy, at the end that was found; NULL when it is too long. */
static const char *read_word(char word[MOST_WORD], const char *at, const char *ends)
{
    const size_t length = strcspn(at, ends);

    if (length >= MOST_WORD) {
        return NULL;
    }
    memcpy(word, at, length);
    word[length] = '\0';
    return at + length;
}

static estro_status read_scope(es_bars_of_part *scope, const char **text, const es_style *style,
                               estro_diag *diag)
{
    char name[MOST_WORD], word[MOST_WORD] = "";
    const char *at = *text;

    *scope = (es_bars_of_part){.last = UINT32_MAX, .parts = UINT32_MAX, .attempt = 1};
    for (;;) {
        at = read_word(name, at, "=, ");
        if (at && *at == '=') {
            at = read_word(word, at + 1, ", ");
        } else if (at) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT,
                           "'%s' is no scope; scopes are such as bar=17,part=alto", name);
        }
        if (!at) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "a word of more than %d letters in a scope",
                           MOST_WORD - 1);
        }
        ES_TRY(read_field(scope, name, word, style, diag));
        if (*at != ',') {
            *text = at;
            return ESTRO_OK;
        }
        at++;
    }
}

estro_status es_bars_parse(es_bars_of_part *scopes, size_t *count, const char *text,
                           const es_style *style, estro_diag *diag)
{
    *count = 0;
    for (text += strspn(text, " "); *text || *count == 0; text += strspn(text, " ")) {
        if (*count == ES_MOST_BAR_SETS) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "there can be %d scopes at most",
                           ES_MOST_BAR_SETS);
        }
        ES_TRY(read_scope(&scopes[*count], &text, style, diag));
        (*count)++;
    }
    return ESTRO_OK;
}

estro_status es_bars_check(const es_bars_of_part *scopes, size_t count, uint32_t n_bars,
                           estro_diag *diag)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t bar = scopes[i].last == UINT32_MAX ? scopes[i].first : scopes[i].last;
        if (bar >= n_bars) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "there is no bar %lu; the piece has %lu",
                           (unsigned long)bar + 1, (unsigned long)n_bars);
        }
    }
    return ESTRO_OK;
}

const es_bars_of_part *es_bars_find(const es_bars_of_part *scopes, size_t count, uint32_t bar,
                                    int part)
{
    for (size_t i = 0; i < count; i++) {
        if (bar >= scopes[i].first && bar <= scopes[i].last && (scopes[i].parts >> part & 1)) {
            return &scopes[i];
        }
    }
    return NULL;
}
