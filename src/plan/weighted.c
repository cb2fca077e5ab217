/*
 * Inside weights by place, from the top down, and exact drawing.
 *
 * Most grammars of harmony are rows with a tail ("go = I | I go"), for which only the spans that end where the phrase ends are ever asked for: so
 * weights are worked out when they are needed, and remembered in a hash table. A span that the grammar cannot fill at all is known from
 * es_span and not looked into.
 */
#include "plan/weighted.h"

#include "base/diag.h"
#include "base/mem.h"

enum {
    MOST_DEPTH =
        6000, /* Of calls: a phrase of 512 beats of a rule that names itself needs some 1,000. */
    FIRST_CELLS = 1024
};

typedef struct cell {
    uint64_t key; /* 0: empty. */
    double value;
} cell;

typedef struct table {
    const es_grammar *grammar;
    const es_span *span;
    const es_leaf_weights *weights;
    cell *cells; /* [n_cells], a power of two; more than half are empty. */
    size_t n_cells, n_used;
    uint32_t depth;
    bool has_failed, is_too_deep;
} table;

/* ---- the memory ---- */

static cell *find(const table *t, uint64_t key)
{
    size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & (t->n_cells - 1);

    while (t->cells[i].key && t->cells[i].key != key) {
        i = (i + 1) & (t->n_cells - 1);
    }
    return &t->cells[i];
}

static bool enlarge(table *t)
{
    const table old = *t;
    cell *cells = es_calloc(t->n_cells * 2, sizeof *cells);

    if (!cells) {
        return false;
    }
    t->cells = cells;
    t->n_cells *= 2;
    for (size_t i = 0; i < old.n_cells; i++) {
        if (old.cells[i].key) {
            *find(t, old.cells[i].key) = old.cells[i];
        }
    }
    es_free(old.cells);
    return true;
}

static void store(table *t, uint64_t key, double value)
{
    if (2 * (t->n_used + 1) > t->n_cells && !enlarge(t)) {
        t->has_failed = true;
        return;
    }
    *find(t, key) = (cell){key, value};
    t->n_used++;
}

/* What a value is of: a symbol, or the items of a rule from one on. */
static uint64_t key_of(bool is_item, uint32_t index, uint32_t at, uint32_t length)
{
    return (uint64_t)1 << 63 | (uint64_t)is_item << 62 | (uint64_t)index << 30 |
           (uint64_t)at << 15 | length;
}

/* ---- the weights ---- */

static double symbol_weight(table *t, uint32_t symbol, uint32_t at, uint32_t length);

static double item_weight(table *t, es_item item, uint32_t at, uint32_t length)
{
    if (!item.is_leaf) {
        return symbol_weight(t, item.index, at, length);
    }
    return t->grammar->leaf_length[item.index] == length
               ? t->weights->weight(t->weights->self, item.index, at)
               : 0;
}

/* Whether an item can be so long at all. */
static bool can_fill(const table *t, es_item item, uint32_t length)
{
    return item.is_leaf ? t->grammar->leaf_length[item.index] == length
                        : es_span_weight(t->span, item.index, length) > 0;
}

/* All ways of the items i to last to fill a span. */
static double rest_weight(table *t, uint32_t i, uint32_t last, uint32_t at, uint32_t length)
{
    const es_item item = t->grammar->items[i];

    if (i == last) {
        return item_weight(t, item, at, length);
    }
    const uint64_t key = key_of(true, i, at, length);
    const cell *known = find(t, key);
    if (known->key) {
        return known->value;
    }
    double sum = 0;
    for (uint32_t m = 1; m < length; m++) {
        if (can_fill(t, item, m)) {
            const double own = item_weight(t, item, at, m);
            sum += own > 0 ? own * rest_weight(t, i + 1, last, at + m, length - m) : 0;
        }
    }
    store(t, key, sum);
    return sum;
}

static double rule_weight(table *t, const es_rule *rule, uint32_t at, uint32_t length)
{
    return rule->weight *
           rest_weight(t, rule->first_item, rule->first_item + rule->n_items - 1, at, length);
}

static double symbol_weight(table *t, uint32_t symbol, uint32_t at, uint32_t length)
{
    const es_symbol *s = &t->grammar->symbols[symbol];
    const uint64_t key = key_of(false, symbol, at, length);
    double sum = 0, total = 0;

    if (!(es_span_weight(t->span, (int)symbol, length) > 0) || t->has_failed) {
        return 0;
    }
    const cell *known = find(t, key);
    if (known->key) {
        return known->value;
    }
    if (t->depth == MOST_DEPTH) {
        t->is_too_deep = true;
        return 0;
    }
    t->depth++;
    for (uint32_t r = s->first_rule; r < s->first_rule + s->n_rules; r++) {
        total += t->grammar->rules[r].weight;
        sum += rule_weight(t, &t->grammar->rules[r], at, length);
    }
    t->depth--;
    sum = total > 0 ? sum / total : 0;
    store(t, key, sum);
    return sum;
}

