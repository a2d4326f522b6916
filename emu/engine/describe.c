#include "engine/describe.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that grows within its size. */
typedef struct {
  char *text;
  size_t used, size;
} buffer;

static void add(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(buffer *b, const char *format, ...) {
  va_list args;
  if (b->used + 1 >= b->size) {
    return;
  }
  va_start(args, format);
  int n = vsnprintf(b->text + b->used, b->size - b->used, format, args);
  va_end(args);
  size_t room = b->size - b->used - 1;
  b->used += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room;
}

/* "[1][2][3]" for element i. */
static void add_coordinates(buffer *b, const bt_tensor *t, size_t i) {
  size_t rest = bt_tensor_elements(t);
  for (size_t d = 0; d < t->ndim; d++) {
    rest /= t->dim[d];
    add(b, "[%zu]", i / rest % t->dim[d]);
  }
}

static bool per_element(const char *what) { return strcmp(what, "mantissa") == 0; }

size_t bt_describe_place(const bt_command *c, size_t which, const char *what, size_t i, char *text,
                         size_t size) {
  buffer b = {text, 0, size};
  add(&b, "  command   %s (%s", c->label.text == NULL ? "?" : c->label.text, bt_op_name(c->op));
  if (c->op == BT_OP_CONTRACT) {
    add(&b, ", %s", bt_direction_name(c->u.contract.direction));
  }
  add(&b, "), step %u, layer %u, phase %s\n", c->label.step, c->label.layer,
      bt_phase_name(c->label.phase));
  const bt_tensor *t = c->out[which];
  add(&b, "  differs   %s %zu", what, i);
  if (t != NULL) {
    add(&b, " of output %zu, tensor %s", which, t->name);
    if (per_element(what)) {
      add(&b, " at ");
      add_coordinates(&b, t, i);
      if (c->op == BT_OP_CONTRACT) {
        size_t cols =
            bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction).cols;
        add(&b, ", row %zu, column %zu of the product", i / cols, i % cols);
      }
    }
  }
  add(&b, "\n");
  return b.used;
}

size_t bt_describe_tile(const bt_command *c, const bt_machine *machine, size_t i, char *text,
                        size_t size) {
  buffer b = {text, 0, size};
  if (c->op == BT_OP_CONTRACT) {
    bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
    size_t row = i / x.cols, column = i % x.cols;
    add(&b, "  tile      %zu of %zu down, %zu of %zu across; row %zu, column %zu of the array\n",
        row / machine->rows + 1, (x.rows + machine->rows - 1) / machine->rows,
        column / machine->cols + 1, (x.cols + machine->cols - 1) / machine->cols,
        row % machine->rows, column % machine->cols);
  }
  return b.used;
}

/* 128 bits in hexadecimal, two's complement. */
static void add_wide(buffer *b, const char *what, __int128 v, int step) {
  unsigned __int128 u = (unsigned __int128)v;
  add(b, "%s 0x%016" PRIx64 "%016" PRIx64 " at step 2^%d", what, (uint64_t)(u >> 64), (uint64_t)u,
      step);
}

static void add_statistics(buffer *b, const bt_statistics *s, size_t i) {
  add_wide(b, "A1", s->first[i], s->first_step);
  add_wide(b, ", A2", s->second[i], s->second_step);
  add(b, ", %" PRIu64 " rows", s->rows);
}

static void add_value(buffer *b, const bt_command *c, size_t which, const char *what, size_t i) {
  const bt_tensor *t = c->out[which];
  if (per_element(what) && t != NULL) {
    add(b, "mantissa %lld at step 2^%d", (long long)bt_tensor_integer(t, i), bt_tensor_step(t, i));
  } else if (strcmp(what, "exponent") == 0 && t != NULL) {
    add(b, "exponent %d", t->exp[i]);
  } else if (strcmp(what, "width") == 0 && t != NULL) {
    add(b, "width %d bits", t->bits);
  } else if (c->op == BT_OP_SOFTMAX) {
    add(b, "loss %lld, correct %llu", (long long)c->u.softmax.loss->loss_bits,
        (unsigned long long)c->u.softmax.loss->correct);
  } else if (c->op == BT_OP_AVERAGE) {
    add(b, "sum %lld", (long long)c->u.average.average->sum[i]);
  } else if (c->op == BT_OP_STATISTICS) {
    add_statistics(b, c->u.statistics.statistics, i);
  } else {
    add(b, "another state");
  }
}

size_t bt_describe_results(const bt_command *first, const bt_command *second, size_t which,
                           const char *what, size_t i, char *text, size_t size) {
  buffer b = {text, 0, size};
  add(&b, "  first     ");
  add_value(&b, first, which, what, i);
  add(&b, "\n  second    ");
  add_value(&b, second, which, what, i);
  add(&b, "\n");
  return b.used;
}

/* The element of x that output element i reads by its place: the one there, or a vector's at the
 * same last index. False if it reads more, or x has another shape. */
static bool operand_place(const bt_command *c, const bt_tensor *out, const bt_tensor *x, size_t i,
                          size_t *at) {
  if (out == NULL || c->op == BT_OP_CONTRACT || i >= bt_tensor_elements(out)) {
    return false;
  }
  bool vector = c->op == BT_OP_AFFINE && x->ndim == 1 && x->dim[0] == bt_tensor_last(out);
  *at = vector ? i % x->dim[0] : i;
  return vector ||
         (x->ndim == out->ndim && memcmp(x->dim, out->dim, x->ndim * sizeof x->dim[0]) == 0);
}

size_t bt_describe_operands(const bt_command *c, size_t which, size_t i, char *text, size_t size) {
  buffer b = {text, 0, size};
  for (size_t k = 0; k < BT_MAX_INPUTS; k++) {
    const bt_tensor *x = c->in[k];
    size_t at;
    if (x == NULL) {
      continue;
    }
    add(&b, "  operand   %s: ", x->name);
    if (operand_place(c, c->out[which], x, i, &at)) {
      add(&b, "mantissa %lld at step 2^%d\n", (long long)bt_tensor_integer(x, at),
          bt_tensor_step(x, at));
    } else {
      size_t n = bt_tensor_exponents(x);
      add(&b, "%zu elements, %zu exponents", bt_tensor_elements(x), n);
      for (size_t e = 0; e < n && e < 8; e++) {
        add(&b, "%s %d", e == 0 ? ":" : ",", x->exp[e]);
      }
      add(&b, "%s\n", n > 8 ? ", ..." : "");
    }
  }
  return b.used;
}

size_t bt_describe_draws(const bt_command *c, const bt_lfsr *before, size_t i, char *text,
                         size_t size) {
  buffer b = {text, 0, size};
  if (c->op == BT_OP_QUANTIZE && c->u.quantize.round.mode == BT_STOCHASTIC) {
    unsigned bits = c->u.quantize.round.random_bits;
    size_t lane = i % before->lanes;
    uint32_t state = bt_lfsr_jump(before->lane[lane], i / before->lanes * bits), next = state;
    uint32_t draw = bt_lfsr_draw(&next, bits);
    add(&b, "  draw      lane %zu, state 0x%08x before it, draw 0x%x of %u bits\n", lane, state,
        draw, bits);
  }
  return b.used;
}
