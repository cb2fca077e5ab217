/* The net as it plays: against a plain reference, the same in any order of calls, the same bits everywhere. */
#include "nn/net.h"

#include "base/mem.h"
#include "nn/kernel.h"
#include "toy_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
    es_core core;
    int layers;
} kinds[] = {{ES_GRU, 1}, {ES_GRU, 2}, {ES_LSTM, 1}, {ES_LSTM, 3}};

enum { KINDS = 4, STEPS = 12, MAX_STATE = 1024 };

static void make_net(es_net *net, int kind)
{
    const es_net_shape shape = toy_shape(kinds[kind].core, kinds[kind].layers);
    es_rng rng = es_rng_at(5, ES_FOR_TEST, 0, 0, 0);

    assert_int_equal(es_net_init(net, &shape, NULL), ESTRO_OK);
    assert_int_equal(net->n_weights, es_net_size(&shape));
    es_net_randomise(net, 11);
    for (size_t i = 0; i < net->n_weights; i++) {
        net->weights[i] += (float)(es_rng_unit(&rng) - 0.5) * 0.2f;
    }
}

static void step_and_decide_agree_with_a_plain_reference(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < KINDS; kind++) {
        float state[MAX_STATE] = {0}, log_p[ES_MAX_CANDIDATES];
        double plain[MAX_STATE] = {0}, plain_log_p[ES_MAX_CANDIDATES];
        es_rng rng = es_rng_at(6, ES_FOR_TEST, 0, 0, 0);
        es_net net;
        es_net_run *run;

        make_net(&net, kind);
        assert_int_equal(es_net_run_new(&run, &net, NULL), ESTRO_OK);
        const size_t size = es_net_state_size(&net);
        const size_t top = size - net.shape.hidden * (net.shape.core == ES_LSTM ? 2u : 1u);
        for (int step = 0; step < STEPS; step++) {
            for (int slot = 0; slot < 3; slot++) {
                es_draw draw;
                double sum = 0;
                toy_draw(&net.shape, slot, &draw, &rng);
                assert_true(es_draw_ok(&net.shape, &draw));
                es_net_decide(run, state, &draw, log_p);
                plain_decide(&net, plain + top, &draw, plain_log_p);
                for (int c = 0; c < draw.n_candidates; c++) {
                    assert_true(fabs((double)log_p[c] - plain_log_p[c]) < 2e-5);
                    sum += exp((double)log_p[c]);
                }
                assert_true(fabs(sum - 1) < 1e-6);
            }
            es_event_fields event;
            toy_event(&net.shape, &event, &rng);
            es_net_step(run, state, &event);
            plain_step(&net, plain, &event);
            for (size_t i = 0; i < size; i++) {
                assert_true(fabs((double)state[i] - plain[i]) < 1e-5);
            }
        }
        es_net_run_free(run);
        es_net_done(&net);
    }
}

/* What is decided depends on the state and the draw alone, not on what was asked before. */
static void decisions_do_not_depend_on_the_order_of_calls(void **unused)
{
    float state[STEPS][MAX_STATE] = {{0}}, first[STEPS][3][ES_MAX_CANDIDATES];
    es_rng rng = es_rng_at(7, ES_FOR_TEST, 0, 0, 0);
    static es_draw draw[STEPS][3];
    es_event_fields event;
    es_net net;
    es_net_run *run;

    (void)unused;
    make_net(&net, 1);
    assert_int_equal(es_net_run_new(&run, &net, NULL), ESTRO_OK);
    for (int i = 0; i < STEPS; i++) {
        for (int slot = 0; slot < 3; slot++) {
            toy_draw(&net.shape, slot, &draw[i][slot], &rng);
            es_net_decide(run, state[i], &draw[i][slot], first[i][slot]);
        }
        if (i + 1 < STEPS) {
            memcpy(state[i + 1], state[i], sizeof state[i]);
            toy_event(&net.shape, &event, &rng);
            es_net_step(run, state[i + 1], &event);
        }
    }
    for (int n = 0; n < 500; n++) {
        const int i = toy_below(&rng, STEPS), slot = toy_below(&rng, 3);
        float log_p[ES_MAX_CANDIDATES];
        es_net_decide(run, state[i], &draw[i][slot], log_p);
        assert_memory_equal(log_p, first[i][slot], draw[i][slot].n_candidates * sizeof *log_p);
    }
    es_net_run_free(run);
    es_net_done(&net);
}

static uint64_t hash(uint64_t h, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++) {
        h = (h ^ at[i]) * 0x100000001b3u;
    }
    return h;
}

