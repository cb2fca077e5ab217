/* The planner: forms of the wanted length, phrases that fill their beats, quotes, keys, motifs, endings. */
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char text[] =
    "estro 1\n"
    "style small \"For tests\"\n"
    "meter 4/4\n"
    "tempo 60..80\n"
    "keys [1] C [1] a\n"
    "form {\n"
    "  piece = [2] stanza | [1] stanza piece\n"
    "  stanza = <a 2 half> <a' 2 authentic> <b 2 half in V> <a 2 half> <c 2 authentic>\n"
    "}\n"
    "harmony major {\n"
    "  phrase(half) = go V:2\n"
    "  phrase(authentic) = go V I:2\n"
    "  go = I | I go | IV go | V go\n"
    "}\n"
    "harmony minor {\n"
    "  phrase(half) = go V:2\n"
    "  phrase(authentic) = go V i:2\n"
    "  go = i | i go | iv go | V go\n"
    "}\n"
    "rhythm {\n"
    "  walk = [3] 4*4 | [1] 2 4 4\n"
    "  long = 1\n"
    "}\n"
    "part tune { role melody instrument 0 range C4..C6 }\n"
    "part low  { role bass instrument 32 range C2..C4 }\n"
    "texture main { tune walk last long motif \"ab\"  low walk }\n"
    "texture open { tune walk  low walk }\n"
    "texture bare { low walk }\n";

static es_style *style;

static int set_up(void **state)
{
    estro_diag diag = {0};

    (void)state;
    if (es_style_parse(&style, text, strlen(text), "small.style", &diag) != ESTRO_OK) {
        print_message("%s:%d: %s\n", diag.source, diag.line, diag.text);
        return 1;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    es_style_free(style);
    return 0;
}

static es_planner *planner_for(es_plan_options options)
{
    es_planner *planner = NULL;

    assert_int_equal(es_planner_new(&planner, style, &options, NULL), ESTRO_OK);
    return planner;
}

static void a_piece_is_its_phrases_in_order(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        es_planner *planner = planner_for((es_plan_options){.seed = seed});
        const es_plan_frame *frame = es_planner_frame(planner);
        es_plan_phrase phrase;
        uint32_t bars = 0, phrases = 0;
        assert_true(frame->tempo >= 60 && frame->tempo <= 80);
        while (es_planner_next(planner, 0, &phrase, NULL) == ESTRO_OK) {
            assert_int_equal(phrase.index, phrases);
            assert_int_equal(phrase.first_bar, bars);
            bars += phrase.n_bars;
            phrases++;
            assert_int_equal(phrase.is_last, phrases == frame->n_phrases);
        }
        assert_true(phrase.is_last);
        assert_int_equal(bars, frame->n_bars);
        assert_int_equal(bars % 10, 0);
        es_planner_free(planner);
    }
}

static void phrases_end_on_their_cadence_chord(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        es_planner *planner = planner_for((es_plan_options){.seed = seed});
        es_plan_phrase phrase;
        while (es_planner_next(planner, 0, &phrase, NULL) == ESTRO_OK) {
            const es_chord last = phrase.bar[phrase.n_bars - 1].chord[3];
            const int degree = phrase.cadence == ES_CADENCE_HALF ? 7 : 0;
            assert_int_equal(last.root, (phrase.key.tonic + degree) % 12);
            for (int b = 0; b < phrase.n_bars; b++) {
                for (int k = 0; k < 4; k++) {
                    assert_true(phrase.bar[b].chord[k].quality < ES_QUALITY_UNKNOWN);
                    assert_non_null(phrase.bar[b].roman[k]);
                }
            }
        }
        es_planner_free(planner);
    }
}

static void a_phrase_in_v_is_in_the_key_of_the_dominant(void **state)
{
    es_planner *planner =
        planner_for((es_plan_options){.seed = 1, .has_key = true, .key = {2, ES_MAJOR}});
    es_plan_phrase phrase;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK);
        assert_int_equal(phrase.key.tonic, i == 2 ? 9 : 2);
    }
    es_planner_free(planner);
}

