/* Profile `notes`: frames to choices and back, fields that look at nothing that is yet to be drawn, probabilities that add up. */
#include "base/mem.h"
#include "base/real.h"
#include "base/rng.h"
#include "stream/notes_history.h"
#include "stream/notes_roll.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const es_notes_coding codings[] = {
    {.low = 48, .high = 72, .most = 5, .n_slots = 1},
    {.low = 40, .high = 100, .most = 9, .from_bottom = 1, .has_end = 1, .n_slots = 4},
    {.low = 21, .high = 108, .most = 6, .has_onsets = 1, .has_end = 1, .grid = 4, .n_slots = 2},
    {.low = 0, .high = 127, .most = ES_NOTES_MOST, .from_bottom = 1, .has_onsets = 1, .n_slots = 3},
};
enum { N_CODINGS = sizeof codings / sizeof codings[0] };

static void random_frame(es_frames *frames, size_t t, const es_notes_coding *c, es_rng *rng)
{
    const uint32_t range = (uint32_t)(c->high - c->low + 1);
    const uint32_t wanted = es_rng_below(rng, c->most + 1u);

    for (uint32_t i = 0; i < wanted; i++) {
        es_pitch_set_add(&frames->sounding[t], c->low + (int)es_rng_below(rng, range));
    }
}

/* Random notes, some of them held, with stretches copied from earlier. */
static void random_frames(es_frames *frames, size_t count, const es_notes_coding *c, es_rng *rng)
{
    assert_int_equal(es_frames_init(frames, count, c->has_onsets, NULL), ESTRO_OK);
    for (size_t t = 0; t < count; t++) {
        const uint32_t kind = es_rng_below(rng, 4);
        if (t > 0 && kind == 0) {
            frames->sounding[t] = frames->sounding[t - 1];
        } else if (t > 12 && kind < 3) {
            frames->sounding[t] = frames->sounding[t - 12];
        } else {
            random_frame(frames, t, c, rng);
        }
        for (int i = 0; i < 2 && c->has_onsets; i++) {
            const uint64_t before = t ? frames->sounding[t - 1].bits[i] : 0;
            const uint64_t again = kind == 1 ? es_rng_next(rng) & es_rng_next(rng) : 0;
            frames->struck[t].bits[i] = frames->sounding[t].bits[i] & (~before | again);
        }
    }
}

static void assert_same_frames(const es_frames *a, const es_frames *b, bool has_onsets)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->sounding, b->sounding, a->count * sizeof *a->sounding);
    if (has_onsets) {
        assert_memory_equal(a->struck, b->struck, a->count * sizeof *a->struck);
    }
}

static void assert_fits(const es_coded *coded, const es_notes_coding *coding)
{
    static es_net_shape shape;

    memset(&shape, 0, sizeof shape);
    es_notes_shape(coding, &shape);
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

static void test_round_trip(void **state)
{
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 0, 0, 0);

    (void)state;
    for (int i = 0; i < 4 * N_CODINGS; i++) {
        const es_notes_coding *c = &codings[i % N_CODINGS];
        es_frames frames, back;
        es_coded coded;
        es_notes *notes;
        random_frames(&frames, 1 + es_rng_below(&rng, 150), c, &rng);
        assert_int_equal(es_frames_code(&coded, &frames, c, 0, NULL), ESTRO_OK);
        assert_fits(&coded, c);
        assert_int_equal(es_notes_new(&notes, c, NULL), ESTRO_OK);
        for (size_t d = 0; d < coded.sequence.n_draws; d++) {
            assert_false(es_notes_is_over(notes));
            assert_int_equal(es_notes_reserve(notes, 1, NULL), ESTRO_OK);
            es_notes_push(notes, coded.draws[d].target, NULL);
        }
        assert_int_equal(es_notes_is_over(notes), c->has_end);
        assert_int_equal(es_frames_decode(&back, notes, c->has_onsets, NULL), ESTRO_OK);
        assert_same_frames(&frames, &back, c->has_onsets);
        es_notes_free(notes);
        es_coded_done(&coded);
        es_frames_done(&frames);
        es_frames_done(&back);
    }
}

