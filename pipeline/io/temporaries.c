/* The table of this process's temporaries, and the gate that changes of their names go through. */
#include "pipeline/io/temporaries.h"

#include "pipeline/io/publish.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

static cp_temporary temporaries[CP_TEMPORARIES_MAX];

/* ---- the gate ---- */

static atomic_uint inside;   /* threads between begin and end */
static atomic_bool removing; /* a signal has come */

/* A thread counts itself before it looks at `removing`, and the signal sets that before it looks at
 * the count: one of the two sees the other. */
void cp_naming_begin(sigset_t *saved)
{
    sigset_t all;
    sigfillset(&all);
    /* A handler that ran on this thread would wait for itself. */
    pthread_sigmask(SIG_BLOCK, &all, saved);
    atomic_fetch_add(&inside, 1);
    if (!atomic_load(&removing))
        return;
    atomic_fetch_sub(&inside, 1);
    for (;;)
        poll(NULL, 0, -1);
}

void cp_naming_end(const sigset_t *saved)
{
    int number = errno;
    atomic_fetch_sub(&inside, 1);
    pthread_sigmask(SIG_SETMASK, saved, NULL);
    errno = number;
}

static void close_gate(void)
{
    atomic_store(&removing, true);
    while (atomic_load(&inside))
        poll(NULL, 0, 1);
}

/* ---- the table ---- */

cp_temporary *cp_temporary_take(const char *extension)
{
    for (size_t i = 0; i < CP_TEMPORARIES_MAX; i++) {
        bool expected = false;
        if (!atomic_compare_exchange_strong(&temporaries[i].taken, &expected, true))
            continue;
        temporaries[i].extension = extension;
        atomic_store(&temporaries[i].part_count, 0);
        return &temporaries[i];
    }
    return NULL;
}

void cp_temporary_list(cp_temporary *temporary)
{
    atomic_store(&temporary->listed, true);
}

void cp_temporary_give(cp_temporary *temporary)
{
    if (!temporary)
        return;
    atomic_store(&temporary->listed, false);
    atomic_store(&temporary->taken, false);
}

void cp_temporary_discard(cp_temporary *temporary)
{
    if (!temporary)
        return;
    sigset_t saved;
    cp_naming_begin(&saved);
    if (temporary->extension)
        cp_remove_parts(temporary->path);
    else
        unlink(temporary->path);
    cp_temporary_give(temporary);
    cp_naming_end(&saved);
}

/* ---- a signal ---- */

static bool is_listed(const cp_temporary *temporary, bool folder)
{
    return atomic_load(&temporary->listed) && (temporary->extension != NULL) == folder;
}

static void remove_folder(const cp_temporary *folder)
{
    char path[PATH_MAX];
    for (unsigned i = 0; i < atomic_load(&folder->part_count); i++)
        if (cp_part_path(folder->path, i, folder->extension, path))
            unlink(path);
    rmdir(folder->path);
}

/* Files first: the part that is being written is one, in a folder. */
void cp_temporary_discard_all(void)
{
    int number = errno;
    close_gate();
    for (size_t i = 0; i < CP_TEMPORARIES_MAX; i++)
        if (is_listed(&temporaries[i], false))
            unlink(temporaries[i].path);
    for (size_t i = 0; i < CP_TEMPORARIES_MAX; i++)
        if (is_listed(&temporaries[i], true))
            remove_folder(&temporaries[i]);
    errno = number;
}
