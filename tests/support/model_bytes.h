/**
 * @file model_bytes.h
 * Model files as bytes: after a change, make the hash right again, so that the reader looks at what was changed.
 */
#ifndef ES_TEST_MODEL_BYTES_H
#define ES_TEST_MODEL_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* The hash as the format defines it, written again; size: of the whole file, at least 8. */
static inline void mend_hash(uint8_t *bytes, size_t size)
{
    const size_t end = size - 8;
    uint64_t h = 0xcbf29ce484222325u ^ end;

    for (size_t at = 0; at < end; at += 8) {
        uint64_t word = 0;
        for (size_t i = 0; i < 8 && at + i < end; i++) {
            word |= (uint64_t)bytes[at + i] << (8 * i);
        }
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
    }
    for (size_t i = 0; i < 8; i++) {
        bytes[end + i] = (uint8_t)(h >> (8 * i));
    }
}

#endif
