/* Training: gradients against differences of a plain net, Adam against its formulas, and the same bits however it is run. */
#include "nn/learn.h"

#include "base/mem.h"
#include "nn/learn_parts.h"
#include "toy_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MAX_EVENTS = 9, MAX_SEQUENCES = 10, DRAWS_AN_EVENT = 3 };

/* Sequences of different lengths, one without an event and one without a draw among them. */
typedef struct material {
    es_event_fields event[MAX_SEQUENCES][MAX_EVENTS];
    es_draw draw[MAX_SEQUENCES][(MAX_EVENTS + 1) * DRAWS_AN_EVENT];
    uint32_t draw_event[MAX_SEQUENCES][(MAX_EVENTS + 1) * DRAWS_AN_EVENT];
    es_sequence sequence[MAX_SEQUENCES];
    const es_sequence *batch[MAX_SEQUENCES];
} material;

static void make_material(material *m, const es_net_shape *shape, uint64_t seed)
{
    static const size_t n_events[MAX_SEQUENCES] = {3, 5, 0, 9, 4, 9, 1, 7, 6, 2};
    es_rng rng = es_rng_at(seed, ES_FOR_TEST, 1, 0, 0);

    for (int s = 0; s < MAX_SEQUENCES; s++) {
        size_t n_draws = 0;
        for (size_t i = 0; i < n_events[s]; i++) {
            toy_event(shape, &m->event[s][i], &rng);
        }
        for (uint32_t i = 0; i <= n_events[s] && s != 4; i++) {
            for (int d = 0; d < DRAWS_AN_EVENT; d++) {
                toy_draw(shape, toy_below(&rng, 3), &m->draw[s][n_draws], &rng);
                m->draw_event[s][n_draws++] = i;
            }
        }
        m->sequence[s] = (es_sequence){.events = m->event[s],
                                       .n_events = n_events[s],
                                       .draws = m->draw[s],
                                       .draw_event = m->draw_event[s],
                                       .n_draws = n_draws};
        m->batch[s] = &m->sequence[s];
    }
}

static void make_net_of(es_net *net, es_net_shape shape)
{
    es_rng rng = es_rng_at(5, ES_FOR_TEST, 0, 0, 0);

    assert_int_equal(es_net_init(net, &shape, NULL), ESTRO_OK);
    es_net_randomise(net, 11);
    /* Biases too, so that nothing is checked at zero alone. */
    for (size_t i = 0; i < net->n_weights; i++) {
        net->weights[i] += (float)(es_rng_unit(&rng) - 0.5) * 0.4f;
    }
}

static void make_net(es_net *net, es_core core, int layers)
{
    make_net_of(net, toy_shape(core, layers));
}

static es_learn_options plain_options(void)
{
    return (es_learn_options){.beta1 = 0.9f, .beta2 = 0.99f, .threads = 1, .seed = 3};
}

static es_learn_options full_options(void)
{
    es_learn_options options = plain_options();

    options.decay = 0.1f;
    options.clip = 1;
    options.drop_input = 0.1f;
    options.drop_core = 0.3f;
    options.drop_decoder = 0.4f;
    options.drop_field = 0.2f;
    options.average = 0.9f;
    return options;
}

/* Nats of each slot, in double precision, one sequence after another. */
static void plain_nats(const es_net *net, const es_sequence *const *batch, size_t n_batch,
                       double *slot_nats)
{
    const size_t hidden = net->shape.hidden;
    const size_t size = es_net_state_size(net);
    const size_t top = size - hidden * (net->shape.core == ES_LSTM ? 2 : 1);

    for (size_t s = 0; s < n_batch; s++) {
        double state[TOY_WIDTH] = {0}, log_p[ES_MAX_CANDIDATES];
        size_t done = 0;
        for (size_t i = 0; i < batch[s]->n_draws; i++) {
            const es_draw *draw = &batch[s]->draws[i];
            while (done < batch[s]->draw_event[i]) {
                plain_step(net, state, &batch[s]->events[done++]);
            }
            plain_decide(net, state + top, draw, log_p);
            slot_nats[draw->slot] -= log_p[draw->target];
        }
    }
}

