/**
 * @file hash.h
 * A hash of bytes that keeps up with memory: files of our own are checked with it, and corpora named by it.
 */
#ifndef ES_TRAIN_HASH_H
#define ES_TRAIN_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { ES_HASH_START = 1 };

/** Go on from `hash` (ES_HASH_START at first) with bytes; the same on any machine. */
uint64_t es_hash_bytes(uint64_t hash, const void *bytes, size_t size);

#endif
