/**
 * @file sources.h
 * The files that a style is made of: found, read, numbered. Within src/style only.
 *
 * A name that is imported is looked for in the folder of the file that asks, in lib/ below it, and then in the folders of
 * base/folders.h and in lib/ below each. A file that is named twice is read once.
 */
#ifndef ES_STYLE_SOURCES_H
#define ES_STYLE_SOURCES_H

#include "style/build.h"

/** Add a text as a source, which is open; checked to be text. @param text [size], borrowed. @param asked Line 0: the style itself. */
estro_status es_source_add(es_build *build, const char *text, size_t size, const char *name,
                           es_place asked);

/**
 * Find, read and add the file of a name.
 *
 * @param out  Its index; -1 where it is read already.
 * @return ESTRO_ERR_STYLE: there is none (near names), it is being read (a loop), or there are too many.
 */
estro_status es_source_import(es_build *build, const es_word *name, int *out);

/** Whether a source is imported by another, or by what that one imports. */
bool es_source_is_below(const es_build *build, uint8_t source, uint8_t above);

/** Whether a text says that it is a library. @param text Ended by a NUL. */
bool es_source_is_library(const char *text);

/** Digest of all texts. */
void es_sources_digest(const es_build *build, uint8_t digest[8]);

#endif
