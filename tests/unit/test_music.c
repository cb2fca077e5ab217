/* Pitches, keys, chords, numerals and metre: what they mean, and that names are read as they are written. */
#include "music/chord.h"
#include "music/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const es_key c_major = {0, ES_MAJOR};
static const es_key a_minor = {9, ES_MINOR};

static void numerals_name_chords(void **state)
{
    static const struct {
        const char *roman;
        const char *key;
        const char *symbol;
    } cases[] = {
        {"I", "C", "C"},
        {"ii65", "C", "Dm7/F"},
        {"V7/V", "C", "D7"},
        {"bVI", "C", "Ab"},
        {"viio7", "a", "Abdim7"},
        {"vii\xc2\xb0"
         "6",
         "C", "Bdim/D"},
        {"I64", "G", "G/D"},
        {"V42", "F", "C7/Bb"},
        {"IV7", "C", "Fmaj7"},
        {"III", "a", "C"},
        {"VI", "a", "F"},
        {"VII", "a", "G"},
        {"V", "a", "E"},
        {"ii\xc3\xb8"
         "65",
         "a", "Bm7b5/D"},
        {"V65/vi", "C", "E7/G#"},
        {"N", "C", "N"},
        {"i", "d:dorian", "Dm"},
        {"IV", "d dorian", "G"},
        {"viio7/V", "C", "F#dim7"},
        {"II", "e:phrygian", "F"},
        {"vii", "e phrygian", "Dm"},
        {"II", "F:lydian", "G"},
        {"I7", "F:lydian", "Fmaj7"},
        {"Isus4", "C", "Csus4"},
        {"i5", "a", "A5"},
        {"Idom7", "C", "C7"},
        {"IVdom65", "C", "F7/A"},
        {"bIImaj43", "C", "Dbmaj7/Ab"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        es_key key;
        es_chord chord;
        char symbol[ES_CHORD_TEXT];
        assert_int_not_equal(es_key_parse(&key, cases[i].key), 0);
        assert_int_equal(es_roman_parse(&chord, cases[i].roman, key), strlen(cases[i].roman));
        es_chord_symbol(symbol, sizeof symbol, chord, NULL);
        assert_string_equal(symbol, cases[i].symbol);
    }
}

static void what_is_no_numeral_is_refused(void **state)
{
    static const char *const words[] = {"",  "go", "verse", "Ix", "I65x", "V7/",
                                        "8", "T",  "vint",  "D",  "I42"};
    es_chord chord = {.root = 1, .quality = 2, .bass = 3};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t used = es_roman_parse(&chord, words[i], c_major);
        assert_true(used == 0 || used < strlen(words[i]) || i == 10);
    }
}

static void every_chord_is_read_as_written(void **state)
{
    (void)state;
    for (int root = 0; root < 12; root++) {
        for (int quality = 0; quality < ES_QUALITY_UNKNOWN; quality++) {
            for (int bass = 0; bass < 4; bass++) {
                const es_chord chord = {
                    .root = (uint8_t)root, .quality = (uint8_t)quality, .bass = (uint8_t)bass};
                es_chord back;
                char text[ES_CHORD_TEXT];
                if (es_chord_member(chord, bass) < 0) {
                    continue;
                }
                es_chord_symbol(text, sizeof text, chord, &a_minor);
                assert_int_equal(es_chord_parse(&back, text), strlen(text));
                assert_true(es_chord_equal(chord, back));
            }
        }
    }
}

