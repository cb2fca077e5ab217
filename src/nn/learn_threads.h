/**
 * @file learn_threads.h
 * Jobs on threads.
 */
#ifndef ES_NN_LEARN_THREADS_H
#define ES_NN_LEARN_THREADS_H

#include <stddef.h>

/** Run job(self, 0 .. n_jobs-1) on up to n_threads threads, this one included; returns when all are done. */
void es_parallel(int n_threads, size_t n_jobs, void (*job)(void *self, size_t number), void *self);

#endif
