/* A table that the signal handler reads: a slot's `start` is set last and cleared first. A window
 * in which a thread can fault is held by that thread, so its slot stays. */
#include "pipeline/io/map_guard.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SLOTS = 128 };

static struct slot {
    atomic_bool taken;
    atomic_uintptr_t start; /* 0: nothing is watched */
    atomic_uintptr_t end;
    cp_buffer *buffer;
} slots[SLOTS];

static uintptr_t page_bytes;

static struct slot *find(uintptr_t address)
{
    for (size_t i = 0; i < SLOTS; i++) {
        uintptr_t start = atomic_load(&slots[i].start);
        if (start && address >= start && address < atomic_load(&slots[i].end))
            return &slots[i];
    }
    return NULL;
}

/* Zeros from the page that faulted to the mapping's end; only system calls that are safe here. */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
    (void)context;
    uintptr_t page = (uintptr_t)info->si_addr & ~(page_bytes - 1);
    struct slot *slot = find((uintptr_t)info->si_addr);
    if (slot && mmap((void *)page, atomic_load(&slot->end) - page, PROT_READ,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
        atomic_store(&slot->buffer->lost, true);
        return;
    }
    signal(number, SIG_DFL); /* none of ours: the read faults again, for good */
}

static void install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    sigaction(SIGBUS, &action, NULL);
}

bool cp_map_guard_add(cp_buffer *buffer, size_t length)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    for (size_t i = 0; i < SLOTS; i++) {
        bool expected = false;
        if (!atomic_compare_exchange_strong(&slots[i].taken, &expected, true))
            continue;
        slots[i].buffer = buffer;
        atomic_store(&slots[i].end, (uintptr_t)buffer->data + length);
        atomic_store(&slots[i].start, (uintptr_t)buffer->data);
        return true;
    }
    return false;
}

void cp_map_guard_remove(const cp_buffer *buffer)
{
    struct slot *slot = find((uintptr_t)buffer->data);
    atomic_store(&slot->start, 0);
    atomic_store(&slot->taken, false);
}
