/**
 * @file synth.h
 * A FluidSynth with a sound font in it: what the live and the file sink of the module "sound" share.
 */
#ifndef ES_SINK_SYNTH_H
#define ES_SINK_SYNTH_H

#include <estro/estro.h>

#include <fluidsynth.h>

typedef struct es_synth {
    fluid_settings_t *settings;
    fluid_synth_t *synth;
} es_synth;

/** How it will be used. */
typedef enum es_synth_use {
    ES_SYNTH_LIVE,   /**< Two threads; all of the font in memory. */
    ES_SYNTH_OFFLINE /**< One thread; samples are read when a program is chosen. */
} es_synth_use;

/** @param gain Of FluidSynth, linear. @return ESTRO_ERR_IO for the sound font, ESTRO_ERR_ARGUMENT, ESTRO_ERR_MEMORY. */
estro_status es_synth_open(es_synth *synth, const estro_sink_options *options, es_synth_use use,
                           double sample_rate, double gain, estro_diag *diag);
/** Accepts a zeroed one. */
void es_synth_close(es_synth *synth);

/** Play a message; what is no channel message does nothing. */
void es_synth_play(fluid_synth_t *synth, const estro_message *message);

/** What FluidSynth last complained of in this thread; "" if nothing. */
const char *es_synth_complaint(void);

/** Open the sink that writes a sound file. */
estro_status es_audio_open(const estro_sink_ops **ops, void **self, const char *target,
                           const estro_sink_options *options, estro_diag *diag);

#endif
