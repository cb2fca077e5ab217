/*
 * Top-down with a memory: only what the symbol asked for can reach is looked at, and a leaf that cannot stand cuts its whole branch.
 * Items of a rule are taken from left to right: `rest` of item i at place p is the sum over the ways in which the items from i on
 * fill p .. end. Invariant: an entry of a table is written once, complete.
 */
#include "recognise/inside.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/real.h"

typedef struct entry {
    uint64_t key; /* 0 = empty */
    double log_p;
} entry;

typedef struct memory {
    entry *entries; /* [capacity], a power of two */
    size_t count, capacity;
} memory;

typedef struct work {
    const es_grammar *grammar;
    const es_span *span; /* Which lengths a symbol can have at all. */
    es_inside_leaf *leaf;
    void *self;
    memory symbols, rests;
    bool out_of_memory;
} work;

double es_log_add(double a, double b)
{
    const double high = a > b ? a : b;
    const double low = a > b ? b : a;

    return low <= ES_NEVER ? high : high + es_log(1 + es_exp(low - high));
}

static uint64_t key_of(uint32_t what, uint32_t from, uint32_t to)
{
    return ((uint64_t)what << 32 | (uint64_t)from << 16 | to) + 1;
}

static size_t slot_of(const memory *m, uint64_t key)
{
    size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & (m->capacity - 1);

    while (m->entries[at].key && m->entries[at].key != key) {
        at = (at + 1) & (m->capacity - 1);
    }
    return at;
}

static const entry *find(const memory *m, uint64_t key)
{
    const entry *found = m->capacity ? &m->entries[slot_of(m, key)] : NULL;

    return found && found->key ? found : NULL;
}

static bool keep(memory *m, uint64_t key, double log_p)
{
    if (2 * m->count >= m->capacity) {
        memory larger = {.capacity = m->capacity ? 2 * m->capacity : 1024};
        larger.entries = es_calloc(larger.capacity, sizeof *larger.entries);
        if (!larger.entries) {
            return false;
        }
        for (size_t i = 0; i < m->capacity; i++) {
            if (m->entries[i].key) {
                larger.entries[slot_of(&larger, m->entries[i].key)] = m->entries[i];
            }
        }
        es_free(m->entries);
        larger.count = m->count;
        *m = larger;
    }
    m->entries[slot_of(m, key)] = (entry){key, log_p};
    m->count++;
    return true;
}

static double symbol_between(work *w, uint32_t symbol, uint32_t from, uint32_t to);

static double item_between(work *w, es_item item, uint32_t from, uint32_t to)
{
    if (item.is_leaf) {
        return w->grammar->leaf_length[item.index] == to - from ? w->leaf(w->self, item.index, from)
                                                                : ES_NEVER;
    }
    return symbol_between(w, item.index, from, to);
}

/* Items `i` to `last` of a rule over from .. to. */
static double rest_between(work *w, uint32_t i, uint32_t last, uint32_t from, uint32_t to)
{
    const es_item item = w->grammar->items[i];
    double sum = ES_NEVER;

    if (i == last) {
        return item_between(w, item, from, to);
    }
    const uint64_t key = key_of(i, from, to);
    const entry *known = find(&w->rests, key);
    if (known) {
        return known->log_p;
    }
    const uint32_t low = item.is_leaf ? w->grammar->leaf_length[item.index] : 1;
    const uint32_t high = item.is_leaf ? low : to - from - 1;
    for (uint32_t n = low; n <= high && from + n < to && !w->out_of_memory; n++) {
        const double first = item_between(w, item, from, from + n);
        if (first > ES_NEVER) {
            const double others = rest_between(w, i + 1, last, from + n, to);
            sum = others > ES_NEVER ? es_log_add(sum, first + others) : sum;
        }
    }
    w->out_of_memory |= !keep(&w->rests, key, sum);
    return sum;
}

static double symbol_between(work *w, uint32_t symbol, uint32_t from, uint32_t to)
{
    const es_symbol *s = &w->grammar->symbols[symbol];
    const uint64_t key = key_of(symbol, from, to);
    double sum = ES_NEVER;

    if (es_span_weight(w->span, (int)symbol, to - from) <= 0) {
        return ES_NEVER;
    }
    const entry *known = find(&w->symbols, key);
    if (known) {
        return known->log_p;
    }
    for (uint32_t r = s->first_rule; r < s->first_rule + s->n_rules && !w->out_of_memory; r++) {
        const es_rule *rule = &w->grammar->rules[r];
        if (rule->weight <= 0) {
            continue;
        }
        const double log_p =
            rest_between(w, rule->first_item, rule->first_item + rule->n_items - 1, from, to);
        sum = log_p > ES_NEVER ? es_log_add(sum, es_log(rule->weight) + log_p) : sum;
    }
    w->out_of_memory |= !keep(&w->symbols, key, sum);
    return sum;
}

estro_status es_inside(double *log_p, const es_grammar *grammar, const es_span *span,
                       uint32_t symbol, uint32_t units, es_inside_leaf *leaf, void *self,
                       estro_diag *diag)
{
    work w = {.grammar = grammar, .span = span, .leaf = leaf, .self = self};

    *log_p = symbol_between(&w, symbol, 0, units);
    es_free(w.symbols.entries);
    es_free(w.rests.entries);
    return w.out_of_memory ? es_fail_memory(diag) : ESTRO_OK;
}
