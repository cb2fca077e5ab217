/* Tunes in ABC notation: what they sound like, and where they are wrong. */
#include "abc/abc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { EIGHTH = ES_QUARTER / 2 };

static void write_notes(char *out, size_t size, const es_abc *abc)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < abc->n_notes && used < size; i++) {
        const es_note *note = &abc->notes[i];
        used += (size_t)snprintf(out + used, size - used, "%s%d@%g:%g", i ? " " : "", note->key,
                                 (double)note->start / EIGHTH, (double)note->duration / EIGHTH);
    }
}

/* Keys with starts and durations in eighths. */
static void assert_reads(const char *text, bool is_snippet, const char *notes)
{
    char found[2048];
    es_abc abc;
    estro_diag diag = {0};

    if (es_abc_read(&abc, text, strlen(text), "tune", is_snippet, &diag) != ESTRO_OK) {
        fail_msg("%s:%d:%d: %s", diag.source, diag.line, diag.column, diag.text);
    }
    write_notes(found, sizeof found, &abc);
    assert_string_equal(found, notes);
    es_abc_done(&abc);
}

#define HEAD   "X:1\nM:4/4\nL:1/8\nK:C\n"
#define G_HEAD "X:1\nM:4/4\nL:1/8\nK:G\n"

static void notes_octaves_lengths(void **state)
{
    (void)state;
    assert_reads(HEAD "C c c' C,2 | D/ E// F3/2 G4", false,
                 "60@0:1 72@1:1 84@2:1 48@3:2 62@8:0.5 64@8.5:0.25 65@8.75:1.5 67@10.25:4");
    assert_reads(HEAD "c z c x2 c- c z | c", false, "72@0:1 72@2:1 72@5:2 72@8:1");
    assert_reads(HEAD "A4-A4- | A8", false, "69@0:16");
    assert_reads(HEAD "Z2 | A", false, "69@16:1");
}

static void accidentals_last_a_bar(void **state)
{
    (void)state;
    assert_reads(G_HEAD "F =F F f z4 | F ^^F _B __B", false,
                 "66@0:1 65@1:1 65@2:1 77@3:1 66@8:1 67@9:1 70@10:1 69@11:1");
    assert_reads("X:1\nL:1/8\nK:Edor\nF C | c", false, "66@0:1 61@1:1 73@8:1");
    assert_reads("X:1\nL:1/8\nK:Bb\nB E", false, "70@0:1 63@1:1");
    assert_reads("X:1\nL:1/8\nK:D Phr ^f\nF E B", false, "66@0:1 63@1:1 70@2:1");
    assert_reads("X:1\nL:1/8\nK:C#\nF B", false, "66@0:1 72@1:1");
    assert_reads(HEAD "F [K:D] F C | [K:none] F", false, "65@0:1 66@1:1 61@2:1 65@8:1");
}

static void broken_rhythm_and_tuplets(void **state)
{
    (void)state;
    assert_reads(HEAD "A>B A<B A>>B", false,
                 "69@0:1.5 71@1.5:0.5 69@2:0.5 71@2.5:1.5 69@4:1.75 71@5.75:0.25");
    assert_reads(HEAD "(3ABc (2AB (5:4:2AB A", false,
                 "69@0:0.666667 71@0.666667:0.666667 72@1.33333:0.666667 69@2:1.5 71@3.5:1.5 "
                 "69@5:0.8 71@5.8:0.8 69@6.6:1");
    assert_reads(HEAD "(3A\nBc", false, "69@0:0.666667 71@0.666667:0.666667 72@1.33333:0.666667");
}

static void what_is_passed_over(void **state)
{
    (void)state;
    assert_reads(HEAD "\"Am\"{g}~A (.B!trill!c) +turn+d [CEG]2 % comment\nw: la la\ne", false,
                 "69@0:1 71@1:1 72@2:1 74@3:1 67@4:2 76@6:1");
    assert_reads(HEAD "V:1\nA B\nV:2\nC, C,\nV:1\nc", false, "69@0:1 71@1:1 72@2:1");
    assert_reads(HEAD "A B & C D | c", false, "69@0:1 71@1:1 72@8:1");
    assert_reads("A tune book.\n\n" HEAD "A\n\nX:2\nK:C\nB", false, "69@0:1");
}

static void repeats_and_endings(void **state)
{
    (void)state;
    assert_reads(HEAD "|: A8 :| B8", false, "69@0:8 69@8:8 71@16:8");
    assert_reads(HEAD "A8 |1 B8 :|2 c8 |] d8", false, "69@0:8 71@8:8 69@16:8 72@24:8 74@32:8");
    assert_reads(HEAD "|: A8 | [1,3 B8 :| [2 c8 :|", false,
                 "69@0:8 71@8:8 69@16:8 72@24:8 69@32:8 71@40:8");
    assert_reads(HEAD "A8 :: B8 :|", false, "69@0:8 69@8:8 71@16:8 71@24:8");
    assert_reads(HEAD "A8 || B8 :|", false, "69@0:8 71@8:8 71@16:8");
    assert_reads(HEAD "|: A8 |\n: B8 :|", false, "69@0:8 71@8:8 71@16:8");
}

