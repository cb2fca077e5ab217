/*
 * Textures name patterns; the patterns that are named are instantiated and listed, each once.
 */
#include "style/cells.h"
#include "style/compile.h"
#include "style/expand.h"
#include "style/rules.h"

#include <string.h>

/* A pattern that some texture names. */
typedef struct wanted {
    int symbol;        /* Of the rhythm, or -1. */
    es_groove *groove; /* Or NULL. */
    es_word name;
} wanted;

typedef struct maker {
    es_build *build;
    es_expander expander;
    wanted *wanted;
    size_t n_wanted, capacity;
} maker;

/* The pattern of a call: an index into what is wanted. */
static estro_status want(maker *m, const es_call *call, int16_t *index)
{
    es_build *build = m->build;
    es_value values[ES_MAX_ARGUMENTS];
    wanted w = {-1, NULL, call->name};

    for (uint32_t i = 0; i < call->n_args; i++) {
        ES_TRY(es_arg_check(build, NULL, &call->args[i]));
        ES_TRY(es_arg_value(build, (es_bindings){0}, &call->args[i], &values[i]));
    }
    if (!call->n_args && !es_block_find(&build->tree.rhythm, call->name.text)) {
        w.groove = es_groove_find(build, call->name.text);
    }
    if (w.groove) {
        w.groove->is_used = true;
        ES_TRY(es_groove_use(build, w.groove));
    } else {
        ES_TRY(es_expand_root(&m->expander, &call->name, values, call->n_args, &w.symbol));
    }
    for (size_t i = 0; i < m->n_wanted; i++) {
        if (m->wanted[i].symbol == w.symbol && m->wanted[i].groove == w.groove) {
            *index = (int16_t)i;
            return ESTRO_OK;
        }
    }
    if (!es_arena_grow(&build->scratch, &m->wanted, m->n_wanted, &m->capacity, sizeof w)) {
        return es_build_no_memory(build);
    }
    *index = (int16_t)m->n_wanted;
    m->wanted[m->n_wanted++] = w;
    return ESTRO_OK;
}

static estro_status want_optional(maker *m, const es_call *call, int16_t *index)
{
    *index = -1;
    return call->name.text ? want(m, call, index) : ESTRO_OK;
}

/* ---- textures over others ---- */

enum { NEW, OPEN, DONE, MOST_DEEP = 64 };

static es_texture_tree *find_tree(const es_build *build, const char *name)
{
    es_texture_tree *t = build->tree.textures;

    while (t && strcmp(t->name.text, name) != 0) {
        t = t->next;
    }
    return t;
}

static estro_status find_base(es_build *build, es_texture_tree *texture)
{
    es_guess guess;

    if (!texture->over) {
        texture->over = find_tree(build, texture->base.text);
    }
    if (texture->over && texture->over->state != OPEN) {
        texture->over->is_used = true;
        return ESTRO_OK;
    }
    if (texture->over) {
        return es_build_fail(build, ESTRO_ERR_STYLE, texture->base.place,
                             "'%s' is made of '%s' itself", texture->base.text, texture->name.text);
    }
    es_guess_init(&guess, texture->base.text);
    for (const es_texture_tree *t = build->tree.textures; t; t = t->next) {
        es_guess_try(&guess, t->name.text);
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, texture->base.place, "there is no texture '%s'%s",
                         texture->base.text, es_guess_text(&guess));
}

static bool has_line(const es_play_tree *plays, const char *part)
{
    while (plays && strcmp(plays->part.text, part) != 0) {
        plays = plays->next;
    }
    return plays != NULL;
}

/* The lines of the base that the texture does not change, before its own; those that are silent go. */
static estro_status lay_over(es_build *build, es_texture_tree *texture)
{
    es_play_tree *const own = texture->plays;
    es_play_tree **last = &texture->plays;
    uint32_t part;

    for (const es_play_tree *p = own; p; p = p->next) {
        ES_TRY(es_find_part(build, &p->part, &part));
    }
    for (const es_play_tree *p = texture->over ? texture->over->plays : NULL; p; p = p->next) {
        if (has_line(own, p->part.text)) {
            continue;
        }
        es_play_tree *copy = es_build_scratch(build, 1, sizeof *copy);
        if (!copy) {
            return es_build_no_memory(build);
        }
        *copy = *p;
        *last = copy;
        last = &copy->next;
    }
    *last = own;
    while (*last) {
        if ((*last)->is_silent) {
            *last = (*last)->next;
        } else {
            last = &(*last)->next;
        }
    }
    return ESTRO_OK;
}

