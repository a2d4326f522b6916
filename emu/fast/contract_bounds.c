/* How large the sums of a contraction can become, from the mantissas that are there. */
#include "fast/contract.h"

#include "num/round.h"

#define STRIP 64u         /* columns whose sums are made together */
#define AT_ONCE 65536u    /* rows whose sum of magnitudes is below 2^32 */

int64_t bt_fast_format_largest(const bt_tensor *t) { return -(int64_t)bt_clip_low(&t->fmt); }

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* A weight's part in a sum: of a wide one, the larger of the two bytes it goes in. */
static uint64_t part_of(int32_t m, bool two_pass) {
  return two_pass ? larger((uint64_t)(m & 127), bt_magnitude(m >> 7)) : bt_magnitude(m);
}

static uint64_t largest_element(const bt_tensor *t, bool two_pass) {
  uint64_t largest = 0;
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    largest = larger(largest, part_of(bt_tensor_mantissa(t, i), two_pass));
  }
  return largest;
}

/* Largest sum of magnitudes of a row. */
static uint64_t largest_row(const bt_tensor *t, size_t rows, bool two_pass) {
  size_t columns = bt_tensor_elements(t) / rows;
  uint64_t largest = 0;
  for (size_t r = 0; r < rows; r++) {
    uint64_t sum = 0;
    for (size_t i = 0; i < columns; i++) {
      sum += part_of(bt_tensor_mantissa(t, r * columns + i), two_pass);
    }
    largest = larger(largest, sum);
  }
  return largest;
}

uint64_t bt_fast_largest_row(const bt_tensor *t, size_t rows) {
  return largest_row(t, rows, false);
}

/* Sums of at most STRIP columns' magnitudes. */
static void add_strip(size_t rows, size_t step, size_t width, const int8_t *m, int shift,
                      uint64_t *sum) {
  for (size_t row = 0; row < rows;) {
    size_t end = rows - row > AT_ONCE ? row + AT_ONCE : rows;
    uint32_t part[STRIP] = {0};
    for (; row < end; row++) {
      for (size_t j = 0; j < width; j++) {
        int32_t v = m[row * step + j];
        part[j] += (uint32_t)(v < 0 ? -v : v);
      }
    }
    for (size_t j = 0; j < width; j++) {
      sum[j] += (uint64_t)part[j] << shift;
    }
  }
}

void bt_fast_add_magnitudes(size_t rows, size_t columns, const int8_t *m, int shift,
                            uint64_t *sum) {
  for (size_t j = 0; j < columns; j += STRIP) {
    add_strip(rows, columns, columns - j < STRIP ? columns - j : STRIP, m + j, shift, sum + j);
  }
}

/* Largest sum of magnitudes of a column. */
static uint64_t largest_column(const bt_tensor *t, size_t columns) {
  size_t rows = bt_tensor_elements(t) / columns;
  uint64_t largest = 0;
  for (size_t first = 0; first < columns; first += STRIP) {
    size_t width = columns - first < STRIP ? columns - first : STRIP;
    uint64_t sum[STRIP] = {0};
    add_strip(rows, columns, width, (const int8_t *)t->data + first, 0, sum);
    for (size_t j = 0; j < width; j++) {
      largest = larger(largest, sum[j]);
    }
  }
  return largest;
}

uint64_t bt_fast_largest_sum(const bt_command *c) {
  const bt_geometry *g = &c->u.contract.geometry;
  const bt_tensor *a = c->in[0], *b = c->in[1];
  bool two_pass = b->fmt.wl > 8;
  switch (c->u.contract.direction) {
    case BT_FORWARD: /* an output channel's weights */
      return largest_element(a, false) * largest_row(b, g->o, two_pass);
    case BT_DATA_GRADIENT: /* an input channel's weights */
      return largest_element(a, false) * largest_column(b, g->c);
    default: /* an output channel's errors */
      return largest_column(a, g->o) * largest_element(b, false);
  }
}
