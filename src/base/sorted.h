/**
 * @file sorted.h
 * Arrays in ascending order: put into it, and looked up.
 */
#ifndef ES_BASE_SORTED_H
#define ES_BASE_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Whether an element comes before what is looked for. */
typedef bool es_is_before(const void *element, int64_t wanted);

/** How many elements come before what is looked for: all of these stand first. Inline, so that nothing is called in the loop. */
static inline size_t es_count_before(const void *array, size_t count, size_t element_size,
                                     es_is_before *is_before, int64_t wanted)
{
    size_t low = 0, high = count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (is_before((const uint8_t *)array + middle * element_size, wanted)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/** Whether one element comes before another. */
typedef bool es_comes_before(const void *a, const void *b);

enum { ES_SORTED_BYTES = 64 /**< Elements that are sorted have at most so many. */ };

/**
 * Sort in place, by shrinking gaps: for what comes as a few rows in order, which qsort would move byte by byte. Inline, so that elements are
 * moved as what they are.
 */
static inline void es_sort(void *array, size_t count, size_t size, es_comes_before *comes_before)
{
    uint8_t *const bytes = array;
    uint8_t moved[ES_SORTED_BYTES];
    size_t gap = 1;

    while (gap < count / 9) {
        gap = 3 * gap + 1;
    }
    for (; gap > 0; gap /= 3) {
        for (size_t i = gap; i < count; i++) {
            size_t at = i;
            memcpy(moved, bytes + i * size, size);
            while (at >= gap && comes_before(moved, bytes + (at - gap) * size)) {
                memcpy(bytes + at * size, bytes + (at - gap) * size, size);
                at -= gap;
            }
            memcpy(bytes + at * size, moved, size);
        }
    }
}

#endif
