#include "cost/activity.h"

#include <stdlib.h>
#include <string.h>

#include "num/error.h"

#define OPERAND_BITS 8u
#define PRODUCT_MAX 16384u /* 2^7 * 2^7 */

typedef unsigned __int128 wide_count;

const char *bt_register_name(bt_register r) {
  static const char *const name[BT_REG_CLASSES] = {"a", "b", "acc", "skew_a", "skew_b"};
  return name[r];
}

/* *n += v, at most UINT64_MAX. */
static void add(uint64_t *n, wide_count v) {
  wide_count sum = *n + v;
  *n = sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

void bt_activity_add(bt_activity *to, const bt_activity *from) {
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    add(&to->toggles[r], from->toggles[r]);
    add(&to->bit_cycles[r], from->bit_cycles[r]);
    add(&to->gated[r], from->gated[r]);
  }
  add(&to->tiles, from->tiles);
  add(&to->tiles_total, from->tiles_total);
  add(&to->passes, from->passes);
  add(&to->cycles, from->cycles);
}

static uint64_t scaled(uint64_t n, const bt_activity *by) {
  wide_count value = (wide_count)n * by->tiles_total / by->tiles;
  return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
}

void bt_activity_add_scaled(bt_activity *to, const bt_activity *from) {
  bt_activity all = {.tiles = from->tiles_total, .tiles_total = from->tiles_total};
  if (from->tiles == 0) {
    return;
  }
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    all.toggles[r] = scaled(from->toggles[r], from);
    all.bit_cycles[r] = scaled(from->bit_cycles[r], from);
    all.gated[r] = scaled(from->gated[r], from);
  }
  all.passes = scaled(from->passes, from);
  all.cycles = scaled(from->cycles, from);
  bt_activity_add(to, &all);
}

uint64_t bt_activity_toggles(const bt_activity *activity) {
  uint64_t sum = 0;
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    add(&sum, activity->toggles[r]);
  }
  return sum;
}

bool bt_activity_ppm(uint64_t toggles, uint64_t of, uint64_t *ppm) {
  if (of == 0) {
    return false;
  }
  wide_count value = ((wide_count)toggles * 1000000 + of / 2) / of;
  *ppm = value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
  return true;
}

bt_status bt_activity_array_open(bt_activity_array *array, const bt_machine *machine,
                                 bt_error *error) {
  *array = (bt_activity_array){.rows = machine->rows,
                               .cols = machine->cols,
                               .acc_bits = machine->acc.acc_bits,
                               .wrap = machine->acc.wrap};
  array->acc = malloc(array->rows * array->cols * sizeof *array->acc);
  return array->acc != NULL ? BT_OK : bt_fail(error, BT_FAILED, "out of memory for an array");
}

void bt_activity_array_close(bt_activity_array *array) {
  free(array->acc);
  array->acc = NULL;
}

void bt_activity_array_reset(bt_activity_array *array) { array->corner_a = array->corner_b = 0; }

/* Ones of a word, in steps that a compiler vectorises. */
static inline uint32_t ones(uint32_t x) {
  x -= x >> 1 & 0x55555555u;
  x = (x & 0x33333333u) + (x >> 2 & 0x33333333u);
  x = (x + (x >> 4)) & 0x0f0f0f0fu;
  x += x >> 8;
  return (x + (x >> 16)) & 0x3fu;
}

static inline uint32_t differing(int8_t x, int8_t y) {
  return ones((uint32_t)(uint8_t)x ^ (uint8_t)y);
}

/* Of a register that one stream goes through: from zero, the operands in turn, to zero. */
static uint64_t stream_toggles(const int8_t *x, size_t len, size_t stride) {
  uint64_t toggles = 0;
  int8_t held = 0;
  for (size_t k = 0; k < len; k++) {
    toggles += differing(held, x[k * stride]);
    held = x[k * stride];
  }
  return toggles + differing(held, 0);
}

/* Every PE of a line and every stage of its delay line see the line's whole stream and the zeros
 * behind it within the pass. Only the last PE of the last line does not: its stream ends with the
 * last operand, `left` is what it holds from the pass before, and it sees a zero before the new
 * stream unless it is the array's only PE. */
static void add_operands(const int8_t *x, size_t len, size_t lines, size_t pes, int8_t *left,
                         uint64_t *in_pes, uint64_t *in_delays) {
  int8_t first = x[lines - 1], last = x[len * lines - 1];
  uint64_t pe_toggles = 0, delay_toggles = 0;
  for (size_t line = 0; line < lines; line++) {
    uint64_t toggles = stream_toggles(x + line, len, lines);
    pe_toggles += toggles * pes;
    delay_toggles += toggles * line;
  }
  pe_toggles -= differing(last, 0);
  if (lines == 1 && pes == 1) {
    pe_toggles += differing(first, *left);
    pe_toggles -= differing(first, 0);
  } else {
    pe_toggles += differing(*left, 0);
  }
  add(in_pes, pe_toggles);
  add(in_delays, delay_toggles);
  *left = last;
}

