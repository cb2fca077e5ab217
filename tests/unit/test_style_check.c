/* Warnings about styles that compile: each kind once, at its place, and none about a style that is in order. */
#include "style/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct warnings {
    int count;
    char text[4096]; /* "LINE:COLUMN text" a line */
} warnings;

static void collect(void *self, const char *source, int line, int column, const char *text)
{
    warnings *all = self;
    const size_t used = strlen(all->text);

    assert_string_equal(source, "test");
    snprintf(all->text + used, sizeof all->text - used, "%d:%d %s\n", line, column, text);
    all->count++;
}

static warnings check(const char *text)
{
    warnings all = {0, ""};
    estro_diag diag;

    if (es_style_check(text, strlen(text), "test", NULL, collect, &all, &diag) != ESTRO_OK) {
        fail_msg("%d:%d %s", (int)diag.line, (int)diag.column, diag.text);
    }
    return all;
}

static void assert_warned(const warnings *all, const char *text)
{
    if (!strstr(all->text, text)) {
        fail_msg("no warning '%s' in\n%s", text, all->text);
    }
}

#define HARMONY "harmony { phrase = go  go = I | I go }\n"

static void a_style_in_order_has_none(void **state)
{
    const warnings all =
        check("estro 1 style x \"\"\n"
              "form { piece = (<a 2 half> | <a 4 half>) <b 2 open> <b 2 open> }\n" HARMONY
              "part p { role melody instrument \"Flute\" range C4..C6 }\n"
              "never leap > 7 in p\n");

    (void)state;
    assert_string_equal(all.text, "");
}

static void what_nothing_uses_is_named(void **state)
{
    const warnings all =
        check("estro 1 style x \"\"\n"
              "form { piece = <a 2 half>\n"
              "  rest(n, big) = <b 2 open> }\n" HARMONY "rhythm { run = 8*8\n other = 4*4 }\n"
              "groove quiet { kick \"x\" }\n"
              "part p { role melody } part q { role bass }\n"
              "texture main { p run }\n"
              "texture full { p free }\n");

    (void)state;
    assert_warned(&all, "3:3 nothing uses this rule 'rest(n, big)'");
    assert_warned(&all, "6:2 nothing uses this rule 'other'");
    assert_warned(&all, "7:8 nothing uses the groove 'quiet'");
    assert_warned(&all, "10:9 no phrase has the texture 'full'");
    assert_warned(&all, "8:29 no texture of a phrase lets 'q' play");
    assert_int_equal(all.count, 5);
}

static void odd_numbers_are_named(void **state)
{
    const warnings all = check("estro 1 style x \"\"\n"
                               "form { piece = <a 2 half> (<a 4 half> | [0] <c 1 open>) }\n" HARMONY
                               "part p { role melody instrument \"Piccolo\" range C3..C5 }\n");

    (void)state;
    assert_warned(&all, "2:1 phrases 'a' that can follow each other here differ in length");
    assert_warned(&all, "2:41 this alternative has the weight 0");
    assert_warned(&all, "4:49 the Piccolo has the notes D5..C8");
    assert_int_equal(all.count, 3);
}

static void what_cannot_be_kept_is_named(void **state)
{
    const warnings all =
        check("estro 1 style x \"\"\n"
              "form { piece = <a 2 half> }\n" HARMONY "rhythm { run = 16 16 8*7 | 8 8 4 2 }\n"
              "groove beat { kick \"x.x.\" snare \"x...\" }\n"
              "part p { role melody range C4..C5 move 3:1 } part kit { role drums }\n"
              "texture main { p run kit beat }\n"
              "never short 4 in p\n"
              "never short 8 in p\n"
              "never together kick snare\n"
              "never absent hat\n"
              "never leap > 2 in p\n"
              "never interval 3\n"
              "never outside C2..B3 in p\n"
              "never outside C2..B3 in p at end\n"
              "prefer 2 no short 4 in p\n");

    (void)state;
    assert_warned(&all, "8:1 the pattern 'run' (line 4) has a shorter note");
    assert_warned(&all, "10:1 the pattern 'beat' (line 5) has both drums at once");
    assert_warned(&all, "11:1 the pattern 'beat' (line 5) has a bar without this drum");
    assert_warned(&all, "12:1 'p' (line 6) has no other moves");
    assert_warned(&all, "13:1 'p' (line 6) has no other moves");
    assert_warned(&all, "14:1 'p' (line 6) has no pitch in this range");
    assert_int_equal(all.count, 6);
}

