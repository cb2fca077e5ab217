/*
 * The sink that plays now, on an audio driver of FluidSynth; and what the module of sound exports.
 */
#include "sink/synth.h"

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/text.h"
#include "sink/quiet.h"
#include "sink/sink.h"

#include <stdio.h>
#include <string.h>

static const double live_gain = 0.6;
static const uint64_t tail_ns = 1500000000; /* for the last notes to die away */
static const uint64_t stop_ns = 200000000;  /* the same when it is stopped */

typedef struct live_sink {
    es_synth synth;
    fluid_audio_driver_t *driver;
} live_sink;

static estro_status live_write(void *self, const estro_message *message, estro_diag *diag)
{
    (void)diag;
    es_synth_play(((live_sink *)self)->synth.synth, message);
    return ESTRO_OK;
}

static void live_panic(void *self)
{
    fluid_synth_all_sounds_off(((live_sink *)self)->synth.synth, -1);
}

static estro_status live_close(void *self, bool commit, estro_diag *diag)
{
    live_sink *const sink = self;

    (void)diag;
    es_clock_monotonic.idle(NULL, commit ? tail_ns : stop_ns);
    delete_fluid_audio_driver(sink->driver);
    es_synth_close(&sink->synth);
    es_free(sink);
    return ESTRO_OK;
}

static const estro_sink_ops live_ops = {
    .abi = ESTRO_SINK_ABI,
    .name = "synth",
    .is_live = true,
    .write = live_write,
    .panic = live_panic,
    .close = live_close,
};

typedef struct name_list {
    char text[160];
    const char *wanted;
    bool is_there;
} name_list;

static void add_name(void *self, const char *setting, const char *name)
{
    name_list *const list = self;

    (void)setting;
    list->is_there |= strcmp(name, list->wanted) == 0;
    es_append(list->text, sizeof list->text, "%s%s", *list->text ? ", " : "", name);
}

/* "DRIVER" or "DRIVER:DEVICE". */
static estro_status choose_driver(fluid_settings_t *settings, const char *target, estro_diag *diag)
{
    char driver[32];
    char setting[64];
    const size_t length = strcspn(target, ":");
    name_list list = {.wanted = driver};

    snprintf(driver, sizeof driver, "%.*s", (int)(length < 31 ? length : 31), target);
    fluid_settings_foreach_option(settings, "audio.driver", &list, add_name);
    if (!list.is_there) {
        return es_fail(diag, ESTRO_ERR_DEVICE, "no audio driver \"%s\": there are %s", driver,
                       list.text);
    }
    fluid_settings_setstr(settings, "audio.driver", driver);
    if (target[length] == ':') {
        snprintf(setting, sizeof setting, "audio.%s.device", driver);
        fluid_settings_setstr(settings, setting, target + length + 1);
    }
    return ESTRO_OK;
}

static estro_status open_live(live_sink *sink, const char *target,
                              const estro_sink_options *options, estro_diag *diag)
{
    const double rate = options->sample_rate ? options->sample_rate : 44100;
    const double gain = options->gain > 0 ? options->gain : live_gain;

    ES_TRY(es_synth_open(&sink->synth, options, ES_SYNTH_LIVE, rate, gain, diag));
    if (target) {
        ES_TRY(choose_driver(sink->synth.settings, target, diag));
    }
    es_quiet_alsa();
    sink->driver = new_fluid_audio_driver(sink->synth.settings, sink->synth.synth);
    if (!sink->driver) {
        return es_fail(diag, ESTRO_ERR_DEVICE,
                       "cannot play sound here%s%s; a sound file can be written instead",
                       es_synth_complaint()[0] ? ": " : "", es_synth_complaint());
    }
    return ESTRO_OK;
}

static estro_status synth_open(const estro_sink_ops **ops, void **self, const char *target,
                               const estro_sink_options *options, estro_diag *diag)
{
    live_sink *const sink = es_calloc(1, sizeof *sink);

    if (!sink) {
        return es_fail_memory(diag);
    }
    const estro_status status = open_live(sink, target, options, diag);
    if (status != ESTRO_OK) {
        es_synth_close(&sink->synth);
        es_free(sink);
        return status;
    }
    *ops = &live_ops;
    *self = sink;
    return ESTRO_OK;
}

const es_sound_module es_module_sound = {synth_open, es_audio_open};