static void bars_stand_in_their_places(void **state)
{
    (void)state;
    /* An upbeat; the end of a section and the next upbeat make one bar; an end too short for that stays open. */
    assert_reads(HEAD "G2 | A8 | B6 :|", false, "67@6:2 69@8:8 71@16:6 67@22:2 69@24:8 71@32:6");
    assert_reads(HEAD "A8 | B6 |] c8", false, "69@0:8 71@8:6 72@16:8");
}

static void head_says_metre_key_tempo(void **state)
{
    static const char text[] = "X:1\nT: A tune \nM:C|\nQ:1/2=60\nK:F#m\nF";
    es_abc abc;

    (void)state;
    assert_int_equal(es_abc_read(&abc, text, strlen(text), "tune", false, NULL), ESTRO_OK);
    assert_string_equal(abc.title, "A tune");
    assert_int_equal(abc.meter.numerator, 2);
    assert_int_equal(abc.meter.denominator, 2);
    assert_true(abc.has_key);
    assert_int_equal(abc.key.tonic, 6);
    assert_int_equal(abc.key.mode, ES_MINOR);
    assert_true(abc.tempo == 120);
    assert_int_equal(abc.notes[0].duration, ES_QUARTER / 2);
    assert_int_equal(abc.length, ES_WHOLE);
    es_abc_done(&abc);
    assert_reads("X:1\nM:2/4\nK:C\nC", false, "60@0:0.5");
}

static void snippets_find_their_metre(void **state)
{
    static const struct {
        const char *text;
        int numerator, denominator, units; /* A unit in 1/16. */
    } rows[] = {{"c d e g |", 4, 4, 4},
                {"c d e g", 4, 4, 4},
                {"cdef gabc' | c8 |", 4, 4, 2},
                {"g | c d e | f2 e |", 3, 4, 4},
                {"cde gfe | d6 |", 6, 8, 2},
                {"[L:1/16] cdef", 4, 4, 1},
                {"[M:3/4] cdefga | b6 |", 3, 4, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        es_abc abc;
        assert_int_equal(es_abc_read(&abc, rows[i].text, strlen(rows[i].text), "x", true, NULL),
                         ESTRO_OK);
        assert_int_equal(abc.meter.numerator, rows[i].numerator);
        assert_int_equal(abc.meter.denominator, rows[i].denominator);
        assert_int_equal(abc.notes[0].duration, ES_QUARTER / 4 * rows[i].units);
        assert_false(abc.has_key);
        es_abc_done(&abc);
    }
    assert_reads("[K:G] f g |", true, "78@0:2 79@2:2");
}

static void errors_have_their_place(void **state)
{
    static const struct {
        const char *text;
        int line, column;
        const char *says;
    } rows[] = {
        {"", 1, 1, "no tune"},
        {"X:1\nT:x\n", 2, 1, "ends with the key"},
        {HEAD "z8|", 5, 1, "no notes"},
        {"X:1\nM:5/7\nK:C\nC", 2, 3, "no metre"},
        {"X:1\nM:waltz\nK:C\nC", 2, 3, "no metre"},
        {"X:1\nL:x\nK:C\nC", 2, 3, "no length"},
        {"X:1\nK:H\nC", 2, 3, "no key"},
        {HEAD "A B ^z", 5, 5, "expected a note"},
        {HEAD "A ^^^B", 5, 3, "two sharps"},
        {HEAD "A c'''''''", 5, 3, "out of reach"},
        {HEAD "[CE", 5, 1, "no ']'"},
        {HEAD "[K:C", 5, 1, "no ']'"},
        {HEAD ">A", 5, 1, "between two notes"},
        {HEAD "A>>>>B", 5, 2, "at most three"},
        {HEAD "(1A", 5, 1, "2 to 9 notes"},
        {HEAD "A9999", 5, 2, "a length is at most"},
        {HEAD "A\nB 7 c", 6, 3, "no meaning"},
        {HEAD "A \1", 5, 3, "a byte of 1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        es_abc abc;
        estro_diag diag = {0};
        assert_int_equal(
            es_abc_read(&abc, rows[i].text, strlen(rows[i].text), "t.abc", false, &diag),
            ESTRO_ERR_SYNTAX);
        assert_non_null(strstr(diag.text, rows[i].says));
        assert_int_equal(diag.line, rows[i].line);
        assert_int_equal(diag.column, rows[i].column);
        assert_string_equal(diag.source, "t.abc");
        assert_null(abc.notes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_octaves_lengths),     cmocka_unit_test(accidentals_last_a_bar),
        cmocka_unit_test(broken_rhythm_and_tuplets), cmocka_unit_test(what_is_passed_over),
        cmocka_unit_test(repeats_and_endings),       cmocka_unit_test(bars_stand_in_their_places),
        cmocka_unit_test(head_says_metre_key_tempo), cmocka_unit_test(snippets_find_their_metre),
        cmocka_unit_test(errors_have_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
