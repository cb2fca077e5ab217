/*
 * The formatter. The parser gives the tokens as it took them, and says what begins where; so all that is left between two tokens is
 * blanks, line ends and comments, and nothing of the language needs to be known twice. Lines are made first, then those that belong
 * together are aligned (format_lines.c).
 */
#include "style/format.h"

#include "base/diag.h"
#include "style/compile.h"
#include "style/format_lines.h"
#include "style/parse.h"
#include "style/sources.h"

#include <string.h>

enum { MOST_COLUMNS = 120 };

typedef struct formatter {
    const char *text;
    const es_taken *tokens;
    size_t n_tokens;
    es_lines lines;
    /* Where it stands. */
    bool in_block, is_multi; /* In the braces of an item; which have lines of their own. */
    bool has_rules;          /* The block is one of rules. */
    int parens, brackets;    /* Open ( and [. */
    bool in_phrase, in_header;
} formatter;

/* ---- tokens ---- */

static bool is_word(const formatter *f, size_t i, const char *word)
{
    const es_taken *t = &f->tokens[i];

    return i < f->n_tokens && t->end - t->start == strlen(word) &&
           memcmp(f->text + t->start, word, t->end - t->start) == 0;
}

static char first(const formatter *f, size_t i)
{
    return i < f->n_tokens ? f->text[f->tokens[i].start] : '\0';
}

static bool is_one(const formatter *f, size_t i, char sign)
{
    return i < f->n_tokens && f->tokens[i].end - f->tokens[i].start == 1 && first(f, i) == sign;
}

static bool is_number(const formatter *f, size_t i)
{
    return first(f, i) >= '0' && first(f, i) <= '9';
}

/* A pitch such as C4, F#3, Bb-1. */
static bool is_pitch(const formatter *f, size_t i)
{
    const es_taken *t = &f->tokens[i];
    int pitch;

    return i < f->n_tokens && es_pitch_parse(&pitch, f->text + t->start) == t->end - t->start;
}

static bool is_joined(const formatter *f, size_t i)
{
    return f->tokens[i - 1].end == f->tokens[i].start;
}

/* Whether a colon stands after the name of a style or texture, where it is a word of its own. */
static bool is_base_colon(const formatter *f, size_t i)
{
    return i >= 2 && is_one(f, i, ':') &&
           (is_word(f, i - 2, "style") || is_word(f, i - 2, "texture"));
}

/* The same within a weight: sums are spaced, products are not; a sign before a number or name belongs to it. */
static bool is_close_in_weight(const formatter *f, size_t i)
{
    const bool after_operator = is_one(f, i - 1, '+') || is_one(f, i - 1, '-');

    if (is_one(f, i, '*') || is_one(f, i - 1, '*') || is_one(f, i, '/') || is_one(f, i - 1, '/')) {
        return true;
    }
    if (after_operator && i >= 2) {
        return is_one(f, i - 2, '[') || is_one(f, i - 2, '(') || is_one(f, i - 2, '*') ||
               is_one(f, i - 2, '/');
    }
    return false;
}

/* Whether token `i` is written close to the one before, which is on its line. */
static bool is_close(const formatter *f, size_t i)
{
    const char before = first(f, i - 1), now = first(f, i);
    const bool was_sign = f->tokens[i - 1].end - f->tokens[i - 1].start == 1;

    if (f->tokens[i].layout == ES_LAYOUT_EQUALS || f->tokens[i - 1].layout == ES_LAYOUT_EQUALS ||
        is_one(f, i, '|') || is_one(f, i - 1, '|')) {
        return false;
    }
    if (f->tokens[i].layout == ES_LAYOUT_CLOSE || f->tokens[i - 1].layout == ES_LAYOUT_OPEN) {
        return true;
    }
    if (is_base_colon(f, i) || is_base_colon(f, i - 1)) {
        return false;
    }
    if (is_one(f, i, ')') || is_one(f, i, ']') || is_one(f, i, ',') || is_one(f, i, '\'') ||
        is_one(f, i, ':') || is_one(f, i, '/')) {
        return true;
    }
    if (was_sign && (before == '(' || before == '[' || before == ':' || before == '/')) {
        return true;
    }
    if (is_one(f, i - 1, ',')) {
        return false;
    }
    if (f->brackets) {
        return is_close_in_weight(f, i);
    }
    if (is_one(f, i, '(')) {
        return is_joined(f, i) && !(was_sign && strchr("]|=", before));
    }
    if (is_one(f, i, '*') || is_one(f, i - 1, '*')) {
        return true;
    }
    if (is_word(f, i, "..")) {
        return is_number(f, i - 1) || is_pitch(f, i - 1) || is_joined(f, i);
    }
    if (is_word(f, i - 1, "..")) {
        return is_number(f, i) || is_pitch(f, i) || is_joined(f, i);
    }
    if (strchr("+-", now) || (was_sign && strchr("+-", before))) {
        return f->parens || is_joined(f, i);
    }
    return false;
}

