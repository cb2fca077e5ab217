/**
 * @file chord.h
 * Pitch classes, keys, and the one chord lexicon of the project.
 *
 * Styles derive these chords, analysis finds them, models read them: one list for all.
 */
#ifndef ES_MUSIC_CHORD_H
#define ES_MUSIC_CHORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A key: tonic pitch class (0 = C), and mode. */
typedef enum es_mode {
    ES_MAJOR,
    ES_MINOR, /**< Scale: natural minor, with raised 6 and 7 admitted where a chord holds them. */
    ES_DORIAN,
    ES_MIXOLYDIAN,
    ES_PHRYGIAN,
    ES_LYDIAN,
    ES_MODE_COUNT,
    ES_TOLD_MODES = ES_PHRYGIAN /**< The modes that models know: those before it. */
} es_mode;

typedef struct es_key {
    uint8_t tonic;
    uint8_t mode; /**< es_mode. */
} es_key;

/** Chord qualities: name, text after the root in chord symbols, member intervals in semitones. */
#define ES_QUALITY_LIST(X)                                                                         \
    X(MAJ, "", 0, 4, 7, -1)                                                                        \
    X(MIN, "m", 0, 3, 7, -1)                                                                       \
    X(DIM, "dim", 0, 3, 6, -1)                                                                     \
    X(AUG, "aug", 0, 4, 8, -1)                                                                     \
    X(DOM7, "7", 0, 4, 7, 10)                                                                      \
    X(MIN7, "m7", 0, 3, 7, 10)                                                                     \
    X(MAJ7, "maj7", 0, 4, 7, 11)                                                                   \
    X(HDIM7, "m7b5", 0, 3, 6, 10)                                                                  \
    X(DIM7, "dim7", 0, 3, 6, 9)                                                                    \
    X(SUS4, "sus4", 0, 5, 7, -1)                                                                   \
    X(MAJ6, "6", 0, 4, 7, 9)                                                                       \
    X(POWER, "5", 0, 7, -1, -1)

typedef enum es_quality {
#define ES_QUALITY_ENUM(name, text, a, b, c, d) ES_QUALITY_##name,
    ES_QUALITY_LIST(ES_QUALITY_ENUM)
#undef ES_QUALITY_ENUM
        ES_QUALITY_UNKNOWN, /**< Sounding notes fit no chord of the lexicon. */
    ES_QUALITY_NONE,        /**< Silence, or no chord meant. */
    ES_QUALITY_COUNT
} es_quality;

enum {
    ES_NO_FIFTH = 1 << 12, /**< Among tensions: b5 or #5 stands for the fifth of the quality. */
    ES_CHORD_TEXT = 48     /**< Bytes that hold any chord symbol or numeral. */
};

/**
 * A chord: root pitch class 0-11, quality, and what is in the bass.
 *
 * Tensions and a foreign bass stand beside the lexicon: models are told the plain chord.
 */
typedef struct es_chord {
    uint8_t root;
    uint8_t quality;   /**< es_quality. */
    uint8_t bass;      /**< Member in the bass: 0 root, 1 third, 2 fifth, 3 seventh. */
    uint8_t slash;     /**< Pitch class in the bass that is no member, + 1; 0: `bass` says it. */
    uint16_t tensions; /**< Added tones: bit i = i semitones above the root; and ES_NO_FIFTH. */
} es_chord;

static inline int es_pitch_class(int pitch)
{
    return ((pitch % 12) + 12) % 12;
}

/** Members of a chord (3 or 4; 2 for a power chord; 0 for unknown or none). */
int es_chord_size(es_chord chord);

/** Pitch class of member `index` (0 root, 1 third ...), or -1 when the chord has no such member. */
int es_chord_member(es_chord chord, int index);

/** Which member a pitch is: 0 to 3, or -1 for a foreign note. Unknown and none: always -1. */
int es_chord_find(es_chord chord, int pitch);

