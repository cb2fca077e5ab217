/*
 * What all steps of a compilation share: located failure, scratch memory, near names.
 * Invariant: nothing here outlives es_style_parse but what was put into the style's own arena.
 */
#include "style/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Start of a line of the source, NULL past the last. */
static const char *line_start(const es_build *build, int32_t line)
{
    const char *start = build->text;

    for (int32_t i = 1; i < line && start; i++) {
        start = strchr(start, '\n');
        start = start ? start + 1 : NULL;
    }
    return start && line == 1 && strncmp(start, "\xef\xbb\xbf", 3) == 0 ? start + 3 : start;
}

static bool is_first_byte(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* A column of bytes as one of characters. */
static int count_characters(const char *line, int32_t column)
{
    int count = 1;

    for (int32_t i = 0; i + 1 < column && line[i]; i++) {
        count += is_first_byte(line[i]);
    }
    return count;
}

/* The source line into the diag, cut at a whole character. */
static void fill_excerpt(estro_diag *diag, const char *line)
{
    size_t length = strcspn(line, "\r\n");

    if (length > sizeof diag->excerpt - 1) {
        length = sizeof diag->excerpt - 1;
        while (length && !is_first_byte(line[length])) {
            length--;
        }
    }
    memcpy(diag->excerpt, line, length);
    diag->excerpt[length] = '\0';
}

estro_status es_build_fail(es_build *build, estro_status status, es_place place, const char *format,
                           ...)
{
    char text[sizeof build->diag->text];
    va_list arguments;

    if (build->diag) {
        const char *line = line_start(build, place.line);
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        es_fail_at(build->diag, status, build->source, place.line,
                   line ? count_characters(line, place.column) : place.column, "%s", text);
        if (line) {
            fill_excerpt(build->diag, line);
        }
    }
    return status;
}

estro_status es_build_no_memory(es_build *build)
{
    return es_fail_memory(build->diag);
}

void *es_build_scratch(es_build *build, size_t count, size_t size)
{
    return es_arena_calloc(&build->scratch, count, size);
}

bool es_arena_grow(es_arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    void *present;

    if (count < *capacity) {
        return true;
    }
    const size_t wanted = *capacity ? *capacity * 2 : 16;
    void *grown = es_arena_calloc(arena, wanted, size);
    if (!grown) {
        return false;
    }
    memcpy(&present, array, sizeof present);
    if (count) {
        memcpy(grown, present, count * size);
    }
    memcpy(array, &grown, sizeof grown);
    *capacity = wanted;
    return true;
}

/* ---- near names ---- */

enum { NEAR_LENGTH = 40, NEAR_DISTANCE = 2 };

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein's distance, case aside; a large number for long words. */
static size_t distance(const char *a, const char *b)
{
    const size_t n = strlen(a), m = strlen(b);
    size_t row[NEAR_LENGTH + 1];

    if (n > NEAR_LENGTH || m > NEAR_LENGTH || n > m + NEAR_DISTANCE || m > n + NEAR_DISTANCE) {
        return NEAR_LENGTH;
    }
    for (size_t j = 0; j <= m; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t above = row[j];
            row[j] =
                least(above + 1, row[j - 1] + 1, corner + (small(a[i - 1]) != small(b[j - 1])));
            corner = above;
        }
    }
    return row[m];
}

void es_near_init(es_near *near, const char *word)
{
    *near = (es_near){.word = word, .distance = NEAR_DISTANCE + 1};
}

void es_near_try(es_near *near, const char *candidate)
{
    const size_t d = distance(near->word, candidate);

    if (d < near->distance && 2 * d < strlen(near->word) + 1) {
        near->best = candidate;
        near->distance = d;
    }
}

const char *es_near_text(es_near *near)
{
    near->text[0] = '\0';
    if (near->best) {
        snprintf(near->text, sizeof near->text, " (did you mean '%s'?)", near->best);
    }
    return near->text;
}
