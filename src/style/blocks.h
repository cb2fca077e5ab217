/**
 * @file blocks.h
 * Blocks of rules: their rules by name, and their leaves.
 */
#ifndef ES_STYLE_BLOCKS_H
#define ES_STYLE_BLOCKS_H

#include "style/build.h"

/** All rules of a name, or NULL. */
es_def *es_block_find(const es_block *block, const char *name);

/** Add a rule; it takes the place of all rules of its name that another file has. @return ESTRO_ERR_STYLE when one with the same head is there, or one before takes all its calls. */
estro_status es_block_add(es_build *build, es_block *block, const es_word *name, es_head *head);

/** Room for one more leaf in a block, zeroed; NULL when there is no memory. */
void *es_block_add_leaf(es_build *build, es_block *block, uint32_t *index);

/** The groove of a name, or NULL. */
es_groove *es_groove_find(const es_build *build, const char *name);

/** Fail: there is no such rule (with near names). */
estro_status es_block_unknown(es_build *build, const es_block *block, const es_word *name);

#endif
