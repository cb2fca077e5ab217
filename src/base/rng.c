/*
 * Philox-2x64-10 over a 64-bit key hashed from the address. The constants are
 * those of the paper; where the compiler has no integers of 128 bits, 64x64 -> 128
 * multiplication is done in halves: the numbers are the same.
 */
#include "base/rng.h"

static uint64_t multiply_high(uint64_t a, uint64_t b, uint64_t *low)
{
#if defined(__SIZEOF_INT128__)
    __extension__ typedef unsigned __int128 wide;
    const wide product = (wide)a * b;

    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
#else
    const uint64_t a0 = a & 0xffffffffu, a1 = a >> 32;
    const uint64_t b0 = b & 0xffffffffu, b1 = b >> 32;
    const uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    const uint64_t middle = (p00 >> 32) + (p01 & 0xffffffffu) + (p10 & 0xffffffffu);

    *low = a * b;
    return p11 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
#endif
}

static uint64_t philox(uint64_t key, uint64_t c0, uint64_t c1)
{
    for (int round = 0; round < 10; round++) {
        uint64_t low;
        const uint64_t high = multiply_high(0xd2b74407b1ce6e93u, c0, &low);
        c0 = high ^ key ^ c1;
        c1 = low;
        key += 0x9e3779b97f4a7c15u;
    }
    return c0;
}

uint64_t es_rng_place(uint64_t seed, es_purpose purpose, uint64_t a)
{
    return philox(seed, (uint64_t)purpose, a);
}

es_rng es_rng_in(uint64_t place, uint64_t b, uint64_t c)
{
    return (es_rng){.key = philox(place, b, c), .counter = 0};
}

es_rng es_rng_at(uint64_t seed, es_purpose purpose, uint64_t a, uint64_t b, uint64_t c)
{
    return es_rng_in(es_rng_place(seed, purpose, a), b, c);
}

uint64_t es_rng_next(es_rng *rng)
{
    return philox(rng->key, rng->counter++, 0);
}

uint32_t es_rng_below(es_rng *rng, uint32_t n)
{
    const uint32_t threshold = (uint32_t)(-n) % n;

    for (;;) {
        const uint64_t product = (es_rng_next(rng) >> 32) * n;
        if ((uint32_t)product >= threshold) {
            return (uint32_t)(product >> 32);
        }
    }
}

double es_rng_unit(es_rng *rng)
{
    return (double)(es_rng_next(rng) >> 11) * (1.0 / 9007199254740992.0);
}

/* Integer share of a weight; at least 1 for what is possible at all. */
static uint64_t share_of(double weight, double total)
{
    const uint64_t share = (uint64_t)(weight / total * 4294967296.0);

    return weight > 0 && share == 0 ? 1 : share;
}

int es_rng_choose(es_rng *rng, const double *weights, int count)
{
    double total = 0;
    uint64_t sum = 0;

    for (int i = 0; i < count; i++) {
        total += weights[i];
    }
    if (!(total > 0)) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        sum += share_of(weights[i], total);
    }
    uint64_t low;
    uint64_t left = multiply_high(es_rng_next(rng), sum, &low);
    for (int i = 0; i < count; i++) {
        const uint64_t share = share_of(weights[i], total);
        if (left < share) {
            return i;
        }
        left -= share;
    }
    return -1;
}
