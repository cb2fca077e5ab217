/*
 * FluidSynth: opening it with a sound font, playing messages on it, and the live sink on its audio driver. Its log goes into our
 * diagnostics, never to the terminal.
 */
#include "sink/synth.h"

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "sink/font.h"
#include "sink/quiet.h"
#include "sink/sink.h"

#include <stdio.h>
#include <string.h>

enum {
    CHANNELS = 16,
    COMPLAINT_BYTES = 160,
    CONTROL_REVERB = 91,
    REVERB_SEND = 40, /* as General MIDI has it */
    POLYPHONY = 256
};

static const double live_gain = 0.6;
static const uint64_t tail_ns = 1500000000; /* for the last notes to die away */
static const uint64_t stop_ns = 200000000;  /* the same when it is stopped */

static _Thread_local char complaint[COMPLAINT_BYTES];

static void note_complaint(int level, const char *message, void *self)
{
    (void)self;
    if (level <= FLUID_WARN) {
        snprintf(complaint, sizeof complaint, "%s", message);
    }
}

const char *es_synth_complaint(void)
{
    return complaint;
}

static fluid_settings_t *new_settings(const estro_sink_options *options, es_synth_use use,
                                      double sample_rate, double gain)
{
    const bool is_live = use == ES_SYNTH_LIVE;

    complaint[0] = '\0';
    for (int level = 0; level < LAST_LOG_LEVEL; level++) {
        fluid_set_log_function(level, note_complaint, NULL);
    }
    fluid_settings_t *const settings = new_fluid_settings();
    if (!settings) {
        return NULL;
    }
    fluid_settings_setnum(settings, "synth.sample-rate", sample_rate);
    fluid_settings_setnum(settings, "synth.gain", gain);
    fluid_settings_setint(settings, "synth.polyphony", POLYPHONY);
    fluid_settings_setint(settings, "synth.threadsafe-api", is_live);
    fluid_settings_setint(settings, "synth.lock-memory", 0);
    fluid_settings_setint(settings, "synth.dynamic-sample-loading", !is_live);
    fluid_settings_setnum(settings, "synth.reverb.room-size", 0.55);
    fluid_settings_setnum(settings, "synth.reverb.damp", 0.3);
    fluid_settings_setnum(settings, "synth.reverb.width", 0.8);
    fluid_settings_setnum(settings, "synth.reverb.level", 0.7);
    if (is_live && options->latency_ms > 0) {
        int periods = 0;
        fluid_settings_getint(settings, "audio.periods", &periods);
        const double frames = sample_rate * options->latency_ms / 1000.0;
        fluid_settings_setint(settings, "audio.period-size",
                              (int)(frames / (periods > 0 ? periods : 1)));
    }
    return settings;
}

/* Is it a file of the kind that sound fonts are? FluidSynth would try all its loaders on others. */
static bool is_sound_font(const char *path)
{
    char head[12] = "";
    FILE *const file = fopen(path, "rb");

    if (!file) {
        return false;
    }
    const bool is_whole = fread(head, 1, sizeof head, file) == sizeof head;
    fclose(file);
    return is_whole && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "sfbk", 4) == 0;
}

estro_status es_synth_open(es_synth *synth, const estro_sink_options *options, es_synth_use use,
                           double sample_rate, double gain, estro_diag *diag)
{
    char font[1024];

    memset(synth, 0, sizeof *synth);
    if (sample_rate < 8000 || sample_rate > 96000 || !(gain >= 0 && gain <= 10)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT,
                       "sample rate must be 8000 to 96000 and gain 0 to 10");
    }
    ES_TRY(es_font_find(font, sizeof font, options->sound_font, diag));
    if (!is_sound_font(font)) {
        es_diag_init(diag, font);
        return es_fail(diag, ESTRO_ERR_IO, "not a sound font (SF2 or SF3)");
    }
    synth->settings = new_settings(options, use, sample_rate, gain);
    synth->synth = synth->settings ? new_fluid_synth(synth->settings) : NULL;
    if (!synth->synth) {
        es_synth_close(synth);
        return es_fail_memory(diag);
    }
    es_quiet_glib_begin();
    const int font_id = fluid_synth_sfload(synth->synth, font, 1);
    es_quiet_glib_end();
    if (font_id == FLUID_FAILED) {
        es_synth_close(synth);
        es_diag_init(diag, font);
        return es_fail(diag, ESTRO_ERR_IO, "not a sound font that can be used%s%s",
                       complaint[0] ? ": " : "", complaint);
    }
    for (int channel = 0; channel < CHANNELS; channel++) {
        fluid_synth_cc(synth->synth, channel, CONTROL_REVERB, REVERB_SEND);
    }
    return ESTRO_OK;
}

void es_synth_close(es_synth *synth)
{
    if (synth->synth) {
        delete_fluid_synth(synth->synth);
    }
    if (synth->settings) {
        delete_fluid_settings(synth->settings);
    }
    memset(synth, 0, sizeof *synth);
}

void es_synth_play(fluid_synth_t *synth, const estro_message *message)
{
    const int channel = message->data[0] & 0x0F;
    const int a = message->data[1];
    const int b = message->data[2];

    if (message->kind != ESTRO_MIDI) {
        return;
    }
    /* Their only failures are of notes that do not sound and programs that the font lacks: neither stops the music. */
    switch (message->data[0] & 0xF0) {
    case 0x80:
        fluid_synth_noteoff(synth, channel, a);
        break;
    case 0x90:
        fluid_synth_noteon(synth, channel, a, b);
        break;
    case 0xA0:
        fluid_synth_key_pressure(synth, channel, a, b);
        break;
    case 0xB0:
        fluid_synth_cc(synth, channel, a, b);
        break;
    case 0xC0:
        fluid_synth_program_change(synth, channel, a);
        break;
    case 0xD0:
        fluid_synth_channel_pressure(synth, channel, a);
        break;
    case 0xE0:
        fluid_synth_pitch_bend(synth, channel, a | b << 7);
        break;
    default:
        break;
    }
}

/* ---- the live sink ---- */

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
    size_t length;
    const char *wanted;
    bool is_there;
} name_list;

static void add_name(void *self, const char *setting, const char *name)
{
    name_list *const list = self;

    (void)setting;
    list->is_there |= strcmp(name, list->wanted) == 0;
    if (list->length < sizeof list->text) {
        const int length = snprintf(list->text + list->length, sizeof list->text - list->length,
                                    "%s%s", list->length ? ", " : "", name);
        list->length += length > 0 ? (size_t)length : 0;
    }
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
                       complaint[0] ? ": " : "", complaint);
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
