/*
 * A style: compiled from text in a few passes over its parse tree, then never changed.
 */
#include "style/style.h"

#include "base/path.h"
#include "style/compile.h"
#include "style/parse.h"
#include "style/sources.h"

#include <stdio.h>
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

const char *es_theme_kind_name(es_theme_kind kind)
{
    static const char *const names[ES_THEME_KINDS] = {
#define THEME_WORD(name, word) word,
        ES_THEME_LIST(THEME_WORD)
#undef THEME_WORD
    };

    return (unsigned)kind < ES_THEME_KINDS ? names[kind] : "?";
}

const char *es_role_name(es_role role)
{
    static const char *const names[ES_ROLE_COUNT] = {"melody", "counter", "harmony", "bass",
                                                     "drums"};

    return (unsigned)role < ES_ROLE_COUNT ? names[role] : "?";
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

int es_style_line(int32_t line)
{
    return line & ((1 << ES_LINE_BITS) - 1);
}

const char *es_style_source(const es_style *style, int32_t line)
{
    return style->sources[line >> ES_LINE_BITS];
}

void es_style_where(char *out, size_t size, const es_style *style, int32_t line)
{
    snprintf(out, size, line >> ES_LINE_BITS ? "line %d of %s" : "line %d", es_style_line(line),
             es_path_base(es_style_source(style, line)));
}

void es_style_free(es_style *style)
{
    if (style) {
        es_arena_done(&style->arena);
        es_free(style);
    }
}
