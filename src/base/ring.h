/**
 * @file ring.h
 * A queue of fixed-size records between one writing and one reading thread.
 *
 * Neither side waits, locks or allocates. A record is filled in place and appears to the reader whole, when it is committed.
 */
#ifndef ES_BASE_RING_H
#define ES_BASE_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ES_CACHE_LINE = 64 };

/** Indices count all records ever written or read; the two sides' stand in cache lines of their own. */
typedef struct es_ring {
    uint8_t *records;
    size_t record_bytes;
    size_t mask;
    alignas(ES_CACHE_LINE) atomic_size_t written;
    alignas(ES_CACHE_LINE) atomic_size_t read;
} es_ring;

/* ---- set-up, while no other thread knows the ring ---- */

/** Room for `count` records (a power of two), all of it touched. False when there is no memory. */
bool es_ring_init(es_ring *ring, size_t count, size_t record_bytes);
/** Accepts a zeroed ring. */
void es_ring_done(es_ring *ring);

/* ---- the writing thread ---- */

/** Records that can be written now. */
size_t es_ring_space(const es_ring *ring);
/** The next record to be filled, NULL when the ring is full. */
void *es_ring_slot(es_ring *ring);
/** Hand the record of es_ring_slot to the reader. */
void es_ring_commit(es_ring *ring);

/* ---- the reading thread ---- */

/** The oldest record, NULL when there is none. It stays as it is until es_ring_pop. */
const void *es_ring_peek(const es_ring *ring);
/** Give the record of es_ring_peek back to the writer. */
void es_ring_pop(es_ring *ring);

#endif
