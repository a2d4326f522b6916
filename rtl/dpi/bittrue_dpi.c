/* The handle of bittrue_dpi.svh: its options, its generator, its errors. */
#include "bittrue_dpi.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dpi_handle.h"

/* ---- Errors, and what callers hand over ---- */

int bt_dpi_failed(bt_dpi *h, bt_status status) {
  h->errors += h->errors < INT32_MAX;
  return (int)status;
}

int bt_dpi_fail(bt_dpi *h, bt_status status, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(h->last.text, sizeof h->last.text, format, args);
  va_end(args);
  return bt_dpi_failed(h, status);
}

bool bt_dpi_sizes(bt_dpi *h, const char *what, int rows, int columns, size_t *count) {
  if (rows < 1 || columns < 1 || rows > INT32_MAX / columns) {
    bt_dpi_fail(h, BT_BAD_INPUT, "%s: %d x %d, expected at least 1 x 1 and fewer than 2^31", what,
                rows, columns);
    return false;
  }
  *count = (size_t)rows * (size_t)columns;
  return true;
}

bool bt_dpi_array(bt_dpi *h, const char *name, const svOpenArrayHandle array, size_t bytes,
                  size_t count) {
  int dimensions = svDimensions(array), size = dimensions == 1 ? svSize(array, 1) : 0;
  if (dimensions != 1 || (size_t)size != count) {
    bt_dpi_fail(h, BT_BAD_INPUT, "%s: %d elements in %d dimensions, expected %zu in one", name,
                size, dimensions, count);
    return false;
  }
  int all = svSizeOfArray(array); /* 0 where the simulator's layout is not C's */
  if (all != 0 && (size_t)all != bytes * count) {
    bt_dpi_fail(h, BT_BAD_INPUT, "%s: %d bytes for %zu elements, expected %zu each", name, all,
                count, bytes);
    return false;
  }
  return true;
}

/* ---- The handle ---- */

void *bittrue_dpi_open(long long seed, int lanes) {
  bt_dpi *h = calloc(1, sizeof *h);
  if (h == NULL) {
    return NULL;
  }
  h->format = (bt_format){.wl = 8};
  h->round = (bt_round_options){BT_STOCHASTIC, 16, false};
  h->acc = bt_accumulator_default();
  if (lanes < 1 || bt_lfsr_start(&h->generator, (uint64_t)seed, (unsigned)lanes) != BT_OK) {
    (void)bt_lfsr_start(&h->generator, (uint64_t)seed, 1);
    bt_dpi_fail(h, BT_BAD_INPUT, "open: %d lanes, expected a power of two of at most %u", lanes,
                BT_MAX_LANES);
  }
  return h;
}

void bittrue_dpi_close(void *handle) {
  if (handle != NULL) {
    bt_dpi_affine_clear(handle);
    free(handle);
  }
}

const char *bittrue_dpi_error(void *handle) {
  return handle == NULL ? "no handle" : ((bt_dpi *)handle)->last.text;
}

int bittrue_dpi_errors(void *handle) { return handle == NULL ? 1 : ((bt_dpi *)handle)->errors; }

long long bittrue_dpi_count(void *handle, const char *name) {
  const bt_dpi *h = handle;
  if (h == NULL) {
    return -1;
  }
  const struct {
    const char *name;
    uint64_t n;
  } all[] = {{"clipped", h->counts.clipped},
             {"overflow", h->counts.overflow},
             {"flushed", h->counts.flushed},
             {"saturations", h->saturations}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (strcmp(name, all[i].name) == 0) {
      return (long long)all[i].n;
    }
  }
  return -1;
}

/* ---- How to compute ---- */

int bittrue_dpi_format(void *handle, const char *format, const char *block, svBit asymmetric) {
  bt_dpi *h = handle;
  bt_format f;
  if (h == NULL) {
    return BT_BAD_INPUT;
  }
  bt_status s = bt_format_parse(format, &f, &h->last);
  s = s == BT_OK ? bt_block_parse(block, &f, &h->last) : s;
  if (s != BT_OK) {
    return bt_dpi_failed(h, s);
  }
  if (f.kind == BT_FIXED && f.block != BT_BLOCK_TENSOR) {
    return bt_dpi_fail(h, BT_BAD_INPUT, "block '%s': expected tensor for fixed point", block);
  }
  f.asymmetric = asymmetric != 0;
  h->format = f;
  return BT_OK;
}

