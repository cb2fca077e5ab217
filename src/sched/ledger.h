/**
 * @file ledger.h
 * Which keys sound on which channels, and which pedals are down, by the messages that went by.
 */
#ifndef ES_SCHED_LEDGER_H
#define ES_SCHED_LEDGER_H

#include <estro/estro.h>

/** Zero-initialise: silence. */
typedef struct es_ledger {
    uint64_t sounds[16][2]; /**< By channel, a bit a key. */
    uint16_t pedals;        /**< Channels whose pedal (control 64) is down. */
    uint16_t track[16];     /**< The last track that played on a channel. */
} es_ledger;

/** Take note of a message that is about to be sent. Real-time safe. */
void es_ledger_see(es_ledger *ledger, const estro_message *message);

/** Does this note-off end anything? True for whatever is no note-off. Real-time safe. */
bool es_ledger_wants(const es_ledger *ledger, const estro_message *message);

/**
 * Make the note-off of the lowest key that sounds, and take the key out; when none is left, let go the pedals. Real-time safe.
 *
 * @param message  Overwritten but for its times, which the caller sets.
 * @return False when nothing sounds or is held.
 */
bool es_ledger_silence(es_ledger *ledger, estro_message *message);

/** A note-off as the scheduler makes it: status 8n, velocity 64. */
estro_message es_note_off(uint8_t channel, uint8_t key, uint16_t track);

#endif
