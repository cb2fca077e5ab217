/* The stream of drums: a bijection between rolls and rows of choices, whose fields look at nothing that is yet to be drawn. */
#include "base/mem.h"
#include "base/rng.h"
#include "nn/net.h"
#include "stream/drum_roll.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const es_drum_coding coding = {.grid = 12, .max_step = 18};
static const es_meter meters[] = {{4, 4}, {3, 4}, {6, 8}};

/* Bars of random hits, each bar in four a copy of one before. */
static void random_roll(es_drum_roll *roll, es_rng *rng)
{
    const es_meter meter = meters[es_rng_below(rng, 3)];
    const size_t lanes = ES_KIT_LANES;

    assert_int_equal(es_drum_roll_init(roll, 12, meter, 1 + es_rng_below(rng, 20), NULL), ESTRO_OK);
    roll->has_plan = true;
    roll->family = (uint8_t)es_rng_below(rng, ES_FAMILIES);
    for (uint32_t bar = 0; bar < roll->n_bars; bar++) {
        uint8_t *hit = roll->hit + bar * roll->bar_steps * lanes;
        roll->kind[bar] = (uint8_t)es_rng_below(rng, 2);
        if (bar && es_rng_below(rng, 4)) {
            const uint32_t from = es_rng_below(rng, bar);
            memcpy(hit, roll->hit + from * roll->bar_steps * lanes, roll->bar_steps * lanes);
        }
        for (size_t i = 0; i < roll->bar_steps * lanes; i++) {
            if (es_rng_below(rng, 25) == 0) {
                hit[i] = (uint8_t)es_rng_below(rng, (uint32_t)es_kit_candidates((int)(i % lanes)));
            }
        }
    }
}

static void replay(es_drum_stream *stream, const es_coded *coded)
{
    for (size_t i = 0; i < coded->sequence.n_draws; i++) {
        assert_int_equal(es_drum_stream_reserve(stream, 2, NULL), ESTRO_OK);
        assert_false(es_drum_stream_is_over(stream));
        es_drum_stream_push(stream, coded->draws[i].target, NULL);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        es_rng rng = es_rng_at(seed, ES_FOR_TEST, 1, 0, 0);
        es_drum_roll roll, back;
        es_drum_stream *stream;
        es_coded coded;
        const bool hidden = seed % 2;

        random_roll(&roll, &rng);
        assert_int_equal(es_drum_roll_code(&coded, &roll, &coding, hidden, true, NULL), ESTRO_OK);
        assert_int_equal(es_drum_stream_new(&stream, &coding, NULL), ESTRO_OK);
        es_drum_stream_begin(stream, hidden, roll.meter);
        replay(stream, &coded);
        assert_int_equal(es_drum_stream_is_over(stream), !hidden);
        assert_int_equal(es_drum_roll_decode(&back, stream, NULL), ESTRO_OK);
        assert_int_equal(back.n_bars, roll.n_bars);
        assert_memory_equal(back.hit, roll.hit, es_drum_roll_steps(&roll) * ES_KIT_LANES);
        if (!hidden) {
            assert_int_equal(back.family, roll.family);
            assert_memory_equal(back.kind, roll.kind, roll.n_bars);
            assert_int_equal(back.meter.numerator, roll.meter.numerator);
        }
        es_drum_roll_done(&back);
        es_drum_stream_free(stream);
        es_coded_done(&coded);
        es_drum_roll_done(&roll);
    }
}

/* Every field and term lies within the shape that the coding asks for. */
static void test_fields_in_range(void **state)
{
    static es_net_shape shape;

    (void)state;
    memset(&shape, 0, sizeof shape);
    es_drum_coding_shape(&coding, &shape);
    assert_true(shape.n_slots <= ES_MAX_SLOTS);
    for (uint64_t seed = 0; seed < 20; seed++) {
        es_rng rng = es_rng_at(seed, ES_FOR_TEST, 2, 0, 0);
        es_drum_roll roll;
        es_coded coded;

        random_roll(&roll, &rng);
        assert_int_equal(es_drum_roll_code(&coded, &roll, &coding, false, true, NULL), ESTRO_OK);
        for (size_t i = 0; i < coded.sequence.n_events; i++) {
            for (int f = 0; f < shape.n_fields; f++) {
                assert_true(coded.events[i].field[f] < shape.field_size[f]);
            }
        }
        for (size_t i = 0; i < coded.sequence.n_draws; i++) {
            const es_draw *draw = &coded.draws[i];
            const es_slot_shape *slot = &shape.slot[draw->slot];
            assert_true(draw->target < draw->n_candidates);
            assert_true(draw->n_candidates <= slot->n_candidates);
            for (int f = 0; f < slot->n_fields; f++) {
                assert_true(draw->field[f] < slot->field_size[f]);
            }
            for (int t = 0; t < draw->n_terms; t++) {
                const es_term *term = &draw->term[t];
                const int reads = term->kind == ES_TERM_ONE ? 1 : draw->n_candidates;
                assert_true(term->base + reads <= slot->n_raw);
                assert_true(term->kind != ES_TERM_ONE || term->shift < draw->n_candidates);
            }
        }
        es_coded_done(&coded);
        es_drum_roll_done(&roll);
    }
}

