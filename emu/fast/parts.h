/* Work cut into parts for the threads: runs of successive items. */
#ifndef BT_FAST_PARTS_H
#define BT_FAST_PARTS_H

#include "fast/context.h"

/* Below so many elements a job is over before another thread has woken. */
#define BT_PART_LEAST 16384u

/* Elements that an item of an element-wise job stands for. */
#define BT_PART_ELEMENTS 4096u

/* Calls work(context, first, end, thread) for runs that cover items 0..items-1, an item being
 * worth `cost` elements: on several threads where there is enough to do. thread is below the
 * team's count. */
void bt_parts_run(const bt_fast *f, size_t items, size_t cost,
                  void (*work)(void *context, size_t first, size_t end, unsigned thread),
                  void *context);

#endif
