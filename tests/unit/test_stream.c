/* The stream: a bijection between rolls and rows of choices, whose fields look at nothing that is yet to be drawn. */
#include "base/mem.h"
#include "base/rng.h"
#include "stream/roll.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static es_coding coding_of(int n_voices, int grid, bool onsets, bool bars)
{
    es_coding coding = {.n_voices = (uint8_t)n_voices,
                        .grid = (uint8_t)grid,
                        .has_onsets = onsets,
                        .has_bars = bars,
                        .max_step = (uint8_t)(2 * grid)};

    for (int v = 0; v < n_voices; v++) {
        coding.low[v] = (uint8_t)(60 - 5 * v);
        coding.high[v] = (uint8_t)(80 - 5 * v);
    }
    return coding;
}

static es_chord random_chord(es_rng *rng)
{
    es_chord chord = {.root = (uint8_t)es_rng_below(rng, 12),
                      .quality = (uint8_t)es_rng_below(rng, ES_QUALITY_COUNT)};

    if (es_chord_size(chord) == 0) {
        chord.root = 0;
    } else {
        chord.bass = (uint8_t)es_rng_below(rng, (uint32_t)es_chord_size(chord));
    }
    return chord;
}

/* Random notes, with stretches copied from earlier so that matches occur. */
static void random_roll(es_roll *roll, const es_coding *coding, es_meter meter, es_rng *rng)
{
    const int beat = es_coding_beat(coding, meter);
    const uint32_t n_beats = 4 + es_rng_below(rng, 40);
    const int n = coding->n_voices;

    assert_int_equal(es_roll_init(roll, n, coding->grid, n_beats * (uint32_t)beat, meter, NULL), 0);
    for (uint32_t t = 0; t < roll->n_steps; t++) {
        for (int v = 0; v < n; v++) {
            const size_t cell = (size_t)t * (size_t)n + (size_t)v;
            int8_t *pitch = &roll->pitch[cell];
            *pitch = t ? roll->pitch[cell - (size_t)n] : (int8_t)-1;
            if (es_rng_below(rng, 5) == 0) {
                const uint32_t range = (uint32_t)(coding->high[v] - coding->low[v]) - 5;
                *pitch = (int8_t)(coding->low[v] + es_rng_below(rng, range));
                roll->onset[cell] =
                    !t || *pitch != roll->pitch[cell - (size_t)n] || coding->has_onsets;
            } else if (es_rng_below(rng, 12) == 0) {
                *pitch = -1;
            }
        }
        if (t > 16 && t % 8 == 0 && es_rng_below(rng, 2)) {
            const size_t bytes = 8 * (size_t)n;
            const size_t from = t - 8 - 8 * es_rng_below(rng, t / 8 - 1);
            memcpy(roll->pitch + (t - 8) * bytes / 8, roll->pitch + from * bytes / 8, bytes);
            memcpy(roll->onset + (t - 8) * bytes / 8, roll->onset + from * bytes / 8, bytes);
        }
    }
    /* A note that follows another pitch or silence begins; one that lies inside silence does not. */
    for (size_t i = 0; i < (size_t)roll->n_steps * (size_t)n; i++) {
        const int8_t before = i >= (size_t)n ? roll->pitch[i - (size_t)n] : (int8_t)-1;
        if (roll->pitch[i] < 0) {
            roll->onset[i] = 0;
        } else if (roll->pitch[i] != before) {
            roll->onset[i] = 1;
        } else if (!coding->has_onsets) {
            roll->onset[i] = 0;
        }
    }
    roll->has_key = true;
    roll->key = (es_key){(uint8_t)es_rng_below(rng, 12), (uint8_t)es_rng_below(rng, 4)};
    roll->n_beats = n_beats;
    roll->chord = es_calloc(n_beats, sizeof *roll->chord);
    assert_non_null(roll->chord);
    for (uint32_t b = 0; b < n_beats; b++) {
        roll->chord[b] = random_chord(rng);
    }
}

