/* Products of vectors and matrices: the same bits in every way of this processor, and the values that matrix.h states. */
#include "nn/matrix.h"

#include "base/mem.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_IN = 1200, MOST_OUT = 320, ROOM = (MOST_IN + ES_NUMBERS) * ES_MAX_LANES };

static float w[MOST_IN * MOST_OUT], x[ES_MAX_LANES][MOST_IN];
static float y[2][ES_MAX_LANES][MOST_OUT + ES_COLUMNS];
static int16_t room[ROOM];

static float chance(es_rng *rng)
{
    return (float)(es_rng_unit(rng) - 0.5);
}

static void fill(es_rng *rng, size_t n_in, size_t n_out, float scale)
{
    for (size_t i = 0; i < n_in * n_out; i++) {
        w[i] = chance(rng) * scale;
    }
    for (size_t v = 0; v < ES_MAX_LANES; v++) {
        for (size_t k = 0; k < n_in; k++) {
            x[v][k] = chance(rng) * (float)(v + 1);
        }
        for (size_t j = 0; j < n_out; j++) {
            y[0][v][j] = y[1][v][j] = chance(rng);
        }
    }
}

/* Memory of a matrix, owned: es_free(*block). */
static es_matrix make(void **block, size_t n_in, size_t n_out, bool in_bytes)
{
    es_matrix matrix;

    *block = es_calloc(es_matrix_size(n_in, n_out, in_bytes) + 64, 1);
    assert_non_null(*block);
    char *at = *block;
    es_matrix_init(&matrix, at + (64 - (uintptr_t)at % 64), w, n_in, n_out, in_bytes);
    return matrix;
}

static es_lanes lanes_of(size_t n, int side)
{
    es_lanes lanes = {.n = n, .room = room};

    for (size_t v = 0; v < n; v++) {
        lanes.y[v] = y[side][v];
        lanes.x[v] = x[v];
    }
    return lanes;
}

static void compare_ways(size_t n_in, size_t n_out, size_t n, bool in_bytes)
{
    for (int way = ES_WAY_PLAIN + 1; way < ES_WAY_COUNT; way++) {
        if (!es_way_here((es_way)way)) {
            continue;
        }
        es_rng rng = es_rng_at(n_in, ES_FOR_TEST, (uint32_t)n_out, (uint32_t)n, 0);
        void *block;
        fill(&rng, n_in, n_out, 2);
        const es_matrix matrix = make(&block, n_in, n_out, in_bytes);
        es_lanes plain = lanes_of(n, 0), fast = lanes_of(n, 1);
        es_matrix_apply_by(ES_WAY_PLAIN, &matrix, &plain);
        es_matrix_apply_by((es_way)way, &matrix, &fast);
        for (size_t v = 0; v < n; v++) {
            assert_memory_equal(y[0][v], y[1][v], n_out * sizeof(float));
        }
        es_free(block);
    }
}

/* Sizes around the edges of panels, groups and tiles; numbers of lanes around those of a tile. */
static void all_ways_give_the_same_bits(void **unused)
{
    static const size_t sizes[] = {1, 3, 4, 15, 16, 17, 31, 33, 48, 63, 64, 65, 80, 127, 300};
    const size_t count = sizeof sizes / sizeof *sizes;

    (void)unused;
    for (size_t i = 0; i < count; i++) {
        for (size_t o = 0; o < count; o++) {
            compare_ways(sizes[i], sizes[o], 1 + (i * count + o) % ES_MAX_LANES, false);
            compare_ways(sizes[i], sizes[o], 1 + (i * count + o) % ES_MAX_LANES, true);
        }
    }
    compare_ways(MOST_IN, 40, 5, false);
    compare_ways(MOST_IN, 40, 5, true);
}

/* One product and one sum after another, k ascending. */
static void floats_are_summed_in_order(void **unused)
{
    const size_t n_in = 37, n_out = 90;
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 0, 0, 0);
    void *block;

    (void)unused;
    fill(&rng, n_in, n_out, 3);
    const es_matrix matrix = make(&block, n_in, n_out, false);
    es_lanes lanes = lanes_of(6, 0);
    es_matrix_apply(&matrix, &lanes);
    for (size_t v = 0; v < 6; v++) {
        for (size_t j = 0; j < n_out; j++) {
            volatile float sum = y[1][v][j];
            for (size_t k = 0; k < n_in; k++) {
                const volatile float product = x[v][k] * w[k * n_out + j];
                sum = sum + product;
            }
            assert_true(y[0][v][j] == sum);
        }
    }
    es_free(block);
}

