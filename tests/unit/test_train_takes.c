/* Takes of drummers: nothing is lost by cutting and joining, and what validates stays whole. */
#include "base/mem.h"
#include "train/profile.h"
#include "train/takes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { TAKES = 6 };

static void make_take(es_take *take, const char *path, uint32_t n_bars, int kind, bool is_valid)
{
    *take = (es_take){.path = path, .is_valid = is_valid};
    assert_int_equal(es_drum_roll_init(&take->roll, 12, (es_meter){4, 4}, n_bars, NULL), ESTRO_OK);
    take->roll.has_plan = true;
    for (uint32_t bar = 0; bar < n_bars; bar++) {
        take->roll.kind[bar] = (uint8_t)kind;
        take->roll.hit[(size_t)bar * take->roll.bar_steps * ES_KIT_LANES] = 1;
    }
}

static void make_takes(es_take takes[TAKES])
{
    make_take(&takes[0], "a/1_rock_beat.mid", 75, ES_DRUM_GROOVE, false);
    make_take(&takes[1], "a/2_rock_beat.mid", 75, ES_DRUM_GROOVE, true);
    make_take(&takes[2], "a/3_rock_fill.mid", 1, ES_DRUM_FILL, false);
    make_take(&takes[3], "a/4_rock_fill.mid", 2, ES_DRUM_FILL, false);
    make_take(&takes[4], "b/1_rock_fill.mid", 1, ES_DRUM_FILL, false);
    make_take(&takes[5], "b/2_rock_beat.mid", 2, ES_DRUM_GROOVE, false);
}

static void done(es_corpus *corpus)
{
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        es_corpus_piece_done(&corpus->pieces[i]);
    }
    es_free(corpus->pieces);
    *corpus = (es_corpus){0};
}

static void test_cut_and_joined(void **state)
{
    static const uint32_t bars[] = {32, 32, 11, 75, 3, 1, 2};
    es_take takes[TAKES];
    es_corpus corpus = {0};

    (void)state;
    make_takes(takes);
    assert_int_equal(es_takes_add(&corpus, takes, TAKES, NULL), ESTRO_OK);
    assert_int_equal(corpus.n_pieces, sizeof bars / sizeof *bars);
    for (size_t i = 0; i < corpus.n_pieces; i++) {
        const es_corpus_piece *piece = &corpus.pieces[i];
        assert_int_equal(piece->drums.n_bars, bars[i]);
        assert_int_equal(es_drum_roll_hits(&piece->drums), bars[i]);
        assert_int_equal(piece->goes_on, i < 2);
        assert_int_equal(piece->is_valid, i == 3);
        assert_int_equal(piece->drums.kind[0], i == 4 || i == 5 ? ES_DRUM_FILL : ES_DRUM_GROOVE);
    }
    done(&corpus);
    for (int i = 0; i < TAKES; i++) {
        es_drum_roll_done(&takes[i].roll);
    }
}

static void test_memory(void **state)
{
    es_take takes[TAKES];
    bool is_done = false;

    (void)state;
    make_takes(takes);
    for (long n = 0; !is_done; n++) {
        es_corpus corpus = {0};
        es_mem_fail_after(n);
        const estro_status status = es_takes_add(&corpus, takes, TAKES, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
        is_done = status == ESTRO_OK;
        done(&corpus);
    }
    for (int i = 0; i < TAKES; i++) {
        es_drum_roll_done(&takes[i].roll);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cut_and_joined),
                                       cmocka_unit_test(test_memory)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
