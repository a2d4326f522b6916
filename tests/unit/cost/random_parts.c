#include "random_parts.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t next(random_case *r) {
  uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

size_t random_below(random_case *r, size_t below) { return (size_t)(next(r) % below); }
size_t random_between(random_case *r, size_t low, size_t high) {
  return low + random_below(r, high - low + 1);
}
bool random_one_in(random_case *r, size_t n) { return random_below(r, n) == 0; }

/* A size of about 1..2^bits, each magnitude as likely. */
static size_t magnitude(random_case *r, size_t bits) {
  size_t top = (size_t)1 << random_below(r, bits + 1);
  return top + random_below(r, top);
}

bt_machine random_machine(random_case *r) {
  bt_machine m = bt_machine_default();
  m.rows = random_between(r, 1, 9);
  m.cols = random_between(r, 1, 9);
  m.dataflow = (bt_dataflow)random_below(r, 3);
  m.lanes = 1u << random_below(r, 6);
  m.exponent = (bt_exponent_policy)random_below(r, 2);
  m.sram_input_bytes = magnitude(r, 12);
  m.sram_weight_bytes = magnitude(r, 12);
  m.sram_output_bytes = magnitude(r, 12);
  m.dram_bytes_per_cycle = magnitude(r, 5);
  m.dram_row_bytes = magnitude(r, 9);
  return m;
}

bt_format random_format(random_case *r, int wl, bool fixed) {
  bt_format f = {.kind = BT_BFP, .wl = wl, .block = (bt_block)random_below(r, 5)};
  f.tile_rows = random_between(r, 1, 4);
  f.tile_cols = random_between(r, 1, 40);
  if (fixed && random_one_in(r, 8)) {
    f = (bt_format){.kind = BT_FIXED, .wl = wl, .fl = 3};
  }
  return f;
}

bt_format random_whole(int wl) { return (bt_format){.kind = BT_BFP, .wl = wl}; }

/* Exponents of an operand: some blocks are zero blocks, some far below the others. */
static void draw_exponents(random_case *r, bt_tensor *t) {
  bool zeros = random_one_in(r, 3), far = random_one_in(r, 3);
  for (size_t i = 0; t->exp != NULL && i < bt_tensor_exponents(t); i++) {
    int e = (int)random_below(r, 4) - (far && random_one_in(r, 2) ? 16 : 0);
    t->exp[i] = (int16_t)(zeros && random_one_in(r, 3) ? -128 : e);
  }
  if (t->exp != NULL && zeros && random_one_in(r, 4)) {
    bt_tensor_store(t, bt_tensor_elements(t) - 1, 1);
  }
}

bt_tensor *random_add(random_case *r, bt_tensor t) {
  bt_tensor *added = bt_program_tensor(r->program, t);
  if (added == NULL) {
    abort();
  }
  return added;
}

/* A bfp operand that comes in. */
bt_tensor *random_source(random_case *r, bt_format f, size_t ndim, const size_t *dim) {
  static const bt_tensor_role role[] = {BT_ROLE_INPUT, BT_ROLE_WEIGHT, BT_ROLE_MOMENTUM};
  bt_tensor *t = random_add(r, bt_tensor_as(role[random_below(r, 3)],
                                     bt_tensor_bfp("source", f, ndim, dim)));
  if (f.kind == BT_BFP) {
    draw_exponents(r, t);
  }
  return t;
}

/* A bfp result; if none reads it, it becomes weights or momentum at the end. */
bt_tensor *random_result(random_case *r, bt_format f, size_t ndim, const size_t *dim) {
  static const bt_tensor_role role[] = {BT_ROLE_ACTIVATION, BT_ROLE_ERROR, BT_ROLE_GRADIENT,
                                        BT_ROLE_WEIGHT};
  bt_tensor *t = random_add(r, bt_tensor_as(role[random_below(r, 4)],
                                     bt_tensor_bfp("result", f, ndim, dim)));
  if (f.kind == BT_BFP) {
    draw_exponents(r, t);
  }
  r->narrow[r->narrows++] = t;
  return t;
}

void random_command(random_case *r, bt_command c, bt_phase phase, const char *text) {
  bt_error error;
  c.label.phase = phase;
  c.label.text = text;
  if (bt_command_check(&c, &error) != BT_OK) {
    fprintf(stderr, "a drawn command is no command: %s\n", error.text);
    abort();
  }
  if (bt_program_add(r->program, &c, "%s", text) == NULL) {
    abort();
  }
}
