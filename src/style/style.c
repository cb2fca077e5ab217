/*
 * A style: compiled from text in a few passes over its parse tree, then never changed.
 */
#include "style/style.h"

#include "style/compile.h"
#include "style/parse.h"

#include <string.h>

int es_grammar_find(const es_grammar *grammar, const char *name)
{
    for (uint32_t i = 0; i < grammar->n_symbols; i++) {
        if (strcmp(grammar->symbols[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

const char *es_cadence_name(es_cadence cadence)
{
    static const char *const names[ES_CADENCE_COUNT] = {"open", "half", "authentic", "plagal",
                                                        "deceptive"};

    return (unsigned)cadence < ES_CADENCE_COUNT ? names[cadence] : "?";
}

const char *es_role_name(es_role role)
{
    static const char *const names[ES_ROLE_COUNT] = {"melody", "counter", "harmony", "bass",
                                                     "drums"};

    return (unsigned)role < ES_ROLE_COUNT ? names[role] : "?";
}

/* FNV-1a over 64 bits, mixed once more so that near texts differ in all bytes; big-endian. */
static void digest_text(uint8_t digest[8], const char *text, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    }
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    for (int i = 0; i < 8; i++) {
        digest[i] = (uint8_t)(hash >> (56 - 8 * i));
    }
}

/* Bytes of the UTF-8 character at `text`, 0 if there is none. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
    const unsigned char c = *text;
    const size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 0;

    if (n == 0 || n > left || c > 0xF4) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return n;
}

/* Only text reaches the lexer: UTF-8 without control characters. */
static estro_status check_text(es_build *build)
{
    const unsigned char *text = (const unsigned char *)build->text;
    es_place place = {1, 1};
    size_t line_start = 0;

    for (size_t i = 0; i < build->size;) {
        const unsigned char c = text[i];
        const size_t n = c < 0x80 ? 1 : utf8_length(text + i, build->size - i);
        const bool is_control = (c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
        if (n == 0 || is_control) {
            place.column = (int32_t)(i - line_start + 1);
            return n == 0 ? es_build_fail(build, ESTRO_ERR_SYNTAX, place, "this is not UTF-8 text")
                          : es_build_fail(build, ESTRO_ERR_SYNTAX, place,
                                          "a control character (%d) in the text", c);
        }
        i += n;
        if (c == '\n') {
            place.line++;
            line_start = i;
        }
    }
    return ESTRO_OK;
}

static estro_status compile(es_build *build)
{
    ES_TRY(check_text(build));
    ES_TRY(es_parse_style(build));
    ES_TRY(es_compile_feel(build));
    ES_TRY(es_compile_parts(build));
    ES_TRY(es_compile_groups(build));
    ES_TRY(es_compile_textures(build));
    ES_TRY(es_compile_form(build));
    ES_TRY(es_compile_constraints(build));
    return es_compile_expects(build);
}

estro_status es_build_style(es_build *build, const char *text, size_t size, const char *source,
                            estro_diag *diag)
{
    estro_status status = ESTRO_ERR_MEMORY;

    build->size = size;
    build->source = source ? source : "style";
    build->diag = diag;
    es_diag_init(diag, build->source);
    if (size > ES_MAX_STYLE_BYTES) {
        return es_fail_at(diag, ESTRO_ERR_STYLE, build->source, 1, 1,
                          "a style has at most %d bytes of text", ES_MAX_STYLE_BYTES);
    }
    es_style *style = es_calloc(1, sizeof *style);
    build->text = style ? es_arena_text(&build->scratch, size ? text : "", size) : NULL;
    build->style = style;
    if (build->text) {
        style->source = es_arena_text(&style->arena, build->source, strlen(build->source));
        digest_text(style->digest, build->text, size);
        es_defaults(style);
        status = style->source ? compile(build) : ESTRO_ERR_MEMORY;
    }
    if (status != ESTRO_OK) {
        es_style_free(style);
        build->style = NULL;
        return status == ESTRO_ERR_MEMORY ? es_fail_memory(diag) : status;
    }
    return ESTRO_OK;
}

void es_build_done(es_build *build)
{
    es_arena_done(&build->scratch);
}

estro_status es_style_parse(es_style **out, const char *text, size_t size, const char *source,
                            estro_diag *diag)
{
    es_build build = {.size = 0};
    const estro_status status = es_build_style(&build, text, size, source, diag);

    es_build_done(&build);
    *out = build.style;
    return status;
}

void es_style_free(es_style *style)
{
    if (style) {
        es_arena_done(&style->arena);
        es_free(style);
    }
}
