/*
 * FluidSynth: opening it with a sound font, playing messages on it. Its log goes into our diagnostics, never to the terminal.
 */
#include "sink/synth.h"

#include "base/diag.h"
#include "sink/font.h"
#include "sink/quiet.h"

#include <stdio.h>
#include <string.h>

enum {
    CHANNELS = 16,
    COMPLAINT_BYTES = 160,
    CONTROL_REVERB = 91,
    REVERB_SEND = 40, /* as General MIDI has it */
    POLYPHONY = 256
};

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
