/**
 * @file sorted.h
 * Looking up in arrays that are in ascending order.
 */
#ifndef ES_BASE_SORTED_H
#define ES_BASE_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