static double plain_total(const es_net *net, const es_sequence *const *batch, size_t n_batch)
{
    double slot_nats[ES_MAX_SLOTS] = {0};

    plain_nats(net, batch, n_batch, slot_nats);
    return slot_nats[0] + slot_nats[1] + slot_nats[2];
}

/* Weights of each tensor to look at: the first, the last, and some between. */
typedef struct probes {
    size_t at[4096];
    size_t count;
    size_t each;
    es_rng rng;
} probes;

static void add_probes(void *self, const es_tensor *tensor)
{
    probes *p = self;
    const size_t n = (size_t)tensor->rows * tensor->cols;

    p->at[p->count++] = tensor->offset;
    p->at[p->count++] = tensor->offset + n - 1;
    for (size_t i = 0; i < p->each; i++) {
        p->at[p->count++] = tensor->offset + es_rng_below(&p->rng, (uint32_t)n);
    }
}

static void choose_probes(probes *p, const es_net_shape *shape, size_t each)
{
    es_net_layout layout;

    p->count = 0;
    p->each = each;
    p->rng = es_rng_at(9, ES_FOR_TEST, 0, 0, 0);
    es_net_layout_make(&layout, shape, add_probes, p);
}

static void gradient_is_that_of_a_plain_net(void **unused)
{
    static material m;
    static probes p;

    (void)unused;
    for (int kind = 0; kind < 8; kind++) {
        const es_learn_options options = plain_options();
        const es_core core = kind % 4 < 2 ? ES_GRU : ES_LSTM;
        es_learner *learner;
        es_net net;
        double nats;
        size_t count, moving = 0;

        make_net_of(&net,
                    kind < 4 ? toy_shape(core, 1 + kind % 2) : toy_plain_shape(core, 1 + kind % 2));
        make_material(&m, &net.shape, 1);
        choose_probes(&p, &net.shape, 6);
        float *gradient = es_calloc(net.n_weights, sizeof *gradient);
        assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
        assert_int_equal(
            es_learner_gradient(learner, m.batch, MAX_SEQUENCES, gradient, &nats, &count, NULL),
            ESTRO_OK);
        assert_true(fabs(nats - plain_total(&net, m.batch, MAX_SEQUENCES)) < 1e-3);
        for (size_t i = 0; i < p.count; i++) {
            float *w = &net.weights[p.at[i]];
            const float kept = *w;
            const double unit = (double)ES_LOSS_SCALE / (double)count;
            *w = kept + 1.0f / 65536;
            const double above = plain_total(&net, m.batch, MAX_SEQUENCES), high = (double)*w;
            *w = kept - 1.0f / 65536;
            const double below = plain_total(&net, m.batch, MAX_SEQUENCES), low = (double)*w;
            *w = kept;
            const double truth = unit * (above - below) / (high - low);
            assert_true(fabs((double)gradient[p.at[i]] - truth) < 2e-5 + 2e-3 * fabs(truth));
            moving += fabs(truth) > 1e-4;
        }
        assert_true(moving > p.count / 3);
        es_free(gradient);
        es_learner_free(learner);
        es_net_done(&net);
    }
}

/* Nats of a shard under dropout; with `backward`, its gradient too. */
static double dropped_nats(es_shard_group *group, es_pass *pass, es_packed *packed,
                           const es_net *net, bool backward)
{
    double nats = 0;

    es_shard *shard = group->shard;

    pass->backward = backward;
    es_packed_fill(packed, pass, 1);
    memset(shard->slot_nats, 0, sizeof shard->slot_nats);
    es_core_forward(group, pass);
    if (backward) {
        memset(shard->gradient, 0, net->n_weights * sizeof *shard->gradient);
        memset(group->d_out, 0, group->n_rows * net->shape.hidden * sizeof *group->d_out);
    }
    es_decoder_pass(group, shard, pass);
    if (backward) {
        es_core_backward(group, pass);
    }
    for (int s = 0; s < 3; s++) {
        nats += shard->slot_nats[s];
    }
    return nats;
}

