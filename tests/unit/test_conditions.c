/* Conditions of rhythms: each subject is decided where the alternative begins; what is left out is never played. */
#include "style/check.h"

#include "composed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static composed piece;

#define HEAD                                                                                       \
    "estro 1\nstyle test \"\"\nkeys C\n"                                                           \
    "part p { role melody instrument 0 range C4..C6 }\ntexture main { p run }\n"
#define FORM                                                                                       \
    "form { piece = one two three  one = <a 2 half level 2..8>  two = <b 2 half tension 4>\n"      \
    "  three = <c 2 authentic in vi> }\n"                                                          \
    "harmony major { phrase = I:3 V7:1 ii:4 }\nharmony minor { phrase = i:4 V7:2 i:2 }\n"

static void compose_rule(const char *rule, uint64_t seed)
{
    char text[2048];

    snprintf(text, sizeof text, HEAD FORM "rhythm { run = %s }\n", rule);
    compose(&piece, text, seed, NULL, 0);
    if (piece.status != ESTRO_END) {
        print_error("%d: %s\n", (int)piece.diag.line, piece.diag.text);
    }
}

/* Notes in each bar: "1" is a whole note where the condition holds, 2 2 where it fails. */
static void holds_in(const char *condition, const char *fails, const char *bars)
{
    char rule[256];

    snprintf(rule, sizeof rule, "if %s 1 | if %s 2 2", condition, fails);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        compose_rule(rule, seed);
        assert_int_equal(piece.status, ESTRO_END);
        assert_int_equal(piece.n_bars, 6);
        for (int b = 0; b < 6; b++) {
            if (piece.bar[b].n_notes != (bars[b] == '1' ? 1u : 2u)) {
                print_error("%s: bar %d\n", condition, b + 1);
            }
            assert_int_equal(piece.bar[b].n_notes, bars[b] == '1' ? 1 : 2);
        }
        composed_done(&piece);
    }
}

static void places_are_known(void **state)
{
    (void)state;
    holds_in("bar = 2", "bar != 2", "010101");
    holds_in("left > 0", "left < 1", "101010");
    holds_in("level < 5", "level > 4", "100000");
    holds_in("tension = 4", "tension != 4", "001100");
    holds_in("place = middle", "place != middle", "001100");
    holds_in("place = last", "place != last", "000011");
    holds_in("section = one", "section != one", "110000");
    holds_in("key = minor", "key != minor", "000011");
}

static void chords_are_known(void **state)
{
    (void)state;
    holds_in("function = subdominant", "function != subdominant", "010100");
    holds_in("quality = major", "quality != major", "101000");
    holds_in("quality = dominant", "quality != dominant", "000001");
    holds_in("degree = 2", "degree != 2", "010100");
    holds_in("next = 7", "next != 7", "101110"); /* I to V, i to V, and D minor to A minor. */
    holds_in("lasts = 4", "lasts != 4", "010110");
    holds_in("lasts < 3", "lasts > 2", "000001");
}

/* Inside the bar: the place is that of the alternative, not of the bar. */
static void alternatives_ask_where_they_begin(void **state)
{
    (void)state;
    compose_rule("step*4  step = if change = 1 8 8 | if change = 0 4", 1);
    assert_int_equal(piece.status, ESTRO_END);
    for (int b = 0; b < 4; b += 2) { /* Beat 3 is before V, beat 4 before ii. */
        const es_bar *bar = &piece.bar[b];
        assert_int_equal(bar->n_notes, 6);
        assert_int_equal(bar->notes[2].start - bar->start, 2 * ES_QUARTER);
        assert_int_equal(bar->notes[2].duration, ES_QUARTER / 2);
    }
    composed_done(&piece);
    compose_rule("step*4  step = if lasts = 2 8 8 | if lasts != 2 4", 1);
    assert_int_equal(piece.status, ESTRO_END);
    assert_int_equal(piece.bar[0].notes[1].duration, ES_QUARTER / 2); /* Beat 2 of I:3. */
    assert_int_equal(piece.bar[0].notes[3].duration, ES_QUARTER);
    assert_int_equal(piece.bar[1].notes[2].duration, ES_QUARTER / 2); /* Beat 3 of ii:4. */
    composed_done(&piece);
    compose_rule("step*4  step = if begins = 1 8 8 | if begins = 0 4", 1);
    assert_int_equal(piece.status, ESTRO_END);
    for (int b = 0; b < 2; b++) { /* Beats 1 and 4 of I:3 V:1, then beat 1 of ii:4. */
        const es_bar *bar = &piece.bar[b];
        assert_int_equal(bar->n_notes, b == 0 ? 6 : 5);
        assert_int_equal(bar->notes[0].duration, ES_QUARTER / 2);
        assert_int_equal(bar->notes[2].duration, ES_QUARTER);
        assert_int_equal(bar->notes[4].duration, b == 0 ? ES_QUARTER / 2 : ES_QUARTER);
    }
    composed_done(&piece);
    compose_rule("step*4  step = if beat = 3 8 8 | if beat < 3 4 | if beat > 3 4", 1);
    assert_int_equal(piece.style->patterns[0].n_cells, 1);
    assert_int_equal(piece.style->patterns[0].cells[0].n_conditions, 0);
    composed_done(&piece);
}

