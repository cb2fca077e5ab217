/*
 * Names of pitches, keys and chords: reading and writing.
 *
 * A reader takes the longest text that makes sense and returns its length; 0 means "not one of these". Nothing is
 * allocated. Every text that a writer makes is read back by its reader.
 */
#include "music/chord.h"

#include "music/tension.h"

#include <stdio.h>
#include <string.h>

/* ---- letters ---- */

static const int8_t letter_class[7] = {9, 11, 0, 2, 4, 5, 7}; /* A .. G */

/* A letter A-G (or a-g when `lower`) with accidentals; returns bytes. */
static size_t parse_letter(int *pitch_class, const char *text, bool lower)
{
    const char first = lower ? 'a' : 'A';
    size_t used = 1;

    if (*text < first || *text > first + 6) {
        return 0;
    }
    int value = letter_class[*text - first];
    while (used < 3 && (text[used] == '#' || text[used] == 'b')) {
        value += text[used] == '#' ? 1 : -1;
        used++;
    }
    *pitch_class = es_pitch_class(value);
    return used;
}

static const char *class_name(int pitch_class, bool sharps)
{
    static const char *const flat[] = {"C",  "Db", "D",  "Eb", "E",  "F",
                                       "F#", "G",  "Ab", "A",  "Bb", "B"};
    static const char *const sharp[] = {"C",  "C#", "D",  "D#", "E",  "F",
                                        "F#", "G",  "G#", "A",  "A#", "B"};

    return (sharps ? sharp : flat)[pitch_class % 12];
}

static bool uses_sharps(const es_key *key)
{
    return key && es_key_signature(*key) > 0;
}

/* ---- pitches ---- */

size_t es_pitch_parse(int *out, const char *text)
{
    int pitch_class;
    size_t used = parse_letter(&pitch_class, text, false);
    int sign = 1;
    int accidentals = 0;

    if (!used) {
        return 0;
    }
    for (size_t i = 1; i < used; i++) {
        accidentals += text[i] == '#' ? 1 : -1;
    }
    if (text[used] == '-') {
        sign = -1;
        used++;
    }
    if (text[used] < '0' || text[used] > '9') {
        return 0;
    }
    const int octave = sign * (text[used] - '0');
    const int pitch = 12 * (octave + 1) + letter_class[*text - 'A'] + accidentals;
    if (pitch < 0 || pitch > 127) {
        return 0;
    }
    *out = pitch;
    return used + 1;
}

void es_pitch_write(char *out, size_t size, int pitch, const es_key *key)
{
    snprintf(out, size, "%s%d", class_name(es_pitch_class(pitch), uses_sharps(key)),
             pitch / 12 - 1);
}

/* ---- keys ---- */

int es_key_signature(es_key key)
{
    /* Fifths from C of the major key with the same notes. */
    static const int8_t fifths[12] = {0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5};
    static const uint8_t to_major[ES_MODE_COUNT] = {0, 3, 10, 5, 8, 7};
    const unsigned mode = key.mode < ES_MODE_COUNT ? key.mode : ES_MAJOR;

    return fifths[(key.tonic + to_major[mode]) % 12];
}

static const char *const mode_names[ES_MODE_COUNT] = {"major",      "minor",    "dorian",
                                                      "mixolydian", "phrygian", "lydian"};

const char *es_mode_name(int mode)
{
    return mode_names[mode];
}

size_t es_key_parse(es_key *out, const char *text)
{
    int tonic;
    es_key key = {0, ES_MAJOR};
    size_t used = parse_letter(&tonic, text, false);

    if (!used) {
        used = parse_letter(&tonic, text, true);
        key.mode = ES_MINOR;
    }
    if (!used) {
        return 0;
    }
    key.tonic = (uint8_t)tonic;
    const char *mode = text + used;
    while (*mode == ' ' || *mode == ':' || *mode == '-') {
        mode++;
    }
    for (int m = 0; m < ES_MODE_COUNT; m++) {
        const size_t length = strlen(mode_names[m]);
        if (strncmp(mode, mode_names[m], length) == 0) {
            key.mode = (uint8_t)m;
            *out = key;
            return (size_t)(mode - text) + length;
        }
    }
    *out = key;
    return used;
}

void es_key_write(char *out, size_t size, es_key key)
{
    const unsigned mode = key.mode < ES_MODE_COUNT ? key.mode : ES_MAJOR;

    snprintf(out, size, "%s %s", class_name(key.tonic, uses_sharps(&key)), mode_names[mode]);
}

/* ---- chord symbols ---- */

typedef struct quality_text {
    const char *text;
    es_quality quality;
} quality_text;

