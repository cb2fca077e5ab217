/**
 * @file mem.h
 * Memory: checked sizes, growable arrays, arenas, and a hook for failure tests.
 *
 * All of the library allocates through these, so a test can make the n-th
 * allocation fail. Memory from here is freed with es_free.
 */
#ifndef ES_BASE_MEM_H
#define ES_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/** Zeroed memory for `count` objects of `size` bytes; NULL when there is none or it overflows. Owned. */
void *es_calloc(size_t count, size_t size);

/** Resize to `count` objects of `size` bytes; on failure NULL, and `memory` is still valid. Owned. */
void *es_realloc(void *memory, size_t count, size_t size);

/** A copy of `text`; NULL when there is no memory. Owned. */
char *es_strdup(const char *text);

/** Release; accepts NULL. */
void es_free(void *memory);

/**
 * Make room for one more object in a growable array.
 *
 * @param array     Address of the array's pointer (may hold NULL).
 * @param count     Objects in use.
 * @param capacity  Objects allocated; updated.
 * @param size      Bytes an object.
 * @return False when there is no memory; the array is then unchanged.
 */
bool es_grow(void *array, size_t count, size_t *capacity, size_t size);

/** Make room for `count` objects at once. */
bool es_reserve(void *array, size_t count, size_t *capacity, size_t size);

/**
 * For tests: fail every allocation after `count` successful ones; a negative
 * count never fails. Returns how many allocations were made since the last call.
 */
size_t es_mem_fail_after(long count);

/** Memory that is freed all at once. Zero-initialise to start. */
typedef struct es_arena {
    struct es_arena_block *blocks;
} es_arena;

/** Zeroed memory that lives until es_arena_done; NULL when there is none. Borrowed from the arena. */
void *es_arena_calloc(es_arena *arena, size_t count, size_t size);

/** A copy of `length` bytes of text, ended by a NUL; NULL when there is no memory. */
char *es_arena_text(es_arena *arena, const char *text, size_t length);

/** Free all of it; the arena is then empty and usable. */
void es_arena_done(es_arena *arena);

#endif
