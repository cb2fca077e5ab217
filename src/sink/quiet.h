/**
 * @file quiet.h
 * Keeping libraries that PortMidi and FluidSynth load from writing to the terminal.
 */
#ifndef ES_SINK_QUIET_H
#define ES_SINK_QUIET_H

/** If the ALSA library is loaded, let its messages go nowhere from now on: those who call it get its error codes. */
void es_quiet_alsa(void);

/** If GLib is loaded, let its log go nowhere until es_quiet_glib_end. Not for two threads at once. */
void es_quiet_glib_begin(void);
void es_quiet_glib_end(void);

#endif
