#include "cost/clocked_array.h"

#include <stdlib.h>
#include <string.h>

#include "num/error.h"

/* Accumulators come first, aligned as malloc aligns. */
static bool open_registers(bt_array_registers *q, const bt_clocked_array *array) {
  size_t pes = array->rows * array->cols;
  q->bytes = calloc(array->size, 1);
  if (q->bytes == NULL) {
    return false;
  }
  q->acc = (int32_t *)(void *)q->bytes;
  q->a = (int8_t *)q->bytes + pes * sizeof *q->acc;
  q->b = q->a + pes;
  q->skew_a = q->b + pes;
  q->skew_b = q->skew_a + bt_skew_stages(array->rows);
  return true;
}

bt_status bt_clocked_array_open(bt_clocked_array *array, const bt_machine *machine,
                                bt_error *error) {
  size_t rows = machine->rows, cols = machine->cols;
  size_t bytes = rows * cols * (sizeof(int32_t) + 2) + bt_skew_stages(rows) + bt_skew_stages(cols);
  *array = (bt_clocked_array){.rows = rows,
                              .cols = cols,
                              .acc_bits = machine->acc.acc_bits,
                              .wrap = machine->acc.wrap,
                              .size = (bytes + 7) / 8 * 8};
  bool got = open_registers(&array->now, array) && open_registers(&array->before, array);
  return got ? BT_OK : bt_fail(error, BT_FAILED, "out of memory for an array");
}

void bt_clocked_array_close(bt_clocked_array *array) {
  free(array->now.bytes);
  free(array->before.bytes);
  *array = (bt_clocked_array){0};
}

void bt_clocked_array_reset(bt_clocked_array *array) {
  memset(array->now.bytes, 0, array->size);
  memset(array->before.bytes, 0, array->size);
  array->state = BT_ARRAY_IDLE;
  array->left = array->cycles = 0;
  array->worked = false;
}

bool bt_clocked_array_computes(const bt_clocked_array *array) {
  return array->state == BT_ARRAY_FEED || array->state == BT_ARRAY_FLUSH;
}

bool bt_clocked_array_drains(const bt_clocked_array *array) {
  return array->state == BT_ARRAY_DRAIN;
}

bool bt_clocked_array_done(const bt_clocked_array *array) {
  return array->state == BT_ARRAY_DRAIN && array->left == 0;
}

/* A triangle of delay lines, one step on, a byte into each line. */
static void move_lines(int8_t *d, const int8_t *q, const int8_t *in, size_t lines) {
  for (size_t i = 1; i < lines; i++) {
    size_t first = bt_skew_place(i, 0);
    d[first] = in == NULL ? 0 : in[i];
    memcpy(d + first + 1, q + first, i - 1);
  }
}

/* What a line of PEs takes at the edge: line 0 the port, line i its last stage. */
static int8_t edge_of(const int8_t *skew, const int8_t *in, size_t line) {
  return line > 0 ? skew[bt_skew_place(line, line - 1)] : in == NULL ? (int8_t)0 : in[0];
}

static void move_operands(bt_clocked_array *array, const int8_t *in_a, const int8_t *in_b) {
  const bt_array_registers *q = &array->before;
  bt_array_registers *d = &array->now;
  size_t rows = array->rows, cols = array->cols;
  for (size_t r = 0; r < rows; r++) {
    d->a[r * cols] = edge_of(q->skew_a, in_a, r);
    memcpy(d->a + r * cols + 1, q->a + r * cols, cols - 1);
  }
  for (size_t c = 0; c < cols; c++) {
    d->b[c] = edge_of(q->skew_b, in_b, c);
  }
  memcpy(d->b + cols, q->b, (rows - 1) * cols);
  move_lines(d->skew_a, q->skew_a, in_a, rows);
  move_lines(d->skew_b, q->skew_b, in_b, cols);
}

/* The operands that enter a PE's registers are those that it multiplies. Wrapping sums are kept
 * modulo 2^32, of which the low acc_bits are the accumulator. */
