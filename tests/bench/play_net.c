/*
 * Tokens a second of a plain language model as it plays: token in, recurrent layers, softmax over the vocabulary, a draw. With floats and
 * with bytes, one sequence and 16 at once; beside the limit that reading the weights from memory sets.
 *
 *     play_net gru|lstm LAYERS HIDDEN VOCABULARY SECONDS
 *
 * Prints: floats, 16 at once; bytes, 16 at once; tokens a second that reading the floats, and the bytes, would allow. The ways take
 * turns in short slices; of each the median is printed, and the best, since other work only makes them slower.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "base/real.h"
#include "base/rng.h"
#include "base/simd.h"
#include "nn/layout.h"
#include "nn/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 4, LIMITS = 2, ROWS = WAYS + LIMITS, MOST_SLICES = 4096 };

typedef struct player {
    es_net_run *run;
    size_t n_lanes;
    float *state[ES_MAX_LANES];
    uint16_t token[ES_MAX_LANES];
    es_draw draw;
    es_rng rng;
    float log_p[ES_MAX_LANES][ES_MAX_CANDIDATES];
} player;

static double seconds_now(void)
{
    return (double)es_clock_monotonic.now(NULL) * 1e-9;
}

static uint16_t drawn(const float *log_p, size_t n, es_rng *rng)
{
    float p[ES_MAX_CANDIDATES];
    float left = (float)es_rng_unit(rng);
    size_t i = 0;

    memcpy(p, log_p, n * sizeof *p);
    es_exp_block(p, n);
    while (i + 1 < n && left >= p[i]) {
        left -= p[i++];
    }
    return (uint16_t)i;
}

/* One token of each lane. */
static void play(player *p)
{
    const es_event_fields *event[ES_MAX_LANES];
    es_event_fields fields[ES_MAX_LANES];
    const float *state[ES_MAX_LANES];
    const es_draw *draw[ES_MAX_LANES];
    float *log_p[ES_MAX_LANES];

    for (size_t v = 0; v < p->n_lanes; v++) {
        fields[v].field[0] = p->token[v];
        event[v] = &fields[v];
        state[v] = p->state[v];
        draw[v] = &p->draw;
        log_p[v] = p->log_p[v];
    }
    es_net_step_many(p->run, p->n_lanes, p->state, event);
    es_net_decide_many(p->run, p->n_lanes, state, draw, log_p);
    for (size_t v = 0; v < p->n_lanes; v++) {
        p->token[v] = drawn(p->log_p[v], p->draw.n_candidates, &p->rng);
    }
}

ES_INLINE void sum_words_body(uint32_t *sum, const uint32_t *words, size_t n)
{
    uint32_t all = 0;

#if defined(__GNUC__) && !defined(__clang__)
#pragma omp simd reduction(+ : all)
#endif
    for (size_t i = 0; i < n; i++) {
        all += words[i];
    }
    *sum += all;
}

void sum_words(uint32_t *sum, const uint32_t *words, size_t n);
ES_CLONES(sum_words, (uint32_t * sum, const uint32_t *words, size_t n), (sum, words, n))

/* Seconds to read so many bytes once. */
static double read_once(const void *memory, size_t bytes, uint32_t *kept)
{
    const double start = seconds_now();

    sum_words(kept, memory, bytes / sizeof *kept);
    return seconds_now() - start;
}

static void new_player(player *p, const es_net *net, size_t n_lanes)
{
    *p = (player){.n_lanes = n_lanes, .rng = es_rng_at(1, ES_FOR_TEST, 0, 0, 0)};
    p->draw.n_candidates = net->shape.slot[0].n_candidates;
    p->draw.n_terms = 1;
    if (es_net_run_new(&p->run, net, NULL) != ESTRO_OK) {
        exit(1);
    }
    for (size_t v = 0; v < n_lanes; v++) {
        p->state[v] = es_calloc(es_net_state_size(net), sizeof(float));
    }
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Slices of about 5 ms each in turn: rate[way][slice] in tokens a second. */
static size_t measure(player *players, const float *memory, const size_t *bytes, double seconds,
                      double (*rate)[MOST_SLICES])
{
    const double end = seconds_now() + seconds;
    size_t slices = 0;
    uint32_t kept = 0;

    for (; slices < MOST_SLICES && seconds_now() < end; slices++) {
        for (int w = 0; w < WAYS; w++) {
            const double start = seconds_now();
            double now = start;
            size_t tokens = 0;
            for (; now - start < 5e-3; now = seconds_now()) {
                play(&players[w]);
                tokens += players[w].n_lanes;
            }
            rate[w][slices] = (double)tokens / (now - start);
        }
        for (int w = 0; w < LIMITS; w++) {
            double best = 1;
            for (int again = 0; again < 6; again++) {
                const double took = read_once(memory, bytes[w], &kept);
                best = took < best ? took : best;
            }
            rate[WAYS + w][slices] = 1 / best;
        }
    }
    return kept == 1 ? 0 : slices;
}

int main(int argc, char **argv)
{
    static const char *const names[ROWS] = {"floats",          "floats, 16 at once",
                                            "bytes",           "bytes, 16 at once",
                                            "limit of floats", "limit of bytes"};
    static double rate[ROWS][MOST_SLICES];
    static player players[WAYS];
    es_net net, small;

    if (argc != 6) {
        fputs("usage: play_net gru|lstm LAYERS HIDDEN VOCABULARY SECONDS\n", stderr);
        return 2;
    }
    const uint16_t hidden = (uint16_t)atoi(argv[3]), vocabulary = (uint16_t)atoi(argv[4]);
    const es_net_shape shape = {.core = strcmp(argv[1], "lstm") == 0 ? ES_LSTM : ES_GRU,
                                .n_layers = (uint8_t)atoi(argv[2]),
                                .hidden = hidden,
                                .embed = hidden,
                                .n_fields = 1,
                                .field_size = {vocabulary},
                                .n_slots = 1,
                                .slot = {{.n_raw = vocabulary, .n_candidates = vocabulary}}};
    if (es_net_init(&net, &shape, NULL) != ESTRO_OK) {
        fputs("play_net: no such net\n", stderr);
        return 1;
    }
    es_net_randomise(&net, 1);
    small = net;
    small.in_bytes = true;
    new_player(&players[0], &net, 1);
    new_player(&players[1], &net, ES_MAX_LANES);
    new_player(&players[2], &small, 1);
    new_player(&players[3], &small, ES_MAX_LANES);
    /* What a token reads: all but the table of embeddings. */
    const size_t weights = net.n_weights - (size_t)vocabulary * hidden;
    const size_t bytes[LIMITS] = {weights * sizeof(float), weights};
    const size_t slices = measure(players, net.weights, bytes, atof(argv[5]), rate);
    for (int w = 0; w < ROWS; w++) {
        qsort(rate[w], slices, sizeof rate[w][0], by_value);
        printf("%-20s %9.0f %9.0f\n", names[w], rate[w][slices / 2], rate[w][slices - 1]);
    }
    return 0;
}
