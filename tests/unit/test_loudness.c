/* Loudness as BS.1770 has it, and a limiter that lets nothing through. */
#include "sink/limiter.h"
#include "sink/loudness.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

enum { BLOCK = 1024 };

static const double turn = 6.283185307179586;

/* `seconds` of a sine of 997 Hz in both channels. */
static void push_sine(es_loudness *loudness, double rate, double level, double seconds)
{
    float frames[2 * BLOCK];
    const size_t total = (size_t)(rate * seconds);

    for (size_t done = 0; done < total;) {
        const size_t count = total - done < BLOCK ? total - done : BLOCK;
        for (size_t i = 0; i < count; i++) {
            const double x = level * sin(turn * 997 * (double)(done + i) / rate);
            frames[2 * i] = frames[2 * i + 1] = (float)x;
        }
        assert_true(es_loudness_push(loudness, frames, count));
        done += count;
    }
}

static void a_sine_has_the_loudness_that_the_standard_says(void **state)
{
    const double rates[] = {44100, 48000, 96000, 22050};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        es_loudness loudness;
        es_loudness_init(&loudness, rates[i]);
        push_sine(&loudness, rates[i], es_decibel(-23), 5);
        /* A stereo sine of peak -23 dBFS has -23.0 LUFS (EBU Tech 3341, case 1). */
        assert_true(fabs(es_loudness_lufs(&loudness) + 23.0) < 0.1);
        assert_true(fabs((double)loudness.peak - es_decibel(-23)) < 0.001);
        es_loudness_done(&loudness);
    }
}

static void quiet_stretches_do_not_count(void **state)
{
    es_loudness loudness;

    (void)state;
    es_loudness_init(&loudness, 48000);
    assert_true(es_loudness_lufs(&loudness) == -100);
    /* EBU Tech 3341, case 3. */
    push_sine(&loudness, 48000, es_decibel(-36), 10);
    push_sine(&loudness, 48000, es_decibel(-23), 60);
    push_sine(&loudness, 48000, es_decibel(-36), 10);
    assert_true(fabs(es_loudness_lufs(&loudness) + 23.0) < 0.1);
    es_loudness_done(&loudness);
    es_loudness_init(&loudness, 48000);
    push_sine(&loudness, 48000, 0, 3);
    assert_true(es_loudness_lufs(&loudness) == -100);
    es_loudness_done(&loudness);
}

static void nothing_passes_the_ceiling(void **state)
{
    es_limiter limiter;
    es_rng rng = es_rng_at(3, ES_FOR_TEST, 0, 0, 0);
    float frames[2 * BLOCK];
    double loudest = 0;

    (void)state;
    assert_true(es_limiter_init(&limiter, 44100, 2, 0.8));
    for (int block = 0; block < 100; block++) {
        for (size_t i = 0; i < 2 * BLOCK; i++) {
            const double peak = es_rng_below(&rng, 500) == 0 ? 3 : 0.3;
            frames[i] = (float)(peak * (2 * es_rng_unit(&rng) - 1));
        }
        es_limiter_run(&limiter, frames, BLOCK);
        for (size_t i = 0; i < 2 * BLOCK; i++) {
            loudest = fmax(loudest, fabs((double)frames[i]));
        }
    }
    assert_true(loudest <= 0.8 + 1e-6);
    assert_true(loudest > 0.5); /* not turned down for ever */
    es_limiter_done(&limiter);
}

static void what_is_soft_passes_unchanged_but_for_gain_and_delay(void **state)
{
    es_limiter limiter;
    float frames[2 * BLOCK];

    (void)state;
    assert_true(es_limiter_init(&limiter, 44100, 0.5, 0.8));
    assert_true(limiter.look < BLOCK / 2);
    for (size_t i = 0; i < 2 * BLOCK; i++) {
        frames[i] = (float)(i % 100) / 100;
    }
    es_limiter_run(&limiter, frames, BLOCK);
    for (size_t i = 0; i < 2 * BLOCK; i++) {
        const size_t delay = 2 * limiter.look;
        const double expected = i < delay ? 0 : 0.5 * (double)((i - delay) % 100) / 100;
        assert_true(fabs((double)frames[i] - expected) < 1e-6);
    }
    es_limiter_done(&limiter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sine_has_the_loudness_that_the_standard_says),
        cmocka_unit_test(quiet_stretches_do_not_count),
        cmocka_unit_test(nothing_passes_the_ceiling),
        cmocka_unit_test(what_is_soft_passes_unchanged_but_for_gain_and_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
