/*
 * Recognising styles: sums over derivations agree with those by length alone; what a style wrote is derivable under it, and not
 * under one with other rhythms.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/real.h"
#include "recognise/inside.h"
#include "recognise/recognise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char waltz[] =
    "estro 1\nstyle waltz \"A waltz\"\nmeter 3/4\nkeys C G\n"
    "form { piece = <a 4 half> <a' 4 authentic> | <a 4 half> <b 2 open> <a' 4 authentic> }\n"
    "harmony { phrase(half) = go V:3  phrase(open) = go  phrase(authentic) = go V7:3 I:3\n"
    "          go = (I:3 | [2] IV:3) | (I:3 | IV:3) go }\n"
    "rhythm { tune = 2. | 2 4 | 4 4 4  oom = 4:b 4:v 4:v }\n"
    "part violin { role melody range G3..E6 home B4 }\n"
    "part piano { role harmony range C2..C5 lines 3 }\n"
    "texture main { violin tune  piano oom }\n";

static es_style *parse(const char *text)
{
    es_style *style;
    estro_diag diag = {0};

    if (es_style_parse(&style, text, strlen(text), "test", &diag) != ESTRO_OK) {
        fail_msg("%s", diag.text);
    }
    return style;
}

static double nothing(void *self, uint32_t leaf, uint32_t place)
{
    (void)self;
    (void)leaf;
    (void)place;
    return 0;
}

/* A leaf that cannot stand at place 0 unless it is the one given. */
static double only_first(void *self, uint32_t leaf, uint32_t place)
{
    return place > 0 || leaf == *(const uint32_t *)self ? 0 : ES_NEVER;
}

static void test_sums_are_those_by_length(void **state)
{
    es_style *style = parse(waltz);
    const es_grammar *g = &style->harmony[ES_MAJOR];
    es_span *span;

    (void)state;
    assert_int_equal(es_span_new(&span, g, 24, NULL), ESTRO_OK);
    for (uint32_t s = 0; s < g->n_symbols; s++) {
        for (uint32_t n = 1; n <= 24; n++) {
            const double weight = es_span_weight(span, (int)s, n);
            double log_p;
            assert_int_equal(es_inside(&log_p, g, span, s, n, nothing, NULL, NULL), ESTRO_OK);
            if (weight > 0) {
                assert_true(fabs(log_p - log(weight)) < 1e-9);
            } else {
                assert_true(log_p <= ES_NEVER);
            }
        }
    }
    es_span_free(span);
    es_style_free(style);
}

/* The chords that a row can begin with share its weight among them. */
static void test_first_leaves_share_the_sum(void **state)
{
    es_style *style = parse(waltz);
    const es_grammar *g = &style->harmony[ES_MAJOR];
    const int symbol = es_grammar_find(g, "phrase(half)");
    es_span *span;
    double sum = 0;

    (void)state;
    assert_int_equal(es_span_new(&span, g, 12, NULL), ESTRO_OK);
    for (uint32_t leaf = 0; leaf < g->n_leaves; leaf++) {
        double log_p;
        assert_int_equal(es_inside(&log_p, g, span, (uint32_t)symbol, 12, only_first, &leaf, NULL),
                         ESTRO_OK);
        sum += log_p > ES_NEVER ? exp(log_p) : 0;
    }
    assert_true(fabs(sum - es_span_weight(span, symbol, 12)) < 1e-12);
    es_span_free(span);
    es_style_free(style);
}

typedef struct note {
    int tick, key;
} note;

/* A file of two tracks on 960 ticks to the quarter. */
static size_t make_file(uint8_t **bytes, const note *tune, size_t n_tune, const note *chords,
                        size_t n_chords)
{
    es_smf smf = {.format = 1, .n_tracks = 2, .division = 960};
    es_smf_event events[128] = {{0}};
    const uint8_t meter[] = {3, 2, 24, 8};
    size_t n = 0, size;

    smf.bytes = meter;
    smf.n_bytes = sizeof meter;
    events[n++] = (es_smf_event){.status = ES_SMF_META, .data1 = ES_SMF_METER, .size = 4};
    for (size_t i = 0; i < n_tune; i++) {
        events[n++] = (es_smf_event){
            .tick = tune[i].tick, .status = 0x90, .data1 = (uint8_t)tune[i].key, .data2 = 64};
    }
    for (size_t i = 0; i < n_chords; i++) {
        events[n++] = (es_smf_event){.tick = chords[i].tick,
                                     .track = 1,
                                     .status = 0x90,
                                     .data1 = (uint8_t)chords[i].key,
                                     .data2 = 64};
    }
    smf.events = events;
    smf.n_events = n;
    assert_int_equal(es_smf_write(bytes, &size, &smf, NULL), ESTRO_OK);
    return size;
}

static es_recognition recognise(const es_style *style, const uint8_t *bytes, size_t size)
{
    es_smf smf;
    es_heard heard;
    es_recognition found;

    assert_int_equal(es_smf_read(&smf, bytes, size, "test", NULL), ESTRO_OK);
    assert_int_equal(es_heard_read(&heard, &smf, NULL), ESTRO_OK);
    assert_int_equal(es_recognise(&found, style, &heard, NULL), ESTRO_OK);
    es_heard_done(&heard);
    es_smf_done(&smf);
    return found;
}

enum { BAR = 3 * 960 };

static void test_what_a_style_wrote(void **state)
{
    es_style *style = parse(waltz);
    static const int roots[8] = {48, 53, 48, 43, 48, 53, 43, 48};
    static const int thirds[8] = {64, 65, 64, 62, 64, 65, 62, 64};
    note tune[8], chords[8 * 7];
    uint8_t *bytes;
    size_t n = 0;

    (void)state;
    for (int b = 0; b < 8; b++) {
        tune[b] = (note){b * BAR, thirds[b] + 12};
        chords[n++] = (note){b * BAR, roots[b]};
        for (int beat = 1; beat < 3; beat++) {
            const int root = roots[b] % 12;
            chords[n++] = (note){b * BAR + beat * 960, 48 + root};
            chords[n++] = (note){b * BAR + beat * 960, 48 + (root + 4) % 12};
            chords[n++] = (note){b * BAR + beat * 960, 48 + (root + 7) % 12};
        }
    }
    const size_t size = make_file(&bytes, tune, 8, chords, n);
    const es_recognition found = recognise(style, bytes, size);
    assert_true(found.is_derivable);
    assert_true(found.nats > 0 && found.nats < 400);
    assert_int_equal(found.notes, 8 + n);
    es_free(bytes);

    /* A note beside the rhythm of the tune: no cell has it. */
    tune[3].tick += 480;
    const size_t other = make_file(&bytes, tune, 8, chords, n);
    assert_false(recognise(style, bytes, other).is_derivable);
    es_free(bytes);
    es_style_free(style);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_those_by_length),
        cmocka_unit_test(test_first_leaves_share_the_sum),
        cmocka_unit_test(test_what_a_style_wrote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
