/* Model files: what was written is read; nothing damaged is, and nothing crashes the reader. */
#include "nn/model_file.h"

#include "base/mem.h"
#include "nn/half.h"
#include "model_bytes.h"
#include "toy_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const uint64_t prints[] = {3, 70, 0xfedcba9876543210u};

static void make(es_net *net, es_model_meta *meta, bool tiny)
{
    es_net_shape shape = toy_shape(ES_LSTM, 2);

    if (tiny) {
        shape = (es_net_shape){.core = ES_GRU,
                               .n_layers = 1,
                               .hidden = 2,
                               .embed = 1,
                               .decoder = 2,
                               .n_fields = 1,
                               .field_size = {2},
                               .n_slots = 2};
        shape.slot[0] =
            (es_slot_shape){.n_fields = 1, .field_size = {2}, .n_raw = 3, .n_candidates = 3};
        shape.slot[1] = (es_slot_shape){.n_raw = 2, .n_candidates = 2, .n_ordered = 2};
    }
    assert_int_equal(es_net_init(net, &shape, NULL), ESTRO_OK);
    es_net_randomise(net, 3);
    memset(meta, 0, sizeof *meta);
    meta->vocabulary = 1;
    meta->profile = 2;
    meta->setup_size = 5;
    memcpy(meta->setup, "\x04\x04\0\xff!", 5);
    meta->seed = 0x123456789abcdef0u;
    memcpy(meta->corpus_digest, "01234567", 8);
    strcpy(meta->card, "corpus: none\n");
}

/* How far a weight may move: not at all, to the nearest half, or by half of a part in 127 of the largest that shares its scale (and the scale's own rounding). */
typedef struct tolerance {
    const es_net *net, *again;
    es_weight_kind kind;
} tolerance;

static float largest_of_line(const float *w, const es_tensor *tensor, size_t row, size_t col)
{
    const bool is_table =
        tensor->kind == ES_TENSOR_EVENT_TABLE || tensor->kind == ES_TENSOR_DRAW_TABLE;
    float largest = 0;

    for (size_t i = 0; i < (is_table ? tensor->cols : tensor->rows); i++) {
        largest =
            fmaxf(largest, fabsf(w[is_table ? row * tensor->cols + i : i * tensor->cols + col]));
    }
    return largest;
}

static void weights_are_near(void *self, const es_tensor *tensor)
{
    const tolerance *t = self;
    const bool is_bias = tensor->kind == ES_TENSOR_BIAS || tensor->kind == ES_TENSOR_CORE_BIAS;
    const float *w = t->net->weights + tensor->offset, *v = t->again->weights + tensor->offset;

    for (size_t i = 0; i < (size_t)tensor->rows * tensor->cols; i++) {
        if (t->kind == ES_WEIGHT_F32) {
            assert_true(v[i] == w[i]);
        } else if (t->kind == ES_WEIGHT_F16 || is_bias) {
            assert_true(v[i] == es_float_of_half(es_half_of_float(w[i])));
        } else {
            const float largest = largest_of_line(w, tensor, i / tensor->cols, i % tensor->cols);
            assert_true(fabsf(v[i] - w[i]) <= largest * (0.51f / 127));
        }
    }
}

/* Fingerprints that have only high bits take fewer bytes, and come back whole. */
static void short_fingerprints_are_shorter(void **unused)
{
    uint64_t cut[64], whole[64];
    size_t size[2];

    (void)unused;
    for (uint64_t i = 0; i < 64; i++) {
        cut[i] = (1 + i * 70) << 8;
        whole[i] = cut[i] + (i == 5);
    }
    for (int k = 0; k < 2; k++) {
        es_net net, again;
        es_model_meta meta, read;
        uint8_t *bytes;
        uint64_t *found;
        size_t n_found;
        make(&net, &meta, false);
        assert_int_equal(
            es_model_write(&bytes, &size[k], &net, &meta, k ? whole : cut, 64, ES_WEIGHT_I8, NULL),
            ESTRO_OK);
        assert_int_equal(es_model_read(&again, &read, &found, &n_found, bytes, size[k], "m", NULL),
                         ESTRO_OK);
        assert_int_equal(n_found, 64);
        assert_memory_equal(found, k ? whole : cut, sizeof cut);
        es_free(found);
        es_free(bytes);
        es_net_done(&net);
        es_net_done(&again);
    }
    assert_true(size[0] + 64 <= size[1]);
}

