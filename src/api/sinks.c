/*
 * Sinks and devices, as the public header says.
 */
#include "sink/font.h"
#include "sink/sink.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/module.h"

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

/* ---- listening ---- */

struct estro_control {
    const es_portmidi_module *module;
    void *device;
};

estro_status estro_control_open(estro_control **out, const char *name, estro_diag *diag)
{
    const void *table;

    ES_TRY(es_module_open(&table, "portmidi", diag));
    estro_control *control = es_calloc(1, sizeof *control);
    if (!control) {
        return es_fail_memory(diag);
    }
    control->module = table;
    const estro_status status = control->module->open_input(&control->device, name, diag);
    if (status != ESTRO_OK) {
        es_free(control);
        return status;
    }
    *out = control;
    return ESTRO_OK;
}

bool estro_control_next(estro_control *control, int *controller, int *value)
{
    return control->module->read_input(control->device, controller, value);
}

void estro_control_close(estro_control *control)
{
    if (control) {
        control->module->close_input(control->device);
        es_free(control);
    }
}
