/* Where things that exist for a while lie in one allocation. */
#ifndef BT_CMD_ARENA_H
#define BT_CMD_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Something of `bytes` bytes that exists in times first..last, both included. */
typedef struct {
  size_t first, last;
  size_t bytes;
  size_t offset; /* out */
} bt_lease;

#define BT_ARENA_ALIGN 64u

/* Finds an offset, a multiple of BT_ARENA_ALIGN, for each: no two that exist at the same time
 * share a byte. Greedy by size (Pisarchyk and Lee, 2020): the largest first, each at the lowest
 * offset that is free in all its time. *bytes becomes the end of the highest. false when out of
 * memory, or when the bytes of all together are beyond a size_t. */
bool bt_arena_place(bt_lease *lease, size_t count, size_t *bytes);

#endif
