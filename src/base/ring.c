/*
 * The ring: each side loads the other's index (acquire), works, and stores its own (release), so what was written to a record
 * is seen with it. Invariant: 0 <= written - read <= capacity, and only its own side changes an index.
 */
#include "base/ring.h"

#include "base/mem.h"

#include <string.h>

bool es_ring_init(es_ring *ring, size_t count, size_t record_bytes)
{
    memset(ring, 0, sizeof *ring);
    if (count == 0 || (count & (count - 1)) != 0) {
        return false;
    }
    ring->records = es_calloc(count, record_bytes);
    if (!ring->records) {
        return false;
    }
    memset(ring->records, 0, count * record_bytes);
    ring->record_bytes = record_bytes;
    ring->mask = count - 1;
    atomic_init(&ring->written, 0);
    atomic_init(&ring->read, 0);
    return true;
}

void es_ring_done(es_ring *ring)
{
    es_free(ring->records);
    ring->records = NULL;
}

size_t es_ring_space(const es_ring *ring)
{
    const size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    const size_t read = atomic_load_explicit(&ring->read, memory_order_acquire);

    return ring->mask + 1 - (written - read);
}

void *es_ring_slot(es_ring *ring)
{
    const size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);

    return es_ring_space(ring) ? ring->records + (written & ring->mask) * ring->record_bytes : NULL;
}

void es_ring_commit(es_ring *ring)
{
    const size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);

    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

const void *es_ring_peek(const es_ring *ring)
{
    const size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    const size_t written = atomic_load_explicit(&ring->written, memory_order_acquire);

    return written == read ? NULL : ring->records + (read & ring->mask) * ring->record_bytes;
}

void es_ring_pop(es_ring *ring)
{
    const size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);

    atomic_store_explicit(&ring->read, read + 1, memory_order_release);
}
