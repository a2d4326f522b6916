#include "fast/parts.h"

#define PARTS_A_THREAD 4u /* so that a late thread holds up little */

typedef struct {
  size_t items, parts;
  void (*work)(void *context, size_t first, size_t end, unsigned thread);
  void *context;
} job;

static void run_part(void *context, size_t part, unsigned thread) {
  const job *j = context;
  size_t whole = j->items / j->parts, more = j->items % j->parts;
  size_t first = part * whole + (part < more ? part : more);
  j->work(j->context, first, first + whole + (part < more ? 1 : 0), thread);
}

void bt_parts_run(const bt_fast *f, size_t items, size_t cost,
                  void (*work)(void *context, size_t first, size_t end, unsigned thread),
                  void *context) {
  size_t threads = bt_threads_count(f->threads), most = PARTS_A_THREAD * threads;
  size_t parts = items * cost / (BT_PART_LEAST / 4);
  if (items == 0) {
    return;
  }
  if (threads == 1 || items * cost < BT_PART_LEAST) {
    work(context, 0, items, 0);
    return;
  }
  parts = parts < most ? parts : most;
  job j = {items, parts < items ? parts : items, work, context};
  bt_threads_run(f->threads, j.parts, run_part, &j);
}
