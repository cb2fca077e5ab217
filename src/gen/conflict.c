/*
 * Explaining a conflict: of all constraints a smallest set is sought that still leaves no sonority at the place where the engine got
 * stuck. Constraints are left out one after another; one without which there still is none is no part of the conflict.
 */
#include "gen/conflict.h"

#include "base/diag.h"
#include "base/text.h"

#include <string.h>

static const char *const words[] = {
#define WORD(name, word, text) word,
    ES_CONSTRAINT_LIST(WORD)
#undef WORD
};

/* Whether some sonority is legal with the constraints that are not left out. */
static bool is_possible(es_engine *engine, const bool *left_out)
{
    const uint16_t bar = (uint16_t)((engine->stuck_at - engine->beats.start) / engine->beats.bar);
    es_rulebook book = {.left_out = left_out};
    int actions[ES_GROUP_LINES];
    es_options_left left;
    es_scene scene;
    bool possible = false;

    es_engine_scene(engine, engine->stuck_group, bar, &scene);
    scene.book = &book;
    for (int p = 0; p < ES_GROUP_LINES; p++) {
        actions[p] = -1;
    }
    if (es_search_prepare(&engine->search, &scene, engine->stuck_at, false, NULL) == ESTRO_OK &&
        es_search_foresee(&engine->search, actions, ES_AHEAD_ANYWHERE, NULL) == ESTRO_OK) {
        es_search_all(&engine->search, &left);
        possible = es_search_any(&engine->search, &left);
    }
    es_rulebook_done(&book);
    return possible;
}

static void describe(const es_style *style, const bool *left_out, char *out, size_t size)
{
    int count = 0;

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        const es_constraint *c = &style->constraints[i];
        if (left_out[i] || count == 4) {
            continue;
        }
        char where[64];
        es_style_where(where, sizeof where, style, c->line);
        es_append(out, size, "%s\"never %s\" (%s)", count ? " and " : "", words[c->kind], where);
        count++;
    }
}

estro_status es_conflict_explain(es_engine *engine, estro_diag *diag)
{
    const es_style *style = engine->style;
    bool *left_out = es_calloc(style->n_constraints + 1, sizeof *left_out);
    char text[160] = "";
    char symbol[ES_CHORD_TEXT];
    int32_t line = 0;
    es_moment moment;

    if (!left_out) {
        return es_fail_memory(diag);
    }
    for (uint32_t i = 0; i < style->n_constraints; i++) {
        left_out[i] = !style->constraints[i].is_never;
    }
    for (uint32_t i = 0; i < style->n_constraints; i++) {
        if (!left_out[i]) {
            left_out[i] = true;
            left_out[i] = !is_possible(engine, left_out);
        }
    }
    for (uint32_t i = style->n_constraints; i-- > 0;) {
        line = left_out[i] ? line : style->constraints[i].line;
    }
    describe(style, left_out, text, sizeof text);
    es_free(left_out);
    es_moment_at(&moment, &engine->beats, engine->stuck_at);
    es_chord_symbol(symbol, sizeof symbol, moment.harmony->chord, &moment.harmony->key);
    return es_fail_at(diag, ESTRO_ERR_CONFLICT, es_style_source(style, line), es_style_line(line),
                      line ? 1 : 0, "bar %u, group %s, chord %s: %s leave%s nothing to play",
                      (unsigned)(engine->beats.phrase->first_bar + moment.bar + 1),
                      style->groups[engine->stuck_group].name, symbol,
                      text[0] ? text : "ranges, rhythms and weights",
                      strstr(text, " and ") || !text[0] ? "" : "s");
}
