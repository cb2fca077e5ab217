/*
 * Inside weights by length, and exact top-down drawing.
 *
 * Rule weights are taken relative to the sum over their symbol, so inside[A][n] is the probability that A, expanded
 * freely, fills n units. suffix[i][n] is the same for the items of a rule from item i to its last: it makes the division of a length
 * among the items of a rule a sequence of exact choices. Invariant: when length n is worked on, every table is complete below n.
 */
#include "plan/span.h"

#include "base/diag.h"
#include "base/real.h"

#include <string.h>

struct es_span {
    const es_grammar *grammar;
    uint32_t max_length;
    uint32_t unit;   /* Every length that can be filled is a multiple of it. */
    double *inside;  /* [n_symbols][max_length + 1] */
    double *suffix;  /* [n_items][max_length + 1] */
    double *total;   /* [n_symbols]: sum of the weights of a symbol's rules */
    double *scratch; /* [max_length + 1 or the most rules of a symbol] */
    uint8_t *done;   /* [n_symbols]: inside is complete for the present length */
};

static double *row(double *table, uint32_t index, uint32_t max_length)
{
    return table + (size_t)index * (max_length + 1);
}

static double item_weight(const es_span *span, es_item item, uint32_t length)
{
    if (item.is_leaf) {
        return span->grammar->leaf_length[item.index] == length ? 1 : 0;
    }
    return row(span->inside, item.index, span->max_length)[length];
}

/* Sums over the ways to divide n among two or more items; both parts are shorter than n. */
static void complete_suffixes(es_span *span, const es_rule *rule, uint32_t n)
{
    for (uint32_t i = rule->first_item; i + 1 < rule->first_item + rule->n_items; i++) {
        const es_item item = span->grammar->items[i];
        const double *rest = row(span->suffix, i + 1, span->max_length);
        double sum = 0;
        if (item.is_leaf) {
            const uint32_t m = span->grammar->leaf_length[item.index];
            sum = m < n ? rest[n - m] : 0;
        } else {
            const double *inside = row(span->inside, item.index, span->max_length);
            for (uint32_t m = span->unit; m < n; m += span->unit) {
                sum += inside[m] * rest[n - m];
            }
        }
        row(span->suffix, i, span->max_length)[n] = sum;
    }
}

/* Unit rules refer to other symbols at the same length: these are completed first. There are no cycles of them. */
static double complete_symbol(es_span *span, uint32_t symbol, uint32_t n)
{
    const es_grammar *grammar = span->grammar;
    const es_symbol *s = &grammar->symbols[symbol];
    double *cell = &row(span->inside, symbol, span->max_length)[n];
    double sum = 0;

    if (span->done[symbol]) {
        return *cell;
    }
    span->done[symbol] = 1;
    for (uint32_t r = s->first_rule; r < s->first_rule + s->n_rules; r++) {
        const es_rule *rule = &grammar->rules[r];
        const es_item item = grammar->items[rule->first_item];
        double ways;
        if (rule->n_items > 1) {
            ways = row(span->suffix, rule->first_item, span->max_length)[n];
        } else if (item.is_leaf) {
            ways = item_weight(span, item, n);
        } else {
            ways = complete_symbol(span, item.index, n);
        }
        sum += rule->weight * ways;
    }
    *cell = span->total[symbol] > 0 ? sum / span->total[symbol] : 0;
    return *cell;
}

static void complete_length(es_span *span, uint32_t n)
{
    const es_grammar *grammar = span->grammar;

    for (uint32_t r = 0; r < grammar->n_rules; r++) {
        complete_suffixes(span, &grammar->rules[r], n);
    }
    memset(span->done, 0, grammar->n_symbols);
    for (uint32_t s = 0; s < grammar->n_symbols; s++) {
        complete_symbol(span, s, n);
    }
    for (uint32_t r = 0; r < grammar->n_rules; r++) {
        const uint32_t last = grammar->rules[r].first_item + grammar->rules[r].n_items - 1;
        row(span->suffix, last, span->max_length)[n] = item_weight(span, grammar->items[last], n);
    }
}

