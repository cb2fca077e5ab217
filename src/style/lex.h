/**
 * @file lex.h
 * Words of the style language.
 *
 * The parser holds one token at a time. Leaves with a spelling of their own (V7/V:2, 8.:a>, F#3) are not tokens: the
 * parser reads them from the text at a token's start and tells the lexer where to go on (es_lex_resume).
 */
#ifndef ES_STYLE_LEX_H
#define ES_STYLE_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A place in the source; both count from 1, the column in bytes (messages give it in characters). */
typedef struct es_place {
    int32_t line;
    int32_t column;
    uint8_t source; /**< Index of the file, es_build.sources. */
} es_place;

typedef enum es_token_kind {
    ES_TOKEN_END,
    ES_TOKEN_NAME,   /**< A letter or "_", then letters, digits and "_". */
    ES_TOKEN_NUMBER, /**< Digits, perhaps a point and digits; no sign. */
    ES_TOKEN_STRING, /**< Between double quotes, on one line. */
    ES_TOKEN_SIGN, /**< One of { } ( ) [ ] < > = | , * + - : / ' % and, as '.', "..", as '!', "!=". */
    ES_TOKEN_LINE, /**< End of a line that ends a statement; made by the parser. */
    ES_TOKEN_BAD   /**< None of these; `trouble` says why. */
} es_token_kind;

typedef struct es_token {
    uint8_t kind; /**< es_token_kind. */
    char sign;
    bool
        starts_line; /**< First on its line, where the line before does not end with a backslash. */
    bool is_joined;  /**< Nothing stands between it and the token before. */
    bool is_integer;
    es_place place;
    const char *text; /**< Into the source; a string without its quotes. */
    size_t length;
    double number;       /**< At most a billion. */
    const char *trouble; /**< Static. */
} es_token;

typedef struct es_lexer {
    const char *text; /**< Ended by a NUL, valid UTF-8, no NUL inside. Kept. */
    size_t at;
    size_t line_start; /**< First byte of the present line. */
    int32_t line;
    uint8_t source;
} es_lexer;

void es_lex_init(es_lexer *lexer, const char *text, uint8_t source);

/** A place further on in the same line. */
es_place es_place_after(es_place place, int32_t n_bytes);

/** The next token; ES_TOKEN_END for ever at the end. Cannot fail. */
es_token es_lex_next(es_lexer *lexer);

/** Go on `n_bytes` after the first byte of `token`; there is no line end between. */
void es_lex_resume(es_lexer *lexer, const es_token *token, size_t n_bytes);

/** A letter, digit or underscore (ASCII). */
bool es_lex_is_word(char c);

#endif
