#include "num/accumulate.h"

#include "num/error.h"
#include "num/round.h"

bt_accumulator bt_accumulator_default(void) {
  return (bt_accumulator){.acc_bits = 32,
                          .acc_round = {.mode = BT_FLOOR, .random_bits = 16},
                          .psum_bits = 32};
}

bt_status bt_accumulator_check(const bt_accumulator *acc, bt_error *error) {
  if (acc->acc_bits < 8 || acc->acc_bits > 32) {
    return bt_fail(error, BT_BAD_INPUT, "acc_bits %d: expected 8 to 32", acc->acc_bits);
  }
  if (acc->psum_bits < 8 || acc->psum_bits > 32) {
    return bt_fail(error, BT_BAD_INPUT, "psum_bits %d: expected 8 to 32", acc->psum_bits);
  }
  if (acc->acc_shift < 0 || acc->acc_shift > 14) {
    return bt_fail(error, BT_BAD_INPUT, "acc_shift %d: expected 0 to 14", acc->acc_shift);
  }
  if (acc->acc_round.mode == BT_NEAREST_AWAY) {
    return bt_fail(error, BT_BAD_INPUT,
                   "acc_rounding nearest_away: expected floor, nearest_even or stochastic");
  }
  return bt_round_check(&acc->acc_round, error);
}

bool bt_accumulate_any_order(const bt_accumulator *acc, size_t k, int product_bits) {
  int narrowest = acc->acc_bits;
  if (acc->chunk > 0 && acc->psum_bits < narrowest) {
    narrowest = acc->psum_bits;
  }
  uint64_t bound = (UINT64_C(1) << (narrowest - 1)) - 1;
  return acc->acc_shift == 0 && k <= bound >> product_bits;
}

int32_t bt_accumulate_exact(size_t k, const int8_t *a, const int8_t *b) {
  int32_t even = 0, odd = 0; /* two chains of additions, so that one does not wait for the other */
  size_t i = 0;
  for (; i + 4 <= k; i += 4) {
    even += a[i] * b[i] + a[i + 2] * b[i + 2];
    odd += a[i + 1] * b[i + 1] + a[i + 3] * b[i + 3];
  }
  for (; i < k; i++) {
    even += a[i] * b[i];
  }
  return even + odd;
}

/* One addition in `bits` bits: saturates or wraps. */
static int64_t add_over(int64_t sum, int64_t x, int bits, bool wrap, uint64_t *saturations) {
  int64_t high = (INT64_C(1) << (bits - 1)) - 1;
  int64_t exact = sum + x;
  if (exact >= -high - 1 && exact <= high) {
    return exact;
  }
  ++*saturations;
  if (!wrap) {
    return exact < 0 ? -high - 1 : high;
  }
  uint64_t low = (uint64_t)exact & ((UINT64_C(1) << bits) - 1);
  return (low >> (bits - 1)) != 0 ? (int64_t)low - (INT64_C(1) << bits) : (int64_t)low;
}

int32_t bt_accumulate_ordered(const bt_accumulator *acc, size_t k, const int8_t *a, const int8_t *b,
                              const uint32_t *draws, uint64_t *saturations) {
  size_t chunk = acc->chunk > 0 ? acc->chunk : 1;
  int64_t sum = 0;
  for (size_t first = 0; first < k; first += chunk) {
    size_t end = k - first < chunk ? k : first + chunk;
    int64_t entry = (int64_t)a[first] * b[first];
    if (acc->chunk > 0) {
      entry = add_over(0, entry, acc->psum_bits, acc->wrap, saturations);
      for (size_t i = first + 1; i < end; i++) {
        entry = add_over(entry, (int64_t)a[i] * b[i], acc->psum_bits, acc->wrap, saturations);
      }
    }
    uint32_t draw = draws == NULL ? 0 : draws[first];
    entry = bt_round(entry, acc->acc_shift, &acc->acc_round, draw);
    sum = add_over(sum, entry, acc->acc_bits, acc->wrap, saturations);
    if (end == k) {
      break;
    }
  }
  return (int32_t)sum;
}

void bt_accumulate_range(const bt_accumulator *acc, size_t k, const int8_t *a, const int8_t *b,
                         const uint32_t *draws, int64_t *least, int64_t *greatest) {
  size_t chunk = acc->chunk > 0 ? acc->chunk : 1;
  int64_t sum = 0;
  for (size_t first = 0, end; first < k; first = end) {
    int64_t entry = 0;
    end = k - first < chunk ? k : first + chunk;
    for (size_t i = first; i < end; i++) {
      entry += a[i] * b[i];
    }
    sum += bt_round(entry, acc->acc_shift, &acc->acc_round, draws == NULL ? 0 : draws[first]);
    *least = sum < *least ? sum : *least;
    *greatest = sum > *greatest ? sum : *greatest;
  }
}