static void replay(es_stream *stream, const es_coded *coded)
{
    for (size_t i = 0; i < coded->sequence.n_draws; i++) {
        assert_int_equal(es_stream_reserve(stream, 2, NULL), ESTRO_OK);
        assert_false(es_stream_is_over(stream));
        es_stream_push(stream, coded->draws[i].target, NULL);
    }
}

static void assert_same_roll(const es_roll *a, const es_roll *b, bool with_plan)
{
    assert_int_equal(a->n_steps, b->n_steps);
    const size_t cells = (size_t)a->n_steps * a->n_voices;
    assert_memory_equal(a->pitch, b->pitch, cells);
    assert_memory_equal(a->onset, b->onset, cells);
    assert_int_equal(with_plan, b->has_key);
    if (with_plan) {
        assert_memory_equal(&a->key, &b->key, sizeof a->key);
        assert_int_equal(a->meter.numerator, b->meter.numerator);
        assert_int_equal(a->n_beats, b->n_beats);
        for (uint32_t i = 0; i < a->n_beats; i++) {
            assert_true(es_chord_equal(a->chord[i], b->chord[i]));
        }
    }
}

static void assert_fields_in_range(const es_coded *coded, const es_coding *coding)
{
    static es_net_shape shape;

    memset(&shape, 0, sizeof shape);
    es_coding_shape(coding, &shape);
    for (size_t i = 0; i < coded->sequence.n_events; i++) {
        for (int f = 0; f < shape.n_fields; f++) {
            assert_true(coded->events[i].field[f] < shape.field_size[f]);
        }
    }
    for (size_t i = 0; i < coded->sequence.n_draws; i++) {
        const es_draw *draw = &coded->draws[i];
        const es_slot_shape *slot = &shape.slot[draw->slot];
        assert_true(draw->target < draw->n_candidates);
        assert_true(draw->n_candidates <= slot->n_candidates);
        for (int f = 0; f < slot->n_fields; f++) {
            assert_true(draw->field[f] < slot->field_size[f]);
        }
        for (int t = 0; t < draw->n_terms; t++) {
            const es_term *term = &draw->term[t];
            const int reads[] = {draw->n_candidates, 2 * term->span + 1, 12, 1};
            assert_true(term->base + reads[term->kind] <= slot->n_raw);
        }
    }
}

static const struct profile {
    int n_voices, grid;
    bool onsets, bars;
    es_meter meter;
} profiles[] = {
    {4, 4, false, false, {4, 4}}, {1, 12, true, true, {6, 8}}, {1, 4, true, true, {2, 2}},
    {2, 6, true, false, {3, 4}},  {8, 4, true, true, {9, 8}},  {3, 2, false, true, {3, 4}},
};
enum { N_PROFILES = sizeof profiles / sizeof profiles[0] };

static void each_random_roll(void (*check)(const es_roll *, const es_coding *, es_rng *))
{
    for (int i = 0; i < 10 * N_PROFILES; i++) {
        const struct profile *p = &profiles[i % N_PROFILES];
        const es_coding coding = coding_of(p->n_voices, p->grid, p->onsets, p->bars);
        es_rng rng = es_rng_at(7, ES_FOR_TEST, (uint64_t)i, 0, 0);
        es_roll roll;
        random_roll(&roll, &coding, p->meter, &rng);
        check(&roll, &coding, &rng);
        es_roll_done(&roll);
    }
}

static void check_bijection(const es_roll *roll, const es_coding *coding, es_rng *rng)
{
    es_stream *stream;

    (void)rng;
    assert_int_equal(es_stream_new(&stream, coding, NULL), ESTRO_OK);
    for (int hidden = 0; hidden < 2; hidden++) {
        es_coded coded;
        es_roll back;
        assert_int_equal(es_roll_code(&coded, roll, coding, 0, hidden, NULL), ESTRO_OK);
        assert_fields_in_range(&coded, coding);
        es_stream_begin(stream, hidden, roll->meter);
        replay(stream, &coded);
        assert_int_equal(es_stream_is_over(stream), !hidden);
        assert_int_equal(es_roll_decode(&back, stream, NULL), ESTRO_OK);
        assert_same_roll(roll, &back, !hidden);
        es_roll_done(&back);
        es_coded_done(&coded);
    }
    es_stream_free(stream);
}

