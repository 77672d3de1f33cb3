/* Room: bytes of memory that several holders share. Each counts in `charged` what it has taken. */
#ifndef CP_IO_ROOM_H
#define CP_IO_ROOM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct cp_room {
    atomic_size_t free_bytes;
} cp_room;

/* false: there is less, and nothing is taken. Any thread; `charged` is the caller's. */
static inline bool cp_room_take(cp_room *room, size_t *charged, size_t bytes)
{
    size_t left = atomic_load(&room->free_bytes);
    do
        if (left < bytes)
            return false;
    while (!atomic_compare_exchange_weak(&room->free_bytes, &left, left - bytes));
    *charged += bytes;
    return true;
}

/* Gives back what is charged beyond `held`. Any thread; `charged` is the caller's. */
static inline void cp_room_settle(cp_room *room, size_t *charged, size_t held)
{
    if (held < *charged) {
        atomic_fetch_add(&room->free_bytes, *charged - held);
        *charged = held;
    }
}

#endif
