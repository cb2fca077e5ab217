/*
 * The lexer: text to tokens, without memory of its own. Line ends are white space; a token only remembers whether it
 * is the first of its line, which is all that the parser asks of lines.
 */
#include "style/lex.h"

#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool es_lex_is_word(char c)
{
    return is_letter(c) || is_digit(c);
}

es_place es_place_after(es_place place, int32_t n_bytes)
{
    place.column += n_bytes;
    return place;
}

void es_lex_init(es_lexer *lexer, const char *text, uint8_t source)
{
    *lexer = (es_lexer){text, 0, 0, 1, source};
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark is no text */
        lexer->at = lexer->line_start = 3;
    }
}

void es_lex_resume(es_lexer *lexer, const es_token *token, size_t n_bytes)
{
    lexer->at = (size_t)(token->text - lexer->text);
    lexer->line_start = lexer->at + 1 - (size_t)token->place.column;
    lexer->line = token->place.line;
    lexer->at += n_bytes;
}

/* Bytes of a backslash, blanks and a line end; 0 if it is no such thing. */
static size_t continuation(const char *text)
{
    size_t n = 1;

    while (text[n] == ' ' || text[n] == '\t' || text[n] == '\r') {
        n++;
    }
    return text[0] == '\\' && text[n] == '\n' ? n + 1 : 0;
}

/* Over blanks, comments and line ends; true if the next token starts a line. */
static bool skip_space(es_lexer *lexer)
{
    const char *text = lexer->text;
    size_t at = lexer->at;
    bool fresh = at == lexer->line_start;

    for (;;) {
        size_t joined = 0;
        if (text[at] == '#') {
            at += strcspn(text + at, "\n");
        } else if (text[at] == '\\') {
            joined = continuation(text + at);
        }
        if (text[at] == '\n' || joined) {
            fresh = fresh || !joined;
            at += joined ? joined : 1;
            lexer->line_start = at;
            lexer->line++;
        } else if (text[at] == ' ' || text[at] == '\t' || text[at] == '\r') {
            at++;
        } else {
            lexer->at = at;
            return fresh;
        }
    }
}

/* number = digit { digit } [ "." digit { digit } ] . */
static void lex_number(es_token *token)
{
    const double limit = 1e9;
    const char *c = token->text;
    double value = 0, unit = 1;

    token->kind = ES_TOKEN_NUMBER;
    token->is_integer = true;
    for (; is_digit(*c); c++) {
        value = value > limit ? value : value * 10 + (*c - '0');
    }
    if (*c == '.' && is_digit(c[1])) {
        token->is_integer = false;
        for (c++; is_digit(*c); c++) {
            if (unit < 1e9) {
                unit *= 10;
                value = value * 10 + (*c - '0');
            }
        }
        value /= unit;
    }
    token->number = value;
    token->length = (size_t)(c - token->text);
    if (value > limit) {
        token->kind = ES_TOKEN_BAD;
        token->trouble = "this number is too large";
    }
}

/* string = '"' { any character but '"' and the line end } '"' . */
static void lex_string(es_token *token)
{
    const char *end = token->text + 1;

    while (*end && *end != '"' && *end != '\n' && *end != '\r') {
        end++;
    }
    token->length = (size_t)(end - token->text);
    if (*end == '"') {
        token->kind = ES_TOKEN_STRING;
        token->length++;
    } else {
        token->kind = ES_TOKEN_BAD;
        token->trouble = "this text has no closing quote (\") on its line";
    }
}

static void lex_sign(es_token *token)
{
    const char *text = token->text;

    token->kind = ES_TOKEN_SIGN;
    token->sign = *text;
    token->length = 1;
    if (strchr("{}()[]<>=|,*+-:/'%", *text)) {
        return;
    }
    if ((text[0] == '.' && text[1] == '.') || (text[0] == '!' && text[1] == '=')) {
        token->length = 2;
        return;
    }
    token->kind = ES_TOKEN_BAD;
    token->trouble = "";
    while (((unsigned char)text[token->length] & 0xC0) == 0x80) {
        token->length++;
    }
}

es_token es_lex_next(es_lexer *lexer)
{
    es_token token = {0};
    const size_t before = lexer->at;

    token.starts_line = skip_space(lexer);
    token.text = lexer->text + lexer->at;
    token.place =
        (es_place){lexer->line, (int32_t)(lexer->at - lexer->line_start + 1), lexer->source};
    token.is_joined = lexer->at == before;
    if (!*token.text) {
        token.kind = ES_TOKEN_END;
    } else if (is_letter(*token.text)) {
        token.kind = ES_TOKEN_NAME;
        while (es_lex_is_word(token.text[token.length])) {
            token.length++;
        }
    } else if (is_digit(*token.text)) {
        lex_number(&token);
    } else if (*token.text == '"') {
        lex_string(&token);
    } else {
        lex_sign(&token);
    }
    lexer->at += token.length;
    if (token.kind == ES_TOKEN_STRING) {
        token.text++;
        token.length -= 2;
    }
    return token;
}
