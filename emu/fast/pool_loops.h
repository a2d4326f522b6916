/* The loops of pool, pool_back and gate on bytes, 16 channels at a time: compiled once for each
 * instruction set (pool_portable.c, pool_avx2.c, pool_avx512.c). */
#ifndef BT_FAST_POOL_LOOPS_H
#define BT_FAST_POOL_LOOPS_H

#include <string.h>

#include "fast/kernels.h"

#define BT_POOL_LOOP static inline __attribute__((always_inline))
#define BT_POOL_LANES 16u

typedef int8_t bt_lanes __attribute__((vector_size(BT_POOL_LANES)));

BT_POOL_LOOP bt_lanes bt_lanes_load(const void *from) {
  bt_lanes v;
  memcpy(&v, from, sizeof v);
  return v;
}

BT_POOL_LOOP void bt_lanes_store(void *to, bt_lanes v) { memcpy(to, &v, sizeof v); }

BT_POOL_LOOP bt_lanes bt_lanes_all(size_t i) { return (bt_lanes){0} + (int8_t)i; }

/* Bytes from a window's first place to place i. */
BT_POOL_LOOP size_t bt_pool_place(const bt_pool_row *r, size_t k, size_t i) {
  return i / k * r->row + i % k * r->channels;
}

/* The largest of each of 16 channels over a window, and the first place that holds it. */
BT_POOL_LOOP void bt_pool_lanes(const bt_pool_row *r, size_t k, const int8_t *x, void *out,
                                void *index) {
  bt_lanes best = bt_lanes_load(x), where = {0};
  for (size_t i = 1; i < k * k; i++) {
    bt_lanes v = bt_lanes_load(x + bt_pool_place(r, k, i)), more = v > best;
    best = (v & more) | (best & ~more);
    where = (bt_lanes_all(i) & more) | (where & ~more);
  }
  bt_lanes_store(out, best);
  bt_lanes_store(index, where);
}

BT_POOL_LOOP void bt_pool_one(const bt_pool_row *r, size_t k, const int8_t *x, int8_t *out,
                              uint8_t *index) {
  *out = *x;
  *index = 0;
  for (size_t i = 1; i < k * k; i++) {
    int8_t v = x[bt_pool_place(r, k, i)];
    *index = v > *out ? (uint8_t)i : *index;
    *out = v > *out ? v : *out;
  }
}

/* Few channels: the lanes beyond them hold the neighbour's, which its own store then puts right;
 * not at the end of the row, or of what may be read. */
BT_POOL_LOOP void bt_pool_windows(const bt_pool_row *r, size_t k) {
  size_t c = r->channels, all = r->pixels * c, reach = bt_pool_place(r, k, k * k - 1);
  for (size_t at = 0; at < all; at += c) {
    const int8_t *x = r->x + at * k;
    if (c >= BT_POOL_LANES) {
      for (size_t i = 0; i < c; i += BT_POOL_LANES) {
        size_t j = i + BT_POOL_LANES <= c ? i : c - BT_POOL_LANES;
        bt_pool_lanes(r, k, x + j, r->out + at + j, r->index + at + j);
      }
    } else if (at + BT_POOL_LANES <= all && at * k + reach + BT_POOL_LANES <= r->readable) {
      bt_pool_lanes(r, k, x, r->out + at, r->index + at);
    } else {
      for (size_t i = 0; i < c; i++) {
        bt_pool_one(r, k, x + i, r->out + at + i, r->index + at + i);
      }
    }
  }
}

BT_POOL_LOOP void bt_loop_pool(const bt_pool_row *r) {
  if (r->k == 2) {
    bt_pool_windows(r, 2);
  } else {
    bt_pool_windows(r, r->k);
  }
}

/* 16 channels of the error to their places. */
BT_POOL_LOOP void bt_pool_back_lanes(const bt_pool_row *r, size_t k, bool gated, size_t from,
                                     size_t to) {
  bt_lanes error = bt_lanes_load(r->x + from), index = bt_lanes_load(r->index + from);
  for (size_t i = 0; i < k * k; i++) {
    size_t place = to + bt_pool_place(r, k, i);
    bt_lanes v = error & (index == bt_lanes_all(i));
    if (gated) {
      v &= bt_lanes_load(r->mask + place) != 0;
    }
    bt_lanes_store(r->out + place, v);
  }
}

BT_POOL_LOOP void bt_pool_back_one(const bt_pool_row *r, size_t k, bool gated, size_t from,
                                   size_t to) {
  for (size_t i = 0; i < k * k; i++) {
    size_t place = to + bt_pool_place(r, k, i);
    bool here = r->index[from] == i && !(gated && r->mask[place] == 0);
    r->out[place] = here ? r->x[from] : 0;
  }
}

BT_POOL_LOOP void bt_pool_back_windows(const bt_pool_row *r, size_t k, bool gated) {
  size_t c = r->channels, all = r->pixels * c;
  for (size_t at = 0; at < all; at += c) {
    if (c >= BT_POOL_LANES) {
      for (size_t i = 0; i < c; i += BT_POOL_LANES) {
        size_t j = i + BT_POOL_LANES <= c ? i : c - BT_POOL_LANES;
        bt_pool_back_lanes(r, k, gated, at + j, at * k + j);
      }
    } else if (at + BT_POOL_LANES <= all) { /* then the last place's lanes end in the row, too */
      bt_pool_back_lanes(r, k, gated, at, at * k);
    } else {
      for (size_t i = 0; i < c; i++) {
        bt_pool_back_one(r, k, gated, at + i, at * k + i);
      }
    }
  }
}

BT_POOL_LOOP void bt_loop_pool_back(const bt_pool_row *r) {
  if (r->k == 2 && r->mask != NULL) {
    bt_pool_back_windows(r, 2, true);
  } else if (r->k == 2) {
    bt_pool_back_windows(r, 2, false);
  } else {
    bt_pool_back_windows(r, r->k, r->mask != NULL);
  }
}

BT_POOL_LOOP void bt_loop_gate(size_t n, const int8_t *restrict x, const uint8_t *restrict mask,
                               int8_t *restrict out) {
  for (size_t i = 0; i < n; i++) {
    out[i] = (int8_t)(x[i] & -(mask[i] != 0)); /* without a branch, which would guess */
  }
}

#endif
