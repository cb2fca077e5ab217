/*
 * Voicings, leading and scales of parts, tried on composed pieces by the words of the language.
 */
#include "base/mem.h"
#include "gen/composer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 2048 };

typedef struct piece {
    es_note notes[MOST];
    size_t count;
    es_chord chord[MOST]; /* By quarter. */
    size_t beats;
} piece;

static void compose(piece *out, const char *part, const char *rules, uint64_t seed)
{
    char text[2048];
    estro_diag diag = {0};
    es_style *style;
    es_composer *composer;
    es_compose_options options = es_compose_options_default();
    es_bar bar;

    memset(out, 0, sizeof *out);
    snprintf(text, sizeof text,
             "estro 1\nstyle one \"One part\"\nkeys C\n"
             "form { piece = <a 8 open> <b 8 open> }\n"
             "harmony { phrase = any*16  any = I:2 | IV:2 | vi7:2 | ii7:2 | V7:2 }\n"
             "rhythm { chords = %s }\npart one { %s }\ntexture main { one chords }\n%s\n",
             strstr(part, "melody") ? "4*4" : "2:v 2:v", part, rules);
    assert_int_equal(es_style_parse(&style, text, strlen(text), "text", &diag), ESTRO_OK);
    options.plan.seed = seed;
    assert_int_equal(es_composer_new(&composer, style, &options, &diag), ESTRO_OK);
    do {
        assert_int_equal(es_composer_next(composer, &bar, &diag), ESTRO_OK);
        for (size_t i = 0; i < bar.n_notes; i++) {
            assert_true(out->count < MOST);
            out->notes[out->count++] = bar.notes[i];
        }
        for (int b = 0; b < bar.n_beats; b++) {
            out->chord[out->beats++] = bar.chord[b];
        }
    } while (!bar.is_last);
    es_composer_free(composer);
    es_style_free(style);
}

static uint16_t tones_at(const piece *p, es_tick tick)
{
    return es_chord_set(p->chord[tick / ES_QUARTER]);
}

/* Tones of the chord strictly between two keys. */
static int left_out(uint16_t chord, int above, int below)
{
    int count = 0;

    for (int key = below + 1; key < above; key++) {
        count += chord >> key % 12 & 1;
    }
    return count;
}

/* Notes that begin with the i-th, from the top. */
static size_t chord_size(const piece *p, size_t i)
{
    size_t n = 0;

    while (i + n < p->count && p->notes[i + n].start == p->notes[i].start) {
        n++;
    }
    return n;
}

/* Share of chords of `lines` notes whose gaps are as `check` says. */
static double share(const piece *p, size_t lines, bool (*check)(int, size_t, int))
{
    int good = 0, all = 0;

    for (size_t i = 0; i < p->count; i += chord_size(p, i)) {
        const uint16_t chord = tones_at(p, p->notes[i].start);
        int size = 0;
        bool is_good = chord_size(p, i) == lines;
        for (int pc = 0; pc < 12; pc++) {
            size += chord >> pc & 1;
        }
        for (size_t k = 0; is_good && k + 1 < lines; k++) {
            is_good = check(left_out(chord, p->notes[i + k].key, p->notes[i + k + 1].key), k, size);
        }
        good += is_good;
        all++;
    }
    return (double)good / all;
}

static bool is_close(int gap, size_t pair, int size)
{
    (void)pair;
    return gap == 0 || (size > 3 && gap == 1);
}

static bool is_open(int gap, size_t pair, int size)
{
    (void)pair;
    (void)size;
    return gap == 1 || gap == 2;
}

static bool is_drop2(int gap, size_t pair, int size)
{
    return gap == (pair == 0 ? 1 : pair == 1 ? 0 : size - 3);
}

static void chords_stand_as_the_voicing_says(void **unused)
{
    static piece p;

    (void)unused;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        compose(&p, "role harmony lines 3 range C3..C6 voicing close", "", seed);
        assert_true(share(&p, 3, is_close) == 1);
        compose(&p, "role harmony lines 3 range C3..C6 voicing open", "", seed);
        assert_true(share(&p, 3, is_open) == 1);
        compose(&p, "role harmony lines 4 range C3..C6 voicing drop2", "", seed);
        assert_true(share(&p, 4, is_drop2) == 1);
        compose(&p, "role harmony lines 4 range C3..C6", "", seed);
        assert_true(share(&p, 4, is_drop2) < 0.5);
    }
}

