/*
 * The chord lexicon: members, sets, and what the scale of the moment is.
 * Reading and writing of symbols and numerals is in names.c.
 */
#include "music/chord.h"

static const int8_t members[ES_QUALITY_COUNT][4] = {
#define MEMBERS(name, text, a, b, c, d) [ES_QUALITY_##name] = {a, b, c, d},
    ES_QUALITY_LIST(MEMBERS)
#undef MEMBERS
        [ES_QUALITY_UNKNOWN] = {-1, -1, -1, -1},
    [ES_QUALITY_NONE] = {-1, -1, -1, -1},
};

static uint16_t rotate(uint16_t set, int semitones)
{
    const unsigned shift = (unsigned)es_pitch_class(semitones);

    return (uint16_t)(((unsigned)set << shift | (unsigned)set >> (12 - shift)) & 0xfffu);
}

int es_chord_size(es_chord chord)
{
    int size = 0;

    while (size < 4 && es_chord_member(chord, size) >= 0) {
        size++;
    }
    return size;
}

int es_chord_member(es_chord chord, int index)
{
    if (index < 0 || index > 3 || chord.quality >= ES_QUALITY_COUNT) {
        return -1;
    }
    int interval = members[chord.quality][index];
    if (interval == 7 && chord.tensions & ES_NO_FIFTH) {
        interval = chord.tensions >> 6 & 1 ? 6 : 8;
    }
    return interval < 0 ? -1 : (chord.root + interval) % 12;
}

int es_chord_find(es_chord chord, int pitch)
{
    const int pitch_class = es_pitch_class(pitch);

    for (int i = 0; i < 4; i++) {
        if (es_chord_member(chord, i) == pitch_class) {
            return i;
        }
    }
    return -1;
}

uint16_t es_chord_set(es_chord chord)
{
    unsigned set = 0;

    for (int i = 0; i < 4; i++) {
        const int pitch_class = es_chord_member(chord, i);
        if (pitch_class >= 0) {
            set |= 1u << pitch_class;
        }
    }
    return (uint16_t)(set | rotate(chord.tensions & 0xfffu, chord.root));
}

int es_chord_bass(es_chord chord)
{
    return chord.slash ? chord.slash - 1 : es_chord_member(chord, chord.bass);
}

void es_chord_set_bass(es_chord *chord, int pitch_class)
{
    const int member = es_chord_find(*chord, pitch_class);

    chord->bass = (uint8_t)(member < 0 ? 0 : member);
    chord->slash = (uint8_t)(member < 0 ? es_pitch_class(pitch_class) + 1 : 0);
}

uint16_t es_key_set(es_key key)
{
    /* Bit i = i semitones above the tonic. */
    static const uint16_t scales[ES_MODE_COUNT] = {
        [ES_MAJOR] = 0xab5,      /* 0 2 4 5 7 9 11 */
        [ES_MINOR] = 0x5ad,      /* 0 2 3 5 7 8 10 */
        [ES_DORIAN] = 0x6ad,     /* 0 2 3 5 7 9 10 */
        [ES_MIXOLYDIAN] = 0x6b5, /* 0 2 4 5 7 9 10 */
        [ES_PHRYGIAN] = 0x5ab,   /* 0 1 3 5 7 8 10 */
        [ES_LYDIAN] = 0xad5,     /* 0 2 4 6 7 9 11 */
    };

    return rotate(scales[key.mode < ES_MODE_COUNT ? key.mode : ES_MAJOR], key.tonic);
}

uint16_t es_scale_set(es_key key, es_chord chord)
{
    const uint16_t chord_set = es_chord_set(chord);
    uint16_t scale = es_key_set(key);

    /* A member that the scale lacks replaces the degree it alters: the neighbour that is not in the chord itself. */
    for (int pc = 0; pc < 12; pc++) {
        const uint16_t bit = (uint16_t)(1u << pc);
        if (!(chord_set & bit) || (scale & bit)) {
            continue;
        }
        const uint16_t below = rotate(bit, -1);
        const uint16_t above = rotate(bit, 1);
        /* The raised form of the degree below is the usual case (leading tones); a lowered one the other. */
        if ((scale & below) && !(chord_set & below)) {
            scale = (uint16_t)(scale & ~below);
        } else if ((scale & above) && !(chord_set & above)) {
            scale = (uint16_t)(scale & ~above);
        }
        scale |= bit;
    }
    return scale;
}

bool es_chord_equal(es_chord a, es_chord b)
{
    return a.root == b.root && a.quality == b.quality && a.bass == b.bass && a.slash == b.slash &&
           a.tensions == b.tensions;
}

es_chord es_chord_moved(es_chord chord, int semitones)
{
    if (chord.quality != ES_QUALITY_NONE) {
        chord.root = (uint8_t)es_pitch_class(chord.root + semitones);
    }
    if (chord.slash > 0) {
        chord.slash = (uint8_t)(es_pitch_class(chord.slash - 1 + semitones) + 1);
    }
    return chord;
}

es_key es_key_told(es_key key)
{
    if (key.mode >= ES_TOLD_MODES) {
        key.mode = es_mode_is_minor(key.mode) ? ES_MINOR : ES_MAJOR;
    }
    return key;
}

int es_key_leading_tone(es_key key)
{
    return (key.tonic + 11) % 12;
}