/* One product into each accumulator of a row, modulo 2^32: the low acc_bits are those of an
 * accumulator that wraps, or that no sum can leave. */
static uint64_t accumulate_modulo(int32_t *acc, int32_t a, const int8_t *b, size_t cols,
                                  uint32_t mask) {
  uint32_t toggles = 0; /* at most 32 * 1024 columns */
  for (size_t c = 0; c < cols; c++) {
    uint32_t sum = (uint32_t)acc[c] + (uint32_t)(a * b[c]);
    toggles += ones((sum ^ (uint32_t)acc[c]) & mask);
    acc[c] = (int32_t)sum;
  }
  return toggles;
}

static uint64_t accumulate_saturating(const bt_activity_array *array, int32_t *acc, int32_t a,
                                      const int8_t *b, uint32_t mask) {
  int64_t top = (INT64_C(1) << (array->acc_bits - 1)) - 1, bottom = -top - 1;
  uint64_t toggles = 0;
  for (size_t c = 0; c < array->cols; c++) {
    int64_t sum = (int64_t)acc[c] + a * b[c];
    sum = sum > top ? top : sum < bottom ? bottom : sum;
    toggles += ones(((uint32_t)(int32_t)sum ^ (uint32_t)acc[c]) & mask);
    acc[c] = (int32_t)sum;
  }
  return toggles;
}

/* Of the accumulators while products come in; they start from zero. */
static uint64_t compute_toggles(bt_activity_array *array, size_t len, const int8_t *a,
                                const int8_t *b, uint32_t mask) {
  size_t rows = array->rows, cols = array->cols;
  bool modulo = array->wrap ||
                len <= ((UINT32_C(1) << (array->acc_bits - 1)) - 1) / PRODUCT_MAX;
  uint64_t toggles = 0;
  memset(array->acc, 0, rows * cols * sizeof *array->acc);
  for (size_t k = 0; k < len; k++) {
    for (size_t r = 0; r < rows; r++) {
      int32_t x = a[k * rows + r];
      if (x == 0) {
        continue; /* adds nothing, anywhere in the row */
      }
      int32_t *acc = array->acc + r * cols;
      toggles += modulo ? accumulate_modulo(acc, x, b + k * cols, cols, mask)
                        : accumulate_saturating(array, acc, x, b + k * cols, mask);
    }
  }
  return toggles;
}

/* Of the drain: sums move down for `rows` cycles, zeros behind them. The register of row r takes,
 * in cycle d, what is d + 1 rows above where it started: the pair of rows (i - 1, i) meets in the
 * registers i, i + 1, .., rows - 1, once in each. Row -1 is the zeros. */
static uint64_t drain_toggles(const bt_activity_array *array, uint32_t mask) {
  size_t cols = array->cols;
  uint64_t toggles = 0;
  for (size_t r = 0; r < array->rows; r++) {
    uint64_t pair = 0;
    for (size_t c = 0; c < cols; c++) {
      uint32_t above = r == 0 ? 0 : (uint32_t)array->acc[(r - 1) * cols + c];
      pair += ones((above ^ (uint32_t)array->acc[r * cols + c]) & mask);
    }
    toggles += pair * (array->rows - r);
  }
  return toggles;
}

static void add_bit_cycles(const bt_activity_array *array, wide_count cycles, bt_activity *to) {
  size_t rows = array->rows, cols = array->cols, pes = rows * cols;
  wide_count bits[BT_REG_CLASSES] = {
      [BT_REG_A] = OPERAND_BITS * pes,
      [BT_REG_B] = OPERAND_BITS * pes,
      [BT_REG_ACC] = (size_t)array->acc_bits * pes,
      [BT_REG_SKEW_A] = OPERAND_BITS * (rows * (rows - 1) / 2),
      [BT_REG_SKEW_B] = OPERAND_BITS * (cols * (cols - 1) / 2)};
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    add(&to->bit_cycles[r], bits[r] * cycles);
    add(&to->gated[r], r == BT_REG_ACC ? 0 : bits[r] * rows);
  }
}

void bt_activity_pass(bt_activity_array *array, size_t len, const int8_t *a, const int8_t *b,
                      bt_activity *activity) {
  size_t rows = array->rows, cols = array->cols;
  uint32_t mask = UINT32_MAX >> (32 - array->acc_bits);
  wide_count cycles = (wide_count)len + 2 * rows + cols - 2;
  uint64_t *toggles = activity->toggles;
  add_operands(a, len, rows, cols, &array->corner_a, &toggles[BT_REG_A], &toggles[BT_REG_SKEW_A]);
  add_operands(b, len, cols, rows, &array->corner_b, &toggles[BT_REG_B], &toggles[BT_REG_SKEW_B]);
  add(&toggles[BT_REG_ACC], compute_toggles(array, len, a, b, mask));
  add(&toggles[BT_REG_ACC], drain_toggles(array, mask));
  add_bit_cycles(array, cycles, activity);
  add(&activity->cycles, cycles);
  add(&activity->passes, 1);
}