static void one_label_is_one_idea(void **state)
{
    es_planner *planner = planner_for((es_plan_options){.seed = 5, .bars = 10});
    es_plan_phrase a, phrase;

    (void)state;
    assert_int_equal(es_planner_next(planner, 0, &a, NULL), ESTRO_OK);
    assert_int_equal(a.quotes, -1);
    assert_int_equal(a.next_quotes, 0); /* a' begins as a does. */
    assert_int_equal(a.bar[0].copy, -1);
    assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK); /* a' */
    assert_int_equal(phrase.quotes, 0);
    assert_int_equal(phrase.bar[0].copy, 0);
    assert_int_equal(phrase.bar[1].copy, -1);
    assert_memory_equal(phrase.bar[0].chord, a.bar[0].chord, sizeof a.bar[0].chord);
    assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK); /* b */
    assert_int_equal(phrase.quotes, -1);
    assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK); /* a */
    assert_int_equal(phrase.bar[1].copy, 1);
    es_planner_free(planner);
}

static void the_next_chord_is_the_one_that_comes(void **state)
{
    es_planner *planner = planner_for((es_plan_options){.seed = 9});
    es_plan_phrase phrase;
    es_chord promised = {.root = 0, .quality = ES_QUALITY_NONE, .bass = 0};

    (void)state;
    for (int i = 0; es_planner_next(planner, 0, &phrase, NULL) == ESTRO_OK; i++) {
        if (i > 0) {
            assert_true(es_chord_equal(promised, phrase.bar[0].chord[0]));
        }
        promised = phrase.next_chord;
    }
    assert_int_equal(promised.quality, ES_QUALITY_NONE);
    es_planner_free(planner);
}

static void lengths_are_met_or_nearest(void **state)
{
    static const struct {
        uint32_t bars, expected;
    } cases[] = {{10, 10}, {20, 20}, {11, 20}, {1, 10}, {1000, 1000}, {1003, 1010}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        es_planner *planner = planner_for((es_plan_options){.seed = i, .bars = cases[i].bars});
        assert_int_equal(es_planner_frame(planner)->n_bars, cases[i].expected);
        es_planner_free(planner);
    }
    es_planner *planner = planner_for((es_plan_options){.seed = 1, .seconds = 60, .tempo = 60});
    assert_int_equal(es_planner_frame(planner)->n_bars, 20); /* 15 bars at least */
    es_planner_free(planner);
}

static void another_attempt_is_another_derivation_of_the_same_phrase(void **state)
{
    es_planner *planner = planner_for((es_plan_options){.seed = 3, .bars = 20});
    es_plan_phrase phrase, again;
    int different = 0;

    (void)state;
    assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK);
    for (uint32_t attempt = 1; attempt < 8; attempt++) {
        assert_int_equal(es_planner_next(planner, attempt, &again, NULL), ESTRO_OK);
        assert_int_equal(again.index, 0);
        different +=
            memcmp(again.bar[0].chord, phrase.bar[0].chord, sizeof phrase.bar[0].chord) != 0;
    }
    assert_true(different > 0);
    assert_int_equal(es_planner_next(planner, 0, &again, NULL), ESTRO_OK);
    assert_int_equal(again.index, 1);
    es_planner_free(planner);
}

static void endless_music_ends_when_asked(void **state)
{
    es_planner *planner = planner_for((es_plan_options){.seed = 3, .endless = true});
    es_plan_phrase phrase;

    (void)state;
    for (int i = 0; i < 200; i++) {
        assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK);
        assert_false(phrase.is_last);
    }
    es_planner_finish(planner);
    assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK);
    assert_true(phrase.is_last);
    assert_int_equal(phrase.cadence, ES_CADENCE_AUTHENTIC);
    assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_END);
    es_planner_free(planner);
}