/* Half of the relus firmly on, half off, so that a wide step crosses no kink. */
static void unkink(es_net *net, const es_net_layout *layout)
{
    for (int s = 0; s < net->shape.n_slots; s++) {
        for (size_t j = 0; j < net->shape.decoder; j++) {
            net->weights[layout->slot[s].core_bias + j] = j % 2 ? 4 : -4;
            net->weights[layout->slot[s].middle_bias + j] = j % 4 < 2 ? 10 : -10;
        }
    }
}

static void gradient_under_dropout_is_that_of_the_dropped_net(void **unused)
{
    static material m;
    static probes p;

    (void)unused;
    for (int kind = 0; kind < 2; kind++) {
        es_shard shard = {0};
        es_shard_group group = {.shard = &shard, .n_shards = 1, .stretch = 2};
        es_packed packed;
        es_net_layout layout;
        es_net net;

        make_net(&net, kind ? ES_LSTM : ES_GRU, 2);
        make_material(&m, &net.shape, 2);
        choose_probes(&p, &net.shape, 4);
        es_net_layout_make(&layout, &net.shape, NULL, NULL);
        unkink(&net, &layout);
        assert_int_equal(es_packed_init(&packed, &net.shape, &layout, NULL), ESTRO_OK);
        es_pass pass = {.shape = &net.shape,
                        .at = &layout,
                        .weights = net.weights,
                        .packed = &packed,
                        .scale = 1,
                        .input = es_drop_of(0.2f),
                        .core = es_drop_of(0.3f),
                        .decoder = es_drop_of(0.3f),
                        .field = es_drop_of(0.2f),
                        .key = 77};
        const es_lane lane[] = {{m.batch[1], 0, 0}, {m.batch[0], 1, 0}, {m.batch[6], 2, 0}};
        assert_int_equal(es_shard_group_pack(&group, &net.shape, lane, 3, 0, NULL), ESTRO_OK);
        shard.gradient = es_calloc(net.n_weights, sizeof(float));
        dropped_nats(&group, &pass, &packed, &net, true);
        size_t close = 0, moving = 0;
        for (size_t i = 0; i < p.count; i++) {
            float *w = &net.weights[p.at[i]];
            const float kept = *w, truth = shard.gradient[p.at[i]];
            /* pack again: the pass before has swapped its buffers. */
            assert_int_equal(es_shard_group_pack(&group, &net.shape, lane, 3, 0, NULL), ESTRO_OK);
            *w = kept + 1.0f / 128;
            const double above = dropped_nats(&group, &pass, &packed, &net, false);
            *w = kept - 1.0f / 128;
            const double below = dropped_nats(&group, &pass, &packed, &net, false);
            *w = kept;
            const double slope = (above - below) * 64;
            close += fabs(slope - (double)truth) < 5e-3 + 1e-2 * fabs((double)truth);
            moving += fabsf(truth) > 0.02f;
        }
        assert_int_equal(close, p.count);
        assert_true(moving > p.count / 4);
        es_shard_group_done(&group);
        es_shard_done(&shard);
        es_packed_done(&packed);
        es_net_done(&net);
    }
}

/* How much is dropped, and that what is kept is scaled. */
static void masks_keep_the_mean(void **unused)
{
    static float mask[100000];
    es_drop drop = es_drop_of(0.25f);
    double sum = 0;
    size_t dropped = 0;

    (void)unused;
    drop.key = 12345;
    es_drop_mask(mask, 100000, drop);
    for (uint32_t i = 0; i < 100000; i++) {
        sum += (double)mask[i];
        dropped += mask[i] == 0;
        assert_int_equal(mask[i] != 0, es_drop_keeps(drop, i));
    }
    assert_true(fabs(sum / 100000 - 1) < 0.01);
    assert_true(fabs((double)dropped / 100000 - 0.25) < 0.01);
}