static void decoding_undoes_coding(void **state)
{
    (void)state;
    each_random_roll(check_bijection);
}

/* A candidate at random; where something has to change, one that does not hold. */
static uint16_t random_choice(const es_choice *choice, es_rng *rng, const es_coding *coding,
                              uint16_t hold, bool must_change)
{
    const uint16_t n = choice->draw.n_candidates;
    uint16_t candidate = (uint16_t)es_rng_below(rng, n);

    if (choice->slot == ES_SLOT_METER) {
        do {
            candidate = (uint16_t)es_rng_below(rng, ES_METERS - 1);
        } while (!es_coding_beat(coding, es_meter_of_token(candidate)));
    }
    if (choice->slot == ES_SLOT_VOICE && es_rng_below(rng, 2)) {
        candidate = hold;
    }
    if (must_change && candidate == hold) {
        candidate = (uint16_t)((hold + 1) % n);
    }
    return candidate;
}

/* Push choices at random until END comes, or for some 300 instants; note them down. */
static size_t random_stream(es_stream *stream, const es_coding *coding, es_rng *rng,
                            uint16_t *pushed)
{
    uint16_t hold[ES_MAX_VOICES];
    bool changed = true;
    size_t n = 0;

    for (int v = 0; v < coding->n_voices; v++) {
        hold[v] = (uint16_t)es_voice_silence(coding, v);
    }
    for (int decided = 0; !es_stream_is_over(stream) && n < 4000;) {
        es_choice choice = {0};
        es_stream_peek(stream, &choice);
        const bool is_voice = choice.slot == ES_SLOT_VOICE;
        const uint16_t h = is_voice ? hold[choice.voice] : 0;
        const bool must = is_voice && !changed && decided == coding->n_voices - 1;
        pushed[n] = random_choice(&choice, rng, coding, h, must);
        if (choice.slot == ES_SLOT_ROOT && es_stream_mark_of(stream).event > 300) {
            pushed[n] = (uint16_t)(choice.draw.n_candidates - 1);
        }
        if (is_voice) {
            decided++;
            changed |= pushed[n] != h;
            hold[choice.voice] =
                pushed[n] == es_voice_restrike(coding, choice.voice) ? h : pushed[n];
        } else if (choice.slot == ES_SLOT_STEP) {
            changed = pushed[n] + 1 == choice.draw.n_candidates;
            decided = 0;
        }
        es_stream_push(stream, pushed[n++], NULL);
        assert_int_equal(es_stream_reserve(stream, 2, NULL), ESTRO_OK);
    }
    return n;
}

static void coding_undoes_decoding(void **state)
{
    static uint16_t pushed[4000];

    (void)state;
    for (uint64_t i = 0; i < 60; i++) {
        const es_coding coding = coding_of(1 + (int)(i % 4), i % 3 ? 4 : 6, i % 2, i % 5 > 1);
        es_rng rng = es_rng_at(9, ES_FOR_TEST, i, 0, 0);
        es_stream *stream;
        es_roll roll;
        es_coded coded;
        assert_int_equal(es_stream_new(&stream, &coding, NULL), ESTRO_OK);
        es_stream_begin(stream, false, (es_meter){4, 4});
        const size_t n = random_stream(stream, &coding, &rng, pushed);
        assert_true(es_stream_is_over(stream));
        assert_int_equal(es_roll_decode(&roll, stream, NULL), ESTRO_OK);
        assert_int_equal(es_roll_code(&coded, &roll, &coding, 0, false, NULL), ESTRO_OK);
        assert_int_equal(coded.sequence.n_draws, n);
        for (size_t d = 0; d < n; d++) {
            assert_int_equal(coded.draws[d].target, pushed[d]);
        }
        es_coded_done(&coded);
        es_roll_done(&roll);
        es_stream_free(stream);
    }
}