/* ---- the gap before a token ---- */

typedef struct gap {
    size_t at, end;
    bool has_newline, has_blank_line, is_continued;
} gap;

/* The next comment of a gap, with what stands before it; false at the end. */
static bool next_comment(const formatter *f, gap *g, size_t *start, size_t *end)
{
    int newlines = 0;

    g->has_newline = g->has_blank_line = g->is_continued = false;
    for (; g->at < g->end && f->text[g->at] != '#'; g->at++) {
        if (f->text[g->at] == '\\') {
            g->is_continued = true;
        }
        newlines += f->text[g->at] == '\n' && !g->is_continued;
    }
    g->has_newline = newlines > 0;
    g->has_blank_line = newlines > 1;
    if (g->at == g->end) {
        return false;
    }
    *start = g->at;
    while (g->at < g->end && f->text[g->at] != '\n') {
        g->at++;
    }
    *end = g->at;
    while (*end > *start && strchr(" \t\r", f->text[*end - 1])) {
        (*end)--;
    }
    return true;
}

/* The comments of a gap: those behind the line, and those that have lines of their own. Leaves what stands after the last one in `g`. */
static bool put_comments(formatter *f, gap *g, bool is_start, bool may_be_blank)
{
    size_t start, end;
    bool any = false;

    while (next_comment(f, g, &start, &end)) {
        const es_line_kind kind =
            g->has_newline || is_start || any ? ES_LINE_COMMENT : ES_LINE_NONE;
        if (kind == ES_LINE_COMMENT) {
            es_lines_break(&f->lines, ES_LINE_COMMENT, f->in_block ? 2 : 0,
                           g->has_blank_line && (any || may_be_blank));
            es_text_add(&f->lines.text, "%.*s", (int)(end - start), f->text + start);
        } else {
            es_lines_comment(&f->lines, f->text + start, end - start);
        }
        any = true;
    }
    return any;
}

/* ---- blocks ---- */

/* Columns that tokens from `i` to before `end` take on one line. */
static size_t columns(formatter *f, size_t i, size_t end)
{
    size_t sum = 0;

    for (size_t k = i; k < end; k++) {
        sum += f->tokens[k].end - f->tokens[k].start;
        sum += k > i && !is_close(f, k);
        sum += k > i && f->tokens[k].layout == ES_LAYOUT_SETTING;
    }
    return sum;
}

/* The brace at `i` opens a block of an item: its end, or 0 when it is none. */
static size_t block_end(const formatter *f, size_t i)
{
    const uint8_t next = i + 1 < f->n_tokens ? f->tokens[i + 1].layout : ES_LAYOUT_PLAIN;
    size_t end = i + 1;

    if (next != ES_LAYOUT_RULE && next != ES_LAYOUT_SETTING && !is_one(f, i + 1, '}')) {
        return 0;
    }
    while (end < f->n_tokens && !is_one(f, end, '}')) {
        end++;
    }
    return end;
}

/* A block has lines of its own where it was written so, where it has a comment or several rules, and where it is long. */
static void open_block(formatter *f, size_t item, size_t i, size_t end)
{
    int rules = 0;

    f->in_block = true;
    f->has_rules = f->tokens[i + 1].layout == ES_LAYOUT_RULE;
    f->is_multi = false;
    for (size_t k = i + 1; k <= end && k < f->n_tokens; k++) {
        rules += f->tokens[k].layout == ES_LAYOUT_RULE;
        for (size_t at = f->tokens[k - 1].end; at < f->tokens[k].start; at++) {
            f->is_multi |= f->text[at] == '\n' || f->text[at] == '#';
        }
    }
    f->is_multi |= rules > 1 || columns(f, item, end + 1) > MOST_COLUMNS;
}

/* Whether the setting that begins at `i` no longer fits the line. */
static bool is_full(formatter *f, size_t i)
{
    size_t end = i + 1;

    while (end < f->n_tokens && f->tokens[end].layout == ES_LAYOUT_PLAIN && !is_one(f, end, '}')) {
        end++;
    }
    return es_lines_columns(&f->lines) + 2 + columns(f, i, end) > MOST_COLUMNS;
}

/* ---- lines ---- */

