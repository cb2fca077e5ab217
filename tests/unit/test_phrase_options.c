/* What phrases say besides their harmony: levels that rise, tempo, holding; chords with tensions in their voicings. */
#include "perform/perform.h"

#include "composed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static composed piece;

#define HEAD "estro 1\nstyle test \"\"\ntempo 100\nkeys C\n"

static void composes(const char *text, uint64_t seed)
{
    compose(&piece, text, seed, NULL, 0);
    if (piece.status != ESTRO_END) {
        print_error("%d: %s\n", (int)piece.diag.line, piece.diag.text);
    }
    assert_int_equal(piece.status, ESTRO_END);
}

static void levels_and_tempi_follow_the_phrases(void **state)
{
    static const uint8_t levels[] = {2, 4, 6, 5, 3, 1, 5, 5, 5};
    static const double tempi[] = {100, 100, 100, 125, 125, 125, 125, 125, 50};

    (void)state;
    composes(
        HEAD
        "form { piece = up(2) <b 3 half tempo 1.25 level 5..1> <a 2 half> <c 1 open tempo 0.5>\n"
        "  up(n) = <a 3 half level n..n+4> }\n"
        "harmony { phrase = x  x = I:4 | I:4 x }\npart p { role melody }\n",
        1);
    assert_int_equal(piece.n_bars, 9);
    for (int b = 0; b < 9; b++) {
        assert_int_equal(piece.bar[b].level, levels[b]);
        assert_true(piece.bar[b].tempo == tempi[b]);
    }
    composed_done(&piece);
}

static void phrases_slow_down_and_hold(void **state)
{
    es_tempo_point tempo[ES_MAX_TEMPO_POINTS];
    es_played played[COMPOSED_NOTES];
    size_t count;

    (void)state;
    composes(HEAD "form { piece = <a 4 half fermata> <b 4 half ritard 0.5> <c 4 half> }\n"
                  "harmony { phrase = I:12 V:2 I:2 }\npart p { role melody }\n"
                  "perform { ritard 1 }\n",
             1);
    es_perform_bar(piece.style, 1, &piece.bar[2], played, tempo, &count);
    assert_int_equal(count, 1);
    es_perform_bar(piece.style, 1, &piece.bar[3], played, tempo, &count);
    for (size_t i = 0; i < count; i++) {
        const bool is_held = tempo[i].tick >= piece.bar[3].start + 2 * ES_QUARTER;
        assert_true(tempo[i].tempo == (is_held ? 50 : 100));
    }
    assert_int_equal(count, 8);
    es_perform_bar(piece.style, 1, &piece.bar[7], played, tempo, &count);
    assert_true(tempo[count - 1].tempo > 49 && tempo[count - 1].tempo < 55);
    es_perform_bar(piece.style, 1, &piece.bar[11], played, tempo, &count);
    assert_int_equal(count, 1);
    es_perform_plain(piece.style, &piece.bar[3], played, tempo, &count);
    assert_int_equal(count, 1);
    composed_done(&piece);
}

/* Pitch classes above the root that sound together on the first beat of a bar. */
static unsigned sounding(const es_bar *bar, uint8_t part)
{
    unsigned set = 0;

    for (size_t i = 0; i < bar->n_notes; i++) {
        if (bar->notes[i].part == part && bar->notes[i].start == bar->start) {
            set |= 1u << es_pitch_class(bar->notes[i].key - bar->chord[0].root);
        }
    }
    return set;
}

static void tensions_are_voiced_and_basses_stand_below(void **state)
{
    int with = 0, all = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        composes(HEAD "form { piece = <a 4 open> }\n"
                      "harmony { phrase = V13:4 ii9:4 I@2:4 V7alt:4 }\n"
                      "rhythm { comp = 1:v  low = 1:b }\n"
                      "part piano { role harmony lines 4 }\npart bass { role bass }\n"
                      "texture main { piano comp  bass low }\nnever foreign in all\n",
                 seed);
        assert_int_equal(piece.n_bars, 4);
        with += (sounding(&piece.bar[0], 0) & 0x204) != 0;
        with += (sounding(&piece.bar[1], 0) & 0x004) != 0;
        with += (sounding(&piece.bar[3], 0) & 0x14a) != 0;
        all += 3;
        assert_false(sounding(&piece.bar[2], 0) & 0x004); /* D is of the bass alone. */
        assert_int_equal(sounding(&piece.bar[2], 1), 0x004);
        composed_done(&piece);
    }
    assert_true(with * 10 >= all * 8);
}

static void phrases_have_metres_of_their_own(void **state)
{
    static const es_meter meters[] = {{4, 4}, {4, 4}, {3, 4}, {3, 4}, {7, 8}, {4, 4}, {4, 4}};
    es_tick start = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        composes(HEAD
                 "form { piece = <a 2 half> <a 2 half meter 3/4> <b 1 open meter 7/8 with odd> "
                 "<a 2 half> }\n"
                 "harmony { phrase = x  x = I | IV | I x | IV x }\n"
                 "rhythm { run = n | n run  n = 2 | 4  seven = 4 4 4. }\n"
                 "groove beat { kick \"x.x.x.x.x.x.\" }\n"
                 "part p { role melody } part d { role drums }\n"
                 "texture main { p run  d beat } texture odd { p seven }\n",
                 seed);
        assert_int_equal(piece.n_bars, 7);
        start = 0;
        for (int b = 0; b < 7; b++) {
            const es_bar *bar = &piece.bar[b];
            es_tick filled = 0;
            int drums = 0;
            assert_true(es_meter_equal(bar->meter, meters[b]));
            assert_int_equal(bar->length, es_meter_bar(meters[b]));
            assert_int_equal(bar->start, start);
            assert_int_equal(bar->n_beats, es_meter_beats(meters[b]));
            for (size_t i = 0; i < bar->n_notes; i++) {
                filled += bar->notes[i].part == 0 ? bar->notes[i].duration : 0;
                drums += bar->notes[i].part == 1;
            }
            assert_int_equal(filled, bar->length);
            assert_int_equal(drums, b == 4 ? 0 : 6);
            start += bar->length;
        }
        /* In another metre a phrase is no repeat; in the same it is. */
        for (int b = 0; b < 2; b++) {
            assert_int_equal(piece.bar[b].n_notes, piece.bar[5 + b].n_notes);
            assert_int_equal(piece.bar[b].notes[0].key, piece.bar[5 + b].notes[0].key);
        }
        composed_done(&piece);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_and_tempi_follow_the_phrases),
        cmocka_unit_test(phrases_slow_down_and_hold),
        cmocka_unit_test(phrases_have_metres_of_their_own),
        cmocka_unit_test(tensions_are_voiced_and_basses_stand_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
