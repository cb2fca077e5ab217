/*
 * Threads over pthread. Signals stay with the thread that starts others: all are blocked while a thread is made, since it
 * inherits the mask.
 */
#include "base/thread.h"

#include <sched.h>
#include <signal.h>

bool es_thread_start(es_thread *thread, void *(*work)(void *self), void *self)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return false;
    }
    thread->is_started = pthread_create(&thread->id, NULL, work, self) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread->is_started;
}

void es_thread_join(es_thread *thread)
{
    if (thread->is_started) {
        pthread_join(thread->id, NULL);
        thread->is_started = false;
    }
}

bool es_thread_raise(void)
{
    const int low = sched_get_priority_min(SCHED_FIFO);
    const struct sched_param priority = {.sched_priority = low + 40};

    return low >= 0 && pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority) == 0;
}