/* With floats, and then with bytes. */
static void bits_are_the_same_everywhere(void **unused)
{
    static const uint64_t golden[2 * KINDS] = {
        0x908ed3245f91ceb4u, 0x5c84b3aa8070dbaeu, 0x1f6ae35f13447062u, 0x97f3e57870dfa593u,
        0x1baab18255aac91eu, 0xb4f0feb2744dc55cu, 0x9e93656ad5edca40u, 0x48987dcc8119b560u};

    (void)unused;
    for (int kind = 0; kind < 2 * KINDS; kind++) {
        float state[MAX_STATE] = {0}, log_p[ES_MAX_CANDIDATES];
        es_rng rng = es_rng_at(8, ES_FOR_TEST, 0, 0, 0);
        uint64_t h = 0xcbf29ce484222325u;
        es_event_fields event;
        es_draw draw;
        es_net net;
        es_net_run *run;

        make_net(&net, kind % KINDS);
        net.in_bytes = kind >= KINDS;
        assert_int_equal(es_net_run_new(&run, &net, NULL), ESTRO_OK);
        h = hash(h, net.weights, net.n_weights * sizeof *net.weights);
        for (int step = 0; step < STEPS; step++) {
            toy_draw(&net.shape, 1, &draw, &rng);
            es_net_decide(run, state, &draw, log_p);
            h = hash(h, log_p, draw.n_candidates * sizeof *log_p);
            toy_event(&net.shape, &event, &rng);
            es_net_step(run, state, &event);
            h = hash(h, state, es_net_state_size(&net) * sizeof *state);
        }
        assert_int_equal(h, golden[kind]);
        es_net_run_free(run);
        es_net_done(&net);
    }
}

/* Token in, recurrent layers, softmax over the vocabulary. */
/* Bytes cost a little of the precision of floats, no more. */
static void bytes_decide_nearly_as_floats(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < KINDS; kind++) {
        float state[2][MAX_STATE] = {{0}}, log_p[2][ES_MAX_CANDIDATES];
        es_rng rng = es_rng_at(12, ES_FOR_TEST, 0, 0, 0);
        es_event_fields event;
        es_draw draw;
        es_net net, small;
        es_net_run *run[2];

        make_net(&net, kind);
        small = net;
        small.in_bytes = true;
        assert_int_equal(es_net_run_new(&run[0], &net, NULL), ESTRO_OK);
        assert_int_equal(es_net_run_new(&run[1], &small, NULL), ESTRO_OK);
        for (int step = 0; step < STEPS; step++) {
            toy_draw(&net.shape, step % 3, &draw, &rng);
            toy_event(&net.shape, &event, &rng);
            for (int i = 0; i < 2; i++) {
                es_net_decide(run[i], state[i], &draw, log_p[i]);
                es_net_step(run[i], state[i], &event);
            }
            for (int c = 0; c < draw.n_candidates; c++) {
                assert_true(fabsf(log_p[0][c] - log_p[1][c]) < 0.03f);
            }
        }
        es_net_run_free(run[0]);
        es_net_run_free(run[1]);
        es_net_done(&net);
    }
}

/* Sequences that are played at once get the bits that each gets alone, whatever was played on a lane before. */
static void many_at_once_are_each_as_alone(void **unused)
{
    static float state[ES_MAX_LANES][MAX_STATE], alone[ES_MAX_LANES][MAX_STATE];
    static float log_p[ES_MAX_LANES][ES_MAX_CANDIDATES];
    static es_draw draws[ES_MAX_LANES];
    static es_event_fields events[ES_MAX_LANES];
    float log_p_alone[ES_MAX_CANDIDATES];

    (void)unused;
    for (int kind = 0; kind < 2 * KINDS; kind++) {
        es_rng rng = es_rng_at(13, ES_FOR_TEST, 0, 0, 0);
        es_net net;
        es_net_run *run, *single;

        make_net(&net, kind % KINDS);
        net.in_bytes = kind >= KINDS;
        memset(state, 0, sizeof state);
        memset(alone, 0, sizeof alone);
        assert_int_equal(es_net_run_new(&run, &net, NULL), ESTRO_OK);
        assert_int_equal(es_net_run_new(&single, &net, NULL), ESTRO_OK);
        for (int step = 0; step < 4 * STEPS; step++) {
            const size_t n = 1 + (size_t)toy_below(&rng, ES_MAX_LANES);
            const int slot = toy_below(&rng, 3), first = toy_below(&rng, ES_MAX_LANES);
            const es_event_fields *event[ES_MAX_LANES];
            const es_draw *draw[ES_MAX_LANES];
            const float *states[ES_MAX_LANES];
            float *states_to_step[ES_MAX_LANES], *out[ES_MAX_LANES];
            for (size_t v = 0; v < n; v++) {
                const size_t sequence = ((size_t)first + v) % ES_MAX_LANES;
                toy_draw(&net.shape, slot, &draws[v], &rng);
                toy_event(&net.shape, &events[v], &rng);
                draw[v] = &draws[v];
                event[v] = &events[v];
                states[v] = states_to_step[v] = state[sequence];
                out[v] = log_p[v];
            }
            es_net_decide_many(run, n, states, draw, out);
            es_net_step_many(run, n, states_to_step, event);
            for (size_t v = 0; v < n; v++) {
                float *own = alone[((size_t)first + v) % ES_MAX_LANES];
                es_net_decide(single, own, draw[v], log_p_alone);
                assert_memory_equal(log_p_alone, log_p[v],
                                    draw[v]->n_candidates * sizeof *log_p_alone);
                es_net_step(single, own, event[v]);
                assert_memory_equal(own, states[v], es_net_state_size(&net) * sizeof *own);
            }
        }
        es_net_run_free(run);
        es_net_run_free(single);
        es_net_done(&net);
    }
}