static void what_is_written_is_read(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < ES_WEIGHT_KINDS; kind++) {
        es_net net, again;
        es_model_meta meta, read;
        uint8_t *bytes, *twice;
        uint64_t *found;
        size_t size, n_found, n_twice;
        es_net_layout layout;

        make(&net, &meta, false);
        assert_int_equal(
            es_model_write(&bytes, &size, &net, &meta, prints, 3, (es_weight_kind)kind, NULL),
            ESTRO_OK);
        assert_int_equal(es_model_read(&again, &read, &found, &n_found, bytes, size, "m", NULL),
                         ESTRO_OK);
        assert_memory_equal(&meta, &read, sizeof meta);
        assert_memory_equal(&net.shape, &again.shape, sizeof net.shape);
        assert_int_equal(n_found, 3);
        assert_memory_equal(found, prints, sizeof prints);
        tolerance t = {&net, &again, (es_weight_kind)kind};
        es_net_layout_make(&layout, &net.shape, weights_are_near, &t);
        assert_int_equal(
            es_model_write(&twice, &n_twice, &again, &read, found, 3, (es_weight_kind)kind, NULL),
            ESTRO_OK);
        assert_int_equal(n_twice, size);
        assert_memory_equal(twice, bytes, size);
        es_free(found);
        es_free(twice);
        es_free(bytes);
        es_net_done(&net);
        es_net_done(&again);
    }
}

/* Whatever the weights of a line are, its scale and numbers come back the same: from denormal to the largest, all zero, one alone. */
static void bytes_with_scales_are_read_and_stored_alike(void **unused)
{
    const es_tensor table = {.kind = ES_TENSOR_DRAW_TABLE, .rows = 7, .cols = 5};
    const es_tensor matrix = {.kind = ES_TENSOR_DECODER_MATRIX, .rows = 7, .cols = 5};
    es_rng rng = es_rng_at(6, ES_FOR_TEST, 0, 0, 0);
    size_t bad;

    (void)unused;
    for (int trial = 0; trial < 4000; trial++) {
        const es_tensor *tensor = trial % 2 ? &table : &matrix;
        uint8_t bytes[64], again[64];
        float w[35], v[35];
        const size_t size = es_stored_size(tensor, ES_WEIGHT_I8);
        assert_int_equal(size, trial % 2 ? 35 + 2 * 7 : 35 + 2 * 5);
        for (size_t i = 0; i < 35; i++) {
            w[i] = toy_below(&rng, 4) == 0 ? 0
                                           : (float)ldexp(es_rng_unit(&rng) - 0.5,
                                                          toy_below(&rng, 1 + trial % 278) - 149);
        }
        es_stored_put(bytes, w, tensor, ES_WEIGHT_I8);
        assert_true(es_stored_get(v, bytes, tensor, ES_WEIGHT_I8, &bad));
        es_stored_put(again, v, tensor, ES_WEIGHT_I8);
        assert_memory_equal(again, bytes, size);
    }
}