/* Whether a line begins with token `i`, and of which kind. */
static es_line_kind line_of(formatter *f, size_t i, const gap *g, bool after_comment)
{
    const uint8_t layout = f->tokens[i].layout;

    if (layout == ES_LAYOUT_ITEM) {
        return ES_LINE_ITEM;
    }
    if (g->is_continued) {
        return ES_LINE_CONTINUED;
    }
    if (f->in_block && f->is_multi) {
        if (is_one(f, i, '}') && !f->parens) {
            return ES_LINE_ITEM;
        }
        if (layout == ES_LAYOUT_RULE) {
            return ES_LINE_RULE;
        }
        if (layout == ES_LAYOUT_SETTING &&
            (g->has_newline || after_comment || f->lines.has_columns || is_one(f, i - 1, '{') ||
             is_full(f, i))) {
            return ES_LINE_SETTING;
        }
        if (f->has_rules && (g->has_newline || after_comment)) {
            return is_one(f, i, '|') && !f->parens ? ES_LINE_BAR : ES_LINE_MORE;
        }
    }
    return after_comment ? ES_LINE_MORE : ES_LINE_NONE;
}

static void put_token(formatter *f, size_t i)
{
    const es_taken *t = &f->tokens[i];

    if (t->layout == ES_LAYOUT_EQUALS) {
        es_lines_equals(&f->lines);
    }
    es_text_add(&f->lines.text, "%.*s", (int)(t->end - t->start), f->text + t->start);
}

/* What the token opens and closes. */
static void follow(formatter *f, size_t *item, size_t i)
{
    if (f->tokens[i].layout == ES_LAYOUT_ITEM) {
        *item = i;
    }
    f->parens += is_one(f, i, '(') - is_one(f, i, ')');
    f->brackets += is_one(f, i, '[') - is_one(f, i, ']');
    if (is_one(f, i, '{') && !f->in_block && block_end(f, i)) {
        open_block(f, *item, i, block_end(f, i));
        es_lines_block(&f->lines, f->text + f->tokens[*item].start);
    } else if (is_one(f, i, '}')) {
        f->in_block = false;
    }
}

static void put(formatter *f, size_t *item, size_t i)
{
    gap g = {i ? f->tokens[i - 1].end : 0, f->tokens[i].start, false, false, false};
    const bool is_inner = i > 0 && !is_one(f, i - 1, '{');
    const bool after_comment = put_comments(f, &g, i == 0, is_inner);
    const es_line_kind kind = line_of(f, i, &g, after_comment);
    const bool is_end = is_one(f, i, '}');

    if (kind != ES_LINE_NONE) {
        const bool may_be_blank = !is_end && (is_inner || after_comment);
        const int indent = kind == ES_LINE_ITEM ? 0 : kind == ES_LINE_CONTINUED ? 4 : 2;
        if (kind == ES_LINE_CONTINUED) {
            es_text_add(&f->lines.text, " \\");
        }
        es_lines_break(&f->lines, kind, indent, may_be_blank && g.has_blank_line);
    } else if (i > 0) {
        const bool is_apart = f->tokens[i].layout == ES_LAYOUT_SETTING && !is_one(f, i - 1, '{');
        es_text_add(&f->lines.text, "%s", is_apart ? "  " : is_close(f, i) ? "" : " ");
    }
    put_token(f, i);
    follow(f, item, i);
}

static estro_status lay_out(es_text *out, const char *text, const es_trace *trace, size_t size,
                            estro_diag *diag)
{
    formatter f = {.text = text, .tokens = trace->tokens, .n_tokens = trace->n_tokens};
    size_t item = 0;

    for (size_t i = 0; i < f.n_tokens; i++) {
        put(&f, &item, i);
    }
    gap rest = {f.n_tokens ? f.tokens[f.n_tokens - 1].end : 0, size, false, false, false};
    put_comments(&f, &rest, f.n_tokens == 0, true);
    es_lines_write(&f.lines, out);
    const bool has_failed = f.lines.has_failed || f.lines.text.has_failed || out->has_failed;
    es_lines_done(&f.lines);
    return has_failed ? es_fail_memory(diag) : ESTRO_OK;
}

estro_status es_style_format(es_text *out, const char *text, size_t size, const char *source,
                             estro_diag *diag)
{
    es_trace trace = {0};
    es_build build = {.diag = diag, .trace = &trace};
    es_style *style = es_calloc(1, sizeof *style);

    es_diag_init(diag, source);
    if (!style) {
        return es_fail_memory(diag);
    }
    build.style = style;
    es_defaults(style);
    estro_status status = es_source_add(&build, text, size, source, (es_place){0});
    if (status == ESTRO_OK) {
        status = es_parse_style(&build);
    }
    if (status == ESTRO_OK && trace.has_failed) {
        status = ESTRO_ERR_MEMORY;
    }
    if (status == ESTRO_OK) {
        status = lay_out(out, build.sources[0].text, &trace, build.sources[0].size, diag);
    }
    es_style_free(style);
    es_build_done(&build);
    return status == ESTRO_ERR_MEMORY ? es_fail_memory(diag) : status;
}
