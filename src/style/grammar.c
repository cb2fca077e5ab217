/*
 * Checks of a grammar, and the lengths that its symbols can fill. Both are linear passes over its items (the lengths
 * times the square of the longest, by words of 64 bits), so that no text makes them slow.
 */
#include "style/grammar.h"

#include <stdio.h>

static es_place place_of(const es_grammar *g, uint32_t symbol)
{
    return es_line_place(g->symbols[symbol].line);
}

/* The unit rule of a symbol at or after `rule`, or the end of its rules. */
static uint32_t next_unit(const es_grammar *g, const es_symbol *symbol, uint32_t rule)
{
    while (rule < symbol->first_rule + symbol->n_rules &&
           (g->rules[rule].n_items != 1 || g->items[g->rules[rule].first_item].is_leaf)) {
        rule++;
    }
    return rule;
}

static estro_status fail_cycle(es_build *build, const es_grammar *g, const uint32_t *path,
                               uint32_t depth, uint32_t closing)
{
    char text[160];
    size_t used = 0;
    uint32_t first = 0;

    while (path[first] != closing) {
        first++;
    }
    for (uint32_t i = first; i <= depth && used < sizeof text - 64; i++) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%.40s = ", g->symbols[path[i]].name);
    }
    snprintf(text + used, sizeof text - used, "%s%.40s",
             used < sizeof text - 64 ? "" : "... = ", g->symbols[closing].name);
    return es_build_fail(build, ESTRO_ERR_STYLE, place_of(g, closing),
                         "these rules go in a circle: %s", text);
}

/* Depth first through unit rules, without recursion; `order` is filled as symbols are left. */
static estro_status order_units(es_build *build, const es_grammar *g, uint32_t *order)
{
    enum { NEW, OPEN, DONE };
    uint8_t *state = es_build_scratch(build, g->n_symbols, sizeof *state);
    uint32_t *path = es_build_scratch(build, g->n_symbols + 1, sizeof *path);
    uint32_t *at = es_build_scratch(build, g->n_symbols + 1, sizeof *at);
    uint32_t count = 0;

    if (!state || !path || !at) {
        return es_build_no_memory(build);
    }
    for (uint32_t root = 0; root < g->n_symbols; root++) {
        uint32_t depth = 0;
        if (state[root] != NEW) {
            continue;
        }
        path[0] = root;
        at[0] = g->symbols[root].first_rule;
        state[root] = OPEN;
        for (;;) {
            const es_symbol *symbol = &g->symbols[path[depth]];
            at[depth] = next_unit(g, symbol, at[depth]);
            if (at[depth] == symbol->first_rule + symbol->n_rules) {
                state[path[depth]] = DONE;
                order[count++] = path[depth];
                if (depth == 0) {
                    break;
                }
                depth--;
                continue;
            }
            const uint32_t next = g->items[g->rules[at[depth]++].first_item].index;
            if (state[next] == OPEN) {
                return fail_cycle(build, g, path, depth, next);
            }
            if (state[next] == NEW) {
                state[next] = OPEN;
                path[++depth] = next;
                at[depth] = g->symbols[next].first_rule;
            }
        }
    }
    return ESTRO_OK;
}

/* Rules whose symbols all end make their own symbol end; what is left over at last never does. */
typedef struct ending {
    uint32_t *owner;     /* [n_rules] */
    uint32_t *waiting;   /* [n_rules]: items that are not known to end. */
    uint32_t *first_use; /* [n_symbols + 1] */
    uint32_t *uses;      /* Rules that use a symbol, from first_use on. */
    bool *ends;          /* [n_symbols] */
    uint32_t *list;      /* Symbols to follow up. */
} ending;

