/* exp, log, tanh, sigmoid: near libm's, and the same bits on every compiler and at every vector width. */
#include "base/real.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* Error of x in units of the last place of the true value. */
static double ulp_float(float x, double truth)
{
    const float near = fabsf((float)truth);

    return fabs((double)x - truth) / (double)(nextafterf(near, INFINITY) - near);
}

static double ulp_double(double x, double truth)
{
    return fabs(x - truth) / (nextafter(fabs(truth), HUGE_VAL) - fabs(truth));
}

static void floats_are_within_four_ulp_of_libm(void **state)
{
    double worst_exp = 0, worst_tanh = 0, worst_sigmoid = 0;

    (void)state;
    for (int i = -870000; i <= 880000; i++) {
        const float x = (float)i * 1e-4f;
        worst_exp = fmax(worst_exp, ulp_float(es_expf(x), exp((double)x)));
        worst_sigmoid = fmax(worst_sigmoid, ulp_float(es_sigmoidf(x), 1 / (1 + exp(-(double)x))));
    }
    for (int i = -1200000; i <= 1200000; i++) {
        const float x = (float)i * 1e-5f;
        worst_tanh = fmax(worst_tanh, ulp_float(es_tanhf(x), tanh((double)x)));
    }
    assert_true(worst_exp < 4);
    assert_true(worst_tanh < 4);
    assert_true(worst_sigmoid < 4);
}

static void doubles_are_within_two_ulp_of_libm(void **state)
{
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 0, 0, 0);
    double worst_exp = 0, worst_log = 0;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        const double x = (es_rng_unit(&rng) - 0.5) * 1416;
        worst_exp = fmax(worst_exp, ulp_double(es_exp(x), exp(x)));
        const double y = exp((es_rng_unit(&rng) - 0.5) * (i & 1 ? 1480 : 2));
        if (y > 0 && y != 1) {
            worst_log = fmax(worst_log, ulp_double(es_log(y), log(y)));
        }
    }
    assert_true(worst_exp < 2);
    assert_true(worst_log < 2);
}

static void ends_of_the_range_are_as_promised(void **state)
{
    (void)state;
    assert_true(es_exp(0) == 1 && es_expf(0) == 1 && es_log(1) == 0);
    assert_true(es_exp(-1000) == 0 && es_expf(-100) == 0);
    assert_true(isinf(es_exp(710)) && isinf(es_expf(89)) && isinf(es_exp(HUGE_VAL)));
    assert_true(es_exp(-HUGE_VAL) == 0 && es_expf(-INFINITY) == 0);
    assert_true(es_log(0) == -745 && es_log(-1) == -745 && isinf(es_log(HUGE_VAL)));
    assert_true(es_log(5e-324) < -744 && es_log(5e-324) > -745);
    assert_true(es_tanhf(50) == 1 && es_tanhf(-INFINITY) == -1 && es_tanhf(0) == 0);
    assert_true(es_sigmoidf(50) == 1 && es_sigmoidf(-INFINITY) > 0 && es_sigmoidf(0) == 0.5f);
    assert_true(isnan(es_exp((double)NAN)) && isnan(es_log((double)NAN)) && isnan(es_expf(NAN)));
    assert_true(isnan(es_tanhf(NAN)) && isnan(es_sigmoidf(NAN)));
}

enum { BLOCK = 20011 };

static void fill(float *x)
{
    es_rng rng = es_rng_at(2, ES_FOR_TEST, 0, 0, 0);

    for (int i = 0; i < BLOCK; i++) {
        x[i] = (float)((es_rng_unit(&rng) - 0.5) * (i % 3 == 0 ? 200 : i % 3 == 1 ? 20 : 2));
    }
}

static void blocks_have_the_bits_of_single_values(void **state)
{
    static float x[BLOCK], y[BLOCK];
    static void (*const block[])(float *, size_t) = {es_exp_block, es_tanh_block, es_sigmoid_block};
    static float (*const one[])(float) = {es_expf, es_tanhf, es_sigmoidf};

    (void)state;
    for (int f = 0; f < 3; f++) {
        fill(x);
        memcpy(y, x, sizeof y);
        block[f](y, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            const float expected = one[f](x[i]);
            assert_memory_equal(&y[i], &expected, sizeof expected);
        }
    }
}

static uint64_t hash(uint64_t h, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++) {
        h = (h ^ at[i]) * 0x100000001b3u;
    }
    return h;
}

static void bits_are_the_same_everywhere(void **state)
{
    static float x[BLOCK], y[BLOCK];
    uint64_t h = 0xcbf29ce484222325u;

    (void)state;
    fill(x);
    for (int f = 0; f < 3; f++) {
        static void (*const block[])(float *, size_t) = {es_exp_block, es_tanh_block,
                                                         es_sigmoid_block};
        memcpy(y, x, sizeof y);
        block[f](y, BLOCK);
        h = hash(h, y, sizeof y);
    }
    for (int i = 0; i < BLOCK; i++) {
        const double e = es_exp((double)x[i] * 7), l = es_log(fabs((double)x[i]));
        h = hash(hash(h, &e, sizeof e), &l, sizeof l);
    }
    assert_int_equal(h, 0x632029af95b2b3eeu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_are_within_four_ulp_of_libm),
        cmocka_unit_test(doubles_are_within_two_ulp_of_libm),
        cmocka_unit_test(ends_of_the_range_are_as_promised),
        cmocka_unit_test(blocks_have_the_bits_of_single_values),
        cmocka_unit_test(bits_are_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
