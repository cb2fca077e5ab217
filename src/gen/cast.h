/**
 * @file cast.h
 * Who plays in a group: its pitched parts and their monophonic lines.
 */
#ifndef ES_GEN_CAST_H
#define ES_GEN_CAST_H

#include "style/style.h"

enum { ES_GROUP_LINES = 12 };

typedef struct es_cast {
    uint8_t group; /**< Index into es_style.groups. */
    uint8_t n_lines;
    uint8_t line[ES_GROUP_LINES];  /**< Index among all lines, top first. */
    uint8_t part[ES_GROUP_LINES];  /**< Part of each line. */
    uint8_t place[ES_GROUP_LINES]; /**< Index of its part in parts[]. */
    uint8_t n_parts;
    uint8_t parts[ES_GROUP_LINES]; /**< The pitched parts, top first. */
    uint32_t earlier;              /**< Set of lines of groups that are drawn before. */
    uint32_t
        later; /**< Of these, lines that are drawn after, but are known where they are given. */
} es_cast;

/** @return ESTRO_ERR_STYLE when the group has too many lines. */
estro_status es_cast_make(es_cast *out, const es_style *style, uint32_t group, estro_diag *diag);

/** All other lines may be given: rules with those of later groups count, too. */
void es_cast_see_all(es_cast *cast, const es_style *style);

/** Lines of a set of parts, without drums. */
uint32_t es_lines_of(const es_style *style, uint32_t parts);

/** Part of a line, -1 when none has it. */
int es_line_part(const es_style *style, int line);

#endif