static void form_and_cadences_are_looked_at(void **state)
{
    const warnings all = check("estro 1 style x \"\"\n"
                               "form { piece = [9] piece piece | <a 2 authentic> | <b 2 half> }\n"
                               "harmony major {\n"
                               "  phrase(authentic) = I:4 go\n"
                               "  phrase(half) = I:4 go\n"
                               "  go = V:2 I:2 | V:4 | I:2 I6:2 }\n"
                               "part p { role melody }\n");

    (void)state;
    assert_warned(&all, "2:1 the form goes on for 2000 bars and more");
    assert_warned(&all, "4:1 'phrase(authentic)' can end on V");
    assert_int_equal(all.count, 2);
}

static void alternatives_that_nothing_comes_of_are_named(void **state)
{
    const warnings all = check("estro 1 style x \"\" meter 3/4\n"
                               "form { piece = one(2) <b 4 half>\n"
                               "  one(n) = if n < 2 <a 4 half> | if n > 1 <a 4 half> }\n"
                               "harmony { phrase = go | go*4 | go*5\n"
                               "  go = I:3 | V:12 | I:2 V:13 | [2] (I:12 | V:6 | [3] I) IV:12 }\n"
                               "rhythm { bar = [3] 4*3 | 4 4 | 2 (4 | 8 8) | (4 | 8) 4.*2\n"
                               "  one = [2] 2. }\n"
                               "part p { role melody } part q { role bass }\n"
                               "texture main { p bar q one }\n");

    (void)state;
    assert_warned(&all, "3:12 the condition of this alternative never holds");
    assert_warned(&all, "4:32 no phrase has room for this alternative");
    assert_warned(&all, "5:21 no phrase has room for this alternative");
    assert_warned(&all, "5:32 no phrase has room for this alternative");
    assert_warned(&all, "6:26 no bar has room for this alternative");
    assert_warned(&all, "6:46 no bar has room for this alternative");
    assert_warned(&all, "7:9 this weight changes nothing");
    assert_int_equal(all.count, 7);
}

static void ranges_that_leave_nothing_are_named(void **state)
{
    const warnings all = check("estro 1 style x \"\" keys C\n"
                               "form { piece = <a 2 half> <b 2 half in V> }\n"
                               "harmony { phrase = go  go = I | vi | I go }\n"
                               "part p { role melody range C5..Db5 }\n"
                               "part q { role melody range C6..C7 }\n"
                               "part r { role bass range C2..C3 }\n"
                               "never cross between p q\n"
                               "never spacing > 12 between q r\n"
                               "never spacing > 12\n");

    (void)state;
    assert_warned(&all, "4:28 in G major no tone of I lies in the range of 'p'");
    assert_warned(&all, "7:1 the range of 'q' is above that of 'p': they always cross");
    assert_warned(&all, "8:1 the ranges of 'q' and 'r' are further apart than that");
    assert_warned(&all, "9:1 the ranges of 'p' and 'r' are further apart than that");
    assert_int_equal(all.count, 5);
}

static void errors_stay_errors(void **state)
{
    warnings all = {0, ""};
    estro_diag diag;

    (void)state;
    assert_int_equal(es_style_check("estro 1", 7, "test", NULL, collect, &all, &diag), ESTRO_ERR_SYNTAX);
    assert_int_equal(all.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_style_in_order_has_none),
        cmocka_unit_test(what_nothing_uses_is_named),
        cmocka_unit_test(odd_numbers_are_named),
        cmocka_unit_test(what_cannot_be_kept_is_named),
        cmocka_unit_test(form_and_cadences_are_looked_at),
        cmocka_unit_test(alternatives_that_nothing_comes_of_are_named),
        cmocka_unit_test(ranges_that_leave_nothing_are_named),
        cmocka_unit_test(errors_stay_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
