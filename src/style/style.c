/*
 * A style: compiled from text in a few passes over its parse tree, then never changed.
 */
#include "style/style.h"

#include "style/compile.h"
#include "style/parse.h"
#include "style/sources.h"

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

static estro_status compile(es_build *build)
{
    ES_TRY(es_parse_style(build));
    es_sources_digest(build, build->style->digest);
    if (build->is_library) {
        build->is_sound_library = true;
        return es_build_fail(build, ESTRO_ERR_STYLE, build->tree.name_place,
                             "'%s' is a library: styles import it, it makes no music by itself",
                             build->style->name);
    }
    ES_TRY(es_compile_params(build));
    ES_TRY(es_compile_feel(build));
    ES_TRY(es_compile_parts(build));
    ES_TRY(es_compile_groups(build));
    ES_TRY(es_compile_phrases(build));
    ES_TRY(es_compile_textures(build));
    ES_TRY(es_compile_form(build));
    ES_TRY(es_compile_substitutes(build));
    ES_TRY(es_compile_constraints(build));
    return es_compile_expects(build);
}

estro_status es_build_style(es_build *build, const char *text, size_t size, const char *source,
                            const es_settings *settings, estro_diag *diag)
{
    es_style *style = es_calloc(1, sizeof *style);

    build->diag = diag;
    build->settings = settings;
    es_diag_init(diag, source ? source : "style");
    if (!style) {
        return es_fail_memory(diag);
    }
    build->style = style;
    es_defaults(style);
    estro_status status =
        es_source_add(build, text, size, source ? source : "style", (es_place){0});
    style->source = style->sources[0];
    if (status == ESTRO_OK) {
        status = compile(build);
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
    return es_style_parse_with(out, text, size, source, NULL, diag);
}

estro_status es_style_parse_with(es_style **out, const char *text, size_t size, const char *source,
                                 const es_settings *settings, estro_diag *diag)
{
    es_build build = {.n_sources = 0};
    const estro_status status = es_build_style(&build, text, size, source, settings, diag);

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