static void a_net_without_a_decoder_decides_from_its_core(void **unused)
{
    const es_net_shape shape = {.core = ES_GRU,
                                .n_layers = 2,
                                .hidden = 21,
                                .embed = 19,
                                .n_fields = 1,
                                .field_size = {33},
                                .n_slots = 1,
                                .slot = {{.n_raw = 33, .n_candidates = 33}}};
    float state[42] = {0}, log_p[33];
    double plain[42] = {0}, raw[33];
    es_net_layout at;
    es_net net;
    es_net_run *run;

    (void)unused;
    assert_int_equal(es_net_init(&net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&net, 2);
    es_net_layout_make(&at, &shape, NULL, NULL);
    assert_int_equal(es_net_run_new(&run, &net, NULL), ESTRO_OK);
    for (uint16_t step = 0; step < STEPS; step++) {
        const es_event_fields event = {.field = {step}};
        const es_draw draw = {.n_candidates = 33, .n_terms = 1};
        double sum = 0;
        es_net_step(run, state, &event);
        plain_step(&net, plain, &event);
        es_net_decide(run, state, &draw, log_p);
        for (int j = 0; j < 33; j++) {
            raw[j] = (double)net.weights[at.slot[0].out_bias + (size_t)j];
        }
        plain_affine(raw, net.weights + at.slot[0].out, plain + 21, 21, 33);
        for (int j = 0; j < 33; j++) {
            sum += exp(raw[j]);
        }
        for (int j = 0; j < 33; j++) {
            assert_true(fabs((double)log_p[j] - (raw[j] - log(sum))) < 2e-5);
        }
    }
    es_net_run_free(run);
    es_net_done(&net);
}

static void initial_weights_have_the_stated_spread(void **unused)
{
    es_net_layout layout;
    es_net net;
    double sum = 0, squares = 0, largest = 0;

    (void)unused;
    es_net_shape shape = toy_shape(ES_LSTM, 1);
    shape.field_size[0] = 1000;
    assert_int_equal(es_net_init(&net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&net, 1);
    es_net_layout_make(&layout, &shape, NULL, NULL);
    const size_t n = 1000u * shape.embed;
    for (size_t i = 0; i < n; i++) {
        const double w = (double)net.weights[layout.event[0] + i];
        sum += w;
        squares += w * w;
    }
    assert_true(fabs(sum / (double)n) < 0.01);
    assert_true(fabs(sqrt(squares / (double)n) - 0.25) < 0.005);
    const double bound = 1 / sqrt(21.0);
    for (size_t i = 0; i < 4u * 21 * 21; i++) {
        largest = fmax(largest, fabs((double)net.weights[layout.layer[0].state + i]));
    }
    assert_true(largest <= bound && largest > 0.99 * bound);
    for (size_t i = 0; i < 4u * 21; i++) { /* The forget gates start open. */
        assert_true(net.weights[layout.layer[0].bias + i] == (i / 21 == 1 ? 1 : 0));
    }
    es_net_done(&net);
}

static void one_candidate_is_certain(void **unused)
{
    float state[MAX_STATE] = {0}, log_p[1] = {-1};
    es_rng rng = es_rng_at(9, ES_FOR_TEST, 0, 0, 0);
    es_draw draw;
    es_net net;
    es_net_run *run;

    (void)unused;
    make_net(&net, 0);
    assert_int_equal(es_net_run_new(&run, &net, NULL), ESTRO_OK);
    toy_draw(&net.shape, 0, &draw, &rng);
    draw.n_candidates = 1;
    es_net_decide(run, state, &draw, log_p);
    assert_true(log_p[0] == 0);
    es_net_run_free(run);
    es_net_done(&net);
}

static void shapes_out_of_bounds_are_refused(void **unused)
{
    es_net_shape shape;
    estro_diag diag;
    es_net net;

    (void)unused;
#define REFUSED(change)                                                                            \
    shape = toy_shape(ES_GRU, 1);                                                                  \
    assert_true(es_net_size(&shape) > 0);                                                          \
    change;                                                                                        \
    assert_int_equal(es_net_size(&shape), 0);                                                      \
    assert_int_equal(es_net_init(&net, &shape, &diag), ESTRO_ERR_ARGUMENT);                        \
    assert_null(net.weights)
    REFUSED(shape.core = 2);
    REFUSED(shape.n_layers = 0);
    REFUSED(shape.n_layers = ES_MAX_LAYERS + 1);
    REFUSED(shape.hidden = 0);
    REFUSED(shape.hidden = 65535);
    REFUSED(shape.embed = 0);
    REFUSED(shape.decoder = 0); /* Draws have fields. */
    REFUSED(shape.n_fields = ES_MAX_FIELDS + 1);
    REFUSED(shape.field_size[1] = 0);
    REFUSED(shape.n_slots = 0);
    REFUSED(shape.n_slots = ES_MAX_SLOTS + 1);
    REFUSED(shape.slot[1].n_fields = 65535);
    REFUSED(shape.slot[1].field_size[0] = 0);
    REFUSED(shape.slot[1].n_raw = 0);
    REFUSED(shape.slot[1].n_candidates = ES_MAX_CANDIDATES + 1);
    REFUSED(shape.slot[1].n_ordered = 17);
    REFUSED((shape.hidden = 4096,
             shape.n_layers = 4)); /* Each within its bound, too many weights in all. */
#undef REFUSED
}

static void draws_out_of_bounds_are_seen(void **unused)
{
    const es_net_shape shape = toy_shape(ES_GRU, 1);
    es_rng rng = es_rng_at(10, ES_FOR_TEST, 0, 0, 0);
    es_draw good, draw;

    (void)unused;
    toy_draw(&shape, 1, &good, &rng);
    assert_true(es_draw_ok(&shape, &good));
#define BAD(change)                                                                                \
    draw = good;                                                                                   \
    change;                                                                                        \
    assert_false(es_draw_ok(&shape, &draw))
    BAD(draw.slot = 3);
    BAD(draw.n_candidates = 0);
    BAD(draw.n_candidates = 17);
    BAD(draw.target = draw.n_candidates);
    BAD(draw.n_terms = ES_MAX_TERMS + 1);
    BAD(draw.field[3] = 3);
    BAD(draw.term[0].base = 36);
    BAD(draw.term[1].span = 20);
    BAD(draw.term[2].base = 25);
    BAD(draw.term[3].base = 36);
    BAD(draw.term[3].kind = 4);
#undef BAD
}

static void failing_allocations_are_reported(void **unused)
{
    const es_net_shape shape = toy_shape(ES_LSTM, 2);
    estro_status status = ESTRO_ERR_MEMORY;
    int failures = 0;

    (void)unused;
    while (status != ESTRO_OK) {
        es_net net;
        es_net_run *run = NULL;
        es_mem_fail_after(failures);
        status = es_net_init(&net, &shape, NULL);
        if (status == ESTRO_OK) {
            status = es_net_run_new(&run, &net, NULL);
        }
        assert_true(status == ESTRO_OK || (status == ESTRO_ERR_MEMORY && run == NULL));
        failures += status != ESTRO_OK;
        es_net_run_free(run);
        es_net_done(&net);
    }
    es_mem_fail_after(-1);
    assert_int_equal(failures, 3);
    es_net_run_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_and_decide_agree_with_a_plain_reference),
        cmocka_unit_test(decisions_do_not_depend_on_the_order_of_calls),
        cmocka_unit_test(bits_are_the_same_everywhere),
        cmocka_unit_test(bytes_decide_nearly_as_floats),
        cmocka_unit_test(many_at_once_are_each_as_alone),
        cmocka_unit_test(a_net_without_a_decoder_decides_from_its_core),
        cmocka_unit_test(initial_weights_have_the_stated_spread),
        cmocka_unit_test(one_candidate_is_certain),
        cmocka_unit_test(shapes_out_of_bounds_are_refused),
        cmocka_unit_test(draws_out_of_bounds_are_seen),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