/* Draws of frames before `t`, fields, terms and candidates, do not know what comes from `t` on. */
static void test_causal(void **state)
{
    es_rng rng = es_rng_at(2, ES_FOR_TEST, 0, 0, 0);

    (void)state;
    for (int i = 0; i < N_CODINGS; i++) {
        const es_notes_coding *c = &codings[i];
        es_frames frames;
        es_coded whole, changed;
        size_t same = 0;
        random_frames(&frames, 80, c, &rng);
        assert_int_equal(es_frames_code(&whole, &frames, c, 0, NULL), ESTRO_OK);
        for (size_t t = 50; t < frames.count; t++) {
            const es_pitch_set none = {{0, 0}};
            frames.sounding[t] = none;
            random_frame(&frames, t, c, &rng);
            for (int k = 0; k < 2 && frames.struck; k++) {
                frames.struck[t].bits[k] =
                    frames.sounding[t].bits[k] & ~frames.sounding[t - 1].bits[k];
            }
        }
        assert_int_equal(es_frames_code(&changed, &frames, c, 0, NULL), ESTRO_OK);
        while (whole.draws[same].target == changed.draws[same].target) {
            same++;
            assert_true(same < whole.sequence.n_draws && same < changed.sequence.n_draws);
        }
        /* The first draw that was made otherwise had the same view, too. */
        whole.draws[same].target = changed.draws[same].target;
        assert_true(same > 50);
        assert_memory_equal(whole.draws, changed.draws, (same + 1) * sizeof *whole.draws);
        assert_memory_equal(whole.events, changed.events,
                            whole.draw_event[same] * sizeof *whole.events);
        es_coded_done(&whole);
        es_coded_done(&changed);
        es_frames_done(&frames);
    }
}

/* Going back to a frame and on again gives the choices that were there. */
static void test_rollback(void **state)
{
    const es_notes_coding *c = &codings[2];
    es_rng rng = es_rng_at(3, ES_FOR_TEST, 0, 0, 0);
    es_frames frames;
    es_coded coded;
    es_notes *notes;
    size_t draw = 0;

    (void)state;
    random_frames(&frames, 90, c, &rng);
    assert_int_equal(es_frames_code(&coded, &frames, c, 0, NULL), ESTRO_OK);
    assert_int_equal(es_notes_new(&notes, c, NULL), ESTRO_OK);
    assert_int_equal(es_notes_reserve(notes, frames.count + 1, NULL), ESTRO_OK);
    while (es_notes_count(notes) < 60) {
        es_notes_push(notes, coded.draws[draw++].target, NULL);
    }
    es_notes_push(notes, 3, NULL);
    es_notes_rollback(notes, 45);
    draw = 0;
    for (size_t frame = 0; frame < 45; draw++) {
        frame += draw > 0 && coded.draws[draw].slot == ES_NOTES_FRAME;
        if (frame == 45) {
            break;
        }
    }
    for (; draw < coded.sequence.n_draws; draw++) {
        es_notes_choice choice;
        memset(&choice, 0, sizeof choice);
        es_notes_peek(notes, &choice);
        choice.draw.target = coded.draws[draw].target;
        assert_memory_equal(&choice.draw, &coded.draws[draw], sizeof choice.draw);
        assert_int_equal(choice.event, coded.draw_event[draw]);
        es_notes_push(notes, choice.draw.target, NULL);
    }
    es_notes_free(notes);
    es_coded_done(&coded);
    es_frames_done(&frames);
}

