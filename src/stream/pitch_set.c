/*
 * Sets of pitches: neighbours. Half a set that is empty is passed at once.
 */
#include "stream/pitch_set.h"

int es_pitch_set_below(const es_pitch_set *set, int below)
{
    for (int pitch = below - 1; pitch >= 0; pitch--) {
        if (set->bits[pitch / 64] == 0) {
            pitch = pitch / 64 * 64;
        } else if (es_pitch_set_has(set, pitch)) {
            return pitch;
        }
    }
    return -1;
}

int es_pitch_set_above(const es_pitch_set *set, int above)
{
    for (int pitch = above + 1; pitch < 128; pitch++) {
        if (es_pitch_set_has(set, pitch)) {
            return pitch;
        }
    }
    return -1;
}
