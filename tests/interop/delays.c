/* Preloaded into casepipe by test_threads_and_archives.py: random pauses around every lock and
 * wait, so that threads meet in orders that a quiet machine never shows. The variable
 * CASEPIPE_DELAYS seeds them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_ulong state;

static void pause_a_little(void)
{
    unsigned long x = atomic_fetch_add(&state, 0x9E3779B97F4A7C15UL);
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9UL;
    x = (x ^ x >> 27) * 0x94D049BB133111EBUL;
    x ^= x >> 31;
    if (x % 4 == 0)
        usleep((unsigned)(x >> 32) % 300);
}

__attribute__((constructor)) static void seed(void)
{
    const char *text = getenv("CASEPIPE_DELAYS");
    atomic_store(&state, text ? strtoul(text, NULL, 10) : 0);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static int (*real)(pthread_mutex_t *);
    if (!real)
        real = (int (*)(pthread_mutex_t *))dlsym(RTLD_NEXT, "pthread_mutex_lock");
    pause_a_little();
    return real(mutex);
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
    static int (*real)(pthread_cond_t *);
    if (!real)
        real = (int (*)(pthread_cond_t *))dlsym(RTLD_NEXT, "pthread_cond_broadcast");
    pause_a_little();
    return real(condition);
}