static bool init_ending(es_build *build, const es_grammar *g, ending *e)
{
    e->owner = es_build_scratch(build, g->n_rules, sizeof *e->owner);
    e->waiting = es_build_scratch(build, g->n_rules, sizeof *e->waiting);
    e->first_use = es_build_scratch(build, g->n_symbols + 2, sizeof *e->first_use);
    e->uses = es_build_scratch(build, g->n_items, sizeof *e->uses);
    e->ends = es_build_scratch(build, g->n_symbols, sizeof *e->ends);
    e->list = es_build_scratch(build, g->n_symbols, sizeof *e->list);
    if (!e->owner || !e->waiting || !e->first_use || !e->uses || !e->ends || !e->list) {
        return false;
    }
    for (uint32_t s = 0; s < g->n_symbols; s++) {
        for (uint32_t r = 0; r < g->symbols[s].n_rules; r++) {
            e->owner[g->symbols[s].first_rule + r] = s;
        }
    }
    for (uint32_t i = 0; i < g->n_items; i++) {
        e->first_use[g->items[i].is_leaf ? 0 : g->items[i].index + 2] += !g->items[i].is_leaf;
    }
    for (uint32_t s = 1; s < g->n_symbols + 2; s++) {
        e->first_use[s] += e->first_use[s - 1];
    }
    for (uint32_t r = 0; r < g->n_rules; r++) {
        for (uint32_t i = 0; i < g->rules[r].n_items; i++) {
            const es_item *item = &g->items[g->rules[r].first_item + i];
            if (!item->is_leaf) {
                e->uses[e->first_use[item->index + 1]++] = r;
                e->waiting[r]++;
            }
        }
    }
    return true;
}

/* From a symbol that does not end to one that comes back to itself: each step to an item that does not end. */
static estro_status fail_endless(es_build *build, const es_grammar *g, const bool *ends, uint32_t s)
{
    bool *seen = es_build_scratch(build, g->n_symbols, sizeof *seen);

    if (!seen) {
        return es_build_no_memory(build);
    }
    while (!seen[s]) {
        uint32_t i = g->rules[g->symbols[s].first_rule].first_item;
        seen[s] = true;
        while (g->items[i].is_leaf || ends[g->items[i].index]) {
            i++;
        }
        s = g->items[i].index;
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, place_of(g, s),
                         "'%s' never ends: each of its alternatives comes back to it",
                         g->symbols[s].name);
}

static estro_status check_ends(es_build *build, const es_grammar *g)
{
    ending e;
    uint32_t n_list = 0;

    if (!init_ending(build, g, &e)) {
        return es_build_no_memory(build);
    }
    for (uint32_t r = 0; r < g->n_rules; r++) {
        if (e.waiting[r] == 0 && !e.ends[e.owner[r]]) {
            e.ends[e.owner[r]] = true;
            e.list[n_list++] = e.owner[r];
        }
    }
    for (uint32_t at = 0; at < n_list; at++) {
        const uint32_t s = e.list[at];
        for (uint32_t u = e.first_use[s]; u < e.first_use[s + 1]; u++) {
            const uint32_t r = e.uses[u];
            if (--e.waiting[r] == 0 && !e.ends[e.owner[r]]) {
                e.ends[e.owner[r]] = true;
                e.list[n_list++] = e.owner[r];
            }
        }
    }
    for (uint32_t s = 0; s < g->n_symbols; s++) {
        if (!e.ends[s]) {
            return fail_endless(build, g, e.ends, s);
        }
    }
    return ESTRO_OK;
}

estro_status es_grammar_check(es_build *build, const es_grammar *grammar, uint32_t **order)
{
    *order = es_build_scratch(build, grammar->n_symbols, sizeof **order);
    if (!*order) {
        return es_build_no_memory(build);
    }
    ES_TRY(order_units(build, grammar, *order));
    return check_ends(build, grammar);
}

/* ---- lengths ---- */

static bool get(const uint64_t *bits, uint32_t bit)
{
    return bits[bit / 64] >> (bit % 64) & 1;
}