static void a_given_chord_sheet_is_played_as_it_stands(void **state)
{
    const es_chord sheet[] = {{.root = 2, .quality = ES_QUALITY_MIN7, .bass = 0},
                              {.root = 2, .quality = ES_QUALITY_MIN7, .bass = 0},
                              {.root = 7, .quality = ES_QUALITY_DOM7, .bass = 0},
                              {.root = 7, .quality = ES_QUALITY_DOM7, .bass = 0},
                              {.root = 0, .quality = ES_QUALITY_MAJ7, .bass = 0}};
    es_planner *planner =
        planner_for((es_plan_options){.seed = 3, .bars = 10, .chords = sheet, .n_chords = 5});
    es_plan_phrase phrase;
    uint32_t beat = 0;

    (void)state;
    assert_int_equal(es_planner_frame(planner)->key.tonic, 0);
    while (es_planner_next(planner, 0, &phrase, NULL) == ESTRO_OK) {
        for (int b = 0; b < phrase.n_bars; b++) {
            for (int k = 0; k < 4; k++, beat++) {
                assert_true(es_chord_equal(phrase.bar[b].chord[k], sheet[beat % 5]));
            }
        }
    }
    assert_int_equal(beat, 40);
    es_planner_free(planner);
}

static void motifs_fix_cells_and_last_bars_have_their_own_pattern(void **state)
{
    es_planner *planner = planner_for((es_plan_options){.seed = 3});
    es_plan_phrase phrase;

    (void)state;
    assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK);
    assert_string_equal(style->patterns[phrase.bar[0].pattern[0]].name, "walk");
    assert_string_equal(style->patterns[phrase.bar[1].pattern[0]].name, "long");
    assert_true(phrase.bar[0].cell[0] >= 0);
    assert_int_equal(phrase.bar[0].cell[1], -1);
    es_planner_free(planner);
}

/* The text with the second <a 2 half> of the stanza played by another texture. */
static es_style *style_with(const char *texture)
{
    static const char place[] = "<a 2 half> <c";
    char changed[sizeof text + 32];
    const char *at = strstr(text, place);
    es_style *out = NULL;

    assert_non_null(at);
    snprintf(changed, sizeof changed, "%.*s<a 2 half with %s> <c%s", (int)(at - text), text,
             texture, at + strlen(place));
    assert_int_equal(es_style_parse(&out, changed, strlen(changed), "small.style", NULL), ESTRO_OK);
    return out;
}

/* Bit 0 is the tune, bit 1 the bass. */
static void parts_that_play_the_same_repeat(void **state)
{
    static const char *const names[] = {"open", "bare"};
    static const uint16_t repeats[2][2] = {{3, 2}, {2, 2}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        es_style *other = style_with(names[i]);
        const es_plan_options options = {.seed = 5, .bars = 10};
        es_planner *planner = NULL;
        es_plan_phrase a, phrase;
        assert_int_equal(es_planner_new(&planner, other, &options, NULL), ESTRO_OK);
        assert_int_equal(es_planner_next(planner, 0, &a, NULL), ESTRO_OK);
        for (int k = 0; k < 3; k++) {
            assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK);
        }
        assert_int_equal(phrase.quotes, 0);
        for (int b = 0; b < 2; b++) {
            assert_int_equal(phrase.bar[b].copy, b);
            assert_int_equal(phrase.bar[b].repeats, repeats[i][b]);
            for (int beat = 0; beat < 4; beat++) {
                assert_true(es_chord_equal(phrase.bar[b].chord[beat], a.bar[b].chord[beat]));
            }
        }
        assert_int_equal(phrase.bar[0].pattern[0], i == 0 ? a.bar[0].pattern[0] : -2);
        es_planner_free(planner);
        es_style_free(other);
    }
}

static void keys_that_a_style_lacks_are_refused(void **state)
{
    es_planner *planner = NULL;
    estro_diag diag = {0};
    const es_plan_options options = {.has_key = true, .key = {2, ES_DORIAN}};

    (void)state;
    assert_int_equal(es_planner_new(&planner, style, &options, &diag), ESTRO_ERR_ARGUMENT);
    assert_non_null(strstr(diag.text, "D dorian"));
    assert_null(planner);
    es_planner_free(NULL);
}

