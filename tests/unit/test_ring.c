/* The ring: what one thread commits, another gets, whole and in order. */
#include "base/ring.h"

#include "base/mem.h"
#include "base/thread.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { N = 100000 };

typedef struct pair {
    uint64_t value, twice;
} pair;

static void fills_and_empties(void **state)
{
    es_ring ring;

    (void)state;
    assert_false(es_ring_init(&ring, 3, sizeof(pair)));
    assert_true(es_ring_init(&ring, 4, sizeof(pair)));
    assert_null(es_ring_peek(&ring));
    for (uint64_t round = 0; round < 5; round++) {
        for (uint64_t i = 0; i < 4; i++) {
            assert_int_equal(es_ring_space(&ring), 4 - i);
            *(pair *)es_ring_slot(&ring) = (pair){i, 2 * i};
            es_ring_commit(&ring);
        }
        assert_null(es_ring_slot(&ring));
        for (uint64_t i = 0; i < 4; i++) {
            assert_int_equal(((const pair *)es_ring_peek(&ring))->value, i);
            es_ring_pop(&ring);
        }
        assert_null(es_ring_peek(&ring));
    }
    es_ring_done(&ring);
    es_mem_fail_after(0);
    assert_false(es_ring_init(&ring, 4, sizeof(pair)));
    es_mem_fail_after(-1);
}

static void what_is_not_committed_is_not_seen(void **state)
{
    es_ring ring;

    (void)state;
    assert_true(es_ring_init(&ring, 2, sizeof(pair)));
    *(pair *)es_ring_slot(&ring) = (pair){1, 2};
    assert_null(es_ring_peek(&ring));
    es_ring_commit(&ring);
    assert_non_null(es_ring_peek(&ring));
    es_ring_done(&ring);
}

static void *write_all(void *self)
{
    es_ring *const ring = self;

    for (uint64_t i = 0; i < N; i++) {
        pair *slot;
        while ((slot = es_ring_slot(ring)) == NULL) {
            sched_yield();
        }
        *slot = (pair){i, 2 * i};
        es_ring_commit(ring);
    }
    return NULL;
}

static void two_threads_agree(void **state)
{
    es_ring ring;
    es_thread writer = {0};

    (void)state;
    assert_true(es_ring_init(&ring, 64, sizeof(pair)));
    assert_true(es_thread_start(&writer, write_all, &ring));
    for (uint64_t i = 0; i < N; i++) {
        const pair *record;
        while ((record = es_ring_peek(&ring)) == NULL) {
            sched_yield();
        }
        assert_int_equal(record->value, i);
        assert_int_equal(record->twice, 2 * i);
        es_ring_pop(&ring);
    }
    es_thread_join(&writer);
    es_thread_join(&writer);
    es_ring_done(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_and_empties),
        cmocka_unit_test(what_is_not_committed_is_not_seen),
        cmocka_unit_test(two_threads_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