/** Pitch classes as a 12-bit set, bit 0 = C: members and tensions, without a foreign bass. */
uint16_t es_chord_set(es_chord chord);

/** The pitch class that the chord names as its bass, -1 for none. */
int es_chord_bass(es_chord chord);

/** Put a pitch class into the bass: the member that it is, or a foreign one. */
void es_chord_set_bass(es_chord *chord, int pitch_class);

uint16_t es_key_set(es_key key);

/** Scale of the moment: the key's scale, its degrees altered where the chord's members alter them. */
uint16_t es_scale_set(es_key key, es_chord chord);

bool es_chord_equal(es_chord a, es_chord b);
/** The chord so many semitones higher, or lower. */
es_chord es_chord_moved(es_chord chord, int semitones);

/** "major" ... */
const char *es_mode_name(int mode);

/** Whether the third of the mode is minor. */
static inline bool es_mode_is_minor(unsigned mode)
{
    return mode == ES_MINOR || mode == ES_DORIAN || mode == ES_PHRYGIAN;
}

/** The key as a model is told it: a mode that models do not know as the nearest that they do. */
es_key es_key_told(es_key key);

/** The leading tone of `key` as a pitch class: a semitone below the tonic in every mode. */
int es_key_leading_tone(es_key key);

/**
 * Write a chord symbol such as "F#m7/A", "N" for none, "?" for unknown.
 *
 * @param out   [size]; overwritten, always ended by a NUL; ES_CHORD_TEXT bytes hold any symbol.
 * @param key   Decides sharps or flats; may be NULL (flats for black keys but F#).
 */
void es_chord_symbol(char *out, size_t size, es_chord chord, const es_key *key);

/**
 * Read a chord symbol: root, quality, tensions, optional slash bass.
 *
 * Accepts the texts of ES_QUALITY_LIST and their usual synonyms (M7, Maj7, -7, min, o, o7, ø, +, ...), and those of tension.h.
 * @return Bytes read, 0 when it is no chord symbol.
 */
size_t es_chord_parse(es_chord *out, const char *text);

/**
 * Read a Roman numeral in a key: "I", "ii65", "V7/V", "bVI", "vii°7" (or "viio7"), "I64", "N".
 *
 * Case gives the triad (upper major, lower minor), "o" or "°" diminished, "ø" half-diminished, "+" augmented;
 * figures: none/6/64 for triads, 7/65/43/42 for sevenths ("maj7", "dom7", "dom65" ... for a major or minor seventh where the scale has the other one, "sus4", "add6", "5" power). In minor,
 * VI and VII and III are the natural degrees; V and vii° use the raised seventh. "/X" applies to degree X. Figures may be
 * those of tension.h ("9", "7b9", "13"); "@" and a degree of the key's scale (1-7, with "b" or "#") name a bass.
 *
 * @return Bytes read, 0 when it is no Roman numeral.
 */
size_t es_roman_parse(es_chord *out, const char *text, es_key key);

/** Write the Roman numeral of a chord in a key; the inverse of es_roman_parse for diatonic chords. ES_CHORD_TEXT bytes hold any. */
void es_roman_write(char *out, size_t size, es_chord chord, es_key key);

/** Read "C", "F#", "Bb", "Eb major", "c minor", "a" (lower case = minor), "d dorian". @return Bytes read, 0 = none. */
size_t es_key_parse(es_key *out, const char *text);

/** Write "C major", "F# minor". 16 bytes hold any. */
void es_key_write(char *out, size_t size, es_key key);

/** Sharps (positive) or flats (negative) of the key signature, -6 to 6. */
int es_key_signature(es_key key);

/** Read a pitch such as "C4" (60), "F#3", "Bb-1". @return Bytes read, 0 = none. */
size_t es_pitch_parse(int *out, const char *text);

/** Write a pitch name; 8 bytes hold any. */
void es_pitch_write(char *out, size_t size, int pitch, const es_key *key);

#endif
