/**
 * @file format_lines.h
 * Lines of a style that is formatted, before and after they are aligned. Between the files of the formatter.
 */
#ifndef ES_STYLE_FORMAT_LINES_H
#define ES_STYLE_FORMAT_LINES_H

#include "base/text.h"

#include <stdint.h>

typedef enum es_line_kind {
    ES_LINE_NONE,      /**< No line begins. */
    ES_LINE_ITEM,      /**< In the first column. */
    ES_LINE_CONTINUED, /**< Behind a backslash. */
    ES_LINE_COMMENT,
    ES_LINE_RULE,    /**< "name = ...": the signs are aligned. */
    ES_LINE_BAR,     /**< "| ...": below the sign of its rule. */
    ES_LINE_MORE,    /**< Goes on a line: behind the sign, if it is of a rule. */
    ES_LINE_SETTING, /**< In blocks of rows, what follows the first word is aligned. */
} es_line_kind;

typedef struct es_format_line {
    uint8_t kind; /**< es_line_kind. */
    uint8_t indent;
    bool is_apart;    /**< An empty line stands before it. */
    bool has_columns; /**< Its first word is to be as wide as those of its neighbours. */
    size_t start;     /**< In the text. */
    size_t head;      /**< Bytes before the sign "=" of a rule; 0 = it has none. */
    size_t comment, comment_size; /**< Behind the line; in the comments. */
} es_format_line;

/** Zero-initialise; es_lines_done. */
typedef struct es_lines {
    es_text text;     /**< Of all lines; what is written goes to the last one. */
    es_text comments; /**< Those that stand behind lines. */
    es_format_line *lines;
    size_t n_lines, capacity;
    bool has_columns; /**< Of the present block. */
    bool has_failed;
} es_lines;

/** Begin a line. */
void es_lines_break(es_lines *lines, es_line_kind kind, int indent, bool is_apart);
/** A comment behind the present line. */
void es_lines_comment(es_lines *lines, const char *text, size_t size);
/** The sign of a rule comes next. */
void es_lines_equals(es_lines *lines);
/** A block opens; `item` is the text from its word on. */
void es_lines_block(es_lines *lines, const char *item);
/** Columns of the present line so far. */
size_t es_lines_columns(const es_lines *lines);

/** Align, and write all of it. */
void es_lines_write(const es_lines *lines, es_text *out);
void es_lines_done(es_lines *lines);

#endif
