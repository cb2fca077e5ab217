/*
 * Roman numerals.
 *
 *     numeral = "N" | [ "b" | "#" ] degree [ quality ] [ figures ] { addition } [ "/" [ "b" | "#" ] degree ] [ "@" [ "b" | "#" ] "1" .. "7" ] .
 *
 * A numeral after the slash is a degree that is tonicised: the numeral before it is read in the major key there, or the
 * minor one if the degree is lower case. The bass after "@" is a degree of the scale of the key itself.
 */
#include "music/chord.h"

#include "base/text.h"
#include "music/tension.h"

#include <stdio.h>
#include <string.h>

typedef struct degree {
    int accidental;
    int number; /* 0-6 */
    bool is_lower;
} degree;

static size_t parse_degree(degree *out, const char *text)
{
    static const struct {
        const char *text;
        int number;
    } numerals[] = {{"VII", 6}, {"VI", 5}, {"IV", 3}, {"V", 4}, {"III", 2}, {"II", 1}, {"I", 0},
                    {"vii", 6}, {"vi", 5}, {"iv", 3}, {"v", 4}, {"iii", 2}, {"ii", 1}, {"i", 0}};
    size_t used = 0;

    out->accidental = 0;
    if (*text == 'b' || *text == '#') {
        out->accidental = *text == 'b' ? -1 : 1;
        used = 1;
    }
    for (size_t i = 0; i < sizeof numerals / sizeof *numerals; i++) {
        const size_t length = es_prefix(text + used, numerals[i].text);
        if (length > 0) {
            out->number = numerals[i].number;
            out->is_lower = numerals[i].text[0] >= 'a';
            return used + length;
        }
    }
    return 0;
}

/* Semitones of each degree above the tonic. In minor, 6 and 7 are the natural ones. */
static int degree_semitones(degree d, unsigned mode)
{
    static const int8_t scale[ES_MODE_COUNT][7] = {
        [ES_MAJOR] = {0, 2, 4, 5, 7, 9, 11},    [ES_MINOR] = {0, 2, 3, 5, 7, 8, 10},
        [ES_DORIAN] = {0, 2, 3, 5, 7, 9, 10},   [ES_MIXOLYDIAN] = {0, 2, 4, 5, 7, 9, 10},
        [ES_PHRYGIAN] = {0, 1, 3, 5, 7, 8, 10}, [ES_LYDIAN] = {0, 2, 4, 6, 7, 9, 11},
    };

    return scale[mode < ES_MODE_COUNT ? mode : ES_MAJOR][d.number] + d.accidental;
}

typedef enum shape { SHAPE_PLAIN, SHAPE_DIM, SHAPE_HALF_DIM, SHAPE_AUG } shape;

static size_t parse_shape(shape *out, const char *text)
{
    *out = SHAPE_PLAIN;
    if (*text == 'o') {
        *out = SHAPE_DIM;
        return 1;
    }
    if (es_prefix(text, "\xc2\xb0")) { /* degree sign */
        *out = SHAPE_DIM;
        return 2;
    }
    if (es_prefix(text, "\xc3\xb8")) { /* o with stroke */
        *out = SHAPE_HALF_DIM;
        return 2;
    }
    if (*text == '+') {
        *out = SHAPE_AUG;
        return 1;
    }
    return 0;
}

typedef struct figures {
    bool is_seventh;
    bool is_major_seventh;
    int8_t fixed_quality; /* es_quality, or -1 */
    uint8_t bass;
    uint16_t tensions;
} figures;

enum {
    NINTH = 1 << 2,
    ELEVENTH = 1 << 5,
    THIRTEENTH = 1 << 9,
    MINOR_SEVENTH = 1 << 10,
    MAJOR_SEVENTH = 1 << 11,
    SHARP_FIFTH = ES_NO_FIFTH | 1 << 8,
    ALTERED = ES_NO_FIFTH | 1 << 1 | 1 << 3 | 1 << 6 | 1 << 8
};