static void chords_are_spelled_in_their_key(void **state)
{
    static const struct {
        const char *key, *roman, *symbol;
    } cases[] = {{"a", "V65", "E7/G#"},     {"c", "V6", "G/B"},      {"f", "V6", "C/E"},
                 {"d", "viio6", "C#dim/E"}, {"g", "V6", "D/F#"},     {"C", "V6/vi", "E/G#"},
                 {"C", "bVI", "Ab"},        {"Eb", "IV6", "Ab/C"},   {"E", "V65/vi", "G#7/B#"},
                 {"b", "V65", "F#7/A#"},    {"e", "V65/V", "F#7/A#"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        es_key key;
        es_chord chord;
        char symbol[ES_CHORD_TEXT];
        assert_int_not_equal(es_key_parse(&key, cases[i].key), 0);
        assert_int_equal(es_roman_parse(&chord, cases[i].roman, key), strlen(cases[i].roman));
        es_chord_symbol(symbol, sizeof symbol, chord, &key);
        assert_string_equal(symbol, cases[i].symbol);
    }
}

static void diatonic_numerals_are_read_as_written(void **state)
{
    static const char *const romans[] = {
        "I",     "ii",    "iii6",   "IV64",    "V7",       "V65",    "vi",      "viio",     "ii43",
        "bVII",  "#ivo7", "Idom42", "Imaj7",   "bVImaj65", "V9",     "V13",     "V7b9",     "V13b9",
        "V7alt", "V7#5",  "ii9",    "ii11",    "Imaj9",    "I69",    "Idom13",  "Imaj7#11", "viiø9",
        "iadd6", "imaj7", "i69",    "V9sus4",  "Isus2",    "Iadd9",  "V7b9#11", "V@1",     "I@b7",
        "V13@1", "V9@7",  "I6",     "Iadd6@3", "bIImaj9",  "V7b9b13"};

    (void)state;
    for (int tonic = 0; tonic < 12; tonic++) {
        for (size_t i = 0; i < sizeof romans / sizeof *romans; i++) {
            const es_key key = {(uint8_t)tonic, ES_MAJOR};
            es_chord chord;
            char text[ES_CHORD_TEXT];
            assert_int_equal(es_roman_parse(&chord, romans[i], key), strlen(romans[i]));
            es_roman_write(text, sizeof text, chord, key);
            assert_string_equal(text, romans[i]);
        }
    }
}

static void tensions_are_written_as_read(void **state)
{
    static const struct {
        const char *text, *again;
        unsigned set; /* Of semitones above the root. */
    } cases[] = {
        {"C9", "C9", 0x495},
        {"C13", "C13", 0x695},
        {"Dm9", "Dm9", 0x48d},
        {"Cm11", "Cm11", 0x4ad},
        {"F#maj9", "F#maj9", 0x895},
        {"C6/9", "C69", 0x295},
        {"C7b9", "C7b9", 0x493},
        {"C7#9", "C7#9", 0x499},
        {"C7(b9)", "C7b9", 0x493},
        {"C13b9", "C13b9", 0x693},
        {"C9#11", "C9#11", 0x4d5},
        {"Calt", "C7alt", 0x55b},
        {"C7#5", "C7#5", 0x511},
        {"C+7", "C7#5", 0x511},
        {"C7b5", "C7b5", 0x451},
        {"Cm6", "Cm6", 0x289},
        {"Cmmaj7", "Cmmaj7", 0x889},
        {"C9sus4", "C9sus4", 0x4a5},
        {"Csus2", "Csus2", 0x085},
        {"Cadd9", "Cadd9", 0x095},
        {"C(#11)", "C(#11)", 0x0d1},
        {"C-9", "Cm9", 0x48d},
        {"C7b9add9", "C7b9add9", 0x497},
        {"Cm7b5", "Cm7b5", 0x449},
        {"Cmaj7#11", "Cmaj7#11", 0x8d1},
        {"Cm7add11", "Cm7add11", 0x4a9},
        {"C7b13", "C7b13", 0x591},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        es_chord chord, back;
        char text[ES_CHORD_TEXT];
        assert_int_equal(es_chord_parse(&chord, cases[i].text), strlen(cases[i].text));
        es_chord_symbol(text, sizeof text, chord, NULL);
        assert_string_equal(text, cases[i].again);
        assert_int_equal(es_chord_parse(&back, text), strlen(text));
        assert_true(es_chord_equal(chord, back));
        chord.root = 0;
        assert_int_equal(es_chord_set(chord), cases[i].set);
    }
}

static void a_foreign_bass_stands_beside_the_chord(void **state)
{
    es_chord chord;
    char text[ES_CHORD_TEXT];

    (void)state;
    assert_int_equal(es_chord_parse(&chord, "C/D"), 3);
    assert_int_equal(es_chord_bass(chord), 2);
    assert_int_equal(es_chord_set(chord), 0x091);
    es_roman_write(text, sizeof text, chord, c_major);
    assert_string_equal(text, "I@2");
    assert_int_equal(es_roman_parse(&chord, "IV@1", c_major), 4);
    assert_int_equal(chord.bass, 2); /* C is the fifth of F. */
    assert_int_equal(chord.slash, 0);
    assert_int_equal(es_roman_parse(&chord, "IV@8", c_major), 0);
    assert_int_equal(es_roman_parse(&chord, "V7/V@5", c_major), 6);
    assert_int_equal(es_chord_bass(chord), 7);
}

static void scale_follows_the_chord(void **state)
{
    es_chord chord;

    (void)state;
    es_roman_parse(&chord, "V", a_minor);
    const uint16_t scale = es_scale_set(a_minor, chord);
    assert_true(scale >> 8 & 1);  /* G sharp */
    assert_false(scale >> 7 & 1); /* not G */
    es_roman_parse(&chord, "IV", c_major);
    assert_int_equal(es_scale_set(c_major, chord), es_key_set(c_major));
}

static void pitches_and_keys(void **state)
{
    int pitch;
    char text[16];
    es_key key;

    (void)state;
    assert_int_equal(es_pitch_parse(&pitch, "C4"), 2);
    assert_int_equal(pitch, 60);
    assert_int_equal(es_pitch_parse(&pitch, "F#3"), 3);
    assert_int_equal(pitch, 54);
    assert_int_equal(es_pitch_parse(&pitch, "H4"), 0);
    for (int p = 0; p < 128; p++) {
        es_pitch_write(text, sizeof text, p, NULL);
        assert_int_equal(es_pitch_parse(&pitch, text), strlen(text));
        assert_int_equal(pitch, p);
    }
    for (int i = 0; i < 12 * ES_MODE_COUNT; i++) {
        const es_key wanted = {(uint8_t)(i % 12), (uint8_t)(i / 12)};
        es_key_write(text, sizeof text, wanted);
        assert_int_equal(es_key_parse(&key, text), strlen(text));
        assert_int_equal(key.tonic, wanted.tonic);
        assert_int_equal(key.mode, wanted.mode);
    }
    es_key_parse(&key, "f#");
    assert_int_equal(es_key_signature(key), 3);
}

/* The vocabulary of models has four modes; the others are told as the nearest. */
static void models_are_told_modes_that_they_know(void **state)
{
    (void)state;
    assert_int_equal(ES_TOLD_MODES, 4);
    for (uint8_t mode = 0; mode < ES_MODE_COUNT; mode++) {
        const es_key key = {4, mode}, told = es_key_told(key);
        assert_int_equal(told.tonic, 4);
        assert_true(told.mode < ES_TOLD_MODES);
        assert_int_equal(es_mode_is_minor(told.mode), es_key_set(key) >> 7 & 1);
        assert_true(mode >= ES_TOLD_MODES || told.mode == mode);
    }
    assert_int_equal(es_key_signature((es_key){4, ES_PHRYGIAN}), 0);
    assert_int_equal(es_key_signature((es_key){5, ES_LYDIAN}), 0);
}

static void metre(void **state)
{
    const es_meter four = {4, 4}, six = {6, 8}, three = {3, 4};

    (void)state;
    assert_int_equal(es_meter_bar(four), 4 * ES_QUARTER);
    assert_int_equal(es_meter_beats(six), 2);
    assert_int_equal(es_meter_beat(six), 3 * ES_QUARTER / 2);
    assert_int_equal(es_meter_strength(four, 0), 3);
    assert_int_equal(es_meter_strength(four, 2 * ES_QUARTER), 2);
    assert_int_equal(es_meter_strength(four, ES_QUARTER), 1);
    assert_int_equal(es_meter_strength(four, ES_QUARTER / 2), 0);
    assert_int_equal(es_meter_strength(four, ES_QUARTER / 4), -1);
    assert_int_equal(es_meter_strength(three, ES_QUARTER), 1);
    assert_int_equal(es_meter_strength(six, ES_QUARTER / 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numerals_name_chords),
        cmocka_unit_test(what_is_no_numeral_is_refused),
        cmocka_unit_test(every_chord_is_read_as_written),
        cmocka_unit_test(chords_are_spelled_in_their_key),
        cmocka_unit_test(diatonic_numerals_are_read_as_written),
        cmocka_unit_test(tensions_are_written_as_read),
        cmocka_unit_test(a_foreign_bass_stands_beside_the_chord),
        cmocka_unit_test(scale_follows_the_chord),
        cmocka_unit_test(pitches_and_keys),
        cmocka_unit_test(models_are_told_modes_that_they_know),
        cmocka_unit_test(metre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