static void set(uint64_t *bits, uint32_t bit)
{
    bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

bool es_lengths_symbol(const es_lengths *l, uint32_t symbol, uint32_t length)
{
    return length <= l->max_length && get(l->symbol + symbol * l->n_words, length);
}

/* Leaves alone have one length; a symbol at the end of a rule has its own set. */
bool es_lengths_tail(const es_lengths *l, uint32_t item, bool is_last, uint32_t length)
{
    if (l->leaves[item]) {
        return l->leaves[item] == length;
    }
    if (is_last) {
        return es_lengths_symbol(l, l->grammar->items[item].index, length);
    }
    return length <= l->max_length && get(l->tail + item * l->n_words, length);
}

static uint32_t leaf_length(const es_lengths *l, const es_item *item)
{
    return l->grammar->leaf_length[item->index] / l->unit;
}

static void sum_leaves(es_lengths *l)
{
    const es_grammar *g = l->grammar;

    for (uint32_t r = 0; r < g->n_rules; r++) {
        uint32_t sum = 0;
        for (uint32_t i = g->rules[r].first_item + g->rules[r].n_items;
             i-- > g->rules[r].first_item && g->items[i].is_leaf;) {
            sum += leaf_length(l, &g->items[i]);
            l->leaves[i] = sum;
        }
    }
}

/* All sums of a number of `a` and one of `b`. */
static uint64_t add_sets(uint64_t a, uint64_t b)
{
    uint64_t sums = 0;

    for (; a && b; a >>= 1, b <<= 1) {
        sums |= a & 1 ? b : 0;
    }
    return sums;
}

/* Lengths below 64: sets are words. The lengths of a rule, by what is known; `is_new` when its tails have grown. */
static uint64_t rule_lengths(es_lengths *l, const es_rule *rule, bool *is_new)
{
    const es_item *items = l->grammar->items;
    const uint64_t all = ~UINT64_C(0) >> (63 - l->max_length);
    uint64_t tail = 1;

    for (uint32_t i = rule->first_item + rule->n_items; i-- > rule->first_item;) {
        if (items[i].is_leaf) {
            const uint32_t n = leaf_length(l, &items[i]);
            tail = n <= l->max_length ? tail << n & all : 0;
        } else {
            tail = add_sets(l->symbol[items[i].index], tail) & all;
        }
        *is_new |= (tail & ~l->tail[i]) != 0;
        l->tail[i] = tail;
    }
    return tail;
}

/*
 * Rounds over all rules until nothing is new. Symbols stand after those that their unit rules name, so each round
 * completes at least one more length.
 */
static void fill_short(es_lengths *l, const uint32_t *order)
{
    const es_grammar *g = l->grammar;
    bool is_new = true;

    while (is_new) {
        is_new = false;
        for (uint32_t k = 0; k < g->n_symbols; k++) {
            const es_symbol *symbol = &g->symbols[order[k]];
            uint64_t found = 0;
            for (uint32_t r = 0; r < symbol->n_rules; r++) {
                found |= rule_lengths(l, &g->rules[symbol->first_rule + r], &is_new);
            }
            is_new |= found != l->symbol[order[k]];
            l->symbol[order[k]] = found;
        }
    }
}

/* Longer ones: length by length, upward. Sets in reverse (bit max_length - n for n) lie beside, to be tried by words. */
typedef struct filling {
    es_lengths *l;
    uint64_t *symbol, *tail; /* Reversed. */
} filling;

/* Whether some j of `forward` and n - j of the set that is `reversed` make n. */
static bool meet(const es_lengths *l, const uint64_t *forward, const uint64_t *reversed, uint32_t n)
{
    const uint32_t shift = l->max_length - n;
    const size_t words = shift / 64, bits = shift % 64;

    for (size_t w = 0; w + words < l->n_words; w++) {
        uint64_t moved = reversed[w + words] >> bits;
        if (bits && w + words + 1 < l->n_words) {
            moved |= reversed[w + words + 1] << (64 - bits);
        }
        if (moved & forward[w]) {
            return true;
        }
    }
    return false;
}

/* Whether item `i` of a rule, with what follows it, can make n. Shorter lengths are known. */
static bool tail_makes(const filling *f, uint32_t i, bool next_is_last, uint32_t n)
{
    const es_lengths *l = f->l;
    const es_item *item = &l->grammar->items[i];

    if (item->is_leaf) {
        const uint32_t length = leaf_length(l, item);
        return length < n && es_lengths_tail(l, i + 1, next_is_last, n - length);
    }
    const uint64_t *forward = l->symbol + item->index * l->n_words;
    if (l->leaves[i + 1]) {
        return l->leaves[i + 1] < n && get(forward, n - l->leaves[i + 1]);
    }
    const uint64_t *next = next_is_last ? f->symbol + l->grammar->items[i + 1].index * l->n_words
                                        : f->tail + (i + 1) * l->n_words;
    return meet(l, forward, next, n);
}

static bool rule_makes(const filling *f, const es_rule *rule, uint32_t n)
{
    es_lengths *l = f->l;
    const uint32_t first = rule->first_item, last = first + rule->n_items - 1;

    if (l->leaves[first] || first == last) {
        return es_lengths_tail(l, first, true, n);
    }
    for (uint32_t i = last; i-- > first;) {
        if (!l->leaves[i] && tail_makes(f, i, i + 1 == last, n)) {
            set(l->tail + i * l->n_words, n);
            set(f->tail + i * l->n_words, l->max_length - n);
        }
    }
    return get(l->tail + first * l->n_words, n);
}

static estro_status fill_long(es_lengths *l, es_build *build, const uint32_t *order)
{
    const es_grammar *g = l->grammar;
    filling f = {l, es_build_scratch(build, g->n_symbols * l->n_words, sizeof *f.symbol),
                 es_build_scratch(build, g->n_items * l->n_words, sizeof *f.tail)};

    if (!f.symbol || !f.tail) {
        return es_build_no_memory(build);
    }
    for (uint32_t n = 1; n <= l->max_length; n++) {
        for (uint32_t k = 0; k < g->n_symbols; k++) {
            const es_symbol *symbol = &g->symbols[order[k]];
            bool makes = false;
            for (uint32_t r = 0; r < symbol->n_rules; r++) {
                makes |= rule_makes(&f, &g->rules[symbol->first_rule + r], n);
            }
            if (makes) {
                set(l->symbol + order[k] * l->n_words, n);
                set(f.symbol + order[k] * l->n_words, l->max_length - n);
            }
        }
    }
    return ESTRO_OK;
}

estro_status es_lengths_make(es_lengths *out, es_build *build, const es_grammar *g,
                             const uint32_t *order, uint32_t max_length, uint32_t unit,
                             es_place place)
{
    const double limit = 5e7; /* word operations: some hundredths of a second */
    es_lengths l = {
        .grammar = g, .max_length = max_length, .unit = unit, .n_words = max_length / 64 + 1};

    if ((double)g->n_items * (double)l.n_words * max_length > limit) {
        return es_build_fail(build, ESTRO_ERR_STYLE, place,
                             "these rules are too many for spans as long as this");
    }
    l.symbol = es_build_scratch(build, g->n_symbols * l.n_words, sizeof *l.symbol);
    l.tail = es_build_scratch(build, g->n_items * l.n_words, sizeof *l.tail);
    l.leaves = es_build_scratch(build, g->n_items, sizeof *l.leaves);
    if (!l.symbol || !l.tail || !l.leaves) {
        return es_build_no_memory(build);
    }
    sum_leaves(&l);
    if (l.n_words == 1) {
        fill_short(&l, order);
    } else {
        ES_TRY(fill_long(&l, build, order));
    }
    *out = l;
    return ESTRO_OK;
}
