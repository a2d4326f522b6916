#include "cli/cosim_time.h"

#include <inttypes.h>
#include <stdio.h>

static unsigned kind_of(const bt_command *c) {
  return c->op == BT_OP_CONTRACT ? (unsigned)c->u.contract.direction : (unsigned)c->op + 2;
}

static void name_kind(unsigned kind, char name[40]) {
  if (kind < 3) {
    snprintf(name, 40, "%s %s", bt_op_name(BT_OP_CONTRACT), bt_direction_name((bt_direction)kind));
  } else {
    snprintf(name, 40, "%s", bt_op_name((bt_op)(kind - 2)));
  }
}

bt_status bt_cosim_time_add(bt_cosim_time *t, const bt_machine *machine, const bt_command *c,
                            uint64_t cycles, uint64_t *model, bt_error *error) {
  const bt_machine_memory prompt = {.latency = 0};
  bt_machine_time time;
  bt_status status =
      bt_machine_time_next(machine, &prompt, &t->history, c, false, &time, error);
  if (status != BT_OK) {
    return status;
  }
  unsigned k = kind_of(c);
  t->kind[k].commands++;
  t->kind[k].machine += cycles;
  t->kind[k].model += time.elapsed;
  *model = time.elapsed;
  return BT_OK;
}

/* Model over machine, less one. */
static double percent(uint64_t machine, uint64_t model) {
  return machine == 0 ? 0 : 100 * ((double)model - (double)machine) / (double)machine;
}

void bt_cosim_time_print(const bt_cosim_time *t) {
  uint64_t machine = 0, model = 0;
  for (unsigned k = 0; k < BT_COSIM_TIMES; k++) {
    machine += t->kind[k].machine;
    model += t->kind[k].model;
  }
  printf("  elapsed         %" PRIu64 " cycles, the model says %" PRIu64 ": %+.3f %%\n", machine,
         model, percent(machine, model));
  for (unsigned k = 0; k < BT_COSIM_TIMES; k++) {
    char name[40];
    name_kind(k, name);
    if (t->kind[k].commands > 0) {
      printf("    %-24s %7" PRIu64 " commands %12" PRIu64 " cycles %12" PRIu64 " model %+8.3f %%\n",
             name, t->kind[k].commands, t->kind[k].machine, t->kind[k].model,
             percent(t->kind[k].machine, t->kind[k].model));
    }
  }
}

json_t *bt_cosim_time_json(const bt_cosim_time *t) {
  json_t *all = json_array();
  for (unsigned k = 0; k < BT_COSIM_TIMES; k++) {
    if (t->kind[k].commands > 0) {
      char name[40];
      name_kind(k, name);
      json_t *o = json_object();
      json_object_set_new(o, "kind", json_string(name));
      json_object_set_new(o, "commands", json_integer((json_int_t)t->kind[k].commands));
      json_object_set_new(o, "machine_cycles", json_integer((json_int_t)t->kind[k].machine));
      json_object_set_new(o, "model_cycles", json_integer((json_int_t)t->kind[k].model));
      json_array_append_new(all, o);
    }
  }
  return all;
}
