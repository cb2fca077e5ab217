/* Chord sheets: how chords share a bar, repeats, and where a sheet is wrong. */
#include "music/sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static es_sheet open_sheet(const char *text, int beats)
{
    es_sheet sheet;

    es_sheet_init(&sheet, text, strlen(text), beats);
    return sheet;
}

static void assert_bar(const es_sheet *sheet, const char *symbols)
{
    for (int beat = 0; beat < sheet->beats; beat++) {
        es_chord chord;
        symbols += strspn(symbols, " ");
        symbols += es_chord_parse(&chord, symbols);
        assert_true(es_chord_equal(chord, sheet->bar[beat]));
    }
}

static void chords_share_their_bar(void **state)
{
    es_sheet sheet = open_sheet(" | Dm7 G7|Cmaj7 | C, F G |\n%| NC |", 4);

    (void)state;
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_BAR);
    assert_bar(&sheet, "Dm7 Dm7 G7 G7");
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_BAR);
    assert_bar(&sheet, "Cmaj7 Cmaj7 Cmaj7 Cmaj7");
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_BAR);
    assert_bar(&sheet, "C C F G");
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_BAR);
    assert_bar(&sheet, "C C F G");
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_BAR);
    assert_bar(&sheet, "N N N N");
    assert_int_equal(sheet.n_bars, 5);
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_END);
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_END);
}

static void troubles_have_a_place(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } cases[] = {{"", 0},      {"  ", 2},      {"C | H", 4}, {"C || D", 3}, {"C D E", 4},
                 {"% | C", 0}, {"C | % C", 6}, {"C %", 2},   {"C/H", 0},    {"Cm7x", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        es_sheet sheet = open_sheet(cases[i].text, 2);
        es_sheet_result result = ES_SHEET_BAR;
        while (result == ES_SHEET_BAR) {
            result = es_sheet_next(&sheet);
        }
        assert_int_equal(result, ES_SHEET_BAD);
        assert_non_null(sheet.trouble);
        assert_int_equal(sheet.at, cases[i].at);
    }
}

static void the_text_needs_no_end(void **state)
{
    es_sheet sheet;

    (void)state;
    es_sheet_init(&sheet, "C | G7", 5, 1);
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_BAR);
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_BAR);
    assert_bar(&sheet, "G");
    assert_int_equal(es_sheet_next(&sheet), ES_SHEET_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chords_share_their_bar),
        cmocka_unit_test(troubles_have_a_place),
        cmocka_unit_test(the_text_needs_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
