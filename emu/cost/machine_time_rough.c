#include "cost/count.h"
#include "cost/machine_time_parts.h"
#include "cost/scalar_cycles.h"

/* The larger of the unit's cycles and the words of operands and results, and a set-up. */
#define SET_UP 60u

static uint64_t words(const bt_tensor *t, unsigned lanes) {
  return t == NULL ? 0
                   : bt_ceil_div(bt_tensor_elements(t) * bt_tensor_element_size(t),
                                 4 * (uint64_t)lanes) + 1;
}

static bt_unit_time rough(const bt_time_of *how, const bt_command *c, uint64_t work) {
  bt_unit_time t = {.work = work, .prepare = SET_UP};
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    t.reads += words(c->in[i], how->lanes);
  }
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    t.writes += words(c->out[i], how->lanes);
  }
  uint64_t port = t.reads + t.writes;
  t.cycles = SET_UP + (work > port ? work : port);
  return t;
}

static bt_unit_time vector(const bt_time_of *how, const bt_command *c) {
  return rough(how, c, (uint64_t)bt_cost_vector_cycles(how->machine, c));
}

bt_unit_time bt_time_reduce(const bt_time_of *how, const bt_command *c) { return vector(how, c); }
bt_unit_time bt_time_pool(const bt_time_of *how, const bt_command *c) { return vector(how, c); }
bt_unit_time bt_time_dropout(const bt_time_of *how, const bt_command *c) { return vector(how, c); }
bt_unit_time bt_time_average(const bt_time_of *how, const bt_command *c) { return vector(how, c); }

bt_unit_time bt_time_softmax(const bt_time_of *how, const bt_command *c) {
  return rough(how, c, (uint64_t)bt_cost_scalar_cycles(c));
}

bt_unit_time bt_time_norm(const bt_time_of *how, const bt_command *c) {
  return rough(how, c, (uint64_t)bt_cost_scalar_cycles(c));
}

