/* A model of profile `notes` by itself: the same notes however they are asked for, on the grid, none beyond the end. */
#include "base/mem.h"
#include "gen/freehand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const es_notes_coding coding = {
    .low = 40, .high = 80, .most = 6, .has_onsets = 1, .has_end = 1, .grid = 4, .n_slots = 2};

static es_net some_net(void)
{
    static es_net_shape shape;
    es_net net;

    memset(&shape, 0, sizeof shape);
    shape.core = ES_GRU;
    shape.n_layers = 1;
    shape.hidden = shape.embed = shape.decoder = 16;
    es_notes_shape(&coding, &shape);
    assert_int_equal(es_net_init(&net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&net, 3);
    return net;
}

/* 8 bars of 4/4, so many at a time. */
static es_note_list write_bars(const es_net *net, uint64_t seed, int at_a_time)
{
    es_note_list all = {0}, some = {0};
    es_freehand *freehand;

    assert_int_equal(es_freehand_new(&freehand, net, &coding, seed, 1, NULL), ESTRO_OK);
    for (int bar = at_a_time; bar <= 8; bar += at_a_time) {
        assert_int_equal(es_freehand_write(freehand, bar * 4 * ES_QUARTER, bar == 8, &some, NULL),
                         ESTRO_OK);
        for (size_t i = 0; i < some.count; i++) {
            assert_true(es_grow(&all.notes, all.count, &all.capacity, sizeof *all.notes));
            all.notes[all.count++] = some.notes[i];
        }
    }
    assert_true(es_freehand_stats_of(freehand).draws > 128);
    assert_true(es_freehand_stats_of(freehand).log_p_model < 0);
    es_freehand_free(freehand);
    es_free(some.notes);
    return all;
}

static void test_pieces(void **state)
{
    const es_net net = some_net();
    es_net owned = net;

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const es_note_list a = write_bars(&net, seed, 1), b = write_bars(&net, seed, 1);
        const es_note_list c = write_bars(&net, seed, 8);
        assert_true(a.count > 30);
        assert_int_equal(a.count, b.count);
        assert_memory_equal(a.notes, b.notes, a.count * sizeof *a.notes);
        assert_int_equal(a.count, c.count);
        for (size_t i = 0; i < a.count; i++) {
            const es_note *note = &a.notes[i];
            assert_true(note->key >= coding.low && note->key <= coding.high);
            assert_true(note->duration > 0 && note->start % (ES_QUARTER / 4) == 0);
            assert_true(note->start + note->duration <= 32 * ES_QUARTER + 0);
            assert_int_equal(note->start, c.notes[i].start);
            assert_int_equal(note->key, c.notes[i].key);
        }
        es_free(a.notes);
        es_free(b.notes);
        es_free(c.notes);
    }
    es_net_done(&owned);
}

/* No pitch is struck while it sounds. */
static void test_no_overlap(void **state)
{
    es_net net = some_net();
    const es_note_list a = write_bars(&net, 9, 2);
    es_tick free_at[128] = {0};

    (void)state;
    for (size_t i = 0; i < a.count; i++) {
        assert_true(a.notes[i].start >= free_at[a.notes[i].key]);
        free_at[a.notes[i].key] = a.notes[i].start + a.notes[i].duration;
    }
    es_free(a.notes);
    es_net_done(&net);
}

static void test_no_memory(void **state)
{
    es_net net = some_net();
    estro_status status = ESTRO_ERR_MEMORY;

    (void)state;
    for (long n = 0; status != ESTRO_OK; n++) {
        es_freehand *freehand = NULL;
        es_note_list list = {0};
        es_mem_fail_after(n);
        status = es_freehand_new(&freehand, &net, &coding, 1, 1, NULL);
        if (status == ESTRO_OK) {
            status = es_freehand_write(freehand, 8 * ES_QUARTER, true, &list, NULL);
        }
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
        es_freehand_free(freehand);
        es_free(list.notes);
    }
    es_net_done(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_no_overlap),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
