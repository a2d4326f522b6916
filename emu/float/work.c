#include "float/work.h"

#define ROWS_A_PART 256u
#define ELEMENTS_A_PART 16384u

static size_t at_least_one(size_t parts) { return parts < 1 ? 1 : parts; }

size_t bt_float_parts(size_t rows) {
  const size_t parts = at_least_one(rows / ROWS_A_PART);
  return parts < BT_FLOAT_PARTS ? parts : BT_FLOAT_PARTS;
}

size_t bt_float_part(size_t total, size_t parts, size_t i) { return total * i / parts; }

typedef struct {
  size_t total, parts;
  bt_float_range range;
  const void *context;
} each;

static void run_part(void *context, size_t part, unsigned thread) {
  const each *e = context;
  (void)thread;
  e->range(e->context, bt_float_part(e->total, e->parts, part),
           bt_float_part(e->total, e->parts, part + 1));
}

void bt_float_each(const bt_float_work *work, size_t total, size_t size, bt_float_range range,
                   const void *context) {
  size_t parts = at_least_one(total * size / ELEMENTS_A_PART);
  parts = parts < 4 * BT_FLOAT_PARTS ? parts : 4 * BT_FLOAT_PARTS;
  each e = {total, parts < total ? parts : at_least_one(total), range, context};
  bt_threads_run(work->threads, e.parts, run_part, &e);
}
