/**
 * @file alsa.h
 * Keeping the ALSA library from writing to the terminal.
 */
#ifndef ES_SINK_ALSA_H
#define ES_SINK_ALSA_H

/** If the ALSA library is loaded, let its messages go nowhere: those who call it get its error codes. */
void es_alsa_quiet(void);

#endif
