/*
 * Sinks and devices, as the public header says.
 */
#include "sink/font.h"
#include "sink/sink.h"

#include "base/mem.h"

estro_sink_options estro_sink_options_default(void)
{
    return (estro_sink_options){.size = sizeof(estro_sink_options)};
}

estro_status estro_sink_open(estro_sink **out, const char *kind, const char *target,
                             const estro_sink_options *options, estro_diag *diag)
{
    return es_sink_open_kind(out, kind, target, options, diag);
}

estro_status estro_sink_new(estro_sink **out, const estro_sink_ops *ops, void *self,
                            estro_diag *diag)
{
    return es_sink_new(out, ops, self, diag);
}

estro_status estro_sink_close(estro_sink *sink, bool commit, estro_diag *diag)
{
    if (!sink) {
        return ESTRO_OK;
    }
    const estro_status status = sink->ops->close(sink->self, commit, diag);
    es_free(sink);
    return status;
}

const char *estro_sink_kind_of(const char *path)
{
    return es_sink_kind_of(path);
}

estro_status estro_sound_font(char *path, size_t size, const char *name, estro_diag *diag)
{
    return es_font_find(path, size, name, diag);
}

estro_status estro_device_each(bool (*each)(void *self, const char *name, bool is_default),
                               void *self, estro_diag *diag)
{
    return es_device_each(each, self, diag);
}