/* Bases first; without recursion, as chains may be long. */
static estro_status settle_texture(es_build *build, es_texture_tree *texture)
{
    es_texture_tree *path[MOST_DEEP];
    size_t depth = 0;

    path[0] = texture;
    for (;;) {
        es_texture_tree *t = path[depth];
        if (t->state == NEW && t->base.text) {
            t->state = OPEN;
            ES_TRY(find_base(build, t));
            if (depth + 1 == MOST_DEEP) {
                return es_build_fail(build, ESTRO_ERR_STYLE, t->base.place,
                                     "textures are made of others more than %d deep", MOST_DEEP);
            }
            if (t->over->state == NEW) {
                path[++depth] = t->over;
                continue;
            }
        }
        if (t->state != DONE) {
            ES_TRY(lay_over(build, t));
            t->state = DONE;
        }
        if (depth-- == 0) {
            return ESTRO_OK;
        }
    }
}

static estro_status read_play(maker *m, const es_play_tree *play, es_texture_part *out)
{
    if (out->plays) {
        return es_build_fail(m->build, ESTRO_ERR_STYLE, play->part.place,
                             "'%s' stands twice in this texture", play->part.text);
    }
    out->plays = true;
    memcpy(out->motif, play->motif, sizeof out->motif);
    ES_TRY(want_optional(m, &play->pattern, &out->pattern));
    ES_TRY(want_optional(m, &play->first, &out->first_pattern));
    return want_optional(m, &play->last, &out->last_pattern);
}

static void clear_texture(es_texture *texture, const char *name)
{
    texture->name = name;
    for (int i = 0; i < ES_MAX_PARTS; i++) {
        texture->part[i].pattern = texture->part[i].first_pattern = texture->part[i].last_pattern =
            -1;
    }
}

/* Which parts play what; patterns are still numbers of what is wanted, which they keep. */
static estro_status read_textures(maker *m)
{
    es_style *style = m->build->style;
    uint32_t part;

    style->n_textures = (uint32_t)m->build->n_textures;
    style->textures =
        es_arena_calloc(&style->arena, style->n_textures + 1, sizeof *style->textures);
    if (!style->textures) {
        return es_build_no_memory(m->build);
    }
    for (const es_texture_tree *t = m->build->tree.textures; t; t = t->next) {
        es_texture *texture = &style->textures[t->index];
        clear_texture(texture, t->name.text);
        for (const es_play_tree *play = t->plays; play; play = play->next) {
            ES_TRY(es_find_part(m->build, &play->part, &part));
            ES_TRY(read_play(m, play, &texture->part[part]));
        }
    }
    return ESTRO_OK;
}

/* A style without textures has one in which every part plays free. */
static estro_status default_texture(es_build *build)
{
    es_style *style = build->style;

    clear_texture(&style->textures[0], "main");
    style->n_textures = 1;
    for (uint32_t i = 0; i < style->n_parts; i++) {
        if (style->parts[i].role == ES_ROLE_DRUMS) {
            return es_build_fail(build, ESTRO_ERR_STYLE, build->tree.parts[i].place,
                                 "no texture says what the drums '%s' play", style->parts[i].name);
        }
        style->textures[0].part[i].plays = true;
    }
    return ESTRO_OK;
}