static uint32_t sum_weights(es_span *span)
{
    uint32_t most = 0;

    for (uint32_t s = 0; s < span->grammar->n_symbols; s++) {
        const es_symbol *symbol = &span->grammar->symbols[s];
        for (uint32_t r = 0; r < symbol->n_rules; r++) {
            span->total[s] += span->grammar->rules[symbol->first_rule + r].weight;
        }
        most = symbol->n_rules > most ? symbol->n_rules : most;
    }
    return most;
}

static uint32_t common_unit(const es_grammar *grammar)
{
    uint32_t unit = grammar->n_leaves > 0 ? grammar->leaf_length[0] : 1;

    for (uint32_t i = 1; i < grammar->n_leaves; i++) {
        for (uint32_t rest = grammar->leaf_length[i]; rest != 0;) {
            const uint32_t next = unit % rest;
            unit = rest;
            rest = next;
        }
    }
    return unit;
}

estro_status es_span_new(es_span **out, const es_grammar *grammar, uint32_t max_length,
                         estro_diag *diag)
{
    const size_t width = (size_t)max_length + 1;
    es_span *span = es_calloc(1, sizeof *span);

    if (!span) {
        return es_fail_memory(diag);
    }
    span->grammar = grammar;
    span->max_length = max_length;
    span->unit = common_unit(grammar);
    span->inside = es_calloc((size_t)grammar->n_symbols * width, sizeof *span->inside);
    span->suffix = es_calloc((size_t)grammar->n_items * width, sizeof *span->suffix);
    span->total = es_calloc(grammar->n_symbols, sizeof *span->total);
    span->done = es_calloc(grammar->n_symbols, 1);
    if (span->inside && span->suffix && span->total && span->done) {
        const uint32_t most = sum_weights(span);
        span->scratch = es_calloc(most > width ? most : width, sizeof *span->scratch);
    }
    if (!span->scratch) {
        es_span_free(span);
        return es_fail_memory(diag);
    }
    for (uint32_t n = span->unit; n <= max_length; n += span->unit) {
        complete_length(span, n);
    }
    *out = span;
    return ESTRO_OK;
}

void es_span_free(es_span *span)
{
    if (!span) {
        return;
    }
    es_free(span->inside);
    es_free(span->suffix);
    es_free(span->total);
    es_free(span->done);
    es_free(span->scratch);
    es_free(span);
}

double es_span_weight(const es_span *span, int symbol, uint32_t length)
{
    if (symbol < 0 || (uint32_t)symbol >= span->grammar->n_symbols || length > span->max_length) {
        return 0;
    }
    return row(span->inside, (uint32_t)symbol, span->max_length)[length];
}

/* One choice by weights in scratch; adds the log of its probability. */
static int choose(const es_span *span, int count, es_rng *rng, double *log_p)
{
    const int chosen = es_rng_choose(rng, span->scratch, count);
    double sum = 0;

    for (int i = 0; i < count; i++) {
        sum += span->scratch[i];
    }
    if (chosen >= 0) {
        *log_p += es_log(span->scratch[chosen] / sum);
    }
    return chosen;
}

static const es_rule *choose_rule(const es_span *span, uint32_t symbol, uint32_t length,
                                  es_rng *rng, double *log_p)
{
    const es_symbol *s = &span->grammar->symbols[symbol];
    const es_rule *rules = &span->grammar->rules[s->first_rule];

    for (uint32_t r = 0; r < s->n_rules; r++) {
        span->scratch[r] =
            rules[r].weight * row(span->suffix, rules[r].first_item, span->max_length)[length];
    }
    const int chosen = choose(span, (int)s->n_rules, rng, log_p);
    return chosen < 0 ? NULL : &rules[chosen];
}