static bool is_same_draw(const es_draw *a, const es_draw *b, const es_slot_shape *slot)
{
    return a->slot == b->slot && a->n_candidates == b->n_candidates && a->n_terms == b->n_terms &&
           memcmp(a->field, b->field, slot->n_fields * sizeof *a->field) == 0 &&
           memcmp(a->term, b->term, a->n_terms * sizeof *a->term) == 0;
}

/* What is changed later in a piece changes nothing before. */
static void test_causal(void **state)
{
    static es_net_shape shape;

    (void)state;
    memset(&shape, 0, sizeof shape);
    es_drum_coding_shape(&coding, &shape);
    for (uint64_t seed = 0; seed < 40; seed++) {
        es_rng rng = es_rng_at(seed, ES_FOR_TEST, 3, 0, 0);
        es_drum_roll roll;
        es_coded a, b;
        size_t i = 0;

        random_roll(&roll, &rng);
        assert_int_equal(es_drum_roll_code(&a, &roll, &coding, seed % 2, true, NULL), ESTRO_OK);
        const size_t from = es_rng_below(&rng, (uint32_t)es_drum_roll_steps(&roll));
        for (size_t c = from * ES_KIT_LANES; c < es_drum_roll_steps(&roll) * ES_KIT_LANES; c++) {
            roll.hit[c] = (uint8_t)(es_rng_below(&rng, 9) == 0);
        }
        for (size_t bar = from / roll.bar_steps + 1; bar < roll.n_bars; bar++) {
            roll.kind[bar] = (uint8_t)es_rng_below(&rng, 2);
        }
        assert_int_equal(es_drum_roll_code(&b, &roll, &coding, seed % 2, true, NULL), ESTRO_OK);
        /* Up to the first choice that differs all fields must agree, those of that choice too. */
        for (; i < a.sequence.n_draws && i < b.sequence.n_draws; i++) {
            assert_int_equal(a.draw_event[i], b.draw_event[i]);
            assert_true(is_same_draw(&a.draws[i], &b.draws[i], &shape.slot[a.draws[i].slot]));
            if (a.draws[i].target != b.draws[i].target) {
                break;
            }
        }
        for (size_t e = 0; i < a.sequence.n_draws && e < a.draw_event[i]; e++) {
            assert_memory_equal(a.events[e].field, b.events[e].field,
                                shape.n_fields * sizeof(uint16_t));
        }
        es_coded_done(&a);
        es_coded_done(&b);
        es_drum_roll_done(&roll);
    }
}

/* Going back and coming again gives the same choices, also when instants were forgotten on the way. */
static void test_rollback(void **state)
{
    es_rng rng = es_rng_at(7, ES_FOR_TEST, 4, 0, 0);
    es_drum_stream *stream;
    es_stream_mark mark = {0};
    static es_choice seen[64];
    uint16_t drawn[64];
    size_t n = 0;

    (void)state;
    assert_int_equal(es_drum_stream_new(&stream, &coding, NULL), ESTRO_OK);
    for (int instant = 0; instant < 3 * ES_STREAM_REMEMBERED;) {
        es_choice choice = {0};
        assert_int_equal(es_drum_stream_reserve(stream, 2, NULL), ESTRO_OK);
        es_drum_stream_peek(stream, &choice);
        const uint16_t candidate =
            (uint16_t)es_rng_below(&rng, instant % 3 ? 2 : choice.draw.n_candidates);
        instant += es_drum_stream_push(stream, candidate % choice.draw.n_candidates, NULL);
    }
    mark = es_drum_stream_mark_of(stream);
    for (; n < 64; n++) {
        assert_int_equal(es_drum_stream_reserve(stream, 2, NULL), ESTRO_OK);
        es_drum_stream_peek(stream, &seen[n]);
        drawn[n] = (uint16_t)es_rng_below(&rng, seen[n].draw.n_candidates);
        es_drum_stream_push(stream, drawn[n], NULL);
    }
    es_drum_stream_rollback(stream, mark);
    for (size_t i = 0; i < n; i++) {
        es_choice again = {0};
        es_drum_stream_peek(stream, &again);
        assert_memory_equal(&again, &seen[i], sizeof again);
        es_drum_stream_push(stream, drawn[i], NULL);
    }
    es_drum_stream_free(stream);
}

