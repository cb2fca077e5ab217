/**
 * @file build.h
 * One compilation of a style: its source, its memory, and how it fails.
 */
#ifndef ES_STYLE_BUILD_H
#define ES_STYLE_BUILD_H

#include "base/diag.h"
#include "style/layout.h"
#include "style/tree.h"

/** Limits. No text may make the compiler slow, or take much memory; each has its own message. */
enum {
    ES_MAX_NAME_BYTES = 48,
    ES_MAX_IMPORT_DEPTH = 16,
    ES_MAX_NESTING = 64,       /**< Of parentheses. */
    ES_MAX_ELEMENTS = 1 << 15, /**< Written, in all rules together. */
    ES_MAX_SYMBOLS = 4096,     /**< Instances of a block. */
    ES_MAX_ITEMS = 1 << 16,    /**< Instantiated, of a block. */
    ES_MAX_CELLS = 1024,       /**< Of a pattern. */
    ES_MAX_HITS = 1 << 18,     /**< Of all patterns. */
    ES_MAX_GROOVE_STEPS = 256,
    ES_MAX_HEADS = 256, /**< Rules of one name. */
    ES_MAX_NAMED = 256, /**< Grooves; textures; keys. */
    ES_MAX_CONSTRAINTS = 1024,
    ES_MAX_EXPECTS = 256
};

/** A file that the style is made of. */
typedef struct es_source {
    const char *name; /**< For messages: its path, or what the caller said. */
    const char *text; /**< [size], ended by a NUL. */
    size_t size;
    es_place asked; /**< Where it is imported; line 0: it is the style itself. */
    bool is_open;   /**< Being read. */
} es_source;

typedef struct es_build {
    es_source sources[ES_MAX_SOURCES]; /**< The style itself first. */
    uint8_t n_sources;
    estro_diag *diag;            /**< Or NULL. */
    es_arena scratch;            /**< Until the end of the compilation. */
    es_style *style;             /**< Being made. */
    const es_settings *settings; /**< Or NULL. */
    bool
        is_cut; /**< Some alternative is left out as params are set: with others it may be there. */
    bool is_sound_library; /**< It is one, and its text is in order. */
    bool is_library;       /**< Not a style: it makes no music by itself. */
    es_trace *trace; /**< Or NULL. With one only the text itself is parsed, not what it imports. */
    es_tree tree;
    size_t n_elements, n_hits, n_grooves, n_textures, n_constraints, n_expects;
} es_build;

/** Fail at a place: fills the diag, its excerpt too. Returns `status`. */
estro_status es_build_fail(es_build *build, estro_status status, es_place place, const char *format,
                           ...) ES_PRINTF(4, 5);

/** A place as the compiled style keeps it (es_style_line), and back, at the start of the line. */
int32_t es_line_of(es_place place);
es_place es_line_place(int32_t line);

/** ESTRO_ERR_MEMORY, said. */
estro_status es_build_no_memory(es_build *build);

/** Zeroed scratch memory, or NULL. */
void *es_build_scratch(es_build *build, size_t count, size_t size);

/** As es_grow, within an arena: the old array is left behind. */
bool es_arena_grow(es_arena *arena, void *array, size_t count, size_t *capacity, size_t size);

/* ---- near names, for messages ---- */

/** The candidate nearest to a word: at most two mistakes away, and fewer than half its letters. */
typedef struct es_guess {
    const char *word, *best;
    int distance;
    char text[96];
} es_guess;

void es_guess_init(es_guess *guess, const char *word);
void es_guess_try(es_guess *guess, const char *candidate);

/** " (did you mean 'x'?)", or "". Valid as long as `guess`. */
const char *es_guess_text(es_guess *guess);

#endif
