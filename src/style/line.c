/* A line and the file it stands in, told apart again. */
#include "style/style.h"

#include "base/path.h"

#include <stdio.h>

int es_style_line(int32_t line)
{
    return line & ((1 << ES_LINE_BITS) - 1);
}

const char *es_style_source(const es_style *style, int32_t line)
{
    return style->sources[line >> ES_LINE_BITS];
}

void es_style_where(char *out, size_t size, const es_style *style, int32_t line)
{
    snprintf(out, size, line >> ES_LINE_BITS ? "line %d of %s" : "line %d", es_style_line(line),
             es_path_base(es_style_source(style, line)));
}