/* Probability of all ways to complete the open instant after the lanes of `prefix`: by counting them through. */
static double sum_of_ways(es_drum_stream *stream, es_net_run *run, const float *state,
                          uint16_t *prefix, int depth)
{
    float log_p[ES_MAX_CANDIDATES];
    es_choice choice = {0};
    double sum = 0;

    es_drum_stream_rollback(stream, es_drum_stream_mark_of(stream));
    for (int i = 0; i < depth; i++) {
        es_drum_stream_push(stream, prefix[i], NULL);
    }
    es_drum_stream_peek(stream, &choice);
    es_net_decide(run, state, &choice.draw, log_p);
    for (uint16_t c = 0; c < choice.draw.n_candidates; c++) {
        prefix[depth] = c;
        sum +=
            exp((double)log_p[c]) *
            (choice.slot == ES_DRUM_STEP ? 1 : sum_of_ways(stream, run, state, prefix, depth + 1));
    }
    return sum;
}

static void test_sums_to_one(void **state)
{
    static es_net_shape shape;
    const es_drum_coding coarse = {.grid = 1, .max_step = 1};
    uint16_t prefix[ES_KIT_LANES + 1];
    es_drum_stream *stream;
    es_net_run *run;
    es_net net;

    (void)state;
    memset(&shape, 0, sizeof shape);
    es_drum_coding_shape(&coarse, &shape);
    shape.n_layers = 1;
    shape.hidden = shape.embed = shape.decoder = 4;
    assert_int_equal(es_net_init(&net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&net, 5);
    for (size_t i = 0; i < net.n_weights; i++) {
        net.weights[i] *= 4;
    }
    assert_int_equal(es_net_run_new(&run, &net, NULL), ESTRO_OK);
    float *core = es_calloc(es_net_state_size(&net), sizeof *core);
    assert_non_null(core);
    assert_int_equal(es_drum_stream_new(&stream, &coarse, NULL), ESTRO_OK);
    es_drum_stream_begin(stream, true, (es_meter){4, 4});
    assert_true(fabs(sum_of_ways(stream, run, core, prefix, 0) - 1) < 1e-4);
    es_drum_stream_free(stream);
    es_free(core);
    es_net_run_free(run);
    es_net_done(&net);
}

static void test_kit(void **state)
{
    (void)state;
    for (int lane = 0; lane < ES_KIT_LANES; lane++) {
        for (int c = 1; c < es_kit_candidates(lane); c++) {
            const int piece = es_kit_piece_of(lane, c);
            assert_int_equal(es_kit_lane(piece), lane);
            assert_int_equal(es_kit_candidate(piece, es_kit_accent_of(c)), c);
            assert_int_equal(es_kit_piece_of_key(es_kit_key(piece)), piece);
        }
    }
    assert_int_equal(es_kit_piece_of_key(60), -1);
    assert_string_equal(
        es_family_name(es_family_of("drummer1/session1/12_latin-samba_116_beat.mid")), "latin");
    assert_string_equal(es_family_name(es_family_of("a/Motown_1.mid")), "soul");
    assert_string_equal(es_family_name(es_family_of("rocket/funky.mid")), "other");
}

/* Each allocation may fail. */
static void test_memory(void **state)
{
    es_rng rng = es_rng_at(3, ES_FOR_TEST, 5, 0, 0);
    es_drum_roll roll;
    bool is_done = false;

    (void)state;
    random_roll(&roll, &rng);
    for (long n = 0; !is_done; n++) {
        es_coded coded;
        es_mem_fail_after(n);
        const estro_status status = es_drum_roll_code(&coded, &roll, &coding, false, true, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
        is_done = status == ESTRO_OK;
        es_coded_done(&coded);
    }
    es_drum_roll_done(&roll);
    es_drum_stream_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_fields_in_range),
        cmocka_unit_test(test_causal),      cmocka_unit_test(test_rollback),
        cmocka_unit_test(test_sums_to_one), cmocka_unit_test(test_kit),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