static void accumulate(bt_clocked_array *array) {
  const bt_array_registers *q = &array->before, *d = &array->now;
  size_t pes = array->rows * array->cols;
  if (array->wrap) {
    for (size_t i = 0; i < pes; i++) {
      d->acc[i] = (int32_t)((uint32_t)q->acc[i] + (uint32_t)(d->a[i] * d->b[i]));
    }
    return;
  }
  int64_t top = (INT64_C(1) << (array->acc_bits - 1)) - 1, bottom = -top - 1;
  for (size_t i = 0; i < pes; i++) {
    int64_t sum = (int64_t)q->acc[i] + d->a[i] * d->b[i];
    sum = sum > top ? top : sum;
    d->acc[i] = (int32_t)(sum < bottom ? bottom : sum);
  }
}

/* Sums one row down, zeros behind them; all else holds. */
static void drain(bt_clocked_array *array) {
  size_t pes = array->rows * array->cols, cols = array->cols;
  const bt_array_registers *q = &array->before;
  bt_array_registers *d = &array->now;
  size_t sums = pes * sizeof *q->acc;
  memset(d->acc, 0, cols * sizeof *d->acc);
  memcpy(d->acc + cols, q->acc, (pes - cols) * sizeof *d->acc);
  memcpy(d->bytes + sums, q->bytes + sums, array->size - sums);
}

static void next_state(bt_clocked_array *array, const bt_array_inputs *in) {
  uint32_t skew = (uint32_t)(array->rows + array->cols - 2);
  if (in->start && (array->state == BT_ARRAY_IDLE || bt_clocked_array_done(array))) {
    array->state = BT_ARRAY_FEED;
    array->left = in->len - 1;
  } else if (array->state == BT_ARRAY_IDLE) {
    array->left = 0;
  } else if (array->left > 0) {
    array->left--;
  } else if (array->state == BT_ARRAY_FEED && skew > 0) {
    array->state = BT_ARRAY_FLUSH;
    array->left = skew - 1;
  } else if (array->state != BT_ARRAY_DRAIN) {
    array->state = BT_ARRAY_DRAIN;
    array->left = (uint32_t)array->rows - 1;
  } else {
    array->state = BT_ARRAY_IDLE;
    array->left = UINT32_MAX; /* left_q - 1, as the Verilog has it */
  }
}

void bt_clocked_array_edge(bt_clocked_array *array, const bt_array_inputs *in) {
  bt_array_registers q = array->now;
  bool feeds = array->state == BT_ARRAY_FEED;
  array->now = array->before;
  array->before = q;
  if (bt_clocked_array_computes(array)) {
    move_operands(array, feeds ? in->a : NULL, feeds ? in->b : NULL);
    accumulate(array);
  } else if (bt_clocked_array_drains(array)) {
    drain(array);
  } else {
    memcpy(array->now.bytes, q.bytes, array->size);
  }
  array->worked = array->state != BT_ARRAY_IDLE;
  array->cycles += array->worked;
  next_state(array, in);
}

static void edge(bt_clocked_array *array, const bt_array_inputs *in, const bt_array_watch *watch) {
  bt_clocked_array_edge(array, in);
  watch->edge(watch->context, array, in);
}

void bt_clocked_array_pass(bt_clocked_array *array, size_t len, const int8_t *a, const int8_t *b,
                           const bt_array_watch *watch) {
  edge(array, &(bt_array_inputs){.start = true, .len = (uint32_t)len}, watch);
  for (size_t k = 0; k < len; k++) {
    bt_array_inputs in = {
        .len = (uint32_t)len, .a = a + k * array->rows, .b = b + k * array->cols};
    edge(array, &in, watch);
  }
  while (!bt_clocked_array_done(array)) {
    edge(array, &(bt_array_inputs){.len = (uint32_t)len}, watch);
  }
}

void bt_clocked_array_finish(bt_clocked_array *array, const bt_array_watch *watch) {
  if (array->state != BT_ARRAY_IDLE) {
    edge(array, &(bt_array_inputs){.len = 0}, watch);
  }
}