/* Read, free, and give the status; an error has an offset within the file. */
static estro_status try_to_read(const uint8_t *bytes, size_t size)
{
    es_net net;
    es_model_meta meta;
    uint64_t *found;
    size_t n_found;
    estro_diag diag = {.offset = -1};

    /* A copy of the exact size, so that a checker of memory sees a read beyond its end. */
    uint8_t *copy = es_calloc(size, 1);
    if (size) {
        memcpy(copy, bytes, size);
    }
    const estro_status status =
        es_model_read(&net, &meta, &found, &n_found, copy, size, "m", &diag);
    es_free(copy);
    if (status == ESTRO_OK) {
        es_net_done(&net);
        es_free(found);
    } else {
        assert_int_equal(status, ESTRO_ERR_MODEL);
        assert_true(diag.offset >= 0 && (size_t)diag.offset <= size);
        assert_string_equal(diag.source, "m");
        assert_true(diag.text[0] != '\0');
        assert_null(found);
        assert_null(net.weights);
    }
    return status;
}

static void write_tiny(uint8_t **bytes, size_t *size, es_weight_kind kind)
{
    es_net net;
    es_model_meta meta;

    make(&net, &meta, true);
    assert_int_equal(es_model_write(bytes, size, &net, &meta, prints, 3, kind, NULL), ESTRO_OK);
    es_net_done(&net);
}

static void every_truncation_is_an_error(void **unused)
{
    uint8_t *bytes;
    size_t size;

    (void)unused;
    write_tiny(&bytes, &size, ES_WEIGHT_I8);
    assert_int_equal(try_to_read(bytes, size), ESTRO_OK);
    for (size_t cut = 0; cut < size; cut++) {
        assert_int_equal(try_to_read(bytes, cut), ESTRO_ERR_MODEL);
    }
    /* The same with size and hash put right: the contents themselves give it away. */
    for (size_t cut = 32; cut < size; cut++) {
        uint8_t *shorter = es_calloc(cut, 1);
        memcpy(shorter, bytes, cut);
        for (size_t i = 0; i < 8; i++) {
            shorter[16 + i] = (uint8_t)(cut >> (8 * i));
        }
        mend_hash(shorter, cut);
        assert_int_equal(try_to_read(shorter, cut), ESTRO_ERR_MODEL);
        es_free(shorter);
    }
    es_free(bytes);
}

static void every_flipped_byte_is_an_error(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < ES_WEIGHT_KINDS; kind++) {
        uint8_t *bytes;
        size_t size, accepted = 0;
        write_tiny(&bytes, &size, (es_weight_kind)kind);
        mend_hash(bytes, size);
        assert_int_equal(try_to_read(bytes, size), ESTRO_OK);
        for (size_t at = 0; at < size; at++) {
            static const uint8_t flips[] = {0x01, 0x40, 0x80, 0xff};
            for (size_t f = 0; f < sizeof flips; f++) {
                uint8_t last[8];
                memcpy(last, bytes + size - 8, 8);
                bytes[at] ^= flips[f];
                assert_int_equal(try_to_read(bytes, size), ESTRO_ERR_MODEL);
                /* With the hash put right it may be another model, or an error: never a crash. */
                if (at < size - 8) {
                    mend_hash(bytes, size);
                    accepted += try_to_read(bytes, size) == ESTRO_OK;
                    memcpy(bytes + size - 8, last, 8);
                }
                bytes[at] ^= flips[f];
            }
        }
        assert_true(accepted > 0);
        es_free(bytes);
    }
}

static void bytes_beyond_the_end_are_an_error(void **unused)
{
    uint8_t *bytes;
    size_t size;

    (void)unused;
    write_tiny(&bytes, &size, ES_WEIGHT_F32);
    uint8_t *longer = es_calloc(size + 3, 1);
    memcpy(longer, bytes, size);
    assert_int_equal(try_to_read(longer, size + 3), ESTRO_ERR_MODEL);
    es_free(longer);
    es_free(bytes);
}