/* ---- drawing ---- */

typedef struct pending {
    es_item item;
    uint32_t at, length;
} pending;

/* An index by its weight, -1 when all are 0. */
static int choose(const double *weights, uint32_t count, es_rng *rng)
{
    return es_rng_choose(rng, weights, (int)count);
}

/* Replace a symbol on the stack by the items of a rule, the first on top. @return False when none has a weight. */
static bool expand(table *t, const pending *top, es_rng *rng, double *scratch, pending *stack,
                   uint32_t *depth)
{
    const es_symbol *s = &t->grammar->symbols[top->item.index];
    uint32_t at = top->at, left = top->length;

    for (uint32_t r = 0; r < s->n_rules; r++) {
        scratch[r] = rule_weight(t, &t->grammar->rules[s->first_rule + r], at, left);
    }
    const int chosen = choose(scratch, s->n_rules, rng);
    if (chosen < 0) {
        return false;
    }
    const es_rule *rule = &t->grammar->rules[s->first_rule + (uint32_t)chosen];
    const uint32_t last = rule->first_item + rule->n_items - 1;
    for (uint32_t i = rule->first_item; i <= last; i++) {
        const es_item item = t->grammar->items[i];
        int length = (int)left;
        if (i < last) {
            scratch[0] = 0;
            for (uint32_t m = 1; m < left; m++) {
                scratch[m] = can_fill(t, item, m)
                                 ? item_weight(t, item, at, m) *
                                       rest_weight(t, i + 1, last, at + m, left - m)
                                 : 0;
            }
            length = choose(scratch, left, rng);
        }
        if (length < 1) {
            return false;
        }
        stack[*depth + last - i] = (pending){item, at, (uint32_t)length};
        at += (uint32_t)length;
        left -= (uint32_t)length;
    }
    *depth += rule->n_items;
    return true;
}

static estro_status draw(table *t, uint32_t symbol, uint32_t length, es_rng *rng, double *scratch,
                         pending *stack, uint16_t *leaves, uint32_t capacity, uint32_t *count,
                         estro_diag *diag)
{
    uint32_t depth = 1;

    *count = 0;
    stack[0] = (pending){{false, (uint16_t)symbol}, 0, length};
    while (depth > 0) {
        const pending top = stack[--depth];
        if (top.item.is_leaf) {
            if (*count == capacity) {
                return es_fail(diag, ESTRO_ERR_ARGUMENT, "a derivation has more than %u leaves",
                               (unsigned)capacity);
            }
            leaves[(*count)++] = top.item.index;
        } else if (!expand(t, &top, rng, scratch, stack, &depth)) {
            return t->has_failed ? es_fail_memory(diag)
                                 : es_fail(diag, ESTRO_ERR_CONFLICT,
                                           "%s cannot fill %u beats with chords that fit",
                                           t->grammar->symbols[symbol].name, (unsigned)length);
        }
    }
    return ESTRO_OK;
}

static uint32_t most_rules(const es_grammar *grammar)
{
    uint32_t most = 1;

    for (uint32_t s = 0; s < grammar->n_symbols; s++) {
        most = grammar->symbols[s].n_rules > most ? grammar->symbols[s].n_rules : most;
    }
    return most;
}

estro_status es_weighted_draw(const es_grammar *grammar, const es_span *span, int symbol,
                              uint32_t length, const es_leaf_weights *weights, es_rng *rng,
                              uint16_t *leaves, uint32_t capacity, uint32_t *count,
                              estro_diag *diag)
{
    table t = {.grammar = grammar, .span = span, .weights = weights, .n_cells = FIRST_CELLS};
    const uint32_t most = most_rules(grammar);
    estro_status status = ESTRO_ERR_MEMORY;

    if (!(es_span_weight(span, symbol, length) > 0) || length >= 1u << 15) {
        return es_fail(diag, ESTRO_ERR_CONFLICT, "no harmony fills %u beats", (unsigned)length);
    }
    t.cells = es_calloc(t.n_cells, sizeof *t.cells);
    double *scratch = es_calloc(most > length ? most : length + 1, sizeof *scratch);
    /* Everything on the stack is at least one unit long, so it never holds more than `length` items. */
    pending *stack = es_calloc((size_t)length + 1, sizeof *stack);
    if (t.cells && scratch && stack) {
        symbol_weight(&t, (uint32_t)symbol, 0, length);
        status = t.is_too_deep
                     ? es_fail(diag, ESTRO_ERR_CONFLICT, "the harmony nests too deep for a tune")
                     : draw(&t, (uint32_t)symbol, length, rng, scratch, stack, leaves, capacity,
                            count, diag);
    } else {
        es_fail_memory(diag);
    }
    es_free(t.cells);
    es_free(scratch);
    es_free(stack);
    return status;
}
