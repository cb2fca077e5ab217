/*
 * The table of sinks, and opening one by name. A row has an open function, or names the module that has it.
 */
#include "sink/sink.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/module.h"

#include <string.h>
#include <strings.h>

static estro_status open_portmidi(const estro_sink_ops **ops, void **self, const char *target,
                                  const estro_sink_options *options, estro_diag *diag)
{
    const void *table;

    ES_TRY(es_module_open(&table, "portmidi", diag));
    return ((const es_portmidi_module *)table)->open(ops, self, target, options, diag);
}

static estro_status open_synth(const estro_sink_ops **ops, void **self, const char *target,
                               const estro_sink_options *options, estro_diag *diag)
{
    const void *table;

    ES_TRY(es_module_open(&table, "sound", diag));
    return ((const es_sound_module *)table)->open_synth(ops, self, target, options, diag);
}

static estro_status open_audio(const estro_sink_ops **ops, void **self, const char *target,
                               const estro_sink_options *options, estro_diag *diag)
{
    const void *table;

    ES_TRY(es_module_open(&table, "sound", diag));
    return ((const es_sound_module *)table)->open_audio(ops, self, target, options, diag);
}

static const struct {
    const char *kind;
    es_sink_open open;
    bool takes_clock;
    const char *endings; /* names of files that it writes, each ended by a space */
} sinks[] = {
    {"smf", es_smf_sink_open, false, ".mid .midi .smf "},
    {"audio", open_audio, false, ".wav .flac .ogg .oga .opus "},
    {"text", es_text_sink_open, false, ".txt "},
    {"null", es_null_sink_open, false, ""},
    {"portmidi", open_portmidi, true, ""},
    {"synth", open_synth, false, ""},
};

enum { N_SINKS = sizeof sinks / sizeof sinks[0] };

estro_status es_sink_new(estro_sink **out, const estro_sink_ops *ops, void *self, estro_diag *diag)
{
    if (ops->abi != ESTRO_SINK_ABI || !ops->write || !ops->close) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a sink for version %u of the interface, not %d",
                       ops->abi, ESTRO_SINK_ABI);
    }
    estro_sink *const sink = es_calloc(1, sizeof *sink);
    if (!sink) {
        return es_fail_memory(diag);
    }
    sink->ops = ops;
    sink->self = self;
    *out = sink;
    return ESTRO_OK;
}

estro_status es_sink_open_kind(estro_sink **out, const char *kind, const char *target,
                               const estro_sink_options *options, estro_diag *diag)
{
    estro_sink_options settled = {.size = sizeof settled};
    const estro_sink_ops *ops;
    void *self;

    if (options) {
        /* A caller built against an older header has a shorter struct. */
        const size_t size = options->size < sizeof settled ? options->size : sizeof settled;
        memcpy(&settled, options, size);
        settled.size = sizeof settled;
    }
    for (size_t i = 0; i < N_SINKS; i++) {
        if (strcmp(kind, sinks[i].kind) != 0) {
            continue;
        }
        ES_TRY(sinks[i].open(&ops, &self, target, &settled, diag));
        const estro_status status = es_sink_new(out, ops, self, diag);
        if (status != ESTRO_OK) {
            ops->close(self, false, NULL);
            return status;
        }
        (*out)->wants_clock = settled.clock && sinks[i].takes_clock;
        return ESTRO_OK;
    }
    return es_fail(diag, ESTRO_ERR_ARGUMENT,
                   "no sink \"%.40s\": there are smf, audio, text, null, portmidi, synth", kind);
}

const char *es_sink_kind_of(const char *path)
{
    const char *const name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    const char *const ending = strrchr(name, '.');

    if (strcmp(path, "-") == 0) {
        return "smf";
    }
    if (!ending) {
        return NULL;
    }
    const size_t length = strlen(ending);
    for (size_t i = 0; i < N_SINKS; i++) {
        for (const char *at = sinks[i].endings; *at; at = strchr(at, ' ') + 1) {
            if (strncasecmp(at, ending, length) == 0 && at[length] == ' ') {
                return sinks[i].kind;
            }
        }
    }
    return NULL;
}

estro_status es_device_each(bool (*each)(void *self, const char *name, bool is_default), void *self,
                            estro_diag *diag)
{
    const void *table;

    ES_TRY(es_module_open(&table, "portmidi", diag));
    return ((const es_portmidi_module *)table)->each(each, self, diag);
}
