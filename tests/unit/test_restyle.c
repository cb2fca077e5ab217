/* Playing on with params set otherwise: the same settings change nothing, others are heard from the next phrase on. */
#include "base/mem.h"

#include <estro/estro.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static const char text[] =
    "estro 1\nstyle dial \"A dial\"\n"
    "param energy 0..1 = 0 \"how busy\" cc 1\n"
    "param more 0..4 = 0\n"
    "form { piece = <a 2 half> <a 2 half> <b 2 open> <a 2 half> <b 2 open> <a 2+more half> }\n"
    "harmony { phrase = I:4 | I:4 phrase }\n"
    "rhythm { beat = [1-energy] 4*4 | [energy] 8*8 | [energy] 16*16 | [energy] 8 16*14 }\n"
    "part top { role melody } part low { role bass }\n"
    "texture main { top beat low free }\n";

static estro_style *load(const char *one, const char *two)
{
    const char *settings[] = {one, two};
    estro_style_options options = estro_style_options_default();
    estro_style *style = NULL;
    estro_diag diag = {0};

    options.settings = settings;
    options.n_settings = two ? 2 : one ? 1 : 0;
    if (estro_style_parse(&style, text, sizeof text - 1, "dial", &options, &diag) != ESTRO_OK) {
        fail_msg("%s", diag.text);
    }
    return style;
}

/* Notes of the top part in each bar. */
static int count_top(const estro_bar *bar)
{
    int count = 0;

    for (size_t i = 0; i < bar->n_notes; i++) {
        count += bar->notes[i].part == 0;
    }
    return count;
}

static estro_composer *composer_of(const estro_style *style)
{
    estro_compose_options options = estro_compose_options_default();
    estro_composer *composer = NULL;

    options.seed = 3;
    assert_int_equal(estro_composer_new(&composer, style, &options, NULL), ESTRO_OK);
    return composer;
}

static void others_are_heard_from_the_next_phrase_on(void **state)
{
    estro_style *calm = load(NULL, NULL), *busy = load("energy=1", NULL);
    estro_composer *composer = composer_of(calm);
    estro_bar bar;
    int bars = 0;

    (void)state;
    while (estro_composer_next(composer, &bar, NULL) == ESTRO_OK) {
        if (bars < 6) {
            assert_int_equal(count_top(&bar), 4);
        } else {
            assert_true(count_top(&bar) >=
                        8); /* the third phrase was composed, the fourth was not */
        }
        bars++;
        if (bars == 5) {
            assert_int_equal(estro_composer_restyle(composer, busy, NULL), ESTRO_OK);
        }
    }
    assert_int_equal(bars, 12);
    estro_composer_free(composer);
    estro_style_free(calm);
    estro_style_free(busy);
}

/* Back and forth, in patterns of more and of fewer cells, with another form in between; nothing of it is lost or read twice. */
static void there_and_back(void **state)
{
    estro_style *styles[] = {load(NULL, NULL), load("energy=1", NULL), load("energy=0.5", "more=2"),
                             load("more=4", NULL)};
    estro_composer *composer = composer_of(styles[0]);
    estro_bar bar;
    int bars = 0;
    int64_t end = 0;

    (void)state;
    while (bars < 100 && estro_composer_next(composer, &bar, NULL) == ESTRO_OK) {
        assert_int_equal(bar.start, end);
        end += bar.length;
        bars++;
        assert_int_equal(estro_composer_restyle(composer, styles[bars % 4], NULL), ESTRO_OK);
        assert_int_equal(estro_composer_restyle(composer, styles[bars * bars % 3], NULL), ESTRO_OK);
    }
    assert_true(bars >= 12);
    estro_composer_free(composer);
    for (int i = 0; i < 4; i++) {
        estro_style_free(styles[i]);
    }
}

static void another_style_is_refused(void **state)
{
    static const char other[] = "estro 1 style dial \"\"\nform { piece = <a 2 half> }\n"
                                "harmony { phrase = I:4 | I:4 phrase }\npart top { role melody }\n";
    estro_style *style = load(NULL, NULL), *wrong = NULL;
    estro_composer *composer = composer_of(style);

    (void)state;
    assert_int_equal(estro_style_parse(&wrong, other, sizeof other - 1, "dial", NULL, NULL),
                     ESTRO_OK);
    assert_int_equal(estro_composer_restyle(composer, wrong, NULL), ESTRO_ERR_ARGUMENT);
    estro_composer_free(composer);
    estro_style_free(style);
    estro_style_free(wrong);
}

/* A shipped style, given anew at each bar: note for note as without. */
static void compare(const char *name, bool given_anew, uint64_t *hash)
{
    estro_style *style = NULL;
    estro_composer *composer = NULL;
    estro_compose_options options = estro_compose_options_default();
    estro_bar bar;

    options.seed = 5;
    options.bars = 24;
    assert_int_equal(estro_style_load(&style, name, NULL, NULL), ESTRO_OK);
    assert_int_equal(estro_composer_new(&composer, style, &options, NULL), ESTRO_OK);
    *hash = 1;
    while (estro_composer_next(composer, &bar, NULL) == ESTRO_OK) {
        for (size_t n = 0; n < bar.n_notes; n++) {
            const estro_note *note = &bar.notes[n];
            *hash = (*hash ^ (uint64_t)note->start) * UINT64_C(0x100000001b3);
            *hash =
                (*hash ^ (uint64_t)note->duration << 8 ^ note->key ^ (uint64_t)note->part << 40) *
                UINT64_C(0x100000001b3);
        }
        if (given_anew) {
            estro_style *again = NULL;
            assert_int_equal(estro_style_load(&again, name, NULL, NULL), ESTRO_OK);
            assert_int_equal(estro_composer_restyle(composer, again, NULL), ESTRO_OK);
            estro_style_free(again);
        }
    }
    estro_composer_free(composer);
    estro_style_free(style);
}

static void the_same_changes_nothing(void **state)
{
    static const char *const names[] = {"styles/reel.style", "styles/house.style",
                                        "styles/ragtime.style", "styles/waltz.style"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t plain, anew;
        compare(names[i], false, &plain);
        compare(names[i], true, &anew);
        assert_true(plain == anew);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_are_heard_from_the_next_phrase_on),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(another_style_is_refused),
        cmocka_unit_test(the_same_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
