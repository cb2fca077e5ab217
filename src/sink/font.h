/**
 * @file font.h
 * Where sound fonts lie.
 */
#ifndef ES_SINK_FONT_H
#define ES_SINK_FONT_H

#include <estro/status.h>

#include <stddef.h>

/**
 * Find the sound font to be used: `wanted`, else $ESTRO_SOUNDFONT, else the first of the system's folders (what the system calls its
 * default first, then by name).
 *
 * @param path    [size], overwritten.
 * @param wanted  NULL = any.
 * @return ESTRO_ERR_IO, with where it was looked for and what to install.
 */
estro_status es_font_find(char *path, size_t size, const char *wanted, estro_diag *diag);

#endif
