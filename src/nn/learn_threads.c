/*
 * Jobs on threads. Each job is done by exactly one thread; which one must not matter. When a thread cannot be made, the
 * others do its share.
 */
#include "nn/learn_parts.h"

#include "base/thread.h"

#include <stdatomic.h>

enum { MAX_THREADS = 64 };

typedef struct work {
    atomic_size_t next;
    size_t n_jobs;
    void (*job)(void *self, size_t number);
    void *self;
} work;

static void *run(void *self)
{
    work *w = self;

    for (;;) {
        const size_t number = atomic_fetch_add(&w->next, 1);
        if (number >= w->n_jobs) {
            return NULL;
        }
        w->job(w->self, number);
    }
}

void es_parallel(int n_threads, size_t n_jobs, void (*job)(void *self, size_t number), void *self)
{
    work w = {.n_jobs = n_jobs, .job = job, .self = self};
    es_thread thread[MAX_THREADS];
    size_t started = 0;
    const size_t wanted = n_threads > MAX_THREADS ? MAX_THREADS : (size_t)n_threads;

    while (started + 1 < wanted && started + 1 < n_jobs &&
           es_thread_start(&thread[started], run, &w)) {
        started++;
    }
    run(&w);
    for (size_t i = 0; i < started; i++) {
        es_thread_join(&thread[i]);
    }
}
