/* Chords without voices in training: windows, transpositions, hashes that do not hear them. */
#include "base/mem.h"
#include "train/augment.h"
#include "train/chords.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* A piece of so many quarters, two frames each, moved by some semitones. */
static es_frames piece_of(size_t quarters, int shift)
{
    es_frames frames;

    assert_int_equal(es_frames_init(&frames, 2 * quarters, true, NULL), ESTRO_OK);
    for (size_t t = 0; t < frames.count; t++) {
        const int pitch = 48 + (int)(t * t % 17) + shift;
        es_pitch_set_add(&frames.sounding[t], pitch);
        es_pitch_set_add(&frames.sounding[t], pitch + 4);
        frames.struck[t] = frames.sounding[t];
    }
    frames.grid = 2;
    return frames;
}

static void test_hashes(void **state)
{
    es_frames a = piece_of(40, 0), b = piece_of(40, 5);

    (void)state;
    assert_true(es_chords_hash(&a) == es_chords_hash(&b));
    assert_true(es_chords_opening(&a) == es_chords_opening(&b));
    es_pitch_set_add(&b.sounding[70], 30);
    assert_true(es_chords_hash(&a) != es_chords_hash(&b));
    assert_true(es_chords_opening(&a) == es_chords_opening(&b));
    es_pitch_set_add(&b.sounding[3], 100);
    assert_true(es_chords_opening(&a) != es_chords_opening(&b));
    es_frames_done(&a);
    es_frames_done(&b);
}

static void test_windows(void **state)
{
    es_corpus_piece pieces[2] = {{.frames = piece_of(ES_WINDOW_BEATS + 50, 0)},
                                 {.frames = piece_of(20, 0)}};
    const es_corpus corpus = {.pieces = pieces, .n_pieces = 2};
    es_notes_coding coding;
    int first[128] = {0};

    (void)state;
    es_chords_coding(&coding, &corpus, 2);
    assert_int_equal(coding.low, 46);
    assert_int_equal(coding.high, 70);
    assert_int_equal(coding.most, 2);
    for (uint64_t seed = 0; seed < 40; seed++) {
        es_rng rng = es_rng_at(seed, ES_FOR_TEST, 0, 0, 0);
        const es_frames *frames = &pieces[seed % 2].frames;
        es_coded coded;
        size_t cells = 0, ends = 0;
        assert_int_equal(es_chords_augment(&coded, frames, &coding, &rng, &cells, NULL), ESTRO_OK);
        assert_int_equal(cells, seed % 2 ? 40 : 2 * ES_WINDOW_BEATS);
        for (size_t d = 0; d < coded.sequence.n_draws; d++) {
            ends +=
                coded.draws[d].slot == ES_NOTES_FRAME && coded.draws[d].target == coding.most + 2;
        }
        if (seed % 2) {
            assert_int_equal(ends, 1);
            first[coded.draws[1].target]++;
        }
        es_coded_done(&coded);
    }
    int transpositions = 0;
    for (int i = 0; i < 128; i++) {
        transpositions += first[i] > 0;
    }
    assert_true(transpositions > 2);
    es_frames_done(&pieces[0].frames);
    es_frames_done(&pieces[1].frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_windows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
