/* A quantizer for bittrue's loop in plain C, written from docs/numerics.md 3, 4 and 7:
 *
 *     cc -std=c11 -O2 -shared -fPIC -fvisibility=hidden -I include \
 *        -o quantizer.so rtl/examples/user_c/quantizer.c
 *     bittrue train RECIPE --engine fast,quantize=./quantizer.so
 *
 * It does every quantization. With the option dead_lane=N the random bits of lane N are stuck at
 * zero: a bug for `bittrue cosim` to find. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bittrue_engine.h"

typedef struct {
  const bt_user_host *host;
  unsigned lanes;
  long dead_lane; /* -1: none */
} quantizer;

static bt_status create(const bt_user_setup *setup, void **context, bt_error *error) {
  quantizer q = {setup->host, setup->lanes, -1};
  char end;
  if (setup->options[0] != '\0' &&
      (sscanf(setup->options, "dead_lane=%ld%c", &q.dead_lane, &end) != 1 || q.dead_lane < 0 ||
       q.dead_lane >= (long)setup->lanes)) {
    snprintf(error->text, sizeof error->text, "option '%s': expected dead_lane=N, N 0 to %u",
             setup->options, setup->lanes - 1);
    return BT_BAD_INPUT;
  }
  *context = malloc(sizeof q);
  if (*context == NULL) {
    snprintf(error->text, sizeof error->text, "out of memory");
    return BT_FAILED;
  }
  memcpy(*context, &q, sizeof q);
  return BT_OK;
}

/* The mantissa and the step exponent of element i (2.1, 6). */
static int64_t mantissa(const bt_user_input *x, size_t i) {
  switch (x->kind) {
    case BT_USER_BFP8: return ((const int8_t *)x->data)[i];
    case BT_USER_BFP16: return ((const int16_t *)x->data)[i];
    default: return ((const int32_t *)x->data)[i];
  }
}

static int step_exponent(const quantizer *q, const bt_user_input *x, size_t i) {
  if (x->kind != BT_USER_WIDE) {
    return x->exponent[q->host->block_of(&x->format, x->ndim, x->dim, i)] - (x->format.wl - 2);
  }
  size_t column = x->cells_last > 1 ? i % x->cells_last : 0;
  return x->exponent[i / (x->elements / x->cells_first) * x->cells_last + column];
}

static int floor_log2(uint64_t v) {
  int n = -1;
  for (; v != 0; v >>= 1) {
    n++;
  }
  return n;
}

/* round(m, s) of 3. From 58 surplus bits on, 32-bit mantissas round all alike. */
static int64_t rounded(int64_t m, int s, const bt_round_options *o, uint64_t draw) {
  int bits = (int)o->random_bits;
  if (s <= 0) {
    return m * (INT64_C(1) << (s < -30 ? 30 : -s)); /* 30: beyond every clip */
  }
  s = s > 58 ? 58 : s;
  const int64_t half = INT64_C(1) << (s - 1);
  switch (o->mode) {
    case BT_NEAREST_EVEN: return (m + half - 1 + (m >> s & 1)) >> s;
    case BT_NEAREST_AWAY: return m < 0 ? -((half - m) >> s) : (m + half) >> s;
    case BT_FLOOR: return m >> s;
    case BT_STOCHASTIC:
    default:
      if (o->sr_half) {
        draw = 2 * draw + 1;
        bits++;
      }
      return (m + (int64_t)(s <= bits ? draw >> (bits - s) : draw << (s - bits))) >> s;
  }
}

/* Step 1 and 2 of 7: what each block becomes. E' in largest[], INT16_MIN without an element. */
static void find_exponents(const quantizer *q, const bt_user_input *x, const bt_user_output *y,
                           int16_t *largest) {
  for (size_t b = 0; b < y->exponents; b++) {
    largest[b] = INT16_MIN;
  }
  for (size_t i = 0; i < x->elements; i++) {
    size_t b = q->host->block_of(&y->format, y->ndim, y->dim, i);
    int64_t m = mantissa(x, i);
    int top = floor_log2((uint64_t)(m < 0 ? -m : m)) + step_exponent(q, x, i);
    largest[b] = m != 0 && top > largest[b] ? (int16_t)top : largest[b];
  }
  for (size_t b = 0; b < y->exponents; b++) {
    int e = largest[b] > 127 ? 127 : largest[b] < -128 ? -128 : largest[b];
    y->exponent[b] = (int16_t)(y->format.kind == BT_FIXED ? y->format.wl - 2 - y->format.fl : e);
  }
}

static void store(const bt_user_output *y, size_t i, int64_t m) {
  if (y->kind == BT_USER_BFP8) {
    ((int8_t *)y->data)[i] = (int8_t)m;
  } else {
    ((int16_t *)y->data)[i] = (int16_t)m;
  }
}

/* Step 3, and what 7 counts. */
static void write_mantissas(const quantizer *q, const bt_user_command *c, const int16_t *largest,
                            bt_lfsr *lanes, bt_quantize_counts *counts) {
  const bt_user_input *x = c->in[0];
  const bt_user_output *y = c->out[0];
  int64_t high = (INT64_C(1) << (y->format.wl - 1)) - 1;
  int64_t low = -high - (y->format.asymmetric ? 1 : 0);
  for (size_t i = 0; i < y->elements; i++) {
    size_t b = q->host->block_of(&y->format, y->ndim, y->dim, i);
    uint32_t draw = c->draws == 0 ? 0 : q->host->lfsr_draw(&lanes->lane[i % q->lanes],
                                                           c->draw_bits);
    draw = (long)(i % q->lanes) == q->dead_lane ? 0 : draw;
    int64_t m = mantissa(x, i);
    int s = y->exponent[b] - (y->format.wl - 2) - step_exponent(q, x, i);
    bool bfp = y->format.kind == BT_BFP, zero = bfp && largest[b] < -128;
    int64_t r = zero ? 0 : rounded(m, s, &c->u.quantize.round, draw);
    int64_t clipped = r > high ? high : r < low ? low : r;
    counts->clipped += clipped != r;
    counts->overflow += bfp && largest[b] > 127;
    counts->flushed += zero && m != 0;
    store(y, i, clipped);
  }
}

static bt_status run(void *context, const bt_user_command *c, bt_lfsr *generator,
                     bt_user_counts *counts, bt_error *error) {
  const quantizer *q = context;
  bt_lfsr lanes = *generator;
  int16_t *largest = malloc((c->out[0]->exponents + 1) * sizeof *largest);
  if (largest == NULL) {
    snprintf(error->text, sizeof error->text, "out of memory");
    return BT_FAILED;
  }
  find_exponents(q, c->in[0], c->out[0], largest);
  write_mantissas(q, c, largest, &lanes, &counts->quantize);
  q->host->advance(c, generator);
  free(largest);
  return BT_OK;
}

static bool covers(void *context, const bt_user_command *c) {
  (void)context;
  return c->op == BT_USER_QUANTIZE;
}

const bt_user_engine *bittrue_engine(uint32_t abi) {
  static const bt_user_engine engine = {BT_ENGINE_ABI, "plain C quantizer", create, covers, run,
                                        free};
  return abi == BT_ENGINE_ABI ? &engine : NULL;
}
