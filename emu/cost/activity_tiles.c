#include "cost/activity_tiles.h"

#include "num/error.h"

typedef struct {
  bt_activity_array array;
  bt_activity *activity;
} counting;

static void count_tile(void *context, size_t number) {
  (void)number;
  ((counting *)context)->activity->tiles++;
}

static void count_pass(void *context, const bt_tile_pass *pass) {
  counting *n = context;
  bt_activity_pass(&n->array, pass->len, pass->a, pass->b, n->activity);
}

static bt_status check(const bt_command *c, const bt_activity *activity, bt_error *error) {
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    if (activity->bit_cycles[r] == UINT64_MAX) {
      return bt_fail(error, BT_BAD_INPUT, "%s: its bit-cycles of %s are beyond 64 bits",
                     c->label.text, bt_register_name((bt_register)r));
    }
  }
  return BT_OK;
}

bt_status bt_activity_contract(const bt_machine *machine, const bt_command *c,
                               const bt_activity_options *options, bt_activity *activity,
                               bt_error *error) {
  counting n = {.activity = activity};
  bt_tile_visitor visitor = {count_tile, count_pass, &n};
  bt_status s = bt_activity_array_open(&n.array, machine, error);
  s = s == BT_OK ? bt_tile_passes(machine, c, options, NULL, &visitor, error) : s;
  bt_activity_array_close(&n.array);
  if (s != BT_OK) {
    return s;
  }
  activity->tiles_total += bt_tile_count(machine, c);
  return check(c, activity, error);
}
