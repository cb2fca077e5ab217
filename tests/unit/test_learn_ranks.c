/* Ranks: processes that train together, here threads with a learner each, come to the bits of one alone. */
#include "nn/learn.h"

#include "base/mem.h"
#include "base/thread.h"
#include "toy_net.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { MOST_RANKS = 6, SEQUENCES = 90, EVENTS = 6, STEPS = 4, WAYS = 4, GATHERED = 1024 };

/* Of a batch of so many there are so many shards: 2, 4, 4, 5; see learn.c. */
static const size_t batch_sizes[WAYS] = {7, 9, 40, 90};

typedef struct material {
    es_event_fields event[SEQUENCES][EVENTS];
    es_draw draw[SEQUENCES][EVENTS + 1];
    uint32_t draw_event[SEQUENCES][EVENTS + 1];
    es_sequence sequence[SEQUENCES];
    const es_sequence *batch[SEQUENCES];
} material;

/* What the ranks share: they meet, and all add up the same blocks. */
typedef struct meeting {
    pthread_barrier_t barrier;
    float *block[MOST_RANKS];
    double gathered[MOST_RANKS][GATHERED];
    int count, failing_sum;
} meeting;

typedef struct member {
    es_learn_ranks ranks;
    meeting *meeting;
    es_net net;
    const material *data;
    int sums;
    double nats, valid;
    estro_status status;
} member;

static estro_status sum(void *self, float *block, size_t n, int n_working, estro_diag *diag)
{
    member *m = self;
    meeting *all = m->meeting;
    float *own = es_calloc(n, sizeof *own);

    (void)diag;
    assert_non_null(own);
    if (++m->sums == all->failing_sum) {
        es_free(own);
        return ESTRO_ERR_IO;
    }
    memcpy(own, block, n * sizeof *own);
    all->block[m->ranks.rank] = own;
    pthread_barrier_wait(&all->barrier);
    for (size_t i = 0; i < n; i++) {
        float tree[MOST_RANKS] = {0};
        for (int r = 0; r < n_working; r++) {
            tree[r] = all->block[r][i];
        }
        for (int d = 1; d < n_working; d *= 2) {
            for (int r = 0; r < n_working; r += 2 * d) {
                tree[r] += tree[r + d];
            }
        }
        block[i] = tree[0];
    }
    pthread_barrier_wait(&all->barrier);
    es_free(own);
    return ESTRO_OK;
}

static estro_status gather(void *self, double *x, size_t n, estro_diag *diag)
{
    member *m = self;
    meeting *all = m->meeting;

    (void)diag;
    assert_true(n <= GATHERED);
    memcpy(all->gathered[m->ranks.rank], x, n * sizeof *x);
    pthread_barrier_wait(&all->barrier);
    for (size_t i = 0; i < n; i++) {
        x[i] = 0;
        int with = 0;
        for (int r = 0; r < all->count; r++) {
            x[i] += all->gathered[r][i];
            with += all->gathered[r][i] != 0;
        }
        assert_true(with <= 1);
    }
    pthread_barrier_wait(&all->barrier);
    return ESTRO_OK;
}

static void make_material(material *m, const es_net_shape *shape)
{
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 1, 0, 0);

    for (int s = 0; s < SEQUENCES; s++) {
        const size_t n_events = es_rng_below(&rng, EVENTS + 1);
        for (size_t i = 0; i < n_events; i++) {
            toy_event(shape, &m->event[s][i], &rng);
        }
        for (uint32_t i = 0; i <= n_events; i++) {
            toy_draw(shape, toy_below(&rng, 3), &m->draw[s][i], &rng);
            m->draw_event[s][i] = i;
        }
        m->sequence[s] = (es_sequence){.events = m->event[s],
                                       .n_events = n_events,
                                       .draws = m->draw[s],
                                       .draw_event = m->draw_event[s],
                                       .n_draws = n_events + 1};
        m->batch[s] = &m->sequence[s];
    }
}

