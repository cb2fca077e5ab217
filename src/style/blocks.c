/*
 * Blocks of rules: by name in a small hash table, and in the order of the file; and their leaves.
 */
#include "style/blocks.h"

#include "music/guess.h"

#include <string.h>

void *es_block_add_leaf(es_build *build, es_block *block, uint32_t *index)
{
    const size_t size = block->kind == ES_BLOCK_FORM      ? sizeof(es_phrase_tree)
                        : block->kind == ES_BLOCK_HARMONY ? sizeof(es_chord_tree)
                                                          : sizeof(es_hit_tree);

    if (!es_arena_grow(&build->scratch, &block->leaves, block->n_leaves, &block->leaf_capacity,
                       size)) {
        return NULL;
    }
    *index = (uint32_t)block->n_leaves++;
    return (char *)block->leaves + *index * size;
}

static uint32_t bucket_of(const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    }
    return hash % ES_DEF_BUCKETS;
}

es_def *es_block_find(const es_block *block, const char *name)
{
    for (es_def *def = block->buckets[bucket_of(name)]; def; def = def->next_in_bucket) {
        if (strcmp(def->name, name) == 0) {
            return def;
        }
    }
    return NULL;
}

static es_def *add_def(es_build *build, es_block *block, const char *name)
{
    es_def *def = es_build_scratch(build, 1, sizeof *def);

    if (!def) {
        return NULL;
    }
    def->name = name;
    def->next_in_bucket = block->buckets[bucket_of(name)];
    block->buckets[bucket_of(name)] = def;
    if (block->last_def) {
        block->last_def->next = def;
    } else {
        block->defs = def;
    }
    block->last_def = def;
    return def;
}

/* Whether all calls that fit `b` fit `a` as well. */
static bool covers(const es_head *a, const es_head *b)
{
    if (a->n_args != b->n_args) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_args; i++) {
        const es_arg *x = &a->args[i], *y = &b->args[i];
        if (x->kind == ES_ARG_VARIABLE || x->kind == ES_ARG_ANY) {
            continue;
        }
        if (x->kind != y->kind || x->number != y->number ||
            (x->kind == ES_ARG_WORD && strcmp(x->word, y->word) != 0)) {
            return false;
        }
    }
    return true;
}

/* Phrases and chords of rules that others took the place of are asked for nothing. */
static void idle_leaves(es_block *block, const es_alternative *alternative)
{
    for (; alternative; alternative = alternative->next) {
        for (const es_element *e = alternative->elements; e; e = e->next) {
            if (e->kind == ES_ELEMENT_GROUP) {
                idle_leaves(block, e->group);
            } else if (e->kind == ES_ELEMENT_LEAF && block->kind == ES_BLOCK_FORM) {
                ((es_phrase_tree *)block->leaves)[e->leaf].is_idle = true;
            } else if (e->kind == ES_ELEMENT_LEAF && block->kind == ES_BLOCK_HARMONY) {
                ((es_chord_tree *)block->leaves)[e->leaf].is_idle = true;
            }
        }
    }
}

estro_status es_block_add(es_build *build, es_block *block, const es_word *name, es_head *head)
{
    es_def *def = es_block_find(block, name->text);

    if (!def) {
        def = add_def(build, block, name->text);
        if (!def) {
            return es_build_no_memory(build);
        }
    }
    if (def->heads && def->heads->place.source != head->place.source) {
        for (const es_head *old = def->heads; old; old = old->next) {
            idle_leaves(block, old->alternatives);
        }
        def->heads = NULL;
    }
    head->def = def;
    es_head **last = &def->heads;
    for (int count = 0; *last; last = &(*last)->next) {
        if (++count == ES_MAX_HEADS) {
            return es_build_fail(build, ESTRO_ERR_STYLE, head->place, "a name has at most %d rules",
                                 ES_MAX_HEADS);
        }
        if (covers(*last, head)) {
            return es_build_fail(build, ESTRO_ERR_STYLE, head->place,
                                 "'%s' is there already: the rule in line %d takes all that this "
                                 "one would",
                                 name->text, (int)(*last)->place.line);
        }
    }
    *last = head;
    return ESTRO_OK;
}

es_groove *es_groove_find(const es_build *build, const char *name)
{
    es_groove *groove = build->tree.grooves;

    while (groove && strcmp(groove->name.text, name) != 0) {
        groove = groove->next;
    }
    return groove;
}

estro_status es_block_unknown(es_build *build, const es_block *block, const es_word *name)
{
    const char *what = block->kind == ES_BLOCK_FORM      ? "a rule of the form"
                       : block->kind == ES_BLOCK_HARMONY ? "a chord or a rule of this harmony"
                                                         : "a rule of the rhythm or a groove";
    const es_key key = {0, (uint8_t)(block->mode < 0 ? ES_MAJOR : block->mode)};
    char numeral[24];
    es_guess guess;

    es_guess_init(&guess, name->text);
    for (const es_def *def = block->defs; def; def = def->next) {
        es_guess_try(&guess, def->name);
    }
    if (block->kind == ES_BLOCK_HARMONY &&
        es_roman_near(numeral, sizeof numeral, name->text, key)) {
        es_guess_try(&guess, numeral);
    }
    for (es_groove *g = build->tree.grooves; g && block->kind == ES_BLOCK_RHYTHM; g = g->next) {
        es_guess_try(&guess, g->name.text);
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, name->place, "'%s' is not %s%s", name->text, what,
                         es_guess_text(&guess));
}
