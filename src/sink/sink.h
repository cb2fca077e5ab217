/**
 * @file sink.h
 * Sinks: where messages go. How to add one:
 *
 *  1. write src/sink/NAME.c with functions of estro_sink_ops and an open function of type es_sink_open;
 *  2. if it needs a library that costs time to start, make it a module: export `es_module_NAME` (base/module.h);
 *  3. add its row to the table in sink.c;
 *  4. test it in tests/unit/test_sink.c with the messages of tests/support/messages.h.
 *
 * A sink gets messages in order of time, never converts ticks to time or back, and makes no note-offs of its own but in `panic`.
 */
#ifndef ES_SINK_SINK_H
#define ES_SINK_SINK_H

#include <estro/estro.h>

/** Open a built-in sink: gives ops (static) and self. */
typedef estro_status (*es_sink_open)(const estro_sink_ops **ops, void **self, const char *target,
                                     const estro_sink_options *options, estro_diag *diag);

/** Table of the module "portmidi". */
typedef struct es_portmidi_module {
    es_sink_open open;
    estro_status (*each)(bool (*each)(void *self, const char *name, bool is_default), void *self,
                         estro_diag *diag);
    /** Listen to a device. @param name Of it or a part of it. */
    estro_status (*open_input)(void **self, const char *name, estro_diag *diag);
    bool (*read_input)(void *self, int *controller, int *value); /**< Waits for nothing. */
    void (*close_input)(void *self);
} es_portmidi_module;

/** Table of the module "sound": FluidSynth live, and into a file by libsndfile. */
typedef struct es_sound_module {
    es_sink_open open_synth;
    es_sink_open open_audio;
} es_sound_module;

extern ESTRO_API const es_portmidi_module es_module_portmidi;
extern ESTRO_API const es_sound_module es_module_sound;

struct estro_sink {
    const estro_sink_ops *ops;
    void *self;
    bool wants_clock; /**< Whoever feeds it sends MIDI clock too. */
};

/** As estro_sink_open: from the table of sinks. @param options NULL = the defaults. */
estro_status es_sink_open_kind(estro_sink **out, const char *kind, const char *target,
                               const estro_sink_options *options, estro_diag *diag);

/** As estro_sink_new. */
estro_status es_sink_new(estro_sink **out, const estro_sink_ops *ops, void *self, estro_diag *diag);

/** As estro_sink_kind_of. */
const char *es_sink_kind_of(const char *path);

/** As estro_device_each. */
estro_status es_device_each(bool (*each)(void *self, const char *name, bool is_default), void *self,
                            estro_diag *diag);

estro_status es_smf_sink_open(const estro_sink_ops **ops, void **self, const char *target,
                              const estro_sink_options *options, estro_diag *diag);
estro_status es_text_sink_open(const estro_sink_ops **ops, void **self, const char *target,
                               const estro_sink_options *options, estro_diag *diag);
estro_status es_null_sink_open(const estro_sink_ops **ops, void **self, const char *target,
                               const estro_sink_options *options, estro_diag *diag);

#endif
