/*
 * Settings of the coding of profile `notes`: which candidate is which pitch, and their bytes in a model file.
 */
#include "stream/notes.h"

#include <string.h>

int es_notes_pitch(const es_notes_coding *coding, int candidate)
{
    return coding->from_bottom ? coding->high - candidate : coding->low + candidate;
}

int es_notes_candidate(const es_notes_coding *coding, int pitch)
{
    return coding->from_bottom ? coding->high - pitch : pitch - coding->low;
}

void es_notes_pack(const es_notes_coding *c, uint8_t out[64])
{
    const uint8_t bytes[] = {c->low,        c->high,    c->most, c->from_bottom,
                             c->has_onsets, c->has_end, c->grid, c->n_slots};

    memset(out, 0, 64);
    memcpy(out, bytes, sizeof bytes);
}

bool es_notes_unpack(es_notes_coding *out, const uint8_t *bytes, size_t size)
{
    if (size < 8 || bytes[0] > bytes[1] || bytes[1] > 127 || bytes[2] < 1 ||
        bytes[2] > ES_NOTES_MOST || bytes[3] > 1 || bytes[4] > 1 || bytes[5] > 1 || bytes[7] < 1 ||
        bytes[7] > ES_NOTES_SLOTS) {
        return false;
    }
    *out = (es_notes_coding){.low = bytes[0],
                             .high = bytes[1],
                             .most = bytes[2],
                             .from_bottom = bytes[3],
                             .has_onsets = bytes[4],
                             .has_end = bytes[5],
                             .grid = bytes[6],
                             .n_slots = bytes[7]};
    return true;
}