static estro_status list_patterns(maker *m)
{
    es_build *build = m->build;
    es_style *style = build->style;
    es_block *block = &build->tree.rhythm;
    es_grammar grammar;
    uint32_t *order;

    uint32_t *lengths = es_build_scratch(build, block->n_leaves, sizeof *lengths);
    style->patterns = es_arena_calloc(&style->arena, m->n_wanted + 1, sizeof *style->patterns);
    if (!lengths || !style->patterns) {
        return es_build_no_memory(build);
    }
    for (size_t i = 0; i < block->n_leaves; i++) {
        lengths[i] = (uint32_t)((const es_hit_tree *)block->leaves)[i].hit.duration;
    }
    ES_TRY(es_expand_finish(&m->expander, &build->scratch, &grammar, &order));
    grammar.leaf_length = lengths;
    es_cell_lister *lister = es_cell_lister_new(build, &grammar, order);
    if (!lister) {
        return es_build_no_memory(build);
    }
    for (size_t i = 0; i < m->n_wanted; i++) {
        const wanted *w = &m->wanted[i];
        es_pattern *pattern = &style->patterns[i];
        if (w->groove) {
            ES_TRY(es_cells_groove(pattern, build, w->groove));
        } else {
            pattern->name = grammar.symbols[w->symbol].name;
            pattern->line = grammar.symbols[w->symbol].line;
            ES_TRY(es_cells_list(lister, pattern, (uint32_t)w->symbol, w->name.place));
        }
    }
    style->n_patterns = (uint32_t)m->n_wanted;
    return ESTRO_OK;
}

/* ---- what must hold between a part and its patterns ---- */

static estro_status check_pattern(es_build *build, const es_part *part, const es_call *call,
                                  int16_t index, bool is_edge)
{
    const es_pattern *pattern = index >= 0 ? &build->style->patterns[index] : NULL;

    if (!pattern) {
        return ESTRO_OK;
    }
    if (pattern->is_drums != (part->role == ES_ROLE_DRUMS)) {
        return es_build_fail(build, ESTRO_ERR_STYLE, call->name.place,
                             pattern->is_drums ? "'%s' is for drums, '%s' has another role"
                                               : "'%s' is no groove, and '%s' plays drums",
                             pattern->name, part->name);
    }
    if (is_edge && pattern->bars != 1) {
        return es_build_fail(build, ESTRO_ERR_STYLE, call->name.place,
                             "'first' and 'last' take patterns of one bar; '%s' has %d",
                             pattern->name, pattern->bars);
    }
    return ESTRO_OK;
}

static estro_status check_textures(es_build *build)
{
    uint32_t index;

    for (const es_texture_tree *t = build->tree.textures; t; t = t->next) {
        for (const es_play_tree *play = t->plays; play; play = play->next) {
            ES_TRY(es_find_part(build, &play->part, &index));
            const es_part *part = &build->style->parts[index];
            const es_texture_part *p = &build->style->textures[t->index].part[index];
            if (play->is_free && part->role == ES_ROLE_DRUMS &&
                !build->style->groups[part->group].model) {
                return es_build_fail(build, ESTRO_ERR_STYLE, play->part.place,
                                     "drums play a groove or a rule of grooves; 'free' only in a "
                                     "group that a model writes");
            }
            ES_TRY(check_pattern(build, part, &play->pattern, p->pattern, false));
            ES_TRY(check_pattern(build, part, &play->first, p->first_pattern, true));
            ES_TRY(check_pattern(build, part, &play->last, p->last_pattern, true));
        }
    }
    return ESTRO_OK;
}

estro_status es_compile_textures(es_build *build)
{
    maker m = {.build = build};
    es_block *block = &build->tree.rhythm;

    block->kind = ES_BLOCK_RHYTHM; /* also where the style has no such block */
    for (es_groove *g = build->tree.grooves; g; g = g->next) {
        if (es_block_find(block, g->name.text)) {
            return es_build_fail(build, ESTRO_ERR_STYLE, g->name.place,
                                 "'%s' is a rule of the rhythm already", g->name.text);
        }
    }
    for (es_texture_tree *t = build->tree.textures; t; t = t->next) {
        ES_TRY(settle_texture(build, t));
    }
    ES_TRY(es_grooves_make(build));
    ES_TRY(es_block_resolve(build, block));
    es_expand_init(&m.expander, build, block);
    ES_TRY(read_textures(&m));
    if (!build->style->n_textures) {
        ES_TRY(default_texture(build));
    }
    ES_TRY(list_patterns(&m));
    return check_textures(build);
}
