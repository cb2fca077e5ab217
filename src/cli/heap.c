/*
 * Where the heap begins. A short run is over soon after it has touched its memory, and each first touch of a page of 4 kB is a fault, which
 * costs 14 us in some virtual machines: a hundred of them are a third of composing 32 bars. So the heap begins just before a place where
 * a large page may lie, and asks for one: that is a single fault. malloc works as ever; where there are no large pages nothing is lost.
 */
#define _DEFAULT_SOURCE
#include "cli.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, LARGE_PAGE = 2 << 20 };

/* Bytes from an address to the next at which a large page may begin. */
static intptr_t to_large_page(const void *address)
{
    return (intptr_t)(-(uintptr_t)address % LARGE_PAGE);
}

void cli_heap_on_large_page(void)
{
    /* What malloc keeps for itself comes first, and is touched before anything can be asked for: a small page is left for it. */
    if (sbrk(to_large_page((char *)sbrk(0) + PAGE)) == (void *)-1) {
        return;
    }
    mallopt(M_TOP_PAD, LARGE_PAGE);
    mallopt(M_MMAP_THRESHOLD, LARGE_PAGE);
    char *first = malloc(1);
    if (first) {
        madvise(first + to_large_page(first), LARGE_PAGE, MADV_HUGEPAGE);
        free(first);
    }
}
#else
void cli_heap_on_large_page(void)
{
}
#endif
