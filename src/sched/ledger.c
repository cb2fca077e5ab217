/*
 * The ledger: a bit for each key of each channel. Whoever sends messages shows them here first; what is left can be silenced at
 * any time.
 */
#include "sched/ledger.h"

enum { NOTE_OFF = 0x80, NOTE_ON = 0x90, CONTROL = 0xB0, PEDAL = 64, OFF_VELOCITY = 64 };

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

    if (message->kind == ESTRO_MIDI && message->size == 3 && (message->data[0] & 0xF0) == CONTROL &&
        message->data[1] == PEDAL) {
        const uint16_t pedal = (uint16_t)(1u << channel);
        ledger->pedals =
            (uint16_t)(message->data[2] >= 64 ? ledger->pedals | pedal : ledger->pedals & ~pedal);
        ledger->track[channel] = message->track;
    }
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

/* `what` at the time of the message. */
static void replace(estro_message *message, estro_message what)
{
    what.tick = message->tick;
    what.time_ns = message->time_ns;
    *message = what;
}

static bool lift_pedal(es_ledger *ledger, estro_message *message)
{
    for (uint8_t channel = 0; channel < 16; channel++) {
        if (ledger->pedals >> channel & 1) {
            ledger->pedals &= (uint16_t) ~(1u << channel);
            replace(message, (estro_message){.kind = ESTRO_MIDI,
                                             .size = 3,
                                             .data = {(uint8_t)(CONTROL | channel), PEDAL, 0},
                                             .track = ledger->track[channel]});
            return true;
        }
    }
    return false;
}

bool es_ledger_silence(es_ledger *ledger, estro_message *message)
{
    for (uint8_t channel = 0; channel < 16; channel++) {
        for (uint8_t key = 0; key < 128; key++) {
            const uint64_t bit = UINT64_C(1) << (key & 63);
            uint64_t *const keys = &ledger->sounds[channel][key >> 6];
            if (*keys & bit) {
                *keys &= ~bit;
                replace(message, es_note_off(channel, key, ledger->track[channel]));
                return true;
            }
        }
    }
    return lift_pedal(ledger, message);
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
