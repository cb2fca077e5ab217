/**
 * @file compile.h
 * From the parse tree to the compiled style: one function a kind of item. Within src/style only.
 *
 * Called in the order in which they stand here; each finds what those before it made.
 */
#ifndef ES_STYLE_COMPILE_H
#define ES_STYLE_COMPILE_H

#include "style/build.h"

/**
 * Compile a text into build->style, which is made; the parse tree stays in build->scratch until es_build_done.
 *
 * @param settings  Of params; NULL: none. Borrowed.
 * @param build  Zeroed; on failure it holds no style.
 */
estro_status es_build_style(es_build *build, const char *text, size_t size, const char *source,
                            const es_settings *settings, estro_diag *diag);
/** Release the scratch memory. */
void es_build_done(es_build *build);

/** What the style may leave out: key, tempo, metre, performance. Before parsing. */
void es_defaults(es_style *style);

/** Params: what the caller sets them to. Weights of keys. (parse_param.c) */
estro_status es_compile_params(es_build *build);

/** Parts: defaults by role, channels, lines. Groups. (parts.c) */
estro_status es_compile_parts(es_build *build);

/** Substitutions, their chances worked out. (parse_substitute.c) */
estro_status es_compile_substitutes(es_build *build);

/** Find the feel that the performance names. */
estro_status es_compile_feel(es_build *build);
estro_status es_compile_groups(es_build *build);

/** The grammar of the form, and in which metres its phrases are. (form.c) */
estro_status es_compile_phrases(es_build *build);

/** Patterns that textures name, then the textures. (textures.c) */
estro_status es_compile_textures(es_build *build);

/** Phrases, harmony: its grammars, their start symbols. (form.c) */
estro_status es_compile_form(es_build *build);

/** (parts.c) */
estro_status es_compile_constraints(es_build *build);

/** (expect.c) */
estro_status es_compile_expects(es_build *build);

/** Index of a part by its name; fails with near names. */
estro_status es_find_part(es_build *build, const es_word *name, uint32_t *index);

#endif
