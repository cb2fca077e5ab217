/*
 * Memory. One place to allocate, so that sizes are checked once and a test can
 * fail the n-th allocation (es_mem_fail_after). The counter is the only global
 * of the library; it is touched by tests alone and is atomic, since composer and
 * trainer may allocate in threads of their own.
 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_long allocations_left = -1;
static atomic_size_t allocations_made = 0;

static bool may_allocate(void)
{
    long left = atomic_load_explicit(&allocations_left, memory_order_relaxed);

    atomic_fetch_add_explicit(&allocations_made, 1, memory_order_relaxed);
    if (left < 0) {
        return true;
    }
    if (left == 0) {
        return false;
    }
    atomic_store_explicit(&allocations_left, left - 1, memory_order_relaxed);
    return true;
}

size_t es_mem_fail_after(long count)
{
    atomic_store(&allocations_left, count);
    return atomic_exchange(&allocations_made, 0);
}

void *es_calloc(size_t count, size_t size)
{
    return may_allocate() ? calloc(count ? count : 1, size ? size : 1) : NULL;
}

void *es_realloc(void *memory, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        return NULL;
    }
    if (!may_allocate()) {
        return NULL;
    }
    const size_t bytes = count * size;
    return realloc(memory, bytes ? bytes : 1);
}

char *es_strdup(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = es_calloc(bytes, 1);

    if (copy) {
        memcpy(copy, text, bytes);
    }
    return copy;
}

void es_free(void *memory)
{
    free(memory);
}

bool es_reserve(void *array, size_t count, size_t *capacity, size_t size)
{
    void *present;
    void *grown;

    if (count <= *capacity) {
        return true;
    }
    memcpy(&present, array, sizeof present);
    grown = es_realloc(present, count, size);
    if (!grown) {
        return false;
    }
    memcpy(array, &grown, sizeof grown);
    *capacity = count;
    return true;
}

bool es_grow(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return true;
    }
    return *capacity <= SIZE_MAX / 2 &&
           es_reserve(array, *capacity ? *capacity * 2 : 8, capacity, size);
}

/* An arena is a list of blocks; the first one is the one being filled. What is not given out is not touched. */
struct es_arena_block {
    struct es_arena_block *next;
    size_t used;
    size_t size;
    max_align_t bytes[];
};

enum { ARENA_BLOCK_BYTES = 16 * 1024 };

static struct es_arena_block *arena_block(es_arena *arena, size_t bytes)
{
    const size_t size = bytes > ARENA_BLOCK_BYTES ? bytes : ARENA_BLOCK_BYTES;
    struct es_arena_block *block = es_realloc(NULL, 1, sizeof *block + size);

    if (!block) {
        return NULL;
    }
    block->used = 0;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *es_arena_calloc(es_arena *arena, size_t count, size_t size)
{
    const size_t align = sizeof(max_align_t);
    struct es_arena_block *block = arena->blocks;

    if (size && count > (SIZE_MAX / 2) / size) {
        return NULL;
    }
    const size_t bytes = (count * size + align - 1) / align * align;
    if (!block || block->size - block->used < bytes) {
        block = arena_block(arena, bytes);
        if (!block) {
            return NULL;
        }
    }
    void *memory = (char *)block->bytes + block->used;
    block->used += bytes;
    memset(memory, 0, bytes);
    return memory;
}

char *es_arena_text(es_arena *arena, const char *text, size_t length)
{
    char *copy = es_arena_calloc(arena, length + 1, 1);

    if (copy) {
        memcpy(copy, text, length);
    }
    return copy;
}

void es_arena_done(es_arena *arena)
{
    while (arena->blocks) {
        struct es_arena_block *block = arena->blocks;
        arena->blocks = block->next;
        es_free(block);
    }
}
