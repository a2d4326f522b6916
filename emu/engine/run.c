#include "engine/run.h"

bt_status bt_program_run(const bt_program *program, bt_engine *engine, bt_lfsr *rng,
                         bt_counts *counts, const bt_observer *observer, bt_error *error) {
  size_t n = bt_program_size(program);
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < n; i++) {
    const bt_command *c = bt_program_at(program, i);
    s = engine->run(engine, c, rng, counts, error);
    if (s == BT_OK && observer != NULL) {
      s = observer->after(observer->context, c, error);
    }
  }
  return s;
}
