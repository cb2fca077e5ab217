/**
 * @file check.h
 * What compiles but is not likely to be meant: warnings about a style.
 */
#ifndef ES_STYLE_CHECK_H
#define ES_STYLE_CHECK_H

#include "style/style.h"

#include <stddef.h>

/** Called for each warning. @param source Name of the file, borrowed. Line and column count from 1. @param text Borrowed. */
typedef void es_style_warn(void *self, const char *source, int line, int column, const char *text);

/**
 * Compile a style and look it over.
 *
 * Rules, grooves, textures and parts that nothing uses; alternatives that can take part in no bar or phrase, or never hold; weights that
 * change nothing; ranges beyond the instrument, or without a tone of some chord; phrases of one label that differ in length; forms that
 * hardly end, cadences that end elsewhere; and constraints that a pattern, a range or the weights of a part cannot keep.
 *
 * @param settings  Of params; NULL: none.
 * @param warn  Called in no particular order; not at all when the style does not compile.
 * @return As es_style_parse; ESTRO_END for a library whose text is in order.
 */
estro_status es_style_check(const char *text, size_t size, const char *source,
                            const es_settings *settings, es_style_warn *warn, void *self,
                            estro_diag *diag);

#endif
