/*
 * What hits ask of their pitches, tried on composed pieces by the words of the language: contours, the next chord, climbing tones.
 */
#include "base/mem.h"
#include "gen/composer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 2048 };

typedef struct piece {
    es_style *style;
    es_note notes[MOST];
    size_t count;
    es_chord chord[MOST]; /* By quarter. */
    size_t beats;
} piece;

/* One part with one pattern, in C major, over chords of a bar each. */
static void compose(piece *out, const char *pattern, const char *setting, const char *rules,
                    uint64_t seed)
{
    char text[2048];
    estro_diag diag = {0};
    es_composer *composer;
    es_compose_options options = es_compose_options_default();
    es_bar bar;

    memset(out, 0, sizeof *out);
    snprintf(
        text, sizeof text,
        "estro 1\nstyle one \"One part\"\nkeys C\nform { piece = <a 4 half> <b 4 authentic> }\n"
        "harmony { phrase(half) = go V:4  phrase(authentic) = go V:4 I:4\n"
        "  go = any | any go  any = I:4 | IV:4 | vi:4 | ii:4 }\n"
        "rhythm { figure = %s }\npart one { role melody range C4..C6 home G4 %s }\n"
        "texture main { one figure }\n%s\n",
        pattern, setting, rules);
    assert_int_equal(es_style_parse(&out->style, text, strlen(text), "text", &diag), ESTRO_OK);
    options.plan.seed = seed;
    assert_int_equal(es_composer_new(&composer, out->style, &options, &diag), ESTRO_OK);
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
}

static void forget(piece *p)
{
    es_style_free(p->style);
}

static es_chord chord_at(const piece *p, es_tick tick)
{
    return p->chord[tick / ES_QUARTER];
}

static bool is_of(es_chord chord, uint8_t key)
{
    return es_chord_set(chord) >> key % 12 & 1;
}

/* The chord tone next to `key`, upwards or downwards. */
static int neighbour(es_chord chord, int key, int step)
{
    do {
        key += step;
    } while (!is_of(chord, (uint8_t)key));
    return key;
}

/* Every second note is higher, and never at the top of its range it is lower. */
static void test_contour(void **unused)
{
    piece p;

    (void)unused;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        compose(&p, "4:c 4:xu 4:cd 4:su", "", "", seed);
        for (size_t i = 1; i < p.count; i++) {
            const int move = p.notes[i].key - p.notes[i - 1].key;
            const es_tick beat = p.notes[i].start / ES_QUARTER % 4;
            if (beat == 1 || beat == 3) {
                assert_true(move > 0 || p.notes[i - 1].key == 84);
            } else if (beat == 2) {
                assert_true(move < 0);
                assert_true(is_of(chord_at(&p, p.notes[i].start), p.notes[i].key));
            }
        }
        forget(&p);
    }
}

/* A tone of the next chord anticipates it, unless there is none. */
static void test_next_chord(void **unused)
{
    piece p;
    int foreign = 0;

    (void)unused;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        compose(&p, "4:c 4:c 4:c 4:n", "", "", seed);
        for (size_t i = 0; i < p.count; i++) {
            const es_note *note = &p.notes[i];
            if (note->start / ES_QUARTER % 4 == 3 &&
                note->start / ES_QUARTER + 1 < (es_tick)p.beats) {
                const es_chord next = chord_at(&p, note->start + ES_QUARTER);
                const es_chord now = chord_at(&p, note->start);
                if (!es_chord_equal(next, now)) {
                    assert_true(is_of(next, note->key));
                    foreign += !is_of(now, note->key);
                }
            } else {
                assert_true(is_of(chord_at(&p, note->start), note->key));
            }
        }
        forget(&p);
    }
    assert_true(foreign > 0);
}

/* Its bass is that bass, at home: pitches of one name are the same. */
static void test_next_bass(void **unused)
{
    piece p;

    (void)unused;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        compose(&p, "2.:1 4:nb", "", "", seed);
        for (size_t i = 0; i + 1 < p.count; i += 2) {
            const es_chord now = chord_at(&p, p.notes[i].start);
            const es_chord next = chord_at(&p, p.notes[i + 1].start + ES_QUARTER);
            if (p.notes[i + 1].start / ES_QUARTER + 1 < (es_tick)p.beats &&
                !es_chord_equal(now, next)) {
                assert_int_equal(p.notes[i + 1].key % 12, next.root);
                assert_int_equal(p.notes[i + 1].key, p.notes[i + 2].key);
            }
        }
        forget(&p);
    }
}

/* Up and up to the end of the range, then down as far; "d" turns likewise. */
static void check_climb(const char *pattern, int step)
{
    piece p;
    int way = step;
    bool turned_top = false, turned_bottom = false;

    compose(&p, pattern, "", "", 3);
    for (size_t i = 1; i < p.count; i++) {
        const es_chord chord = chord_at(&p, p.notes[i].start);
        int meant = neighbour(chord, p.notes[i - 1].key, way);
        if (meant > 84 || meant < 60) {
            turned_top |= meant > 84;
            turned_bottom |= meant < 60;
            way = -way;
            meant = neighbour(chord, p.notes[i - 1].key, way);
        }
        assert_int_equal(p.notes[i].key, meant);
    }
    assert_true(turned_top && turned_bottom);
    forget(&p);
}

static void test_climb(void **unused)
{
    (void)unused;
    check_climb("8:u*8", 1);
    check_climb("8:d*8", -1);
}

/* Where a rule forbids what is meant, another tone of the chord is found. */
static void test_way_out(void **unused)
{
    piece p;

    (void)unused;
    compose(&p, "4:1 8:u*6", "", "never run > 2 in one", 5);
    for (size_t i = 0; i < p.count; i++) {
        assert_true(is_of(chord_at(&p, p.notes[i].start), p.notes[i].key));
    }
    for (size_t i = 3; i < p.count; i++) {
        const int a = p.notes[i - 2].key - p.notes[i - 3].key;
        const int b = p.notes[i - 1].key - p.notes[i - 2].key;
        const int c = p.notes[i].key - p.notes[i - 1].key;
        assert_false((a > 0 && b > 0 && c > 0) || (a < 0 && b < 0 && c < 0));
    }
    forget(&p);
}

/* One in two notes of a quarter or more, no shorter ones; what returns is ornamented alike. */
static void test_ornaments_by_chance(void **unused)
{
    piece p;
    int long_notes = 0, marked = 0;

    (void)unused;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        compose(&p, "4:c 8:c 8:c^staccato 4:c 4:c", "ornaments trill 0.3 grace 0.2", "", seed);
        for (size_t i = 0; i < p.count; i++) {
            const unsigned ornament = p.notes[i].marks & ES_ORNAMENT_BITS;
            const bool is_long = p.notes[i].duration >= ES_QUARTER;
            assert_true(is_long || ornament == 0);
            assert_true(ornament == 0 || ornament == 1u << ES_MARK_TRILL ||
                        ornament == 1u << ES_MARK_GRACE);
            const bool is_staccato = p.notes[i].start % (4 * ES_QUARTER) == 3 * ES_QUARTER / 2;
            assert_int_equal(p.notes[i].marks >> ES_MARK_STACCATO & 1, is_staccato);
            long_notes += is_long;
            marked += ornament != 0;
        }
        forget(&p);
    }
    assert_in_range(100 * marked / long_notes, 40, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contour),   cmocka_unit_test(test_next_chord),
        cmocka_unit_test(test_next_bass), cmocka_unit_test(test_climb),
        cmocka_unit_test(test_way_out),   cmocka_unit_test(test_ornaments_by_chance)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
