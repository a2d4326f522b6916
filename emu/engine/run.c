#include "engine/run.h"

#include "num/error.h"

/* Runs at least the command at `first`; *done becomes how many. */
static bt_status run_some(const bt_program *program, bt_engine *engine, size_t first, bool single,
                          size_t *done, bt_lfsr *rng, bt_counts *counts, bt_error *error) {
  *done = 1;
  if (single || engine->run_from == NULL) {
    return engine->run(engine, bt_program_at(program, first), rng, counts, error);
  }
  bt_status s = engine->run_from(engine, program, first, done, rng, counts, error);
  size_t left = bt_program_size(program) - first;
  if (s == BT_OK && (*done == 0 || *done > BT_PROGRAM_WINDOW || *done > left)) {
    return bt_fail(error, BT_FAILED, "engine %s: ran %zu commands of %zu, expected 1 to %u",
                   engine->name, *done, left, BT_PROGRAM_WINDOW);
  }
  return s;
}

bt_status bt_program_run(const bt_program *program, bt_engine *engine, bt_lfsr *rng,
                         bt_counts *counts, const bt_observer *observer, bt_error *error) {
  size_t n = bt_program_size(program), done = 0;
  bool single = observer != NULL && observer->reads;
  bt_status s = BT_OK;
  if (!bt_program_has_storage(program)) {
    return bt_fail(error, BT_BAD_INPUT, "engine %s: a program of shapes: expected tensors with "
                   "storage; it can be counted, not run", engine->name);
  }
  for (size_t i = 0; s == BT_OK && i < n; i += done) {
    s = run_some(program, engine, i, single, &done, rng, counts, error);
    for (size_t k = 0; s == BT_OK && observer != NULL && k < done; k++) {
      s = observer->after(observer->context, bt_program_at(program, i + k), error);
    }
  }
  return s;
}