static void check_causality(const es_roll *roll, const es_coding *coding, es_rng *rng)
{
    const size_t n = roll->n_voices;
    const size_t cell = es_rng_below(rng, roll->n_steps * roll->n_voices);
    const size_t step = cell / n;
    es_coded a, b;

    assert_int_equal(es_roll_code(&a, roll, coding, 0, true, NULL), ESTRO_OK);
    const int8_t kept = roll->pitch[cell];
    roll->pitch[cell] =
        kept == (int8_t)coding->low[cell % n] ? (int8_t)-1 : (int8_t)coding->low[cell % n];
    assert_int_equal(es_roll_code(&b, roll, coding, 0, true, NULL), ESTRO_OK);
    roll->pitch[cell] = kept;
    /* All draws up to the first that differs in its choice must be the same, and that one is not before the cell. */
    size_t i = 0;
    while (i < a.sequence.n_draws && a.draws[i].target == b.draws[i].target) {
        assert_memory_equal(&a.draws[i], &b.draws[i], sizeof a.draws[i]);
        i++;
    }
    assert_true(i < a.sequence.n_draws);
    b.draws[i].target = a.draws[i].target;
    assert_memory_equal(&a.draws[i], &b.draws[i], sizeof a.draws[i]);
    assert_memory_equal(a.events, b.events, a.draw_event[i] * sizeof a.events[0]);
    uint32_t time = 0;
    for (uint32_t e = 0, d = 0; e < a.draw_event[i]; d++) {
        if (a.draws[d].slot == ES_SLOT_STEP) {
            time += a.draws[d].target + 1u;
            e++;
        }
    }
    const bool is_step = a.draws[i].slot == ES_SLOT_STEP;
    assert_true(time + coding->max_step * (is_step ? 1u : 0u) >= step);
    es_coded_done(&a);
    es_coded_done(&b);
}

static void fields_look_at_the_past_only(void **state)
{
    (void)state;
    each_random_roll(check_causality);
}

static void check_rollback(const es_roll *roll, const es_coding *coding, es_rng *rng)
{
    es_coded coded;
    es_stream *stream;
    size_t start_of[2000];
    size_t i = 0;

    assert_int_equal(es_roll_code(&coded, roll, coding, 3, false, NULL), ESTRO_OK);
    assert_int_equal(es_stream_new(&stream, coding, NULL), ESTRO_OK);
    es_stream_begin(stream, false, (es_meter){4, 4});
    for (int tries = 0; i < coded.sequence.n_draws; i++) {
        es_choice choice = {0};
        es_event_fields event = {0};
        assert_int_equal(es_stream_reserve(stream, 2, NULL), ESTRO_OK);
        const uint32_t here = es_stream_mark_of(stream).event;
        if (i == 0 || coded.draw_event[i] != coded.draw_event[i - 1]) {
            start_of[here] = i;
        }
        if (tries < 20 && es_rng_below(rng, 20) == 0) {
            const uint32_t to = es_rng_below(rng, here + 1);
            es_stream_rollback(stream, (es_stream_mark){to});
            i = start_of[to];
            tries++;
        }
        es_stream_peek(stream, &choice);
        choice.draw.target = coded.draws[i].target;
        assert_memory_equal(&choice.draw, &coded.draws[i], sizeof choice.draw);
        assert_int_equal(choice.event, coded.draw_event[i]);
        if (es_stream_push(stream, choice.draw.target, &event)) {
            assert_memory_equal(&event, &coded.events[choice.event], sizeof event);
        }
    }
    es_stream_free(stream);
    es_coded_done(&coded);
}

static void going_back_leaves_no_trace(void **state)
{
    (void)state;
    each_random_roll(check_rollback);
}

