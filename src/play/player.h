/**
 * @file player.h
 * Playing: one thread takes messages from a source a little ahead, another plays them.
 */
#ifndef ES_PLAY_PLAYER_H
#define ES_PLAY_PLAYER_H

#include "base/clock.h"
#include "play/source.h"

/** As estro_player_start, on any clock. @param clock Copied; NULL = the system's. */
estro_status es_player_start(estro_player **out, estro_source *source, estro_sink *sink,
                             const es_clock *clock, estro_diag *diag);
void es_player_poll(estro_player *player, estro_report *report);
/** Async-signal-safe. */
void es_player_stop(estro_player *player, bool at_once);
estro_status es_player_free(estro_player *player, estro_diag *diag);

#endif
