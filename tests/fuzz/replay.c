/*
 * Runs a fuzz target without a fuzzer: each given file as it is, then N mutations of them by a fixed generator.
 *
 *     fuzz_NAME N FILE...
 *
 * Before each call the input is kept in a file named by $FUZZ_LAST (if set), so a crash can be looked at.
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct input {
    uint8_t *bytes;
    size_t size;
} input;

enum { MAX_CHANGES = 6, MAX_BYTES = 1 << 20 };

static uint32_t below(es_rng *rng, size_t n)
{
    return es_rng_below(rng, n > 0 ? (uint32_t)n : 1);
}

/* Give the target memory of exactly this size, so that an address checker sees a read beyond it. */
static void run(const uint8_t *bytes, size_t size)
{
    const char *const last = getenv("FUZZ_LAST");
    uint8_t *const exact = malloc(size ? size : 1);

    if (!exact) {
        exit(1);
    }
    memcpy(exact, bytes, size);
    if (last) {
        es_file_write(last, bytes, size, NULL);
    }
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

/* One random change of bytes [*size], which has room for MAX_BYTES. */
static void change(uint8_t *bytes, size_t *size, const input *inputs, size_t n_inputs, es_rng *rng)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x7F, 0x80, 0x90, 0xF0, 0xF7, 0xF8, 0xFF, 0x2F};
    const size_t at = below(rng, *size);
    const size_t span = 1 + below(rng, 16);
    const input *const other = &inputs[below(rng, n_inputs)];

    switch (es_rng_below(rng, 6)) {
    case 0:
        bytes[at] ^= (uint8_t)(1u << es_rng_below(rng, 8));
        break;
    case 1:
        bytes[at] = telling[es_rng_below(rng, sizeof telling)];
        break;
    case 2:
        *size = at;
        break;
    case 3: /* Cut a piece out. */
        if (at + span < *size) {
            memmove(bytes + at, bytes + at + span, *size - at - span);
            *size -= span;
        }
        break;
    case 4: /* Double a piece. */
        if (at + span < *size && *size + span <= MAX_BYTES) {
            memmove(bytes + at + span, bytes + at, *size - at);
            *size += span;
        }
        break;
    default: /* Go on with another input. */
        if (other->size > 0) {
            const size_t from = below(rng, other->size);
            const size_t tail = other->size - from;
            if (at + tail <= MAX_BYTES) {
                memcpy(bytes + at, other->bytes + from, tail);
                *size = at + tail;
            }
        }
    }
}

int main(int argc, char **argv)
{
    static uint8_t bytes[MAX_BYTES];
    const size_t n_inputs = argc > 2 ? (size_t)argc - 2 : 0;
    input *const inputs = calloc(n_inputs + 1, sizeof *inputs);
    estro_diag diag;

    if (!inputs || n_inputs == 0) {
        fprintf(stderr, "usage: %s MUTATIONS FILE...\n", argv[0]);
        return 2;
    }
    for (size_t i = 0; i < n_inputs; i++) {
        if (es_file_read(&inputs[i].bytes, &inputs[i].size, argv[i + 2], &diag) != ESTRO_OK) {
            fprintf(stderr, "%s: %s\n", diag.source, diag.text);
            return 1;
        }
        if (inputs[i].size > MAX_BYTES) {
            inputs[i].size = MAX_BYTES;
        }
        run(inputs[i].bytes, inputs[i].size);
    }
    const long count = strtol(argv[1], NULL, 10);
    for (long n = 0; n < count; n++) {
        es_rng rng = es_rng_at(1, ES_FOR_TEST, (uint64_t)n, 0, 0);
        const input *const seed = &inputs[below(&rng, n_inputs)];
        size_t size = seed->size;
        memcpy(bytes, seed->bytes, size);
        for (uint32_t changes = 1 + es_rng_below(&rng, MAX_CHANGES); changes > 0; changes--) {
            change(bytes, &size, inputs, n_inputs, &rng);
        }
        run(bytes, size);
    }
    for (size_t i = 0; i < n_inputs; i++) {
        es_free(inputs[i].bytes);
    }
    free(inputs);
    printf("%s: %ld mutations of %lu files\n", argv[0], count, (unsigned long)n_inputs);
    return 0;
}