static void test_repeats_are_foretold(void **state)
{
    const es_notes_coding *c = &codings[0];
    es_rng rng = es_rng_at(4, ES_FOR_TEST, 0, 0, 0);
    es_pitch_set period[7] = {0};
    es_frames frames = {.count = 7, .sounding = period};
    es_notes *notes;
    int right = 0;

    (void)state;
    for (size_t t = 0; t < 7; t++) {
        random_frame(&frames, t, c, &rng);
    }
    assert_int_equal(es_notes_new(&notes, c, NULL), ESTRO_OK);
    assert_int_equal(es_notes_reserve(notes, 40, NULL), ESTRO_OK);
    for (size_t t = 0; t < 28; t++) {
        es_pitch_set by_candidate = {0};
        for (int pitch = c->low; pitch <= c->high; pitch++) {
            if (es_pitch_set_has(&period[t % 7], pitch)) {
                es_pitch_set_add(&by_candidate, es_notes_candidate(c, pitch));
            }
        }
        const es_told *told = &notes->told[ES_TOLD_WHOLE];
        right +=
            t >= 8 && told->trust > 0 && memcmp(&told->on, &by_candidate, sizeof by_candidate) == 0;
        int last = -1;
        do {
            es_notes_choice choice = {0};
            es_frames cut = {.count = 28, .sounding = NULL};
            es_pitch_set all[28];
            for (size_t i = 0; i < 28; i++) {
                all[i] = period[i % 7];
            }
            cut.sounding = all;
            es_notes_peek_slot(notes, &choice);
            last = es_frames_target(&cut, c, 0, &choice, choice.slot == ES_NOTES_NOTE ? last : -1);
            const bool first = choice.slot == ES_NOTES_FRAME;
            es_notes_push(notes, (uint16_t)last, NULL);
            last = first ? -1 : last;
        } while (es_notes_count(notes) == t);
    }
    assert_int_equal(right, 20);
    es_notes_free(notes);
}

/* ---- probabilities ---- */

typedef struct tree {
    es_notes *notes;
    es_net_run *run;
    float *state;
    size_t frame;
    double rows; /* Probability of all rows of choices that complete the frame, or end the piece. */
    double frames[1 << 5]; /* Of each set of notes, the strikes summed up. */
    int n_taken;
    uint16_t taken[32];
} tree;

static void start_frame(tree *t)
{
    es_notes_rollback(t->notes, t->frame);
    for (int i = 0; i < t->n_taken; i++) {
        es_notes_push(t->notes, t->taken[i], NULL);
    }
}

static void sum_up(tree *t, double p)
{
    es_notes_choice choice = {0};
    float log_p[ES_MAX_CANDIDATES];

    es_notes_peek(t->notes, &choice);
    es_net_decide(t->run, t->state, &choice.draw, log_p);
    for (uint16_t c = 0; c < choice.draw.n_candidates; c++) {
        const double q = p * es_exp((double)log_p[c]);
        t->taken[t->n_taken++] = c;
        start_frame(t);
        if (es_notes_is_over(t->notes)) {
            t->rows += q;
        } else if (es_notes_count(t->notes) > t->frame) {
            const es_pitch_set set = es_notes_sounding(t->notes, t->frame);
            t->rows += q;
            t->frames[set.bits[0] >> 60 | (set.bits[1] & 1) << 4] += q;
        } else {
            sum_up(t, q);
        }
        t->n_taken--;
        start_frame(t);
    }
}