static void long_streams_forget_without_a_trace(void **state)
{
    enum { INSTANTS = ES_STREAM_REMEMBERED + 2000 };
    const es_coding coding = coding_of(2, 2, true, true);
    es_stream *forgetful, *faithful;
    es_rng rng = es_rng_at(5, ES_FOR_TEST, 0, 0, 0);
    int rollbacks = 0;

    (void)state;
    assert_int_equal(es_stream_new(&forgetful, &coding, NULL), ESTRO_OK);
    assert_int_equal(es_stream_new(&faithful, &coding, NULL), ESTRO_OK);
    assert_int_equal(es_stream_reserve(faithful, INSTANTS, NULL), ESTRO_OK);
    es_stream_begin(forgetful, true, (es_meter){4, 4});
    es_stream_begin(faithful, true, (es_meter){4, 4});
    for (uint32_t i = 0; i < INSTANTS;) {
        es_choice a = {0}, b = {0};
        es_event_fields x = {0}, y = {0};
        if (i % 64 == 0 || i > INSTANTS - 200) {
            es_stream_peek(forgetful, &a);
            es_stream_peek(faithful, &b);
            assert_memory_equal(&a, &b, sizeof a);
        }
        es_stream_peek_slot(faithful, &a.slot, &a.voice);
        const uint16_t candidate =
            a.slot == ES_SLOT_STEP ? 0
                                   : (uint16_t)es_rng_below(&rng, es_rng_below(&rng, 2) ? 3 : 12);
        const bool done = es_stream_push(forgetful, candidate, &x);
        assert_int_equal(es_stream_push(faithful, candidate, &y), done);
        assert_memory_equal(&x, &y, sizeof x);
        if (done) {
            i++;
            assert_int_equal(es_stream_reserve(forgetful, 2, NULL), ESTRO_OK);
            assert_int_equal(es_stream_mark_of(forgetful).event, i);
        }
        if (done && i % 2500 == 0 && rollbacks++ < 4) {
            es_stream_rollback(forgetful, (es_stream_mark){i - 1000});
            es_stream_rollback(faithful, (es_stream_mark){i - 1000});
            i -= 999;
            es_stream_push(forgetful, 1, NULL);
            es_stream_push(forgetful, 1, NULL);
            es_stream_push(forgetful, 0, NULL);
            es_stream_push(faithful, 1, NULL);
            es_stream_push(faithful, 1, NULL);
            es_stream_push(faithful, 0, NULL);
        }
    }
    es_stream_free(forgetful);
    es_stream_free(faithful);
}

static void matches_foretell_a_repeat(void **state)
{
    const es_coding coding = coding_of(1, 2, false, false);
    static const int8_t tune[] = {60, 62, 64, 65, 67, 69, 71, 72, 60, 62, 64, 65};
    es_stream *stream;

    (void)state;
    assert_int_equal(es_stream_new(&stream, &coding, NULL), ESTRO_OK);
    es_stream_begin(stream, true, (es_meter){4, 4});
    for (int i = 0; i < 12; i++) {
        es_stream_push(stream, (uint16_t)(tune[i] - 60), NULL);
        es_stream_push(stream, 0, NULL);
    }
    es_choice choice = {0};
    es_stream_peek(stream, &choice);
    int found = 0;
    for (int i = 0; i < choice.draw.n_terms; i++) {
        if (choice.draw.term[i].kind == ES_TERM_ONE) {
            assert_int_equal(choice.draw.term[i].shift, 67 - 60);
            found++;
        }
    }
    assert_true(found >= 2);
    es_stream_free(stream);
}

static void what_does_not_fit_is_refused(void **state)
{
    const es_coding coding = coding_of(1, 4, true, true);
    estro_diag diag;
    es_coded coded;
    es_roll roll;

    (void)state;
    assert_int_equal(es_roll_init(&roll, 1, 4, 16, (es_meter){4, 4}, NULL), ESTRO_OK);
    roll.pitch[3] = 81;
    assert_int_equal(es_roll_code(&coded, &roll, &coding, 0, true, &diag), ESTRO_ERR_FORMAT);
    assert_int_equal(es_roll_code(&coded, &roll, &coding, -1, true, &diag), ESTRO_OK);
    es_coded_done(&coded);
    assert_int_equal(es_roll_code(&coded, &roll, &coding, -1, false, &diag), ESTRO_ERR_FORMAT);
    roll.meter = (es_meter){5, 16};
    assert_int_equal(es_roll_code(&coded, &roll, &coding, -1, true, &diag), ESTRO_ERR_FORMAT);
    es_roll_done(&roll);
}