static void what_is_not_finite_or_in_order_is_not_written(void **unused)
{
    const uint64_t wrong[] = {5, 5};
    es_net net;
    es_model_meta meta;
    uint8_t *bytes;
    size_t size;

    (void)unused;
    make(&net, &meta, true);
    assert_int_equal(es_model_write(&bytes, &size, &net, &meta, wrong, 2, ES_WEIGHT_F32, NULL),
                     ESTRO_ERR_ARGUMENT);
    net.weights[0] = NAN;
    assert_int_equal(es_model_write(&bytes, &size, &net, &meta, prints, 3, ES_WEIGHT_F32, NULL),
                     ESTRO_ERR_MODEL);
    assert_null(bytes);
    es_net_done(&net);
}

static void failing_allocations_are_reported(void **unused)
{
    es_net net, again;
    es_model_meta meta;
    uint64_t *found;
    uint8_t *bytes;
    size_t size, n_found;
    int failures = 0;

    (void)unused;
    make(&net, &meta, true);
    es_mem_fail_after(0);
    assert_int_equal(es_model_write(&bytes, &size, &net, &meta, NULL, 0, ES_WEIGHT_F32, NULL),
                     ESTRO_ERR_MEMORY);
    es_mem_fail_after(-1);
    assert_int_equal(es_model_write(&bytes, &size, &net, &meta, NULL, 0, ES_WEIGHT_F32, NULL),
                     ESTRO_OK);
    for (;;) {
        es_mem_fail_after(failures);
        const estro_status status =
            es_model_read(&again, &meta, &found, &n_found, bytes, size, "m", NULL);
        if (status == ESTRO_OK) {
            break;
        }
        assert_int_equal(status, ESTRO_ERR_MEMORY);
        failures++;
    }
    es_mem_fail_after(-1);
    assert_int_equal(failures, 2);
    es_free(found);
    es_free(bytes);
    es_net_done(&net);
    es_net_done(&again);
}

static void halves_go_there_and_back(void **unused)
{
    es_rng rng = es_rng_at(4, ES_FOR_TEST, 0, 0, 0);

    (void)unused;
    for (uint32_t half = 0; half < 65536; half++) {
        if (es_half_is_finite((uint16_t)half)) {
            assert_int_equal(es_half_of_float(es_float_of_half((uint16_t)half)), half);
        }
    }
    /* The nearest of the three around it; on a tie the even one. */
    for (int i = 0; i < 200000; i++) {
        const float x = (float)ldexp(es_rng_unit(&rng), toy_below(&rng, 44) - 28);
        const uint16_t half = es_half_of_float(x);
        const double error = fabs((double)x - (double)es_float_of_half(half));
        if (half > 0) {
            const double below = fabs((double)x - (double)es_float_of_half((uint16_t)(half - 1)));
            assert_true(error < below || (error == below && half % 2 == 0));
        }
        if (es_half_is_finite((uint16_t)(half + 1))) {
            const double above = fabs((double)x - (double)es_float_of_half((uint16_t)(half + 1)));
            assert_true(error < above || (error == above && half % 2 == 0));
        }
    }
    assert_int_equal(es_half_of_float(1 + 1 / 2048.0f), 0x3c00); /* Ties: to even, */
    assert_int_equal(es_half_of_float(1 + 3 / 2048.0f), 0x3c02);
    assert_int_equal(es_half_of_float(ldexpf(1, -25)), 0); /* among the subnormal ones too. */
    assert_int_equal(es_half_of_float(ldexpf(3, -25)), 2);
    assert_int_equal(es_half_of_float(1e9f), 0x7bff);
    assert_int_equal(es_half_of_float(-65520.0f), 0xfbff);
    assert_int_equal(es_half_of_float(-0.0f), 0x8000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(short_fingerprints_are_shorter),
        cmocka_unit_test(bytes_with_scales_are_read_and_stored_alike),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(every_flipped_byte_is_an_error),
        cmocka_unit_test(bytes_beyond_the_end_are_an_error),
        cmocka_unit_test(what_is_not_finite_or_in_order_is_not_written),
        cmocka_unit_test(failing_allocations_are_reported),
        cmocka_unit_test(halves_go_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