/* All rows of choices for the next frame together have probability 1; what es_frames_score says of a frame is no more than the sum of its rows. */
static void test_adds_up(void **state)
{
    const es_notes_coding c = {
        .low = 60, .high = 64, .most = 5, .has_onsets = 1, .has_end = 1, .n_slots = 2};
    es_rng rng = es_rng_at(5, ES_FOR_TEST, 0, 0, 0);
    es_net_shape shape = {.core = ES_GRU, .n_layers = 1, .hidden = 8, .embed = 8, .decoder = 8};
    es_frames frames;
    es_coded coded;
    es_net net;
    static tree t;
    double sum = 0;

    (void)state;
    es_notes_shape(&c, &shape);
    assert_int_equal(es_net_init(&net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&net, 7);
    random_frames(&frames, 20, &c, &rng);
    assert_int_equal(es_frames_code(&coded, &frames, &c, 0, NULL), ESTRO_OK);
    assert_int_equal(es_notes_new(&t.notes, &c, NULL), ESTRO_OK);
    assert_int_equal(es_notes_reserve(t.notes, 40, NULL), ESTRO_OK);
    assert_int_equal(es_net_run_new(&t.run, &net, NULL), ESTRO_OK);
    t.state = es_calloc(es_net_state_size(&net), sizeof *t.state);
    assert_non_null(t.state);
    for (size_t d = 0; es_notes_count(t.notes) < 16; d++) {
        es_event_fields event;
        if (es_notes_push(t.notes, coded.draws[d].target, &event)) {
            es_net_step(t.run, t.state, &event);
        }
    }
    t.frame = 16;
    sum_up(&t, 1);
    assert_true(fabs(t.rows - 1) < 1e-4);
    for (int i = 0; i < 1 << 5; i++) {
        assert_true(t.frames[i] > 0);
        sum += t.frames[i];
    }
    assert_true(sum < 1 && sum > 0.5);

    es_frames_nats nats;
    double frame_nats[20];
    frames.count = 17;
    assert_int_equal(es_frames_score(&nats, frame_nats, &frames, &c, 0, &net, NULL), ESTRO_OK);
    const es_pitch_set *there = &frames.sounding[16];
    assert_true(es_exp(-frame_nats[16]) <=
                t.frames[there->bits[0] >> 60 | (there->bits[1] & 1) << 4] * 1.0001);
    for (size_t i = 0; i < 17; i++) {
        nats.notes -= frame_nats[i];
    }
    assert_true(fabs(nats.notes) < 1e-9 && nats.end > 0);
    es_free(t.state);
    es_net_run_free(t.run);
    es_notes_free(t.notes);
    es_coded_done(&coded);
    es_net_done(&net);
    frames.count = 20;
    es_frames_done(&frames);
}

static void test_what_does_not_fit(void **state)
{
    const es_notes_coding c = {.low = 60, .high = 70, .most = 2, .n_slots = 1};
    uint8_t bytes[64];
    es_notes_coding back;
    es_frames frames;
    es_coded coded;

    (void)state;
    assert_int_equal(es_frames_init(&frames, 2, false, NULL), ESTRO_OK);
    es_pitch_set_add(&frames.sounding[1], 59);
    assert_int_equal(es_frames_code(&coded, &frames, &c, 0, NULL), ESTRO_ERR_FORMAT);
    assert_int_equal(es_frames_code(&coded, &frames, &c, 1, NULL), ESTRO_OK);
    es_coded_done(&coded);
    es_pitch_set_add(&frames.sounding[1], 61);
    es_pitch_set_add(&frames.sounding[1], 63);
    assert_int_equal(es_frames_code(&coded, &frames, &c, 1, NULL), ESTRO_ERR_FORMAT);
    es_frames_done(&frames);
    for (int i = 0; i < N_CODINGS; i++) {
        es_notes_pack(&codings[i], bytes);
        assert_true(es_notes_unpack(&back, bytes, sizeof bytes));
        assert_memory_equal(&back, &codings[i], sizeof back);
    }
    bytes[2] = ES_NOTES_MOST + 1;
    assert_false(es_notes_unpack(&back, bytes, sizeof bytes));
    assert_false(es_notes_unpack(&back, bytes, 7));
}

static void test_no_memory(void **state)
{
    const es_notes_coding *c = &codings[2];
    es_rng rng = es_rng_at(6, ES_FOR_TEST, 0, 0, 0);
    es_frames frames;
    estro_status status = ESTRO_ERR_MEMORY;

    (void)state;
    random_frames(&frames, 30, c, &rng);
    for (long n = 0; status != ESTRO_OK; n++) {
        es_coded coded;
        es_mem_fail_after(n);
        status = es_frames_code(&coded, &frames, c, 0, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
        if (status == ESTRO_OK) {
            es_coded_done(&coded);
        }
    }
    es_frames_done(&frames);
    es_notes_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_causal),
        cmocka_unit_test(test_rollback),   cmocka_unit_test(test_repeats_are_foretold),
        cmocka_unit_test(test_adds_up),    cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
