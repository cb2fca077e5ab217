/*
 * What all steps of a compilation share: located failure, scratch memory, near names.
 * Invariant: nothing here outlives es_style_parse but what was put into the style's own arena.
 */
#include "style/build.h"

#include "base/near.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Start of a line of the source, NULL past the last. */
static const char *line_start(const char *text, int32_t line)
{
    const char *start = text;

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

/* The source line into the diag, cut at a whole character; of a long one the part around the column. */
static void fill_excerpt(estro_diag *diag, const char *line, int32_t column)
{
    enum { SHOWN = 120, BEFORE = 60 };
    const char *const start = line;

    if (column > SHOWN) {
        line += column - 1 - BEFORE;
        while (!is_first_byte(*line)) {
            line--;
        }
        diag->caret = count_characters(line, column - (int32_t)(line - start));
    }
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
        const es_source *source = &build->sources[place.source];
        const char *line = line_start(source->text, place.line);
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        es_fail_at(build->diag, status, source->name, place.line,
                   line ? count_characters(line, place.column) : place.column, "%s", text);
        if (line) {
            fill_excerpt(build->diag, line, place.column);
        }
    }
    return status;
}

int32_t es_line_of(es_place place)
{
    return (int32_t)place.source << ES_LINE_BITS | place.line;
}

es_place es_line_place(int32_t line)
{
    return (es_place){es_style_line(line), 1, (uint8_t)(line >> ES_LINE_BITS)};
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

void es_guess_init(es_guess *guess, const char *word)
{
    *guess = (es_guess){.word = word, .distance = 3};
}

void es_guess_try(es_guess *guess, const char *candidate)
{
    const size_t a = strlen(guess->word), b = strlen(candidate);

    if (a > b + 2 || b > a + 2) {
        return; /* cannot be near */
    }
    const int distance = es_near_distance(guess->word, candidate);
    if (distance < guess->distance && 2 * (size_t)distance <= a) {
        guess->best = candidate;
        guess->distance = distance;
    }
}

const char *es_guess_text(es_guess *guess)
{
    guess->text[0] = '\0';
    if (guess->best) {
        snprintf(guess->text, sizeof guess->text, " (did you mean '%s'?)", guess->best);
    }
    return guess->text;
}