/* ---- tunes ---- */

/* Tunes for tests: the first phrase has one, of B and D, which only V holds; its repeats have the same. */
typedef struct whistle {
    size_t n_leaves;
    es_note notes[2];
    es_tune tune;
} whistle;

static estro_status hear_form(void *self, const es_phrase_leaf *const *leaves, size_t count,
                              uint32_t first, estro_diag *diag)
{
    assert_int_equal(first, 0);
    (void)leaves;
    (void)diag;
    ((whistle *)self)->n_leaves = count;
    return ESTRO_OK;
}

static estro_status give_tune(void *self, size_t position, const es_plan_phrase *phrase,
                              const es_tune **out, estro_diag *diag)
{
    whistle *w = self;

    (void)diag;
    *out = phrase->leaf->label == 'a' && phrase->leaf->primes == 0 && position < w->n_leaves
               ? &w->tune
               : NULL;
    return ESTRO_OK;
}

static void chords_suit_the_tune(void **state)
{
    whistle w = {.notes = {{.duration = 2 * ES_QUARTER, .key = 71},
                           {.start = 2 * ES_QUARTER, .duration = 2 * ES_QUARTER, .key = 62}},
                 .tune = {.end = 4 * ES_QUARTER, .n_notes = 2, .other_than = -1}};
    static es_plan_phrase phrase, again;
    int suited = 0, first_a = 0;

    (void)state;
    w.tune.notes = w.notes;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        es_planner *planner;
        es_plan_options options = {
            .seed = seed, .has_key = true, .tunes = {&w, hear_form, give_tune}};
        assert_int_equal(es_planner_new(&planner, style, &options, NULL), ESTRO_OK);
        assert_true(w.n_leaves >= 5);
        assert_int_equal(es_planner_next(planner, 0, &phrase, NULL), ESTRO_OK);
        assert_ptr_equal(phrase.tune, &w.tune);
        for (int beat = 0; beat < 4; beat++) {
            suited += phrase.bar[0].chord[beat].root == 7;
            first_a++;
        }
        /* a' has no tune, so it repeats nothing of a; the next a has, and does. */
        assert_int_equal(es_planner_next(planner, 0, &again, NULL), ESTRO_OK);
        assert_null(again.tune);
        assert_int_equal(again.quotes, -1);
        assert_int_equal(es_planner_next(planner, 0, &again, NULL), ESTRO_OK);
        assert_int_equal(es_planner_next(planner, 0, &again, NULL), ESTRO_OK);
        assert_int_equal(again.quotes, 0);
        assert_ptr_equal(again.tune, &w.tune);
        /* Another derivation still has the tune, but not for ever. */
        assert_int_equal(es_planner_next(planner, 1, &again, NULL), ESTRO_OK);
        assert_ptr_equal(again.tune, &w.tune);
        assert_int_equal(es_planner_next(planner, ES_TUNE_ATTEMPTS, &again, NULL), ESTRO_OK);
        assert_null(again.tune);
        es_planner_free(planner);
    }
    assert_true(suited * 10 > first_a * 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chords_suit_the_tune),
        cmocka_unit_test(a_piece_is_its_phrases_in_order),
        cmocka_unit_test(phrases_end_on_their_cadence_chord),
        cmocka_unit_test(a_phrase_in_v_is_in_the_key_of_the_dominant),
        cmocka_unit_test(one_label_is_one_idea),
        cmocka_unit_test(the_next_chord_is_the_one_that_comes),
        cmocka_unit_test(lengths_are_met_or_nearest),
        cmocka_unit_test(another_attempt_is_another_derivation_of_the_same_phrase),
        cmocka_unit_test(endless_music_ends_when_asked),
        cmocka_unit_test(a_given_chord_sheet_is_played_as_it_stands),
        cmocka_unit_test(motifs_fix_cells_and_last_bars_have_their_own_pattern),
        cmocka_unit_test(parts_that_play_the_same_repeat),
        cmocka_unit_test(keys_that_a_style_lacks_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
