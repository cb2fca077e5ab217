/*
 * Speed of the learner on a plain language model: token in, GRU or LSTM layers, softmax over the vocabulary.
 *
 *     train_net gru|lstm LAYERS HIDDEN VOCABULARY BATCH STEPS THREADS SECONDS
 *     train_net peak THREADS
 *
 * The first prints tokens/s (median, least, most) of full steps: forward, backward, clipping, Adam; and the arithmetic done in
 * GFLOP/s; at last the tokens for each second that a processor worked on it. The second prints the GFLOP/s of fused multiply-adds alone, with vectors of 256 bits and of the widest the processor has.
 */
#include "base/clock.h"
#include "base/rng.h"
#include "base/thread.h"
#include "nn/learn.h"
#include "nn/learn_product.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_BATCH = 256, MOST_TIMES = 100000, MOST_THREADS = 64 };

static double now_seconds(void)
{
    return (double)es_clock_monotonic.now(es_clock_monotonic.self) * 1e-9;
}

/* What all threads have worked so far: on a busy machine a steadier measure. */
static double work_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void *must(void *memory)
{
    if (!memory) {
        fprintf(stderr, "train_net: no memory\n");
        exit(1);
    }
    return memory;
}

/* A sequence of random tokens, each drawn from the state after those before it. */
static es_sequence random_sequence(size_t steps, unsigned vocabulary, uint64_t number)
{
    es_rng rng = es_rng_at(1, ES_FOR_TEST, 0, number, 0);
    es_event_fields *events = must(calloc(steps, sizeof *events));
    es_draw *draws = must(calloc(steps, sizeof *draws));
    uint32_t *draw_event = must(calloc(steps, sizeof *draw_event));

    events[0].field[0] = (uint16_t)es_rng_below(&rng, vocabulary);
    for (size_t i = 0; i < steps; i++) {
        const uint16_t next = (uint16_t)es_rng_below(&rng, vocabulary);
        draws[i] = (es_draw){.n_candidates = (uint16_t)vocabulary,
                             .n_terms = 1,
                             .term = {{.kind = ES_TERM_DIRECT}},
                             .target = next};
        draw_event[i] = (uint32_t)i + 1;
        if (i + 1 < steps) {
            events[i + 1].field[0] = next;
        }
    }
    return (es_sequence){.events = events,
                         .n_events = steps,
                         .draws = draws,
                         .draw_event = draw_event,
                         .n_draws = steps};
}

/* Multiplications and additions of one token: forward, and twice as many backward. Of the first layer's input none are counted where
 * the learner reads them from a table. */
static double flop_per_token(const es_net_shape *shape)
{
    const double h = shape->hidden, gates = shape->core == ES_LSTM ? 4 : 3;
    const double layers = shape->n_layers, vocabulary = shape->field_size[0];

    return 6 * ((2 * layers - 1) * gates * h * h + vocabulary * h);
}

static int train(char **argument)
{
    const bool lstm = strcmp(argument[0], "lstm") == 0;
    const int layers = atoi(argument[1]), hidden = atoi(argument[2]);
    const int vocabulary = atoi(argument[3]), threads = atoi(argument[6]);
    const size_t batch = (size_t)atoi(argument[4]), steps = (size_t)atoi(argument[5]);
    const double seconds = atof(argument[7]);
    const es_net_shape shape = {
        .core = lstm ? ES_LSTM : ES_GRU,
        .n_layers = (uint8_t)layers,
        .hidden = (uint16_t)hidden,
        .embed = (uint16_t)hidden,
        .n_fields = 1,
        .field_size = {(uint16_t)vocabulary},
        .n_slots = 1,
        .slot = {{.n_raw = (uint16_t)vocabulary, .n_candidates = (uint16_t)vocabulary}}};
    const es_learn_options options = {
        .beta1 = 0.9f, .beta2 = 0.999f, .clip = 5, .threads = threads, .seed = 1};
    static es_sequence sequence[MOST_BATCH];
    static const es_sequence *pointer[MOST_BATCH];
    static double rate[MOST_TIMES];
    es_learner *learner;
    estro_diag diag = {0};
    es_net net;
    size_t n = 0;

    if (batch < 1 || batch > MOST_BATCH || steps < 1 ||
        es_net_init(&net, &shape, &diag) != ESTRO_OK ||
        es_learner_new(&learner, &net, &options, &diag) != ESTRO_OK) {
        fprintf(stderr, "train_net: %s\n", diag.text);
        return 1;
    }
    es_net_randomise(&net, 1);
    for (size_t i = 0; i < batch; i++) {
        sequence[i] = random_sequence(steps, (unsigned)vocabulary, i);
        pointer[i] = &sequence[i];
    }
    const double end = now_seconds() + seconds;
    double work_start = 0;
    for (size_t i = 0; i < MOST_TIMES && (i < 4 || now_seconds() < end); i++) {
        const double start = now_seconds();
        work_start = i == 1 ? work_seconds() : work_start;
        double nats;
        size_t count;
        if (es_learner_step(learner, pointer, batch, 0.001f, &nats, &count, &diag) != ESTRO_OK) {
            fprintf(stderr, "train_net: %s\n", diag.text);
            return 1;
        }
        if (i > 0) {
            rate[n++] = (double)(batch * steps) / (now_seconds() - start);
        }
    }
    const double work = work_seconds() - work_start;
    qsort(rate, n, sizeof *rate, compare);
    printf("%.0f tok/s [%.0f..%.0f] n=%zu %.1f GFLOP/s; %.0f tok a processor's second\n",
           rate[n / 2], rate[0], rate[n - 1], n, rate[n / 2] * flop_per_token(&shape) * 1e-9,
           (double)(n * batch * steps) / work);
    return 0;
}

