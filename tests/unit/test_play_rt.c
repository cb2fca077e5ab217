/* The playing thread asks the system for no memory and takes no lock: both are counted, by thread, while it plays. */
#define _GNU_SOURCE
#include "play/player.h"

#include "fake_bars.h"
#include "sink/sink.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

/* Set by the sink, so only in the thread that plays. */
static _Thread_local bool is_playing;
static atomic_int allocations, locks;

/* Sanitizers replace these functions themselves. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(IS_SANITIZED)
enum { COUNTS = 0 };
#else
enum { COUNTS = 1 };

/* glibc's own names for what is replaced here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    atomic_fetch_add(&allocations, is_playing);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add(&allocations, is_playing);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    atomic_fetch_add(&allocations, is_playing);
    return __libc_realloc(memory, size);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static _Atomic(int (*)(pthread_mutex_t *)) real;
    int (*call)(pthread_mutex_t *) = atomic_load(&real);

    if (!call) {
        void *const symbol = dlsym(RTLD_NEXT, "pthread_mutex_lock");
        memcpy(&call, &symbol, sizeof call);
        atomic_store(&real, call);
    }
    atomic_fetch_add(&locks, is_playing);
    return call(mutex);
}
#endif

static atomic_int written;

static estro_status sink_write(void *self, const estro_message *message, estro_diag *diag)
{
    (void)self;
    (void)message;
    (void)diag;
    is_playing = true;
    atomic_fetch_add(&written, 1);
    return ESTRO_OK;
}

static estro_status sink_close(void *self, bool commit, estro_diag *diag)
{
    (void)self;
    (void)commit;
    (void)diag;
    return ESTRO_OK;
}

static const estro_sink_ops ops = {ESTRO_SINK_ABI, "counter", true, sink_write, NULL, sink_close};

static void playing_takes_no_memory_and_no_lock(void **state)
{
    static fake_bars fake;
    estro_sink sink = {.ops = &ops, .wants_clock = true};
    estro_player *player = NULL;

    (void)state;
    if (!COUNTS) {
        skip();
    }
    /* The counters count. */
    is_playing = true;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    void *volatile memory = malloc(10);
    free(memory);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    is_playing = false;
    assert_int_equal(atomic_exchange(&allocations, 0), 1);
    assert_int_equal(atomic_exchange(&locks, 0), 1);

    fake_bars_init(&fake, 6);
    fake.tempo = 2400;
    estro_source *const source = fake_source(&fake);
    assert_int_equal(es_player_start(&player, source, &sink, NULL, NULL), ESTRO_OK);
    assert_int_equal(es_player_free(player, NULL), ESTRO_OK);
    es_source_free(source);
    assert_true(atomic_load(&written) > 500);
    assert_int_equal(atomic_load(&allocations), 0);
    assert_int_equal(atomic_load(&locks), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(playing_takes_no_memory_and_no_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
