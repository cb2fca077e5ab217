/*
 * Where the text of a style comes from. Sources are numbered in the order in which they are met, and every place holds the number
 * of its source; so messages name the right file. Invariant: only UTF-8 without control characters reaches the lexer.
 */
#include "style/sources.h"

#include "base/file.h"
#include "base/folders.h"
#include "base/path.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char ending[] = ".style";
static const char library[] = "lib";

/* ---- text ---- */

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

static estro_status check_text(es_build *build, uint8_t source)
{
    const es_source *s = &build->sources[source];
    const unsigned char *text = (const unsigned char *)s->text;
    es_place place = {1, 1, source};
    size_t line_start = 0;

    for (size_t i = 0; i < s->size;) {
        const unsigned char c = text[i];
        const size_t n = c < 0x80 ? 1 : utf8_length(text + i, s->size - i);
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

estro_status es_source_add(es_build *build, const char *text, size_t size, const char *name,
                           es_place asked)
{
    es_source *source = &build->sources[build->n_sources];

    *source = (es_source){.size = size, .asked = asked, .is_open = true};
    source->name = es_arena_text(&build->style->arena, name, strlen(name));
    source->text = "";
    if (!source->name) {
        return es_build_no_memory(build);
    }
    const uint8_t index = build->n_sources++;
    build->style->sources[index] = source->name;
    build->style->n_sources = build->n_sources;
    if (size > ES_MAX_STYLE_BYTES) {
        return es_build_fail(build, ESTRO_ERR_STYLE, (es_place){1, 1, index},
                             "a style has at most %d bytes of text", ES_MAX_STYLE_BYTES);
    }
    source->text = es_arena_text(&build->scratch, size ? text : "", size);
    return source->text ? check_text(build, index) : es_build_no_memory(build);
}

/* ---- finding ---- */

typedef struct search {
    const char *name; /* Without its ending. */
    char path[ES_PATH_BYTES];
    es_guess *guess; /* To collect near names instead; NULL: look for the file. */
    es_arena *arena;
    bool is_found;
} search;

static void guess_in(search *s, const char *folder)
{
    es_path_names names;

    if (es_path_list(&names, folder, ending, NULL) != ESTRO_OK) {
        return;
    }
    for (size_t i = 0; i < names.count; i++) {
        const size_t length = strlen(names.names[i]) - strlen(ending);
        const char *candidate = es_arena_text(s->arena, names.names[i], length);
        if (candidate) {
            es_guess_try(s->guess, candidate);
        }
    }
    es_path_names_done(&names);
}

static void look_in(search *s, const char *folder)
{
    char file[ES_MAX_NAME_BYTES + sizeof ending];

    if (s->guess) {
        guess_in(s, *folder ? folder : ".");
        return;
    }
    snprintf(file, sizeof file, "%s%s", s->name, ending);
    s->is_found = es_path_join(s->path, sizeof s->path, folder, file) && es_path_is_file(s->path);
}

/* A folder, and lib/ below it. */
static bool look(void *self, const char *folder)
{
    search *s = self;
    char below[ES_PATH_BYTES];

    look_in(s, folder);
    if (!s->is_found && es_path_join(below, sizeof below, folder, library)) {
        look_in(s, below);
    }
    return !s->is_found;
}

static void look_everywhere(search *s, const char *asker)
{
    char folder[ES_PATH_BYTES];
    const size_t length = (size_t)(es_path_base(asker) - asker);

    if (length < sizeof folder) {
        memcpy(folder, asker, length);
        folder[length > 1 ? length - 1 : length] = '\0';
        if (look(s, folder)) {
            es_folders_visit(look, s);
        }
    }
}

static estro_status fail_unknown(es_build *build, const es_word *name)
{
    es_guess guess;
    search s = {.name = name->text, .guess = &guess, .arena = &build->scratch};

    es_guess_init(&guess, name->text);
    look_everywhere(&s, build->sources[name->place.source].name);
    return es_build_fail(build, ESTRO_ERR_STYLE, name->place, "there is no style or library '%s'%s",
                         name->text, es_guess_text(&guess));
}

/* "a -> b -> a": from the source that is asked for again, on to where it is asked. */
static estro_status fail_loop(es_build *build, const es_word *name, uint8_t again)
{
    uint8_t chain[ES_MAX_SOURCES];
    char text[160] = "";
    int count = 0;

    for (uint8_t at = name->place.source;; at = build->sources[at].asked.source) {
        chain[count++] = at;
        if (at == again) {
            break;
        }
    }
    while (count-- > 0) {
        const char *base = es_path_base(build->sources[chain[count]].name);
        es_append(text, sizeof text, "%.*s -> ", (int)strcspn(base, "."), base);
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, name->place, "this imports itself: %s%s", text,
                         name->text);
}

static uint8_t depth_of(const es_build *build, uint8_t source)
{
    uint8_t depth = 0;

    for (; build->sources[source].asked.line; source = build->sources[source].asked.source) {
        depth++;
    }
    return depth;
}

bool es_source_is_below(const es_build *build, uint8_t source, uint8_t above)
{
    while (source != above && build->sources[source].asked.line) {
        source = build->sources[source].asked.source;
    }
    return source == above;
}

estro_status es_source_import(es_build *build, const es_word *name, int *out)
{
    search s = {.name = name->text};
    uint8_t *bytes;
    size_t size;

    *out = -1;
    look_everywhere(&s, build->sources[name->place.source].name);
    if (!s.is_found) {
        return fail_unknown(build, name);
    }
    for (uint8_t i = 0; i < build->n_sources; i++) {
        if (es_path_same(build->sources[i].name, s.path)) {
            return build->sources[i].is_open ? fail_loop(build, name, i) : ESTRO_OK;
        }
    }
    if (depth_of(build, name->place.source) == ES_MAX_IMPORT_DEPTH) {
        return es_build_fail(build, ESTRO_ERR_STYLE, name->place, "imports are more than %d deep",
                             ES_MAX_IMPORT_DEPTH);
    }
    if (build->n_sources == ES_MAX_SOURCES) {
        return es_build_fail(build, ESTRO_ERR_STYLE, name->place,
                             "a style is made of at most %d files", ES_MAX_SOURCES);
    }
    ES_TRY(es_file_read_most(&bytes, &size, s.path, ES_MAX_STYLE_BYTES, build->diag));
    *out = build->n_sources;
    const estro_status status =
        es_source_add(build, (const char *)bytes, size, s.path, name->place);
    es_free(bytes);
    return status;
}

bool es_source_is_library(const char *text)
{
    static const char word[] = "library";
    es_lexer lexer;

    es_lex_init(&lexer, text, 0);
    es_lex_next(&lexer);
    es_lex_next(&lexer);
    const es_token token = es_lex_next(&lexer);
    return token.kind == ES_TOKEN_NAME && token.length == strlen(word) &&
           memcmp(token.text, word, token.length) == 0;
}

/* ---- digest ---- */

/* FNV-1a over 64 bits, mixed once more so that near texts differ in all bytes; big-endian. Texts are divided by a zero byte. */
void es_sources_digest(const es_build *build, uint8_t digest[8])
{
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (uint8_t s = 0; s < build->n_sources; s++) {
        const es_source *source = &build->sources[s];
        hash = s ? hash * prime : hash;
        for (size_t i = 0; i < source->size; i++) {
            hash = (hash ^ (unsigned char)source->text[i]) * prime;
        }
    }
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    for (int i = 0; i < 8; i++) {
        digest[i] = (uint8_t)(hash >> (56 - 8 * i));
    }
}