/* ---- the peak ---- */

typedef struct peak_job {
    double seconds;
    double rate_256, rate_widest; /* FLOP/s */
} peak_job;

#if defined(__GNUC__) && defined(__x86_64__)

#include <immintrin.h>

enum { CHAINS = 12, ROUNDS = 100000 };

__attribute__((target("avx2,fma"))) static void multiply_add_256(void)
{
    __m256 sum[CHAINS];
    const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(1e-4f);

#pragma GCC unroll 16
    for (int i = 0; i < CHAINS; i++) {
        sum[i] = _mm256_set1_ps((float)i);
    }
    for (int k = 0; k < ROUNDS; k++) {
#pragma GCC unroll 16
        for (int i = 0; i < CHAINS; i++) {
            sum[i] = _mm256_fmadd_ps(sum[i], a, b);
        }
        __asm__ volatile("" ::: "memory");
    }
#pragma GCC unroll 16
    for (int i = 0; i < CHAINS; i++) {
        __asm__ volatile("" ::"x"(sum[i]));
    }
}

__attribute__((target("avx512f"))) static void multiply_add_512(void)
{
    __m512 sum[CHAINS];
    const __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(1e-4f);

#pragma GCC unroll 16
    for (int i = 0; i < CHAINS; i++) {
        sum[i] = _mm512_set1_ps((float)i);
    }
    for (int k = 0; k < ROUNDS; k++) {
#pragma GCC unroll 16
        for (int i = 0; i < CHAINS; i++) {
            sum[i] = _mm512_fmadd_ps(sum[i], a, b);
        }
        __asm__ volatile("" ::: "memory");
    }
#pragma GCC unroll 16
    for (int i = 0; i < CHAINS; i++) {
        __asm__ volatile("" ::"v"(sum[i]));
    }
}

static double rate_of(void (*work)(void), double lanes, double seconds)
{
    const double end = now_seconds() + seconds;
    double best = 0;

    while (now_seconds() < end) {
        const double start = now_seconds();
        work();
        const double rate = 2 * lanes * CHAINS * ROUNDS / (now_seconds() - start);
        best = rate > best ? rate : best;
    }
    return best;
}

static void *measure_peak(void *self)
{
    peak_job *job = self;
    const es_product_kernel kernel = es_product_best();

    if (kernel >= ES_KERNEL_AVX2) {
        job->rate_256 = job->rate_widest = rate_of(multiply_add_256, 8, job->seconds);
    }
    if (kernel >= ES_KERNEL_AVX512) {
        job->rate_widest = rate_of(multiply_add_512, 16, job->seconds);
    }
    return NULL;
}

#else

static void *measure_peak(void *self)
{
    (void)self;
    return NULL;
}

#endif

static int peak(int threads)
{
    static peak_job job[MOST_THREADS];
    static es_thread thread[MOST_THREADS];
    double sum_256 = 0, sum_widest = 0;

    threads = threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads;
    for (int i = 0; i < threads; i++) {
        job[i].seconds = 0.3;
        if (!es_thread_start(&thread[i], measure_peak, &job[i])) {
            return 1;
        }
    }
    for (int i = 0; i < threads; i++) {
        es_thread_join(&thread[i]);
        sum_256 += job[i].rate_256;
        sum_widest += job[i].rate_widest;
    }
    printf("%.1f GFLOP/s with 256 bits, %.1f with the widest\n", sum_256 * 1e-9, sum_widest * 1e-9);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "peak") == 0) {
        return peak(atoi(argv[2]));
    }
    if (argc != 9) {
        fprintf(stderr, "usage: train_net gru|lstm LAYERS HIDDEN VOCABULARY BATCH STEPS THREADS "
                        "SECONDS\n       train_net peak THREADS\n");
        return 2;
    }
    return train(argv + 1);
}
