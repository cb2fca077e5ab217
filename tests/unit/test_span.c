/* Derivations of known length: inside weights against brute force, draws against their exact distribution. */
#include "plan/span.h"

#include "base/real.h"
#include "grammars.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* Probability that S yields exactly the leaves, by direct recursion over the grammar written out above. */
static double p_a(int leaf)
{
    return leaf == 0 ? 0.75 : leaf == 1 ? 0.25 : 0;
}

static double p_s(const uint16_t *leaves, uint32_t n)
{
    double p = 0;

    if (n == 1) {
        p += 0.25 * p_a(leaves[0]) + 0.25 * (leaves[0] == 2);
    }
    if (n > 1) {
        p += 0.5 * p_a(leaves[0]) * p_s(leaves + 1, n - 1);
    }
    return p;
}

/* All leaf strings of total length `left`: sum of probabilities, and each one's share counted in `codes`. */
static double enumerate(uint16_t *leaves, uint32_t n, uint32_t left, double *by_code)
{
    double sum = 0;

    if (left == 0) {
        uint32_t code = 0;
        for (uint32_t i = 0; i < n; i++) {
            code = code * 4 + leaves[i] + 1u;
        }
        const double p = p_s(leaves, n);
        by_code[code] += p;
        return p;
    }
    for (uint16_t leaf = 0; leaf < 3; leaf++) {
        if (grammar_lengths[leaf] <= left) {
            leaves[n] = leaf;
            sum += enumerate(leaves, n + 1, left - grammar_lengths[leaf], by_code);
        }
    }
    return sum;
}

static void inside_is_the_sum_over_all_derivations(void **state)
{
    static double by_code[1 << 16];
    es_span *span;

    (void)state;
    assert_int_equal(es_span_new(&span, &small_grammar, 8, NULL), ESTRO_OK);
    for (uint32_t n = 1; n <= 7; n++) {
        uint16_t leaves[8];
        memset(by_code, 0, sizeof by_code);
        const double exact = enumerate(leaves, 0, n, by_code);
        assert_true(fabs(es_span_weight(span, 0, n) - exact) < 1e-12);
    }
    assert_true(es_span_weight(span, 2, 2) <= 0);
    assert_true(es_span_weight(span, 0, 9) <= 0);
    es_span_free(span);
}

static void draws_follow_the_exact_distribution(void **state)
{
    enum { LENGTH = 6, DRAWS = 200000 };
    static double exact[1 << 16];
    static uint32_t seen[1 << 16];
    uint16_t leaves[8];
    uint32_t count;
    es_span *span;
    double chi_square = 0;
    int kinds = 0;

    (void)state;
    assert_int_equal(es_span_new(&span, &small_grammar, LENGTH, NULL), ESTRO_OK);
    memset(exact, 0, sizeof exact);
    const double total = enumerate(leaves, 0, LENGTH, exact);
    for (uint32_t i = 0; i < DRAWS; i++) {
        es_rng rng = es_rng_at(3, ES_FOR_TEST, i, 0, 0);
        double log_p;
        uint32_t code = 0;
        assert_int_equal(es_span_draw(span, 0, LENGTH, &rng, leaves, 8, &count, NULL, &log_p, NULL),
                         ESTRO_OK);
        for (uint32_t k = 0; k < count; k++) {
            code = code * 4 + leaves[k] + 1u;
        }
        seen[code]++;
        assert_true(fabs(exp(log_p) - exact[code] / total) < 1e-9);
    }
    for (size_t code = 0; code < 1 << 16; code++) {
        const double expected = exact[code] / total * DRAWS;
        if (expected > 0) {
            chi_square += (seen[code] - expected) * (seen[code] - expected) / expected;
            kinds++;
        } else {
            assert_int_equal(seen[code], 0);
        }
    }
    /* 99.99 % of the chi-square distribution, by Wilson and Hilferty. */
    const double k = kinds - 1;
    const double limit = k * pow(1 - 2 / (9 * k) + 3.72 * sqrt(2 / (9 * k)), 3);
    assert_true(kinds > 10);
    assert_true(chi_square < limit);
    es_span_free(span);
}

