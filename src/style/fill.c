/*
 * From the roots down: a symbol that must fill a length gives its rules lengths to fill, and these theirs. Each pair of a symbol and a
 * length, and of an item and what it leaves of a length to those after it, is looked at once.
 */
#include "style/fill.h"

#include "style/grammar.h"

typedef struct filler {
    const es_grammar *grammar;
    es_lengths lengths;
    es_alternative **origins;
    uint64_t *wanted;   /* [n_symbols][n_words]: lengths that a symbol is asked for. */
    uint64_t *seen;     /* [n_items][n_words]: lengths from an item to the end of its rule, ... */
    uint64_t *done;     /* ... and those of them that were divided. */
    es_fill_root *list; /* Pairs that wait. */
    size_t n_list, capacity;
    es_build *build;
} filler;

static bool get(const uint64_t *bits, uint32_t bit)
{
    return bits[bit / 64] >> (bit % 64) & 1;
}

static void set(uint64_t *bits, uint32_t bit)
{
    bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static bool ask(filler *f, uint32_t symbol, uint32_t length)
{
    uint64_t *wanted = f->wanted + symbol * f->lengths.n_words;

    if (get(wanted, length)) {
        return true;
    }
    set(wanted, length);
    if (!es_arena_grow(&f->build->scratch, &f->list, f->n_list, &f->capacity, sizeof *f->list)) {
        return false;
    }
    f->list[f->n_list++] = (es_fill_root){symbol, length};
    return true;
}

static bool can_be(const filler *f, const es_item *item, uint32_t length)
{
    return item->is_leaf ? f->grammar->leaf_length[item->index] / f->lengths.unit == length
                         : es_lengths_symbol(&f->lengths, item->index, length);
}

/* All ways in which item `i` and those after it fill a length. */
static bool divide(filler *f, uint32_t i, uint32_t end, uint32_t length)
{
    const es_item *item = &f->grammar->items[i];
    const bool is_last = i + 1 == end;

    for (uint32_t n = is_last ? length : 1; n <= length; n++) {
        const uint32_t rest = length - n;
        if (!can_be(f, item, n) ||
            (!is_last && (rest == 0 || !es_lengths_tail(&f->lengths, i + 1, i + 2 == end, rest)))) {
            continue;
        }
        if (!is_last) {
            set(f->seen + (i + 1) * f->lengths.n_words, rest);
        }
        if (!item->is_leaf && !ask(f, item->index, n)) {
            return false;
        }
    }
    return true;
}

/* A rule that is to fill a length: item by item, with what the ones before may leave. */
static bool fill_rule(filler *f, const es_rule *rule, uint32_t length)
{
    const uint32_t end = rule->first_item + rule->n_items;
    const size_t n_words = f->lengths.n_words;

    set(f->seen + rule->first_item * n_words, length);
    for (uint32_t i = rule->first_item; i < end; i++) {
        for (uint32_t n = 1; n <= length; n++) {
            if (!get(f->seen + i * n_words, n) || get(f->done + i * n_words, n)) {
                continue;
            }
            set(f->done + i * n_words, n);
            if (!divide(f, i, end, n)) {
                return false;
            }
        }
    }
    return true;
}

static bool fill_symbol(filler *f, es_fill_root root)
{
    const es_symbol *symbol = &f->grammar->symbols[root.symbol];

    for (uint32_t r = symbol->first_rule; r < symbol->first_rule + symbol->n_rules; r++) {
        const es_rule *rule = &f->grammar->rules[r];
        if (es_lengths_tail(&f->lengths, rule->first_item, rule->n_items == 1, root.length) ||
            (rule->n_items == 1 && can_be(f, &f->grammar->items[rule->first_item], root.length))) {
            f->origins[r]->is_used = true;
            if (!fill_rule(f, rule, root.length)) {
                return false;
            }
        }
    }
    return true;
}

static uint32_t common_unit(const uint32_t *lengths, size_t count)
{
    uint32_t unit = count ? lengths[0] : 1;

    for (size_t i = 1; i < count; i++) {
        for (uint32_t rest = lengths[i]; rest;) {
            const uint32_t next = unit % rest;
            unit = rest;
            rest = next;
        }
    }
    return unit ? unit : 1;
}

bool es_fill_mark(es_build *build, es_block *block, uint32_t *leaf_length,
                  const es_fill_root *roots, size_t n_roots)
{
    const double most = 2e8; /* Steps: about a quarter of a second. */
    es_grammar grammar = block->grammar;
    filler f = {.grammar = &grammar, .origins = block->origins, .build = build};
    const uint32_t unit = common_unit(leaf_length, block->n_leaves);
    uint32_t longest = 0;

    grammar.leaf_length = leaf_length;
    for (size_t i = 0; i < n_roots; i++) {
        longest = roots[i].length / unit > longest ? roots[i].length / unit : longest;
    }
    if ((double)grammar.n_items * longest * longest > most ||
        es_lengths_make(&f.lengths, build, &grammar, block->order, longest, unit, block->place) !=
            ESTRO_OK) {
        return false;
    }
    f.wanted = es_build_scratch(build, grammar.n_symbols * f.lengths.n_words, sizeof *f.wanted);
    f.seen = es_build_scratch(build, grammar.n_items * f.lengths.n_words, sizeof *f.seen);
    f.done = es_build_scratch(build, grammar.n_items * f.lengths.n_words, sizeof *f.done);
    if (!f.wanted || !f.seen || !f.done) {
        return false;
    }
    for (size_t i = 0; i < n_roots; i++) {
        if (!ask(&f, roots[i].symbol, roots[i].length / unit)) {
            return false;
        }
    }
    while (f.n_list > 0) {
        if (!fill_symbol(&f, f.list[--f.n_list])) {
            return false;
        }
    }
    return true;
}