static void a_bar_without_a_way_is_a_conflict(void **state)
{
    (void)state;
    compose_rule("if bar = 1 1", 1);
    assert_int_equal(piece.status, ESTRO_ERR_CONFLICT);
    assert_int_equal(piece.diag.line, 10);
    assert_non_null(strstr(piece.diag.text, "bar 2, part p: the conditions of 'run'"));
    composed_done(&piece);
}

/* A repeat is exact where conditions let it be, and made anew where they do not. */
static void repeats_keep_to_conditions(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        compose(&piece,
                HEAD "form { piece = <a 2 half level 2> <a 2 half level 2> <a 2 half level 8> }\n"
                     "harmony { phrase = I:4 V:4 }\n"
                     "rhythm { run = if level < 5 4*4 | if level > 4 8*8 }\n",
                seed, NULL, 0);
        assert_int_equal(piece.status, ESTRO_END);
        for (int b = 0; b < 2; b++) {
            assert_int_equal(piece.bar[b].n_notes, 4);
            assert_int_equal(piece.bar[4 + b].n_notes, 8);
            for (int i = 0; i < 4; i++) {
                assert_int_equal(piece.bar[b].notes[i].key, piece.bar[2 + b].notes[i].key);
            }
        }
        composed_done(&piece);
    }
}

/* Motifs and patterns of several bars settle their cells beforehand. */
static void settled_cells_keep_to_conditions(void **state)
{
    static const char text[] =
        "estro 1\nstyle test \"\"\nkeys C\npart p { role melody instrument 0 range C4..C6 }\n"
        "part q { role bass }\ntexture main { p run motif \"aa\"  q long }\n"
        "form { piece = <a 4 half level 2..8> }\nharmony { phrase = I:16 }\n"
        "rhythm { run = if level < 5 4*4 | if level > 4 8*8\n"
        "  long = if bar = 1 1 1 | if bar = 3 2*4 }\n";

    (void)state;
    compose(&piece, text, 1, NULL, 0);
    assert_int_equal(piece.status, ESTRO_END);
    for (int b = 0; b < 4; b++) {
        const size_t low = b < 2 ? 1 : 2;
        assert_int_equal(piece.bar[b].n_notes, (piece.bar[b].level < 5 ? 4 : 8) + low);
    }
    composed_done(&piece);
}

/* ---- the checker ---- */

typedef struct warnings {
    int count;
    char text[256];
} warnings;

static void note_warning(void *self, const char *source, int32_t line, int32_t column,
                         const char *text)
{
    warnings *all = self;

    (void)source;
    (void)line;
    (void)column;
    all->count++;
    snprintf(all->text, sizeof all->text, "%s", text);
}

static warnings check(const char *rule)
{
    char text[2048];
    warnings all = {0};
    estro_diag diag = {0};

    snprintf(text, sizeof text, HEAD FORM "rhythm { run = %s }\n", rule);
    assert_int_equal(
        es_style_check(text, strlen(text), "test.style", NULL, note_warning, &all, &diag),
        ESTRO_OK);
    return all;
}

static void gaps_are_warned_of(void **state)
{
    warnings all = check("if level < 5 1 | if level > 5 2 2");

    (void)state;
    assert_int_equal(all.count, 1);
    assert_string_equal(all.text, "no alternative of 'run' is there if level = 5");
    all = check(
        "if change = 1 and quality = dominant 1 | if change = 0 2 2 | if quality != dominant 4*4");
    assert_int_equal(all.count, 0);
    all = check("if section = one 1 | if section = two and bar = 1 2 2 | if bar = 2 4*4");
    assert_int_equal(all.count, 1);
    assert_string_equal(all.text,
                        "no alternative of 'run' is there if bar = 1 and section = another");
    assert_int_equal(check("if level < 9 1 | if level > 1 2 2").count, 0);
    assert_int_equal(check("if level = 5 1 | 2 2").count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_known),
        cmocka_unit_test(chords_are_known),
        cmocka_unit_test(alternatives_ask_where_they_begin),
        cmocka_unit_test(a_bar_without_a_way_is_a_conflict),
        cmocka_unit_test(repeats_keep_to_conditions),
        cmocka_unit_test(settled_cells_keep_to_conditions),
        cmocka_unit_test(gaps_are_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