static void running_out_of_memory_is_reported(void **state)
{
    const es_coding coding = coding_of(2, 4, true, true);
    es_roll roll;
    es_coded coded;

    (void)state;
    assert_int_equal(es_roll_init(&roll, 2, 4, 64, (es_meter){4, 4}, NULL), ESTRO_OK);
    estro_status status = ESTRO_ERR_MEMORY;
    for (long i = 0; status != ESTRO_OK; i++) {
        assert_true(i < 1000);
        es_mem_fail_after(i);
        status = es_roll_code(&coded, &roll, &coding, 0, true, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
    }
    es_coded_done(&coded);
    es_roll_done(&roll);
    es_stream_free(NULL);
}

static void coding_survives_packing(void **state)
{
    const es_coding coding = coding_of(4, 4, true, false);
    es_coding back;
    uint8_t bytes[64];

    (void)state;
    es_coding_pack(&coding, bytes);
    assert_true(es_coding_unpack(&back, bytes, sizeof bytes));
    assert_memory_equal(&back, &coding, sizeof back);
    assert_false(es_coding_unpack(&back, bytes, 10));
    bytes[0] = 9;
    assert_false(es_coding_unpack(&back, bytes, sizeof bytes));
}

static void voices_are_drawn_from_the_outside(void **state)
{
    static const int order[] = {0, 3, 1, 2};

    (void)state;
    for (int k = 0; k < 4; k++) {
        assert_int_equal(es_drawing_order(4, k), order[k]);
    }
    assert_int_equal(es_drawing_order(1, 0), 0);
    for (int i = 0; i < ES_METERS - 1; i++) {
        assert_int_equal(es_meter_token(es_meter_of_token(i)), i);
    }
    assert_int_equal(es_meter_token((es_meter){5, 4}), ES_METERS - 1);
}

static void check_probabilities(const es_roll *roll, const es_coding *coding, es_rng *rng)
{
    static es_net_shape shape;
    es_net net;
    es_net_run *run;
    es_coded coded;
    float log_p[ES_MAX_CANDIDATES];

    memset(&shape, 0, sizeof shape);
    shape = (es_net_shape){.core = ES_GRU, .n_layers = 1, .hidden = 8, .embed = 8, .decoder = 8};
    es_coding_shape(coding, &shape);
    assert_int_equal(es_net_init(&net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&net, es_rng_next(rng));
    assert_int_equal(es_net_run_new(&run, &net, NULL), ESTRO_OK);
    assert_int_equal(es_roll_code(&coded, roll, coding, 0, false, NULL), ESTRO_OK);
    float *state = es_calloc(es_net_state_size(&net), sizeof *state);
    for (size_t i = 0; i < coded.sequence.n_draws && i < 100; i++) {
        double sum = 0;
        if (i && coded.draw_event[i] != coded.draw_event[i - 1]) {
            es_net_step(run, state, &coded.events[coded.draw_event[i - 1]]);
        }
        es_net_decide(run, state, &coded.draws[i], log_p);
        for (int c = 0; c < coded.draws[i].n_candidates; c++) {
            sum += exp((double)log_p[c]);
        }
        assert_true(fabs(sum - 1) < 1e-4);
    }
    es_free(state);
    es_coded_done(&coded);
    es_net_run_free(run);
    es_net_done(&net);
}

static void probabilities_sum_to_one(void **state)
{
    (void)state;
    each_random_roll(check_probabilities);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_undoes_coding),
        cmocka_unit_test(coding_undoes_decoding),
        cmocka_unit_test(fields_look_at_the_past_only),
        cmocka_unit_test(going_back_leaves_no_trace),
        cmocka_unit_test(probabilities_sum_to_one),
        cmocka_unit_test(long_streams_forget_without_a_trace),
        cmocka_unit_test(matches_foretell_a_repeat),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(running_out_of_memory_is_reported),
        cmocka_unit_test(coding_survives_packing),
        cmocka_unit_test(voices_are_drawn_from_the_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
