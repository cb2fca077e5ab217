/* Chord sheets: what shares a bar, what is refused and where. */
#include "api/api.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static const es_meter common = {4, 4};

/** The sheet, beat by beat, as text. */
static const char *read(const char *text, es_meter meter)
{
    static char out[512];
    estro_diag diag = {0};
    es_chord *chords = NULL;
    uint32_t count = 0;
    char symbol[ES_CHORD_TEXT];

    out[0] = '\0';
    if (es_api_chords(&chords, &count, text, meter, &diag) != ESTRO_OK) {
        assert_null(chords);
        snprintf(out, sizeof out, "%d: %s", (int)diag.column, diag.text);
        return out;
    }
    for (uint32_t i = 0; i < count; i++) {
        es_chord_symbol(symbol, sizeof symbol, chords[i], NULL);
        snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s", i ? " " : "", symbol);
    }
    es_free(chords);
    return out;
}

static void shares_bars_evenly(void **state)
{
    (void)state;
    assert_string_equal(read("Dm7 G7 | Cmaj7", common), "Dm7 Dm7 G7 G7 Cmaj7 Cmaj7 Cmaj7 Cmaj7");
    assert_string_equal(read("C F G C", common), "C F G C");
    assert_string_equal(read("C F G", (es_meter){6, 8}), "5: more chords than beats in this bar");
    assert_string_equal(read("C F", (es_meter){3, 4}), "C C F");
    assert_string_equal(read("C F G", common), "C C F G");
}

static void reads_bar_lines_and_repeats(void **state)
{
    (void)state;
    assert_string_equal(read("| C | % |", (es_meter){2, 4}), "C C C C");
    assert_string_equal(read("|C F|%|G", (es_meter){2, 4}), "C F C F G G");
    assert_string_equal(read("NC | Bb/D", (es_meter){2, 4}), "N N Bb/D Bb/D");
}

static void says_where_it_fails(void **state)
{
    (void)state;
    assert_string_equal(read("", common), "1: the chord sheet is empty");
    assert_string_equal(read("C || F", common),
                        "4: a bar without a chord; '%' repeats the bar before");
    assert_string_equal(read("% | C", common), "1: '%' repeats the bar before, and there is none");
    assert_non_null(strstr(read("C | F %", common), "7: '%'"));
    assert_string_equal(read("C F G C D", common), "9: more chords than beats in this bar");
    assert_non_null(strstr(read("C | Hm7", common), "5: 'Hm7' is not a chord symbol"));
    assert_non_null(strstr(read("Cq", common), "1: 'Cq' is not a chord symbol"));
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    for (long fail_after = 0; fail_after < 3; fail_after++) {
        es_chord *chords = NULL;
        uint32_t count = 0;
        es_mem_fail_after(fail_after);
        const estro_status status =
            es_api_chords(&chords, &count, "C | F | G | C | F | G | C", common, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_ERR_MEMORY ? chords == NULL : chords != NULL);
        es_free(chords);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_bars_evenly),
        cmocka_unit_test(reads_bar_lines_and_repeats),
        cmocka_unit_test(says_where_it_fails),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