/* Length of item i, when the items from it to the last of its rule have `left` units. */
static uint32_t choose_length(const es_span *span, uint32_t i, uint32_t left, es_rng *rng,
                              double *log_p)
{
    const double *rest = row(span->suffix, i + 1, span->max_length);

    span->scratch[0] = 0;
    for (uint32_t m = 1; m < left; m++) {
        span->scratch[m] =
            rest[left - m] > 0 ? item_weight(span, span->grammar->items[i], m) * rest[left - m] : 0;
    }
    return (uint32_t)choose(span, (int)left, rng, log_p);
}

void es_derivation_done(es_derivation *derivation)
{
    es_free(derivation->nodes);
    *derivation = (es_derivation){0};
}

typedef struct pending {
    es_item item;
    uint16_t depth;
    uint32_t length;
} pending;

/* Add a node to the tree, if there is one. @param rule NULL: a leaf. False when there is no memory. */
static bool note(const es_span *span, es_derivation *tree, const pending *from, const es_rule *rule)
{
    if (!tree) {
        return true;
    }
    if (!es_grow(&tree->nodes, tree->n_nodes, &tree->capacity, sizeof *tree->nodes)) {
        return false;
    }
    tree->nodes[tree->n_nodes++] =
        (es_derived){.is_leaf = !rule,
                     .index = from->item.index,
                     .depth = from->depth,
                     .rule = rule ? (uint32_t)(rule - span->grammar->rules) : 0,
                     .length = from->length};
    return true;
}

/* Replace a symbol on the stack by the items of a rule, the first on top. */
static uint32_t expand(const es_span *span, const es_rule *rule, const pending *symbol, es_rng *rng,
                       pending *stack, uint32_t depth, double *log_p)
{
    const uint32_t n = rule->n_items;
    const uint16_t below = (uint16_t)(symbol->depth < UINT16_MAX ? symbol->depth + 1 : UINT16_MAX);
    uint32_t length = symbol->length;

    for (uint32_t k = 0; k < n; k++) {
        const uint32_t i = rule->first_item + k;
        const uint32_t share = k + 1 < n ? choose_length(span, i, length, rng, log_p) : length;
        stack[depth + n - 1 - k] = (pending){span->grammar->items[i], below, share};
        length -= share;
    }
    return depth + n;
}

estro_status es_span_draw(const es_span *span, int symbol, uint32_t length, es_rng *rng,
                          uint16_t *leaves, uint32_t capacity, uint32_t *count, es_derivation *tree,
                          double *log_p, estro_diag *diag)
{
    double sum = 0;
    uint32_t depth = 1;
    uint32_t made = 0;

    if (!(es_span_weight(span, symbol, length) > 0)) {
        return es_fail(diag, ESTRO_ERR_CONFLICT, "%s cannot fill a length of %u",
                       symbol >= 0 && (uint32_t)symbol < span->grammar->n_symbols
                           ? span->grammar->symbols[symbol].name
                           : "no rule",
                       (unsigned)length);
    }
    /* Everything on the stack is at least one unit long, so it never holds more than `length` items. */
    pending *stack = es_calloc((size_t)length + 1, sizeof *stack);
    if (!stack) {
        return es_fail_memory(diag);
    }
    estro_status status = ESTRO_OK;
    stack[0] = (pending){{false, (uint16_t)symbol}, 0, length};
    while (depth > 0 && status == ESTRO_OK) {
        const pending top = stack[--depth];
        const es_rule *rule = NULL;
        if (!top.item.is_leaf) {
            rule = choose_rule(span, top.item.index, top.length, rng, &sum);
            depth = expand(span, rule, &top, rng, stack, depth, &sum);
        } else if (made < capacity) {
            leaves[made++] = top.item.index;
        } else {
            status = es_fail(diag, ESTRO_ERR_ARGUMENT, "a derivation has more than %u leaves",
                             (unsigned)capacity);
        }
        if (status == ESTRO_OK && !note(span, tree, &top, rule)) {
            status = es_fail_memory(diag);
        }
    }
    es_free(stack);
    ES_TRY(status);
    *count = made;
    if (log_p) {
        *log_p = sum;
    }
    return ESTRO_OK;
}