static void a_step_is_that_of_adam(void **unused)
{
    static material m;
    es_learn_options options = plain_options();
    es_learner *learner;
    es_net net;
    double nats, norm_seen[3];
    size_t count;

    (void)unused;
    options.decay = 0.3f;
    options.clip = 0.5f;
    options.average = 0.7f;
    make_net(&net, ES_GRU, 1);
    make_material(&m, &net.shape, 3);
    const size_t n = net.n_weights;
    double *w = es_calloc(4 * n, sizeof *w), *first = w + n, *second = w + 2 * n, *mean = w + 3 * n;
    float *gradient = es_calloc(n, sizeof *gradient);
    bool *decays = es_calloc(n, sizeof *decays);
    es_stretch *stretches;
    size_t n_stretches;
    assert_int_equal(es_stretches_make(&stretches, &n_stretches, &net.shape, NULL), ESTRO_OK);
    for (size_t i = 0; i < n_stretches; i++) {
        for (size_t j = 0; j < stretches[i].count; j++) {
            decays[stretches[i].offset + j] = stretches[i].decays;
        }
    }
    assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
    for (size_t i = 0; i < n; i++) {
        w[i] = mean[i] = (double)net.weights[i];
    }
    for (int step = 1; step <= 3; step++) {
        const double rate = 0.01 * step, grow = (1.0 + step) / (10.0 + step);
        double squares = 0;
        assert_int_equal(
            es_learner_gradient(learner, m.batch, MAX_SEQUENCES, gradient, &nats, &count, NULL),
            ESTRO_OK);
        for (size_t i = 0; i < n; i++) {
            squares += (double)gradient[i] * (double)gradient[i];
        }
        norm_seen[step - 1] = sqrt(squares);
        const double clip = sqrt(squares) > 0.5 ? 0.5 / sqrt(squares) : 1;
        for (size_t i = 0; i < n; i++) {
            const double g = (double)gradient[i] * clip;
            first[i] = 0.9 * first[i] + 0.1 * g;
            second[i] = 0.99 * second[i] + 0.01 * g * g;
            w[i] -= decays[i] ? rate * 0.3 * w[i] : 0;
            w[i] -= rate * (first[i] / (1 - pow(0.9, step))) /
                    (sqrt(second[i] / (1 - pow(0.99, step))) + 1e-8);
            const double share = grow < 0.7 ? grow : 0.7;
            mean[i] = share * mean[i] + (1 - share) * w[i];
        }
        assert_int_equal(
            es_learner_step(learner, m.batch, MAX_SEQUENCES, (float)rate, &nats, &count, NULL),
            ESTRO_OK);
        for (size_t i = 0; i < n; i++) {
            /* Where the gradient is all but zero, Adam's quotient is noise. */
            if (second[i] > 1e-12 || gradient[i] == 0) {
                assert_true(fabs((double)net.weights[i] - w[i]) < 2e-4);
            }
            w[i] = (double)net.weights[i];
        }
        es_learner_weights(learner, gradient);
        for (size_t i = 0; i < n; i++) {
            assert_true(fabs((double)gradient[i] - mean[i]) < 3e-4);
            mean[i] = (double)gradient[i];
        }
    }
    assert_true(norm_seen[0] > 0.5); /* The clip was at work. */
    es_free(stretches);
    es_free(decays);
    es_free(gradient);
    es_free(w);
    es_learner_free(learner);
    es_net_done(&net);
}

static void one_batch_can_be_learnt_by_heart(void **unused)
{
    static material m;

    (void)unused;
    for (int kind = 0; kind < 2; kind++) {
        es_learn_options options = plain_options();
        es_learner *learner;
        es_net net;
        double nats = 0, first = 0;
        size_t count = 1;

        options.clip = 1;
        make_net(&net, kind ? ES_LSTM : ES_GRU, 1 + kind);
        make_material(&m, &net.shape, 4);
        assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
        for (int step = 0; step < 250; step++) {
            assert_int_equal(
                es_learner_step(learner, m.batch, MAX_SEQUENCES, 0.01f, &nats, &count, NULL),
                ESTRO_OK);
            first = step ? first : nats / (double)count;
        }
        assert_true(first > 1.5);
        assert_true(nats / (double)count < 0.15); /* Some draws differ in their target alone. */
        es_learner_free(learner);
        es_net_done(&net);
    }
}

