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
        char symbol[16];
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
    es_chord chord = {1, 2, 3};

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
                const es_chord chord = {(uint8_t)root, (uint8_t)quality, (uint8_t)bass};
                es_chord back;
                char text[16];
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
        char symbol[16];
        assert_int_not_equal(es_key_parse(&key, cases[i].key), 0);
        assert_int_equal(es_roman_parse(&chord, cases[i].roman, key), strlen(cases[i].roman));
        es_chord_symbol(symbol, sizeof symbol, chord, &key);
        assert_string_equal(symbol, cases[i].symbol);
    }
}

static void diatonic_numerals_are_read_as_written(void **state)
{
    static const char *const romans[] = {"I",     "ii",     "iii6",  "IV64",    "V7",
                                         "V65",   "vi",     "viio",  "ii43",    "bVII",
                                         "#ivo7", "Idom42", "Imaj7", "bVImaj65"};

    (void)state;
    for (int tonic = 0; tonic < 12; tonic++) {
        for (size_t i = 0; i < sizeof romans / sizeof *romans; i++) {
            const es_key key = {(uint8_t)tonic, ES_MAJOR};
            es_chord chord;
            char text[16];
            assert_int_equal(es_roman_parse(&chord, romans[i], key), strlen(romans[i]));
            es_roman_write(text, sizeof text, chord, key);
            assert_string_equal(text, romans[i]);
        }
    }
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
        cmocka_unit_test(scale_follows_the_chord),
        cmocka_unit_test(pitches_and_keys),
        cmocka_unit_test(metre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
