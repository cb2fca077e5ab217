/*
 * Casts of groups. Drums have no lines here: they are drawn apart.
 */
#include "gen/cast.h"

#include "base/diag.h"

#include <string.h>

uint32_t es_lines_of(const es_style *style, uint32_t parts)
{
    uint32_t lines = 0;

    for (uint32_t p = 0; p < style->n_parts; p++) {
        const es_part *part = &style->parts[p];
        if ((parts >> p & 1) && part->role != ES_ROLE_DRUMS) {
            lines |= ((1u << part->n_lines) - 1) << part->first_line;
        }
    }
    return lines;
}

int es_line_part(const es_style *style, int line)
{
    for (uint32_t p = 0; p < style->n_parts; p++) {
        if (es_lines_of(style, 1u << p) >> line & 1) {
            return (int)p;
        }
    }
    return -1;
}

static uint32_t parts_of(const es_group *group)
{
    uint32_t parts = 0;

    for (int i = 0; i < group->n_parts; i++) {
        parts |= 1u << group->part[i];
    }
    return parts;
}

estro_status es_cast_make(es_cast *out, const es_style *style, uint32_t group, estro_diag *diag)
{
    const uint32_t members = parts_of(&style->groups[group]);

    memset(out, 0, sizeof *out);
    out->group = (uint8_t)group;
    for (uint32_t p = 0; p < style->n_parts; p++) {
        const es_part *part = &style->parts[p];
        if (!(members >> p & 1) || part->role == ES_ROLE_DRUMS) {
            continue;
        }
        if (out->n_lines + part->n_lines > ES_GROUP_LINES) {
            return es_fail_at(diag, ESTRO_ERR_STYLE, es_style_source(style, part->line),
                              es_style_line(part->line), 1, "group %s has more than %d lines",
                              style->groups[group].name, ES_GROUP_LINES);
        }
        for (int k = 0; k < part->n_lines; k++) {
            out->line[out->n_lines] = (uint8_t)(part->first_line + k);
            out->part[out->n_lines] = (uint8_t)p;
            out->place[out->n_lines++] = out->n_parts;
        }
        out->parts[out->n_parts++] = (uint8_t)p;
    }
    for (uint32_t g = 0; g < group; g++) {
        out->earlier |= es_lines_of(style, parts_of(&style->groups[g]));
    }
    return ESTRO_OK;
}

void es_cast_see_all(es_cast *cast, const es_style *style)
{
    uint32_t own = 0;

    for (int i = 0; i < cast->n_lines; i++) {
        own |= 1u << cast->line[i];
    }
    cast->later = es_lines_of(style, UINT32_MAX) & ~own & ~cast->earlier;
    cast->earlier |= cast->later;
}