/* Train a few steps with everything on; the weights and their mean. */
static void train_shape(const es_learn_options *options, es_net_shape shape, int steps,
                        float **weights, size_t *n)
{
    static material m;
    es_learner *learner;
    es_net net;
    double nats;
    size_t count;

    make_net_of(&net, shape);
    make_material(&m, &net.shape, 5);
    assert_int_equal(es_learner_new(&learner, &net, options, NULL), ESTRO_OK);
    for (int step = 0; step < steps; step++) {
        assert_int_equal(
            es_learner_step(learner, m.batch, MAX_SEQUENCES, 0.01f, &nats, &count, NULL), ESTRO_OK);
    }
    *n = es_learner_state_size(learner);
    *weights = es_calloc(*n, sizeof **weights);
    es_learner_state_get(learner, *weights);
    es_learner_free(learner);
    es_net_done(&net);
}

static void train(const es_learn_options *options, es_core core, int steps, float **weights,
                  size_t *n)
{
    train_shape(options, toy_shape(core, 2), steps, weights, n);
}

static void threads_change_no_bit(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 4; kind++) {
        const es_core core = kind % 2 ? ES_LSTM : ES_GRU;
        const es_net_shape shape = kind < 2 ? toy_shape(core, 2) : toy_plain_shape(core, 2);
        es_learn_options options = full_options();
        float *one, *more;
        size_t n;

        options.drop_input = kind < 2 ? options.drop_input : 0; /* With a table for the input. */
        train_shape(&options, shape, 4, &one, &n);
        for (options.threads = 2; options.threads < 5; options.threads++) {
            train_shape(&options, shape, 4, &more, &n);
            assert_memory_equal(one, more, n * sizeof *one);
            es_free(more);
        }
        options.threads = 1;
        options.seed++;
        train_shape(&options, shape, 4, &more, &n);
        assert_memory_not_equal(one, more, n * sizeof *one);
        es_free(more);
        es_free(one);
    }
}

static void a_restored_learner_goes_on_as_if_uninterrupted(void **unused)
{
    static material m;
    const es_learn_options options = full_options();
    es_learner *learner;
    es_net net;
    float *straight, *half;
    double nats;
    size_t n, count;

    (void)unused;
    train(&options, ES_GRU, 6, &straight, &n);
    train(&options, ES_GRU, 3, &half, &n);
    make_net(&net, ES_GRU, 2);
    memset(net.weights, 0, net.n_weights * sizeof *net.weights);
    make_material(&m, &net.shape, 5);
    assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
    es_learner_state_set(learner, half);
    for (int step = 0; step < 3; step++) {
        assert_int_equal(
            es_learner_step(learner, m.batch, MAX_SEQUENCES, 0.01f, &nats, &count, NULL), ESTRO_OK);
    }
    es_learner_state_get(learner, half);
    assert_memory_equal(half, straight, n * sizeof *half);
    es_free(straight);
    es_free(half);
    es_learner_free(learner);
    es_net_done(&net);
}

/* Goals of all sequences, zero, in one block that the caller frees. */
static float *give_goals(material *m)
{
    size_t size = 0;

    for (int s = 0; s < MAX_SEQUENCES; s++) {
        size += es_sequence_goal_size(&m->sequence[s]);
    }
    float *const block = es_calloc(size, sizeof *block);
    float *at = block;
    for (int s = 0; s < MAX_SEQUENCES; s++) {
        m->sequence[s].goal = at;
        at += es_sequence_goal_size(&m->sequence[s]);
    }
    return block;
}

static void a_teacher_says_its_probabilities(void **unused)
{
    static material m;
    const es_learn_options options = {.threads = 2};
    es_learner *learner;
    es_net net;
    double truth[ES_MAX_SLOTS] = {0}, nats = 0, wanted = 0;

    (void)unused;
    make_net(&net, ES_GRU, 2);
    make_material(&m, &net.shape, 8);
    float *const goals = give_goals(&m);
    assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
    assert_int_equal(es_learner_teach(learner, m.batch, MAX_SEQUENCES, 0.25f, NULL), ESTRO_OK);
    assert_int_equal(es_learner_teach(learner, m.batch, MAX_SEQUENCES, 0.75f, NULL), ESTRO_OK);
    plain_nats(&net, m.batch, MAX_SEQUENCES, truth);
    for (int s = 0; s < MAX_SEQUENCES; s++) {
        const float *goal = m.sequence[s].goal;
        for (size_t i = 0; i < m.sequence[s].n_draws; i++) {
            const es_draw *draw = &m.draw[s][i];
            double sum = 0;
            for (int c = 0; c < draw->n_candidates; c++) {
                sum += (double)goal[c];
            }
            assert_true(draw->n_candidates == 1 || fabs(sum - 1) < 1e-5);
            nats -= draw->n_candidates > 1 ? log((double)goal[draw->target]) : 0;
            goal += draw->n_candidates;
        }
    }
    for (int s = 0; s < net.shape.n_slots; s++) {
        wanted += truth[s];
    }
    assert_true(fabs(nats - wanted) < 1e-3);
    es_free(goals);
    es_learner_free(learner);
    es_net_done(&net);
}

