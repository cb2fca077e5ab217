/*
 * Lines, and what is aligned in them: the signs of rules that follow one another, and the second words of rows. Lines follow one another
 * as long as no empty line and no comment stands between.
 */
#include "style/format_lines.h"

#include "base/mem.h"

#include <string.h>

void es_lines_break(es_lines *lines, es_line_kind kind, int indent, bool is_apart)
{
    if (!es_grow(&lines->lines, lines->n_lines, &lines->capacity, sizeof *lines->lines)) {
        lines->has_failed = true;
        return;
    }
    lines->lines[lines->n_lines++] = (es_format_line){.kind = (uint8_t)kind,
                                                      .indent = (uint8_t)indent,
                                                      .is_apart = is_apart,
                                                      .has_columns = lines->has_columns,
                                                      .start = lines->text.length};
}

void es_lines_comment(es_lines *lines, const char *text, size_t size)
{
    if (lines->n_lines == 0 || lines->lines[lines->n_lines - 1].comment_size) {
        es_lines_break(lines, ES_LINE_COMMENT, 0, false);
        es_text_add(&lines->text, "%.*s", (int)size, text);
        return;
    }
    es_format_line *line = &lines->lines[lines->n_lines - 1];
    line->comment = lines->comments.length;
    line->comment_size = size;
    es_text_add(&lines->comments, "%.*s", (int)size, text);
}

void es_lines_equals(es_lines *lines)
{
    if (lines->n_lines > 0) {
        es_format_line *line = &lines->lines[lines->n_lines - 1];
        line->head = lines->text.length - line->start;
    }
}

void es_lines_block(es_lines *lines, const char *item)
{
    static const char *const rows[] = {"groove ", "feel ", "texture "};

    lines->has_columns = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lines->has_columns |= strncmp(item, rows[i], strlen(rows[i])) == 0;
    }
}

size_t es_lines_columns(const es_lines *lines)
{
    const es_format_line *line = &lines->lines[lines->n_lines - 1];

    return lines->n_lines ? line->indent + lines->text.length - line->start : 0;
}

static size_t end_of(const es_lines *lines, size_t i)
{
    return i + 1 < lines->n_lines ? lines->lines[i + 1].start : lines->text.length;
}

/* Characters of a line before what is aligned in it; 0 where nothing is. */
static size_t head_of(const es_lines *lines, size_t i)
{
    const es_format_line *line = &lines->lines[i];

    if (line->kind == ES_LINE_RULE) {
        return line->head ? line->head - 1 : 0; /* without the blank */
    }
    if (line->kind == ES_LINE_SETTING && line->has_columns) {
        const char *blank =
            memchr(lines->text.text + line->start, ' ', end_of(lines, i) - line->start);
        return blank ? (size_t)(blank - lines->text.text) - line->start : 0;
    }
    return 0;
}

/* Whether line `i` belongs to those before it. */
static bool follows(const es_lines *lines, size_t i)
{
    const es_format_line *line = &lines->lines[i];

    return !line->is_apart && (line->kind == ES_LINE_RULE || line->kind == ES_LINE_BAR ||
                               line->kind == ES_LINE_MORE || line->kind == ES_LINE_SETTING);
}

/* How wide the heads are of the lines that begin with `i`; `end` is the first that is none of them. */
static size_t widest(const es_lines *lines, size_t i, size_t *end)
{
    size_t width = head_of(lines, i);

    const uint8_t kind = lines->lines[i].kind;
    const bool goes_on = kind == ES_LINE_BAR || kind == ES_LINE_MORE;

    for (*end = i + 1; kind != ES_LINE_COMMENT && *end < lines->n_lines && follows(lines, *end);
         (*end)++) {
        const size_t head = head_of(lines, *end);
        if (goes_on && head) {
            break;
        }
        width = head > width ? head : width;
    }
    return width;
}

static void write_line(const es_lines *lines, size_t i, size_t width, es_text *out)
{
    const es_format_line *line = &lines->lines[i];
    const char *text = lines->text.text + line->start;
    const size_t size = end_of(lines, i) - line->start;
    const size_t head = head_of(lines, i);
    size_t indent = line->indent;

    if (line->is_apart && i > 0) {
        es_text_add(out, "\n");
    }
    if (width && line->kind == ES_LINE_BAR) {
        indent += width + 1;
    } else if (width && line->kind == ES_LINE_MORE) {
        indent += width + 3;
    } else if (line->kind == ES_LINE_MORE) {
        indent += 2;
    }
    es_text_fill(out, ' ', indent);
    es_text_add(out, "%.*s", (int)(head ? head : size), text);
    if (head) {
        es_text_fill(out, ' ', width - head);
        es_text_add(out, "%.*s", (int)(size - head), text + head);
    }
    if (line->comment_size) {
        es_text_add(out, "  %.*s", (int)line->comment_size, lines->comments.text + line->comment);
    }
    es_text_add(out, "\n");
}

void es_lines_write(const es_lines *lines, es_text *out)
{
    size_t i = 0, before = 0;

    while (i < lines->n_lines && !lines->text.has_failed && !lines->comments.has_failed) {
        const uint8_t kind = lines->lines[i].kind;
        size_t end;
        size_t width = widest(lines, i, &end);
        if (kind == ES_LINE_BAR || kind == ES_LINE_MORE) { /* a rule goes on behind a comment */
            width = before;
        } else if (kind != ES_LINE_COMMENT) {
            before = width;
        }
        for (; i < end; i++) {
            write_line(lines, i, width, out);
        }
    }
}

void es_lines_done(es_lines *lines)
{
    es_text_done(&lines->text);
    es_text_done(&lines->comments);
    es_free(lines->lines);
    *lines = (es_lines){0};
}