/* Longest first among those that begin alike. */
static const quality_text symbol_texts[] = {
    {"maj7", ES_QUALITY_MAJ7},      {"Maj7", ES_QUALITY_MAJ7},  {"M7", ES_QUALITY_MAJ7},
    {"min7b5", ES_QUALITY_HDIM7},   {"m7b5", ES_QUALITY_HDIM7}, {"min7", ES_QUALITY_MIN7},
    {"m7", ES_QUALITY_MIN7},        {"-7", ES_QUALITY_MIN7},    {"dim7", ES_QUALITY_DIM7},
    {"o7", ES_QUALITY_DIM7},        {"dim", ES_QUALITY_DIM},    {"aug", ES_QUALITY_AUG},
    {"sus4", ES_QUALITY_SUS4},      {"sus", ES_QUALITY_SUS4},   {"maj", ES_QUALITY_MAJ},
    {"min", ES_QUALITY_MIN},        {"m", ES_QUALITY_MIN},      {"-", ES_QUALITY_MIN},
    {"\xc3\xb8", ES_QUALITY_HDIM7}, {"o", ES_QUALITY_DIM},      {"+", ES_QUALITY_AUG},
    {"7", ES_QUALITY_DOM7},         {"6", ES_QUALITY_MAJ6},     {"5", ES_QUALITY_POWER},
    {"", ES_QUALITY_MAJ},
};

/* Quality and tensions after a root: the longest text of both tables, then what is added, perhaps in parentheses. */
static size_t parse_quality(es_chord *out, const char *text)
{
    size_t used = 0, length = 0, i = 0;
    const es_stack *stack = es_stack_of_symbol(text, &length);

    while (strncmp(text, symbol_texts[i].text, strlen(symbol_texts[i].text)) != 0) {
        i++; /* The last one is empty. */
    }
    used = strlen(symbol_texts[i].text);
    out->quality = (uint8_t)symbol_texts[i].quality;
    if (stack && length > used) {
        used = length;
        out->quality = stack->quality;
        out->tensions = stack->tensions;
    }
    if (text[used] != '(') {
        return used + es_additions_parse(out, text + used);
    }
    const size_t inside = es_additions_parse(out, text + used + 1);
    return inside && text[used + 1 + inside] == ')' ? used + inside + 2 : used;
}

size_t es_chord_parse(es_chord *out, const char *text)
{
    int root, bass;
    es_chord chord = {0};

    if (*text == 'N' || *text == '?') {
        *out = (es_chord){.quality = *text == 'N' ? ES_QUALITY_NONE : ES_QUALITY_UNKNOWN};
        return 1;
    }
    size_t used = parse_letter(&root, text, false);
    if (!used) {
        return 0;
    }
    chord.root = (uint8_t)root;
    used += parse_quality(&chord, text + used);
    if (text[used] == '/') {
        const size_t bass_used = parse_letter(&bass, text + used + 1, false);
        if (!bass_used) {
            return 0;
        }
        es_chord_set_bass(&chord, bass);
        used += 1 + bass_used;
    }
    *out = chord;
    return used;
}

static const char *quality_symbol(unsigned quality)
{
    static const char *const texts[] = {
#define TEXT(name, text, a, b, c, d) text,
        ES_QUALITY_LIST(TEXT)
#undef TEXT
    };

    return quality < ES_QUALITY_UNKNOWN ? texts[quality] : "";
}

/* Letter and accidental of a place on the line of fifths: C is 0, G 1, F -1. */
static void fifth_name(char out[4], int place)
{
    static const char letters[] = "FCGDAEB";
    const int letter = (place + 1 + 70) % 7;
    const int accidentals = (place + 1 - letter) / 7;
    char *end = out;

    *end++ = letters[letter];
    for (int i = 0; i < accidentals; i++) {
        *end++ = '#';
    }
    for (int i = 0; i > accidentals; i--) {
        *end++ = 'b';
    }
    *end = '\0';
}

/* Place of a root: near the key, where a minor key has its leading tone and dominants of dominants, a major key its minor sixth. */
static int root_place(int root, const es_key *key)
{
    const int lowest = !key ? -5 : es_key_signature(*key) + (key->mode == ES_MINOR ? -2 : -4);
    int place = es_pitch_class(7 * root);

    while (place < lowest) {
        place += 12;
    }
    while (place >= lowest + 12) {
        place -= 12;
    }
    return place;
}

/* Steps on the line of fifths by semitones above the root: its third, fifth and seventh are written as such. */
static const int8_t fifths_above[12] = {0, 7, 2, -3, 4, -1, -6, 1, 8, 3, -2, 5};

void es_chord_symbol(char *out, size_t size, es_chord chord, const es_key *key)
{
    char name[4], low[4], added[ES_CHORD_TEXT / 2];

    if (chord.quality >= ES_QUALITY_UNKNOWN) {
        snprintf(out, size, "%s", chord.quality == ES_QUALITY_NONE ? "N" : "?");
        return;
    }
    const es_stack *stack = es_stack_of_chord(chord);
    const char *quality = stack ? stack->symbol : quality_symbol(chord.quality);
    const int bass = es_chord_bass(chord);
    const int place = root_place(chord.root, key);
    fifth_name(name, place);
    es_additions_write(added + 1, sizeof added - 2, chord, stack);
    const bool is_open = !*quality && (added[1] == 'b' || added[1] == '#');
    added[0] = '(';
    strcat(added, is_open ? ")" : "");
    if (bass != chord.root) {
        const int above = fifths_above[es_pitch_class(bass - chord.root)];
        const bool is_readable = !chord.slash && place + above >= -8 && place + above <= 12;
        fifth_name(low, is_readable ? place + above : root_place(bass, key));
        snprintf(out, size, "%s%s%s/%s", name, quality, added + !is_open, low);
    } else {
        snprintf(out, size, "%s%s%s", name, quality, added + !is_open);
    }
}