static void who_says_what_the_teacher_says_learns_nothing(void **unused)
{
    static material m;
    const es_learn_options options = {.threads = 1};
    es_learner *learner;
    es_net net;
    double nats;
    size_t count;

    (void)unused;
    make_net(&net, ES_LSTM, 1);
    make_material(&m, &net.shape, 4);
    float *const goals = give_goals(&m);
    float *const gradient = es_calloc(net.n_weights, sizeof *gradient);
    assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
    assert_int_equal(es_learner_teach(learner, m.batch, MAX_SEQUENCES, 1, NULL), ESTRO_OK);
    assert_int_equal(
        es_learner_gradient(learner, m.batch, MAX_SEQUENCES, gradient, &nats, &count, NULL),
        ESTRO_OK);
    for (size_t i = 0; i < net.n_weights; i++) {
        assert_true(fabsf(gradient[i]) < 1e-6f);
    }
    es_free(gradient);
    es_free(goals);
    es_learner_free(learner);
    es_net_done(&net);
}

static void a_goal_on_the_targets_is_none(void **unused)
{
    static material m;
    const es_learn_options options = {.threads = 1};
    es_learner *learner;
    es_net net;
    double nats[2];
    size_t count;

    (void)unused;
    make_net(&net, ES_GRU, 1);
    make_material(&m, &net.shape, 3);
    float *const without = es_calloc(net.n_weights, sizeof *without);
    float *const with = es_calloc(net.n_weights, sizeof *with);
    assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
    assert_int_equal(
        es_learner_gradient(learner, m.batch, MAX_SEQUENCES, without, &nats[0], &count, NULL),
        ESTRO_OK);
    float *const goals = give_goals(&m);
    for (int s = 0; s < MAX_SEQUENCES; s++) {
        float *goal = m.sequence[s].goal;
        for (size_t i = 0; i < m.sequence[s].n_draws; i++) {
            goal[m.draw[s][i].target] = 1;
            goal += m.draw[s][i].n_candidates;
        }
    }
    assert_int_equal(
        es_learner_gradient(learner, m.batch, MAX_SEQUENCES, with, &nats[1], &count, NULL),
        ESTRO_OK);
    assert_memory_equal(with, without, net.n_weights * sizeof *with);
    assert_true(nats[0] == nats[1]);
    es_free(without);
    es_free(with);
    es_free(goals);
    es_learner_free(learner);
    es_net_done(&net);
}

static void scores_are_the_nats_of_the_averaged_net(void **unused)
{
    static material m;
    const es_learn_options options = full_options();
    double nats[ES_MAX_SLOTS] = {0}, together[ES_MAX_SLOTS] = {0}, truth[ES_MAX_SLOTS] = {0};
    size_t count[ES_MAX_SLOTS] = {0}, counted[ES_MAX_SLOTS] = {0}, draws;
    es_learner *learner;
    es_net net;
    double sum;

    (void)unused;
    make_net(&net, ES_LSTM, 1);
    make_material(&m, &net.shape, 6);
    assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
    assert_int_equal(es_learner_step(learner, m.batch, 5, 0.01f, &sum, &draws, NULL), ESTRO_OK);
    for (int s = 0; s < MAX_SEQUENCES; s++) {
        assert_int_equal(es_learner_score(learner, m.batch[s], nats, count, NULL), ESTRO_OK);
    }
    assert_int_equal(es_learner_score_all(learner, m.batch, MAX_SEQUENCES, together, counted, NULL),
                     ESTRO_OK);
    es_learner_weights(learner, net.weights);
    plain_nats(&net, m.batch, MAX_SEQUENCES, truth);
    for (int s = 0; s < 3; s++) {
        assert_true(count[s] > 0 && count[s] == counted[s]);
        assert_true(fabs(nats[s] - truth[s]) < 1e-3);
        assert_true(fabs(together[s] - truth[s]) < 1e-3);
    }
    es_learner_free(learner);
    es_net_done(&net);
}