int bittrue_dpi_rounding(void *handle, const char *mode, int random_bits, svBit sr_half) {
  bt_dpi *h = handle;
  bt_round_options o = {.sr_half = sr_half != 0};
  if (h == NULL) {
    return BT_BAD_INPUT;
  }
  if (bt_rounding_parse(mode, &o.mode, &h->last) != BT_OK) {
    return bt_dpi_failed(h, BT_BAD_INPUT);
  }
  if (o.mode == BT_STOCHASTIC && (random_bits < 1 || random_bits > 24)) {
    return bt_dpi_fail(h, BT_BAD_INPUT, "random bits %d: expected 1 to 24", random_bits);
  }
  o.random_bits = o.mode == BT_STOCHASTIC ? (unsigned)random_bits : 16;
  h->round = o;
  return BT_OK;
}

int bittrue_dpi_accumulator(void *handle, int acc_bits, svBit wrap, int acc_shift,
                            const char *acc_rounding, int chunk, int psum_bits) {
  const int8_t one = 1;
  int32_t out;
  bt_dpi *h = handle;
  if (h == NULL) {
    return BT_BAD_INPUT;
  }
  bt_accumulator a = {.acc_bits = acc_bits, .wrap = wrap != 0, .acc_shift = acc_shift,
                      .acc_round = h->round, .chunk = chunk < 0 ? 0 : (size_t)chunk,
                      .psum_bits = psum_bits};
  if (chunk < 0) {
    return bt_dpi_fail(h, BT_BAD_INPUT, "chunk %d: expected 0 or more", chunk);
  }
  bt_lfsr unused = h->generator;
  bt_status s = bt_rounding_parse(acc_rounding, &a.acc_round.mode, &h->last);
  /* A product of one by one checks the rest. */
  s = s == BT_OK ? bt_gemm_s8(&a, 1, 1, 1, &one, &one, &unused, &out, NULL, &h->last) : s;
  if (s != BT_OK) {
    return bt_dpi_failed(h, s);
  }
  h->acc = a;
  return BT_OK;
}

/* ---- The generator ---- */

static bool known_lane(bt_dpi *h, int lane) {
  if (lane >= 0 && (unsigned)lane < h->generator.lanes) {
    return true;
  }
  bt_dpi_fail(h, BT_BAD_INPUT, "lane %d: expected 0 to %u", lane, h->generator.lanes - 1);
  return false;
}

static bool known_bits(bt_dpi *h, int bits) {
  if (bits >= 1 && bits <= 24) {
    return true;
  }
  bt_dpi_fail(h, BT_BAD_INPUT, "draw of %d bits: expected 1 to 24", bits);
  return false;
}

int bittrue_dpi_draw(void *handle, int lane, int bits, int *draw) {
  bt_dpi *h = handle;
  *draw = 0;
  if (h == NULL || !known_lane(h, lane) || !known_bits(h, bits)) {
    return BT_BAD_INPUT;
  }
  *draw = (int)bt_lfsr_draw(&h->generator.lane[lane], (unsigned)bits);
  return BT_OK;
}

int bittrue_dpi_advance(void *handle, long long draws, int bits) {
  bt_dpi *h = handle;
  if (h == NULL || !known_bits(h, bits)) {
    return BT_BAD_INPUT;
  }
  if (draws < 0) {
    return bt_dpi_fail(h, BT_BAD_INPUT, "advance by %lld draws: expected 0 or more", draws);
  }
  bt_lfsr_advance(&h->generator, (uint64_t)draws, (unsigned)bits);
  return BT_OK;
}

int bittrue_dpi_lane(void *handle, int lane, int *state) {
  bt_dpi *h = handle;
  *state = 0;
  if (h == NULL || !known_lane(h, lane)) {
    return BT_BAD_INPUT;
  }
  memcpy(state, &h->generator.lane[lane], sizeof *state);
  return BT_OK;
}

long long bittrue_dpi_position(void *handle) {
  return handle == NULL ? -1 : (long long)((bt_dpi *)handle)->generator.steps;
}
