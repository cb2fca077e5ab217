/*
 * Textures name patterns; the patterns that are named are instantiated and listed, each once.
 */
#include "style/blocks.h"
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
    es_meter meter;
} wanted;

/* A texture in a metre that some phrase asks for. */
typedef struct setting {
    const es_texture_tree *tree;
    es_meter meter;
} setting;

typedef struct maker {
    es_build *build;
    es_expander expander;
    wanted *wanted;
    size_t n_wanted, capacity;
    setting *settings;
    size_t n_settings, setting_capacity;
} maker;

/* The pattern of a call: an index into what is wanted. */
static estro_status want(maker *m, const es_call *call, es_meter meter, int16_t *index)
{
    es_build *build = m->build;
    es_value values[ES_MAX_ARGUMENTS];
    wanted w = {-1, NULL, call->name, meter};

    for (uint32_t i = 0; i < call->n_args; i++) {
        ES_TRY(es_arg_check(build, NULL, &call->args[i]));
        ES_TRY(es_arg_value(build, (es_bindings){0}, &call->args[i], &values[i]));
    }
    if (!call->n_args && !es_block_find(&build->tree.rhythm, call->name.text)) {
        w.groove = es_groove_find(build, call->name.text);
    }
    if (w.groove) {
        w.groove->is_used = true;
        ES_TRY(es_meter_equal(meter, build->style->meter) ? es_groove_use(build, w.groove)
                                                          : ESTRO_OK);
    } else {
        ES_TRY(es_expand_root(&m->expander, &call->name, values, call->n_args, &w.symbol));
    }
    for (size_t i = 0; i < m->n_wanted; i++) {
        if (m->wanted[i].symbol == w.symbol && m->wanted[i].groove == w.groove &&
            es_meter_equal(m->wanted[i].meter, meter)) {
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

static estro_status want_optional(maker *m, const es_call *call, es_meter meter, int16_t *index)
{
    *index = -1;
    return call->name.text ? want(m, call, meter, index) : ESTRO_OK;
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

static estro_status read_play(maker *m, const es_play_tree *play, es_meter meter,
                              es_texture_part *out)
{
    if (out->plays) {
        return es_build_fail(m->build, ESTRO_ERR_STYLE, play->part.place,
                             "'%s' stands twice in this texture", play->part.text);
    }
    out->plays = true;
    memcpy(out->motif, play->motif, sizeof out->motif);
    ES_TRY(want_optional(m, &play->pattern, meter, &out->pattern));
    ES_TRY(want_optional(m, &play->first, meter, &out->first_pattern));
    return want_optional(m, &play->last, meter, &out->last_pattern);
}

static void clear_texture(es_texture *texture, const char *name)
{
    texture->name = name;
    for (int i = 0; i < ES_MAX_PARTS; i++) {
        texture->part[i].pattern = texture->part[i].first_pattern = texture->part[i].last_pattern =
            -1;
    }
}

/* ---- metres ---- */

static estro_status add_setting(maker *m, const es_texture_tree *tree, es_meter meter)
{
    for (size_t i = 0; i < m->n_settings; i++) {
        if (m->settings[i].tree == tree && es_meter_equal(m->settings[i].meter, meter)) {
            return ESTRO_OK;
        }
    }
    if (!es_arena_grow(&m->build->scratch, &m->settings, m->n_settings, &m->setting_capacity,
                       sizeof *m->settings)) {
        return es_build_no_memory(m->build);
    }
    m->settings[m->n_settings++] = (setting){tree, meter};
    return ESTRO_OK;
}

/* The metres of the phrases that have the texture; that of the style, where none has. The first of them is at the texture's own index. */
static estro_status find_settings(maker *m, const es_texture_tree *tree, bool is_only)
{
    const es_block *form = &m->build->tree.form;
    const es_phrase_tree *phrases = form->leaves;
    bool is_used = false;

    for (size_t i = 0; i < form->n_leaves; i++) {
        const char *name = phrases[i].texture.text;
        if (!phrases[i].is_idle &&
            (strcmp(name ? name : "main", tree->name.text) == 0 || (!name && is_only))) {
            ES_TRY(add_setting(m, tree, phrases[i].leaf.meter));
            is_used = true;
        }
    }
    return is_used ? ESTRO_OK : add_setting(m, tree, m->build->style->meter);
}

/* Settings in the order of the textures: one of each, then the others. */
static estro_status order_settings(maker *m)
{
    es_build *build = m->build;
    setting *sorted;
    size_t more = build->n_textures;

    for (const es_texture_tree *t = build->tree.textures; t; t = t->next) {
        ES_TRY(find_settings(m, t, build->n_textures == 1));
    }
    sorted = es_build_scratch(build, m->n_settings + 1, sizeof *sorted);
    if (!sorted) {
        return es_build_no_memory(build);
    }
    for (size_t i = 0; i < m->n_settings; i++) {
        const setting *one = &m->settings[i];
        const bool is_first = !sorted[one->tree->index].tree;
        sorted[is_first ? one->tree->index : more++] = *one;
    }
    m->settings = sorted;
    return ESTRO_OK;
}

/* Which parts play what; patterns are still numbers of what is wanted, which they keep. */
static estro_status read_textures(maker *m)
{
    es_style *style = m->build->style;
    uint32_t part;

    ES_TRY(order_settings(m));
    style->n_textures = (uint32_t)m->n_settings;
    style->textures =
        es_arena_calloc(&style->arena, style->n_textures + 1, sizeof *style->textures);
    if (!style->textures) {
        return es_build_no_memory(m->build);
    }
    for (size_t i = 0; i < m->n_settings; i++) {
        const setting *one = &m->settings[i];
        es_texture *texture = &style->textures[i];
        clear_texture(texture, one->tree->name.text);
        texture->meter = one->meter;
        for (const es_play_tree *play = one->tree->plays; play; play = play->next) {
            ES_TRY(es_find_part(m->build, &play->part, &part));
            ES_TRY(read_play(m, play, one->meter, &texture->part[part]));
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

/* Patterns of one metre. */
static estro_status list_in_meter(maker *m, es_grammar *grammar, const uint32_t *order,
                                  uint32_t *lengths, es_meter meter)
{
    es_build *build = m->build;
    const es_block *block = &build->tree.rhythm;

    ES_TRY(es_grooves_make(build, meter));
    for (size_t i = 0; i < block->n_leaves; i++) {
        lengths[i] = (uint32_t)((const es_hit_tree *)block->leaves)[i].hit.duration;
    }
    grammar->leaf_length = lengths;
    es_cell_lister *lister = es_cell_lister_new(build, grammar, order, meter);
    if (!lister) {
        return es_build_no_memory(build);
    }
    for (size_t i = 0; i < m->n_wanted; i++) {
        const wanted *w = &m->wanted[i];
        es_pattern *pattern = &build->style->patterns[i];
        if (!es_meter_equal(w->meter, meter)) {
            continue;
        }
        pattern->meter = meter;
        if (w->groove) {
            ES_TRY(es_cells_groove(pattern, build, w->groove, w->name.place));
        } else {
            pattern->name = grammar->symbols[w->symbol].name;
            pattern->line = grammar->symbols[w->symbol].line;
            ES_TRY(es_cells_list(lister, pattern, (uint32_t)w->symbol, w->name.place));
        }
    }
    return ESTRO_OK;
}

/* Metre by metre; that of the style last, in which the tree stays. */
static estro_status list_patterns(maker *m)
{
    es_build *build = m->build;
    es_style *style = build->style;
    const size_t n_leaves = build->tree.rhythm.n_leaves;
    es_grammar grammar;
    uint32_t *order;

    uint32_t *lengths = es_build_scratch(build, n_leaves, sizeof *lengths);
    style->patterns = es_arena_calloc(&style->arena, m->n_wanted + 1, sizeof *style->patterns);
    if (!lengths || !style->patterns) {
        return es_build_no_memory(build);
    }
    ES_TRY(es_expand_finish(&m->expander, &build->scratch, &grammar, &order));
    for (size_t i = 0; i < m->n_wanted; i++) {
        size_t first = 0;
        while (!es_meter_equal(m->wanted[first].meter, m->wanted[i].meter)) {
            first++;
        }
        if (first == i && !es_meter_equal(m->wanted[i].meter, style->meter)) {
            ES_TRY(list_in_meter(m, &grammar, order, lengths, m->wanted[i].meter));
        }
    }
    ES_TRY(list_in_meter(m, &grammar, order, lengths, style->meter));
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

static estro_status check_play(es_build *build, const es_play_tree *play, const es_texture *texture)
{
    uint32_t index;

    ES_TRY(es_find_part(build, &play->part, &index));
    const es_part *part = &build->style->parts[index];
    const es_texture_part *p = &texture->part[index];
    if (play->is_free && part->role == ES_ROLE_DRUMS && !build->style->groups[part->group].model) {
        return es_build_fail(build, ESTRO_ERR_STYLE, play->part.place,
                             "drums play a groove or a rule of grooves; 'free' only in a "
                             "group that a model writes");
    }
    ES_TRY(check_pattern(build, part, &play->pattern, p->pattern, false));
    ES_TRY(check_pattern(build, part, &play->first, p->first_pattern, true));
    return check_pattern(build, part, &play->last, p->last_pattern, true);
}

static estro_status check_textures(const maker *m)
{
    for (size_t i = 0; i < m->n_settings; i++) {
        for (const es_play_tree *play = m->settings[i].tree->plays; play; play = play->next) {
            ES_TRY(check_play(m->build, play, &m->build->style->textures[i]));
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
    ES_TRY(es_grooves_make(build, build->style->meter));
    ES_TRY(es_block_resolve(build, block));
    es_expand_init(&m.expander, build, block);
    ES_TRY(read_textures(&m));
    if (!build->style->n_textures) {
        ES_TRY(default_texture(build));
    }
    ES_TRY(list_patterns(&m));
    return check_textures(&m);
}