static void what_does_not_fit_is_refused(void **unused)
{
    static material m;
    es_learn_options options = plain_options();
    es_learner *learner;
    es_net net;
    double nats;
    size_t count;

    (void)unused;
    make_net(&net, ES_GRU, 1);
    make_material(&m, &net.shape, 7);
    options.drop_core = 1;
    assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_ERR_ARGUMENT);
    assert_null(learner);
    options.drop_core = 0;
    assert_int_equal(es_learner_new(&learner, &net, &options, NULL), ESTRO_OK);
    assert_int_equal(es_learner_step(learner, m.batch + 4, 1, 0.01f, &nats, &count, NULL),
                     ESTRO_ERR_ARGUMENT); /* No draw. */
    m.event[1][4].field[2] = 7;
    assert_int_equal(es_learner_step(learner, m.batch, 3, 0.01f, &nats, &count, NULL),
                     ESTRO_ERR_ARGUMENT);
    m.event[1][4].field[2] = 6;
    m.draw_event[1][0] = 6;
    assert_int_equal(es_learner_step(learner, m.batch, 3, 0.01f, &nats, &count, NULL),
                     ESTRO_ERR_ARGUMENT);
    m.draw_event[1][0] = 0;
    m.draw[1][2].target = m.draw[1][2].n_candidates;
    assert_int_equal(es_learner_step(learner, m.batch, 3, 0.01f, &nats, &count, NULL),
                     ESTRO_ERR_ARGUMENT);
    m.draw[1][2].target = 0;
    float *before = es_calloc(net.n_weights, sizeof *before);
    net.weights[net.n_weights / 2] = NAN;
    memcpy(before, net.weights, net.n_weights * sizeof *before);
    assert_int_equal(es_learner_step(learner, m.batch, 10, 0.01f, &nats, &count, NULL),
                     ESTRO_ERR_FORMAT);
    assert_memory_equal(before, net.weights, net.n_weights * sizeof *before);
    es_free(before);
    es_learner_free(learner);
    es_learner_free(NULL);
    es_net_done(&net);
}

static void failing_allocations_are_reported(void **unused)
{
    static material m;
    const es_learn_options options = full_options();
    es_learner *learner = NULL;
    es_net net;
    double nats;
    size_t count;
    int failures = 0;

    (void)unused;
    make_net(&net, ES_GRU, 1);
    make_material(&m, &net.shape, 8);
    for (;;) {
        es_mem_fail_after(failures);
        estro_status status = es_learner_new(&learner, &net, &options, NULL);
        if (status == ESTRO_OK) {
            status = es_learner_step(learner, m.batch, 10, 0.01f, &nats, &count, NULL);
        }
        es_mem_fail_after(-1);
        es_learner_free(learner);
        if (status == ESTRO_OK) {
            break;
        }
        assert_int_equal(status, ESTRO_ERR_MEMORY);
        failures++;
    }
    assert_true(failures > 10);
    es_net_done(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_that_of_a_plain_net),
        cmocka_unit_test(gradient_under_dropout_is_that_of_the_dropped_net),
        cmocka_unit_test(masks_keep_the_mean),
        cmocka_unit_test(a_step_is_that_of_adam),
        cmocka_unit_test(one_batch_can_be_learnt_by_heart),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(a_restored_learner_goes_on_as_if_uninterrupted),
        cmocka_unit_test(scores_are_the_nats_of_the_averaged_net),
        cmocka_unit_test(a_teacher_says_its_probabilities),
        cmocka_unit_test(who_says_what_the_teacher_says_learns_nothing),
        cmocka_unit_test(a_goal_on_the_targets_is_none),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
