/* Four lanes of eight bytes at a time, mixed at the end; bytes that are left over go singly, and the size goes in too. */
#include "train/hash.h"

enum { LANES = 4, WORD = 8 };

static const uint64_t factor = 0x9e3779b97f4a7c15u;

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * factor;
    return hash ^ hash >> 29;
}

static uint64_t word_at(const uint8_t *at)
{
    uint64_t word = 0;

    for (int i = 0; i < WORD; i++) {
        word |= (uint64_t)at[i] << 8 * i;
    }
    return word;
}

uint64_t es_hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    const uint8_t *const end = at + size;
    uint64_t lane[LANES];

    for (int i = 0; i < LANES; i++) {
        lane[i] = hash + (uint64_t)i;
    }
    for (; (size_t)(end - at) >= LANES * WORD; at += LANES * WORD) {
        for (int i = 0; i < LANES; i++) {
            lane[i] = mix(lane[i], word_at(at + WORD * i));
        }
    }
    for (; at < end; at++) {
        lane[0] = mix(lane[0], *at);
    }
    for (int i = 1; i < LANES; i++) {
        lane[0] = mix(lane[0], lane[i]);
    }
    return mix(lane[0], size);
}