/* Rules come first: where no open chord is narrow enough, another one is taken. */
static void rules_come_before_voicings(void **unused)
{
    static piece p;

    (void)unused;
    compose(&p, "role harmony lines 3 range C3..C6 voicing open", "never span > 9 in one", 2);
    assert_true(share(&p, 3, is_open) == 0);
    for (size_t i = 0; i < p.count; i += chord_size(&p, i)) {
        assert_true(p.notes[i].key - p.notes[i + chord_size(&p, i) - 1].key <= 9);
    }
}

static void a_shell_has_third_and_seventh(void **unused)
{
    static piece p;

    (void)unused;
    compose(&p, "role harmony lines 2 range C3..C5 voicing shell", "", 3);
    for (size_t i = 0; i < p.count; i += chord_size(&p, i)) {
        const es_chord chord = p.chord[p.notes[i].start / ES_QUARTER];
        const int other = es_chord_member(chord, es_chord_size(chord) == 4 ? 3 : 0);
        uint16_t heard = 0;
        for (size_t k = 0; k < chord_size(&p, i); k++) {
            heard |= (uint16_t)(1u << p.notes[i + k].key % 12);
        }
        assert_int_equal(heard, 1u << es_chord_member(chord, 1) | 1u << other);
    }
}

static void power_chords_are_root_and_fifth(void **unused)
{
    static piece p;

    (void)unused;
    compose(&p, "role harmony lines 3 range E2..E4 voicing power", "", 5);
    for (size_t i = 0; i < p.count; i += chord_size(&p, i)) {
        const es_chord chord = p.chord[p.notes[i].start / ES_QUARTER];
        const int low = p.notes[i + 2].key;
        assert_int_equal(chord_size(&p, i), 3);
        assert_int_equal(low % 12, es_chord_member(chord, 0));
        assert_int_equal(p.notes[i + 1].key % 12, es_chord_member(chord, 2));
        assert_int_equal(p.notes[i].key, low + 12);
    }
}

/* Semitones that the top line moves from chord to chord, on average. */
static double motion(const piece *p)
{
    int sum = 0, count = 0, last = -1;

    for (size_t i = 0; i < p->count; i += chord_size(p, i)) {
        sum += last >= 0 ? abs(p->notes[i].key - last) : 0;
        count += last >= 0;
        last = p->notes[i].key;
    }
    return (double)sum / count;
}

static void lines_are_led(void **unused)
{
    static piece p;
    double led = 0, loose = 0;

    (void)unused;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        compose(&p, "role harmony lines 3 range C3..C6 lead 3", "", seed);
        led += motion(&p);
        compose(&p, "role harmony lines 3 range C3..C6 lead 0", "", seed);
        loose += motion(&p);
    }
    assert_true(led * 1.5 < loose);
}

/* Foreign tones are those of the part's own scale, and "chromatic" is told by it. */
static void a_part_has_a_scale(void **unused)
{
    static piece p;
    int blue = 0;

    (void)unused;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        compose(&p, "role melody scale blues strong chord 1 scale 9 weak chord 1 scale 9",
                "never chromatic", seed);
        for (size_t i = 0; i < p.count; i++) {
            const int pc = p.notes[i].key % 12;
            const uint16_t chord = tones_at(&p, p.notes[i].start);
            assert_true((0x4e9 >> pc & 1) || (chord >> pc & 1));
            blue += pc == 3 || pc == 6 || pc == 10;
        }
    }
    assert_true(blue > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chords_stand_as_the_voicing_says),
        cmocka_unit_test(rules_come_before_voicings),
        cmocka_unit_test(a_shell_has_third_and_seventh),
        cmocka_unit_test(power_chords_are_root_and_fifth),
        cmocka_unit_test(lines_are_led),
        cmocka_unit_test(a_part_has_a_scale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
