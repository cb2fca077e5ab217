/**
 * @file layout.h
 * What the parser tells the formatter: the tokens of a file as it took them, and what begins where.
 */
#ifndef ES_STYLE_LAYOUT_H
#define ES_STYLE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum es_layout {
    ES_LAYOUT_PLAIN,
    ES_LAYOUT_ITEM,    /**< An item of the file begins. */
    ES_LAYOUT_RULE,    /**< A rule of a block. */
    ES_LAYOUT_EQUALS,  /**< The sign after the head of a rule. */
    ES_LAYOUT_SETTING, /**< A setting or row of a block. */
    ES_LAYOUT_OPEN,    /**< The bracket at the beginning of a phrase, ... */
    ES_LAYOUT_CLOSE    /**< ... and at its end. */
} es_layout;

/** A token: bytes [start, end) of the text. */
typedef struct es_taken {
    size_t start, end;
    uint8_t layout; /**< es_layout. */
} es_taken;

typedef struct es_trace {
    es_taken *tokens;
    size_t n_tokens, capacity;
    bool has_failed; /**< No memory. */
} es_trace;

#endif
