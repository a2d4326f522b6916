/* Work areas of a fast engine: taken in the course of a command, all given back at the next one.
 * Once the commands of a step have been seen their needs are met from one allocation. */
#ifndef BT_FAST_SCRATCH_H
#define BT_FAST_SCRATCH_H

#include <stddef.h>

typedef struct bt_scratch bt_scratch;
bt_scratch *bt_scratch_new(void); /* NULL when out of memory */
void bt_scratch_free(bt_scratch *s);

/* `bytes` bytes at a multiple of 64, not cleared, until the next reset; NULL when out of memory.
 * For the thread that runs commands alone: take the areas of a job's threads before it starts. */
void *bt_scratch_take(bt_scratch *s, size_t bytes);

/* Gives all areas back. */
void bt_scratch_reset(bt_scratch *s);

/* Bytes held from the system. */
size_t bt_scratch_bytes(const bt_scratch *s);

#endif
