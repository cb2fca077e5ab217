/* Substitutions: where the left side stands, with its chance, once; in derived harmony and in given chords. */
#include "composed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static composed piece;

#define HEAD                                                                                       \
    "estro 1\nstyle test \"\"\nkeys C\nform { piece = <a 2 half> <a 2 half> }\n"                   \
    "harmony { phrase = I:4 V7:4 }\npart p { role melody }\n"

/* The chords of a piece, a symbol where one begins. */
static const char *chords_of(const char *rules, uint64_t seed, const es_chord *given, uint32_t n)
{
    static char out[512];
    char text[1024], symbol[ES_CHORD_TEXT];

    snprintf(text, sizeof text, HEAD "%s\n", rules);
    compose(&piece, text, seed, given, n);
    assert_int_equal(piece.status, ESTRO_END);
    out[0] = '\0';
    for (uint32_t b = 0; b < piece.n_bars; b++) {
        for (int k = 0; k < piece.bar[b].n_beats; k++) {
            if (piece.bar[b].chord_starts[k]) {
                es_chord_symbol(symbol, sizeof symbol, piece.bar[b].chord[k], NULL);
                snprintf(out + strlen(out), sizeof out - strlen(out), "%s:%d ", symbol, k);
            }
        }
    }
    composed_done(&piece);
    return out;
}

static void the_left_side_is_replaced(void **state)
{
    (void)state;
    assert_string_equal(chords_of("", 1, NULL, 0), "C:0 G7:0 C:0 G7:0 ");
    assert_string_equal(chords_of("substitute V7:4 -> ii7:2 bII7:2", 1, NULL, 0),
                        "C:0 Dm7:0 Db7:2 C:0 Dm7:0 Db7:2 ");
    assert_string_equal(chords_of("substitute I:4 V7:4 -> I:2 vi:2 V13:4", 1, NULL, 0),
                        "C:0 Am:2 G13:0 C:0 Am:2 G13:0 ");
}

static void lengths_and_chords_must_agree(void **state)
{
    (void)state;
    assert_string_equal(chords_of("substitute V7:2 -> bII7:2", 1, NULL, 0), "C:0 G7:0 C:0 G7:0 ");
    assert_string_equal(chords_of("substitute V:4 -> bII7:4", 1, NULL, 0), "C:0 G7:0 C:0 G7:0 ");
    assert_string_equal(chords_of("substitute V7:4 I:4 -> ii:8", 1, NULL, 0), "C:0 G7:0 C:0 G7:0 ");
    assert_string_equal(chords_of("substitute [0] V7:4 -> bII7:4", 1, NULL, 0),
                        "C:0 G7:0 C:0 G7:0 ");
}

static void what_was_put_in_stays(void **state)
{
    (void)state;
    assert_string_equal(chords_of("substitute V7:4 -> ii7:4\nsubstitute ii7:4 -> IV:4", 1, NULL, 0),
                        "C:0 Dm7:0 C:0 Dm7:0 ");
    assert_string_equal(chords_of("substitute I:4 -> V7:4", 1, NULL, 0), "G7:0 G7:0 G7:0 G7:0 ");
}

static void chances_are_kept_and_repeats_are_alike(void **state)
{
    int replaced = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        const char *chords = chords_of("substitute [0.3] V7:4 -> bII7:4", seed, NULL, 0);
        const bool is_replaced = strcmp(chords, "C:0 Db7:0 C:0 Db7:0 ") == 0;
        assert_true(is_replaced || strcmp(chords, "C:0 G7:0 C:0 G7:0 ") == 0);
        replaced += is_replaced;
    }
    assert_in_range(replaced, 35, 85);
}

static void given_chords_are_replaced_too(void **state)
{
    es_chord given[16];
    int replaced = 0;

    (void)state;
    for (int k = 0; k < 16; k++) { /* Two bars of G7: each is one. */
        given[k] = (es_chord){.root = k < 8 ? 0 : 7,
                              .quality = k < 8 ? ES_QUALITY_MAJ : ES_QUALITY_DOM7,
                              .tensions = k < 8 ? 0 : 1 << 2};
    }
    assert_string_equal(chords_of("substitute V7:4 -> V7:2 bII7:2", 1, given, 16),
                        "C:0 G7:0 Db7:2 G7:0 Db7:2 ");
    for (uint64_t seed = 1; seed <= 20; seed++) { /* Phrases of one label are drawn alike. */
        const char *chords = chords_of("substitute [0.5] I:4 -> IV:4", seed, given, 8);
        assert_true(strncmp(chords, chords + strlen(chords) / 2, 4) == 0 || strlen(chords) == 4);
        replaced += strncmp(chords, "F", 1) == 0;
    }
    assert_in_range(replaced, 3, 17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_left_side_is_replaced),
        cmocka_unit_test(lengths_and_chords_must_agree),
        cmocka_unit_test(what_was_put_in_stays),
        cmocka_unit_test(chances_are_kept_and_repeats_are_alike),
        cmocka_unit_test(given_chords_are_replaced_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
