/**
 * @file thread.h
 * Threads, thinly.
 */
#ifndef ES_BASE_THREAD_H
#define ES_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

typedef struct es_thread {
    pthread_t id;
    bool is_started;
} es_thread;

/** Run `work(self)` in a thread that takes no signals. False when the system has none left. */
bool es_thread_start(es_thread *thread, void *(*work)(void *self), void *self);

/** Wait for its end. Accepts a zeroed or joined thread. */
void es_thread_join(es_thread *thread);

/** Ask that this thread goes before all ordinary ones (SCHED_FIFO). False where that is not allowed; nothing is changed then. */
bool es_thread_raise(void);

#endif
