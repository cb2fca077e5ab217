/* Phrases that come back: in the same texture note for note, in another one in the parts that play alike there. */
#include "composed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define HEAD                                                                                       \
    "estro 1\nstyle test \"\"\nkeys C\n"                                                           \
    "part tune { role melody instrument 0 range C3..C7 home C5 }\n"                                \
    "part low { role bass instrument 0 range C1..C4 home C3 }\n"                                   \
    "harmony { phrase = (I:4 | IV:4 | vi:4) (V:4 | ii:4) }\n"                                      \
    "rhythm {\n  sing = 4 4 4 4 | 2 4 4 | 4 4 2 | 2 2\n  walk = 4:c 4 4 4\n  drive = 8:b 8 8 8 8 " \
    "8 8 8\n}\n"

static composed piece;

/* Notes of a part in a bar that stand so many semitones higher in another one: their count, or -1 where the bars differ. */
static int moved_notes(int bar, int other, int part, int semitones)
{
    const es_bar *a = &piece.bar[bar], *b = &piece.bar[other];
    size_t j = 0;
    int count = 0;

    for (size_t i = 0; i < a->n_notes; i++) {
        if (a->notes[i].part != part) {
            continue;
        }
        while (j < b->n_notes && b->notes[j].part != part) {
            j++;
        }
        if (j == b->n_notes || a->notes[i].key + semitones != b->notes[j].key ||
            a->notes[i].start - a->start != b->notes[j].start - b->start) {
            return -1;
        }
        j++;
        count++;
    }
    return count;
}

static int same_notes(int bar, int other, int part)
{
    return moved_notes(bar, other, part, 0);
}

static void another_texture_keeps_the_tune(void **state)
{
    int basses_that_differ = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        compose(&piece,
                HEAD
                "form { piece = <a 2 half> <b 2 half> <a 2 half with full> <a 2 half> }\n"
                "texture main { tune sing  low walk }\ntexture full { tune sing  low drive }\n",
                seed, NULL, 0);
        assert_int_equal(piece.status, ESTRO_END);
        for (int b = 0; b < 2; b++) {
            assert_true(same_notes(b, 4 + b, 0) >= 2);
            assert_true(same_notes(b, 6 + b, 0) >= 2);
            assert_int_equal(same_notes(b, 6 + b, 1), 4);
            basses_that_differ += same_notes(b, 4 + b, 1) < 0;
        }
        composed_done(&piece);
    }
    assert_int_equal(basses_that_differ, 20);
}

/* A group answers for all its parts: where one of them plays otherwise they are all drawn anew. */
static void groups_repeat_as_one(void **state)
{
    int tunes_that_differ = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        compose(
            &piece,
            HEAD
            "form { piece = <a 2 half> <b 2 half> <a 2 half with full> }\ngroup both = tune low\n"
            "texture main { tune sing  low walk }\ntexture full { tune sing  low drive }\n",
            seed, NULL, 0);
        assert_int_equal(piece.status, ESTRO_END);
        tunes_that_differ += same_notes(0, 4, 0) < 0;
        composed_done(&piece);
    }
    assert_true(tunes_that_differ > 5);
}

/* The way to the other key is the shorter one; where a part cannot get there, or has no room, it plays the bar anew. */
static void another_key_moves_all(void **state)
{
    static const struct {
        const char *degree;
        int semitones;
    } keys[] = {{"II major", 2}, {"V", -5}, {"IV", 5}, {"bVII", -2}};

    (void)state;
    for (int k = 0; k < 4; k++) {
        int moved = 0;
        for (uint64_t seed = 1; seed <= 10; seed++) {
            char text[1024];
            snprintf(text, sizeof text,
                     HEAD "form { piece = <a 2 half> <b 2 half> <a 2 half in %s> <a 2 half> }\n"
                          "texture main { tune sing  low walk }\n",
                     keys[k].degree);
            compose(&piece, text, seed, NULL, 0);
            assert_int_equal(piece.status, ESTRO_END);
            for (int b = 0; b < 2; b++) {
                moved += moved_notes(b, 4 + b, 0, keys[k].semitones) >= 2;
                moved += moved_notes(b, 4 + b, 1, keys[k].semitones) == 4;
                assert_true(same_notes(b, 6 + b, 0) >= 2);
                for (int beat = 0; beat < 4; beat++) {
                    assert_int_equal(
                        es_pitch_class(piece.bar[b].chord[beat].root + keys[k].semitones),
                        piece.bar[4 + b].chord[beat].root);
                }
            }
            composed_done(&piece);
        }
        assert_true(moved >= 25);
    }
}

/* Where a rule forbids the seam, what can come back does: the phrase before ends too high for the first note alone. */
static void a_seam_spoils_no_bar(void **state)
{
    int same = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        compose(&piece,
                "estro 1\nstyle test \"\"\nkeys C\n"
                "part tune { role melody instrument 0 range C4..C6 home C5 move 0:1 1:4 2:4 3:4 "
                "4:4 5:4 7:4 8:1 9:1 12:1 }\n"
                "form { piece = <a 2 half> <b 2 open with high> <a 2 half> }\n"
                "harmony { phrase(half) = I:4 V:4  phrase(_) = I:4 I:4 }\n"
                "rhythm { sing = 4:1- 4 4 4  fifth = 1:5+ }\n"
                "texture main { tune sing }\ntexture high { tune fifth }\nnever leap > 12\n",
                seed, NULL, 0);
        assert_int_equal(piece.status, ESTRO_END);
        assert_int_not_equal(piece.bar[4].notes[0].key, piece.bar[0].notes[0].key);
        for (size_t i = 1; i < 4; i++) {
            same += piece.bar[4].notes[i].key == piece.bar[0].notes[i].key;
        }
        composed_done(&piece);
    }
    assert_true(same > 30); /* Of 60; drawn anew it is a handful. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_texture_keeps_the_tune),
        cmocka_unit_test(groups_repeat_as_one),
        cmocka_unit_test(another_key_moves_all),
        cmocka_unit_test(a_seam_spoils_no_bar),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