/* Follows a tree by its rules: each node is what its rule says, lengths add up, leaves are those that were drawn. */
static size_t follow(const es_derivation *tree, size_t at, es_item item, uint16_t depth,
                     const uint16_t *leaves, uint32_t *leaf)
{
    const es_derived *node = &tree->nodes[at];
    uint32_t length = 0;

    assert_true(at < tree->n_nodes);
    assert_int_equal(node->is_leaf, item.is_leaf);
    assert_int_equal(node->index, item.index);
    assert_int_equal(node->depth, depth);
    if (node->is_leaf) {
        assert_int_equal(node->index, leaves[(*leaf)++]);
        assert_int_equal(node->length, small_grammar.leaf_length[node->index]);
        return at + 1;
    }
    const es_symbol *symbol = &small_grammar.symbols[node->index];
    assert_true(node->rule >= symbol->first_rule &&
                node->rule < symbol->first_rule + symbol->n_rules);
    const es_rule *rule = &small_grammar.rules[node->rule];
    at++;
    for (uint32_t i = 0; i < rule->n_items; i++) {
        length += tree->nodes[at].length;
        at = follow(tree, at, small_grammar.items[rule->first_item + i], (uint16_t)(depth + 1),
                    leaves, leaf);
    }
    assert_int_equal(node->length, length);
    return at;
}

static void the_tree_is_what_the_leaves_come_from(void **state)
{
    es_derivation tree = {0};
    es_span *span;

    (void)state;
    assert_int_equal(es_span_new(&span, &small_grammar, 6, NULL), ESTRO_OK);
    for (uint32_t i = 0; i < 200; i++) {
        es_rng rng = es_rng_at(5, ES_FOR_TEST, i, 0, 0), same = rng;
        uint16_t leaves[8], plain[8];
        uint32_t count, n_plain, leaf = 0;
        tree.n_nodes = 0;
        assert_int_equal(es_span_draw(span, 0, 6, &rng, leaves, 8, &count, &tree, NULL, NULL),
                         ESTRO_OK);
        assert_int_equal(es_span_draw(span, 0, 6, &same, plain, 8, &n_plain, NULL, NULL, NULL),
                         ESTRO_OK);
        assert_int_equal(count, n_plain);
        assert_memory_equal(leaves, plain, count * sizeof *leaves);
        assert_int_equal(follow(&tree, 0, (es_item){false, 0}, 0, leaves, &leaf), tree.n_nodes);
        assert_int_equal(leaf, count);
    }
    es_derivation_done(&tree);
    es_span_free(span);
}

static void what_cannot_be_filled_is_said(void **state)
{
    es_span *span;
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 0, 0, 0);
    uint16_t leaves[8];
    uint32_t count = 77;
    estro_diag diag = {0};

    (void)state;
    assert_int_equal(es_span_new(&span, &small_grammar, 8, NULL), ESTRO_OK);
    assert_int_equal(es_span_draw(span, 2, 2, &rng, leaves, 8, &count, NULL, NULL, &diag),
                     ESTRO_ERR_CONFLICT);
    assert_non_null(strstr(diag.text, "B cannot fill"));
    assert_int_equal(count, 77);
    assert_int_equal(es_span_draw(span, 0, 8, &rng, leaves, 1, &count, NULL, NULL, &diag),
                     ESTRO_ERR_ARGUMENT);
    es_span_free(span);
    es_span_free(NULL);
}

static void memory_that_runs_out_is_an_error(void **state)
{
    es_span *span = NULL;

    (void)state;
    for (long n = 0; n < 6; n++) {
        es_mem_fail_after(n);
        assert_int_equal(es_span_new(&span, &small_grammar, 8, NULL), ESTRO_ERR_MEMORY);
        assert_null(span);
    }
    es_mem_fail_after(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inside_is_the_sum_over_all_derivations),
        cmocka_unit_test(draws_follow_the_exact_distribution),
        cmocka_unit_test(the_tree_is_what_the_leaves_come_from),
        cmocka_unit_test(what_cannot_be_filled_is_said),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