static void *train(void *self)
{
    member *m = self;
    const es_learn_options options = {.beta1 = 0.9f,
                                      .beta2 = 0.99f,
                                      .decay = 0.1f,
                                      .clip = 1,
                                      .drop_core = 0.3f,
                                      .drop_decoder = 0.3f,
                                      .average = 0.9f,
                                      .threads = 2,
                                      .seed = 3,
                                      .ranks = m->meeting ? &m->ranks : NULL};
    es_learner *learner;
    double slot_nats[ES_MAX_SLOTS] = {0};
    size_t slot_count[ES_MAX_SLOTS] = {0}, count;

    m->status = es_learner_new(&learner, &m->net, &options, NULL);
    for (int i = 0; m->status == ESTRO_OK && i < STEPS; i++) {
        double nats;
        m->status = es_learner_step(learner, m->data->batch, batch_sizes[i % WAYS], 0.01f, &nats,
                                    &count, NULL);
        m->nats += nats;
    }
    if (m->status == ESTRO_OK) {
        m->status =
            es_learner_score_all(learner, m->data->batch, SEQUENCES, slot_nats, slot_count, NULL);
    }
    for (int k = 0; k < ES_MAX_SLOTS; k++) {
        m->valid += slot_nats[k];
    }
    es_learner_free(learner);
    return NULL;
}

static void make_net(es_net *net)
{
    const es_net_shape shape = toy_shape(ES_GRU, 2);

    assert_int_equal(es_net_init(net, &shape, NULL), ESTRO_OK);
    es_net_randomise(net, 11);
}

/* Train with `count` ranks; failing_sum: the how-manieth sum fails on all of them. */
static void train_together(member *members, meeting *all, int count, int failing_sum,
                           const material *data)
{
    es_thread thread[MOST_RANKS];

    *all = (meeting){.count = count, .failing_sum = failing_sum};
    assert_int_equal(pthread_barrier_init(&all->barrier, NULL, (unsigned)count), 0);
    for (int r = 0; r < count; r++) {
        members[r] = (member){.meeting = all, .data = data};
        members[r].ranks = (es_learn_ranks){r, count, sum, gather, &members[r]};
        make_net(&members[r].net);
        assert_true(es_thread_start(&thread[r], train, &members[r]));
    }
    for (int r = 0; r < count; r++) {
        es_thread_join(&thread[r]);
    }
    pthread_barrier_destroy(&all->barrier);
}

static void ranks_change_no_bit(void **unused)
{
    static material data;
    static meeting all;
    member alone = {.data = &data}, members[MOST_RANKS];

    (void)unused;
    make_net(&alone.net);
    make_material(&data, &alone.net.shape);
    train(&alone);
    assert_int_equal(alone.status, ESTRO_OK);
    for (int count = 1; count <= MOST_RANKS; count++) {
        train_together(members, &all, count, 0, &data);
        for (int r = 0; r < count; r++) {
            assert_int_equal(members[r].status, ESTRO_OK);
            assert_true(members[r].nats == alone.nats);
            assert_true(members[r].valid == alone.valid);
            assert_memory_equal(members[r].net.weights, alone.net.weights,
                                alone.net.n_weights * sizeof(float));
            es_net_done(&members[r].net);
        }
    }
    es_net_done(&alone.net);
}

static void a_sum_that_fails_leaves_the_weights(void **unused)
{
    static material data;
    static meeting all;
    member members[2];
    es_net untouched;

    (void)unused;
    make_net(&untouched);
    make_material(&data, &untouched.shape);
    train_together(members, &all, 2, 1, &data);
    for (int r = 0; r < 2; r++) {
        assert_int_equal(members[r].status, ESTRO_ERR_IO);
        assert_memory_equal(members[r].net.weights, untouched.weights,
                            untouched.n_weights * sizeof(float));
        es_net_done(&members[r].net);
    }
    es_net_done(&untouched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_change_no_bit),
        cmocka_unit_test(a_sum_that_fails_leaves_the_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