static size_t parse_figures(figures *out, const char *text)
{
    static const struct {
        const char *text;
        figures value;
    } table[] = {
        {"maj7", {true, true, -1, 0, 0}},
        {"maj65", {true, true, -1, 1, 0}},
        {"maj43", {true, true, -1, 2, 0}},
        {"maj42", {true, true, -1, 3, 0}},
        {"maj9", {true, true, -1, 0, NINTH}},
        {"maj13", {true, true, -1, 0, NINTH | THIRTEENTH}},
        {"dom7alt", {true, false, ES_QUALITY_DOM7, 0, ALTERED}},
        {"dom7", {true, false, ES_QUALITY_DOM7, 0, 0}},
        {"dom65", {true, false, ES_QUALITY_DOM7, 1, 0}},
        {"dom43", {true, false, ES_QUALITY_DOM7, 2, 0}},
        {"dom42", {true, false, ES_QUALITY_DOM7, 3, 0}},
        {"dom9", {true, false, ES_QUALITY_DOM7, 0, NINTH}},
        {"dom11", {true, false, ES_QUALITY_DOM7, 0, NINTH | ELEVENTH}},
        {"dom13", {true, false, ES_QUALITY_DOM7, 0, NINTH | THIRTEENTH}},
        {"7sus4", {false, false, ES_QUALITY_SUS4, 0, MINOR_SEVENTH}},
        {"9sus4", {false, false, ES_QUALITY_SUS4, 0, MINOR_SEVENTH | NINTH}},
        {"13sus4", {false, false, ES_QUALITY_SUS4, 0, MINOR_SEVENTH | NINTH | THIRTEENTH}},
        {"sus4", {false, false, ES_QUALITY_SUS4, 0, 0}},
        {"sus2", {false, false, ES_QUALITY_POWER, 0, NINTH}},
        {"add6", {false, false, ES_QUALITY_MAJ6, 0, 0}},
        {"7alt", {true, false, ES_QUALITY_DOM7, 0, ALTERED}},
        {"alt", {true, false, ES_QUALITY_DOM7, 0, ALTERED}},
        {"13", {true, false, -1, 0, NINTH | THIRTEENTH}},
        {"11", {true, false, -1, 0, NINTH | ELEVENTH}},
        {"69", {false, false, ES_QUALITY_MAJ6, 0, NINTH}},
        {"65", {true, false, -1, 1, 0}},
        {"64", {false, false, -1, 2, 0}},
        {"43", {true, false, -1, 2, 0}},
        {"42", {true, false, -1, 3, 0}},
        {"6", {false, false, -1, 1, 0}},
        {"7", {true, false, -1, 0, 0}},
        {"9", {true, false, -1, 0, NINTH}},
        {"5", {false, false, ES_QUALITY_POWER, 0, 0}},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const size_t length = es_prefix(text, table[i].text);
        if (length > 0) {
            *out = table[i].value;
            return length;
        }
    }
    *out = (figures){false, false, -1, 0, 0};
    return 0;
}

/*
 * The seventh of a numeral without a shape: minor over a minor triad; over a major one it is that of the scale
 * (IV and I in major: major seventh), but always minor on V, on altered degrees and where a degree is tonicised.
 */
static es_quality seventh_quality(degree d, shape s, const figures *f, unsigned mode, bool applied)
{
    if (s == SHAPE_DIM) {
        return ES_QUALITY_DIM7;
    }
    if (s == SHAPE_HALF_DIM) {
        return ES_QUALITY_HDIM7;
    }
    if (d.is_lower) {
        return ES_QUALITY_MIN7;
    }
    if (f->is_major_seventh) {
        return ES_QUALITY_MAJ7;
    }
    if (applied || d.accidental || d.number == 4) {
        return ES_QUALITY_DOM7;
    }
    const es_key key = {0, (uint8_t)mode};
    const int seventh = es_pitch_class(degree_semitones(d, mode) + 11);
    return es_key_set(key) >> seventh & 1 ? ES_QUALITY_MAJ7 : ES_QUALITY_DOM7;
}

