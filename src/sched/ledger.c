/*
 * The ledger: a bit for each key of each channel. Whoever sends messages shows them here first; what is left can be silenced at
 * any time.
 */
#include "sched/ledger.h"

enum { NOTE_OFF = 0x80, NOTE_ON = 0x90, OFF_VELOCITY = 64 };

static bool is_note(const estro_message *message, bool *is_on)
{
    const uint8_t kind = message->data[0] & 0xF0;

    *is_on = kind == NOTE_ON && message->data[2] > 0;
    return message->kind == ESTRO_MIDI && message->size == 3 &&
           (kind == NOTE_ON || kind == NOTE_OFF);
}

void es_ledger_see(es_ledger *ledger, const estro_message *message)
{
    const uint8_t channel = message->data[0] & 0x0F;
    const uint64_t bit = UINT64_C(1) << (message->data[1] & 63);
    uint64_t *const keys = &ledger->sounds[channel][(message->data[1] >> 6) & 1];
    bool is_on;

    if (!is_note(message, &is_on)) {
        return;
    }
    if (is_on) {
        *keys |= bit;
        ledger->track[channel] = message->track;
    } else {
        *keys &= ~bit;
    }
}

bool es_ledger_wants(const es_ledger *ledger, const estro_message *message)
{
    const uint8_t channel = message->data[0] & 0x0F;
    const uint64_t keys = ledger->sounds[channel][(message->data[1] >> 6) & 1];
    bool is_on;

    if (!is_note(message, &is_on) || is_on) {
        return true;
    }
    return (keys >> (message->data[1] & 63)) & 1;
}

bool es_ledger_silence(es_ledger *ledger, estro_message *message)
{
    for (uint8_t channel = 0; channel < 16; channel++) {
        for (uint8_t key = 0; key < 128; key++) {
            const uint64_t bit = UINT64_C(1) << (key & 63);
            uint64_t *const keys = &ledger->sounds[channel][key >> 6];
            if (*keys & bit) {
                const int64_t tick = message->tick;
                const uint64_t time_ns = message->time_ns;
                *keys &= ~bit;
                *message = es_note_off(channel, key, ledger->track[channel]);
                message->tick = tick;
                message->time_ns = time_ns;
                return true;
            }
        }
    }
    return false;
}

estro_message es_note_off(uint8_t channel, uint8_t key, uint16_t track)
{
    return (estro_message){
        .kind = ESTRO_MIDI,
        .size = 3,
        .data = {(uint8_t)(NOTE_OFF | channel), key, OFF_VELOCITY},
        .track = track,
    };
}