/* Within half of a part in 127 for each weight, and of a part in 32767 for each input. */
static void bytes_are_near_the_true_product(void **unused)
{
    static const size_t sizes[][2] = {{1, 1}, {37, 90}, {516, 20}, {517, 20}, {1200, 33}};

    (void)unused;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t n_in = sizes[i][0], n_out = sizes[i][1];
        es_rng rng = es_rng_at(i, ES_FOR_TEST, 1, 0, 0);
        void *block;
        fill(&rng, n_in, n_out, 3);
        const es_matrix matrix = make(&block, n_in, n_out, true);
        es_lanes lanes = lanes_of(3, 0);
        es_matrix_apply(&matrix, &lanes);
        for (size_t v = 0; v < 3; v++) {
            for (size_t j = 0; j < n_out; j++) {
                double sum = (double)y[1][v][j], bound = 1e-4;
                for (size_t k = 0; k < n_in; k++) {
                    sum += (double)x[v][k] * (double)w[k * n_out + j];
                    bound += fabs((double)x[v][k]) * 1.5 * 0.51 / 127 + 1.5 * 0.5 / 10000;
                }
                assert_true(fabs((double)y[0][v][j] - sum) < bound);
            }
        }
        es_free(block);
    }
}

/* The largest sum of all: every weight 127, every input the largest; at the bound of 16 bits and beyond it. */
static void the_largest_sums_do_not_overflow(void **unused)
{
    static const size_t sizes[] = {4, 516, 517, 1200};

    (void)unused;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t n_in = sizes[i];
        void *block;
        for (size_t k = 0; k < n_in * 2; k++) {
            w[k] = k % 2 ? -1.0f : 1.0f;
        }
        const es_matrix matrix = make(&block, n_in, 2, true);
        for (int way = 0; way < ES_WAY_COUNT; way++) {
            if (es_way_here((es_way)way)) {
                es_lanes lanes = lanes_of(1, 0);
                for (size_t k = 0; k < n_in; k++) {
                    x[0][k] = -2;
                }
                y[0][0][0] = y[0][0][1] = 0;
                es_matrix_apply_by((es_way)way, &matrix, &lanes);
                assert_true(fabsf(y[0][0][0] / (-2 * (float)n_in) - 1) < 0.005f);
                assert_true(fabsf(y[0][0][1] / (2 * (float)n_in) - 1) < 0.005f);
            }
        }
        es_free(block);
    }
}

/* Nothing, the smallest and the largest floats, and what is no number: no crash, and the same in all ways where it is finite. */
static void odd_inputs_do_no_harm(void **unused)
{
    static const float odd[] = {0, -0.0f, FLT_TRUE_MIN, 1e-31f, FLT_MAX, -FLT_MAX, INFINITY, NAN};

    (void)unused;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        es_rng rng = es_rng_at(i, ES_FOR_TEST, 2, 0, 0);
        void *block;
        fill(&rng, 9, 20, 1);
        const es_matrix matrix = make(&block, 9, 20, true);
        for (int way = 0; way < ES_WAY_COUNT; way++) {
            if (es_way_here((es_way)way)) {
                es_lanes lanes = lanes_of(1, way > 0);
                for (size_t k = 0; k < 9; k++) {
                    x[0][k] = odd[i];
                }
                memset(lanes.y[0], 0, 20 * sizeof(float));
                es_matrix_apply_by((es_way)way, &matrix, &lanes);
                for (size_t j = 0; way > 0 && i < 4 && j < 20; j++) {
                    assert_true(y[0][0][j] == y[1][0][j]);
                }
            }
        }
        es_free(block);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_give_the_same_bits),
        cmocka_unit_test(floats_are_summed_in_order),
        cmocka_unit_test(bytes_are_near_the_true_product),
        cmocka_unit_test(the_largest_sums_do_not_overflow),
        cmocka_unit_test(odd_inputs_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