static es_quality quality_of(degree d, shape s, const figures *f, unsigned mode, bool applied)
{
    if (f->fixed_quality >= 0) {
        return (es_quality)f->fixed_quality;
    }
    if (f->is_seventh || s == SHAPE_HALF_DIM) {
        return seventh_quality(d, s, f, mode, applied);
    }
    if (s == SHAPE_DIM) {
        return ES_QUALITY_DIM;
    }
    if (s == SHAPE_AUG) {
        return ES_QUALITY_AUG;
    }
    return d.is_lower ? ES_QUALITY_MIN : ES_QUALITY_MAJ;
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* "/X": moves `key` to the degree that is tonicised. */
static size_t parse_applied(es_key *key, const char *text)
{
    degree target;
    const size_t used = *text == '/' ? parse_degree(&target, text + 1) : 0;

    if (!used) {
        return 0;
    }
    key->tonic = (uint8_t)es_pitch_class(key->tonic + degree_semitones(target, key->mode));
    key->mode = target.is_lower ? ES_MINOR : ES_MAJOR;
    return used + 1;
}

/* Quality and tensions. A small numeral has a minor third under a sixth and a major seventh too. */
static void set_quality(es_chord *out, degree d, shape s, const figures *f, unsigned mode,
                        bool applied)
{
    const bool is_sixth = f->fixed_quality == ES_QUALITY_MAJ6;

    out->quality = (uint8_t)quality_of(d, s, f, mode, applied);
    out->tensions = f->tensions;
    if (d.is_lower && s == SHAPE_PLAIN && (is_sixth || f->is_major_seventh)) {
        out->quality = ES_QUALITY_MIN;
        out->tensions = (uint16_t)(out->tensions | (is_sixth ? THIRTEENTH : MAJOR_SEVENTH));
    } else if (s == SHAPE_AUG && f->is_seventh) {
        out->tensions = (uint16_t)(out->tensions | SHARP_FIFTH);
    }
}

/* "@" and a degree of the scale: what is in the bass. Bytes, 0 when there is none, or it is wrong. */
static size_t parse_bass(es_chord *out, const char *text, es_key key)
{
    degree d = {0, 0, false};
    size_t used = 1;

    if (*text != '@') {
        return 0;
    }
    if (text[used] == 'b' || text[used] == '#') {
        d.accidental = text[used++] == 'b' ? -1 : 1;
    }
    if (text[used] < '1' || text[used] > '7') {
        return 0;
    }
    d.number = text[used] - '1';
    es_chord_set_bass(out, key.tonic + degree_semitones(d, key.mode) + 12);
    return used + 1;
}

size_t es_roman_parse(es_chord *out, const char *text, es_key key)
{
    const es_key home = key;
    es_chord chord = {0};
    degree d;
    shape s;
    figures f;

    if (*text == 'N' && !is_name_character(text[1])) {
        *out = (es_chord){.quality = ES_QUALITY_NONE};
        return 1;
    }
    size_t used = parse_degree(&d, text);
    if (!used) {
        return 0;
    }
    used += parse_shape(&s, text + used);
    used += parse_figures(&f, text + used);
    const size_t figured = used;
    used += es_additions_parse(&chord, text + used);
    const size_t applied = parse_applied(&key, text + used);
    used += applied;

    int semitones = degree_semitones(d, key.mode);
    if (d.number == 6 && !d.accidental && (s == SHAPE_DIM || s == SHAPE_HALF_DIM)) {
        semitones = 11; /* A diminished seventh degree stands on the leading tone in every mode. */
    }
    set_quality(&chord, d, s, &f, key.mode, applied > 0);
    es_additions_parse(&chord, text + figured);
    chord.root = (uint8_t)es_pitch_class(key.tonic + semitones);
    chord.bass = f.bass;
    if (es_chord_member(chord, chord.bass) < 0) {
        return 0;
    }
    used += parse_bass(&chord, text + used, home);
    if (is_name_character(text[used]) || text[used] == '@') {
        return 0;
    }
    *out = chord;
    return used;
}

/* Is the third minor: lower case? */
static bool is_minor_quality(unsigned quality)
{
    return quality == ES_QUALITY_MIN || quality == ES_QUALITY_DIM || quality == ES_QUALITY_MIN7 ||
           quality == ES_QUALITY_HDIM7 || quality == ES_QUALITY_DIM7;
}

/* "maj" or "dom" before the figures of a seventh that is not the one the numeral would have by itself. */
static const char *seventh_prefix(es_chord chord, degree d, unsigned mode)
{
    static const figures plain = {true, false, -1, 0, 0};
    const es_quality usual = seventh_quality(d, SHAPE_PLAIN, &plain, mode, false);

    if (chord.quality == ES_QUALITY_MAJ7 && (chord.bass == 0 || usual != ES_QUALITY_MAJ7)) {
        return "maj";
    }
    return chord.quality == ES_QUALITY_DOM7 && usual != ES_QUALITY_DOM7 ? "dom" : "";
}

static const char *figure_text(es_chord chord)
{
    static const char *const triad[] = {"", "6", "64", ""};
    static const char *const seventh[] = {"7", "65", "43", "42"};

    switch (chord.quality) {
    case ES_QUALITY_SUS4:
        return "sus4";
    case ES_QUALITY_MAJ6:
        return "add6";
    case ES_QUALITY_POWER:
        return "5";
    default:
        return (es_chord_size(chord) == 4 ? seventh : triad)[chord.bass & 3];
    }
}

/* Whether figures alone say what is in the bass. */
static bool has_figured_bass(es_chord chord)
{
    return !chord.slash && (!chord.bass || (chord.quality < ES_QUALITY_SUS4 && !chord.tensions));
}

/* "@" and the degree of the scale that the bass is. */
static void write_bass(char *out, size_t size, es_chord chord, es_key key)
{
    const int semitones = es_pitch_class(es_chord_bass(chord) - key.tonic);

    for (int accidental = 0; accidental <= 1; accidental++) {
        for (int number = 0; number < 7; number++) {
            const degree d = {-accidental, number, false};
            if (es_pitch_class(degree_semitones(d, key.mode) + 12) == semitones) {
                snprintf(out, size, "@%s%d", accidental ? "b" : "", number + 1);
                return;
            }
        }
    }
}

/* The degree whose semitones are those of the root: a plain one if there is one, else lowered (raised: the fourth). */
static degree degree_of(es_chord chord, es_key key)
{
    const int semitones = es_pitch_class(chord.root - key.tonic);
    const bool is_dim = chord.quality == ES_QUALITY_DIM || chord.quality == ES_QUALITY_DIM7 ||
                        chord.quality == ES_QUALITY_HDIM7;
    degree d = {0, 6, false};

    if (semitones == 11 && is_dim) {
        return d;
    }
    for (int accidental = 0; accidental <= 2; accidental++) {
        for (int number = 0; number < 7; number++) {
            d.accidental = accidental == 0 ? 0 : accidental == 1 ? (semitones == 6 ? 1 : -1) : 1;
            d.number = number;
            if (es_pitch_class(degree_semitones(d, key.mode)) == semitones) {
                return d;
            }
        }
    }
    return d;
}

void es_roman_write(char *out, size_t size, es_chord chord, es_key key)
{
    static const char *const upper[] = {"I", "II", "III", "IV", "V", "VI", "VII"};
    static const char *const lower[] = {"i", "ii", "iii", "iv", "v", "vi", "vii"};

    if (chord.quality >= ES_QUALITY_UNKNOWN) {
        snprintf(out, size, "%s", chord.quality == ES_QUALITY_NONE ? "N" : "?");
        return;
    }
    const degree d = degree_of(chord, key);
    const char *numeral = (is_minor_quality(chord.quality) ? lower : upper)[d.number];
    const char *accidental = d.accidental < 0 ? "b" : d.accidental > 0 ? "#" : "";
    const es_stack *stack = es_stack_of_chord(chord);
    const char *shape_text = "";
    char added[ES_CHORD_TEXT / 2], bass[4] = "";

    es_additions_write(added, sizeof added, chord, stack);
    if (!has_figured_bass(chord)) {
        write_bass(bass, sizeof bass, chord, key);
        chord.bass = 0;
    }
    const char *figure = stack ? stack->figures : figure_text(chord);
    if (chord.quality == ES_QUALITY_DIM || chord.quality == ES_QUALITY_DIM7) {
        shape_text = "o";
    } else if (chord.quality == ES_QUALITY_HDIM7) {
        shape_text = "\xc3\xb8";
    } else if (chord.quality == ES_QUALITY_AUG) {
        shape_text = "+";
    } else {
        shape_text = seventh_prefix(chord, d, key.mode);
    }
    snprintf(out, size, "%s%s%s%s%s%s", accidental, numeral, shape_text, figure, added, bass);
}
