/**
 * @file format.h
 * The one layout of styles.
 */
#ifndef ES_STYLE_FORMAT_H
#define ES_STYLE_FORMAT_H

#include "base/text.h"

#include <estro/status.h>

/**
 * Lay out a style or library. Words, their order and the comments stay as they are.
 *
 * Items begin in the first column, two blanks deeper what stands in a block; a block that was written on one line stays there if it has one
 * rule, or settings that fit; of grooves, feels and textures each row has a line of its own then. The signs "=" of rules that follow one
 * another stand below each other, and "|" at the beginning of a line below them. Settings are two blanks apart. Where else lines end
 * within a block is the writer's choice, as is one empty line.
 *
 * @param out  Empty; overwritten; es_text_done by the caller, on failure too.
 * @return ESTRO_ERR_SYNTAX or ESTRO_ERR_STYLE where the text does not parse; what it imports is not looked at. ESTRO_ERR_MEMORY.
 */
estro_status es_style_format(es_text *out, const char *text, size_t size, const char *source,
                             estro_diag *diag);

#endif
