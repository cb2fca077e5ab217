/**
 * @file fill.h
 * Which alternatives of a block take part in something: those that stand in some derivation of a length that is asked for.
 */
#ifndef ES_STYLE_FILL_H
#define ES_STYLE_FILL_H

#include "style/build.h"

/** What a block is asked to fill. */
typedef struct es_fill_root {
    uint32_t symbol;
    uint32_t length; /**< In units of its leaves. */
} es_fill_root;

/**
 * Mark the alternatives of a block that was compiled (is_used).
 *
 * @param leaf_length  [block->n_leaves], borrowed.
 * @param roots        [n_roots], borrowed.
 * @return False when it would take too long, or there is no memory: nothing is known then.
 */
bool es_fill_mark(es_build *build, es_block *block, uint32_t *leaf_length,
                  const es_fill_root *roots, size_t n_roots);

#endif
