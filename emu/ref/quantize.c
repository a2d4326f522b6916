/* quantize: wide or bfp values to bfp or fixed point (numerics 7). */
#include "num/format.h"
#include "num/lfsr.h"
#include "num/quantize.h"
#include "ref/commands.h"

/* The wide value of successive elements: mantissas, and the exponent's number kept up to date
 * without a division per element. */
typedef struct {
  const bt_tensor *t;
  size_t i, row_size, row_end, last, column;
  const int16_t *row; /* exponents of the current row of cells */
} reader;

static void reader_seek(reader *r, size_t i) {
  const bt_tensor *t = r->t;
  r->i = i;
  r->last = bt_tensor_last(t);
  r->column = i % r->last;
  r->row_size = t->n0 > 1 ? bt_tensor_elements(t) / t->n0 : bt_tensor_elements(t);
  r->row_end = (i / r->row_size + 1) * r->row_size;
  r->row = t->exp + i / r->row_size * t->nl;
}

static int reader_step(const reader *r) {
  return r->t->kind == BT_T_WIDE ? r->row[r->t->nl > 1 ? r->column : 0]
                                 : bt_tensor_step(r->t, r->i);
}

static void reader_next(reader *r) {
  r->i++;
  r->column = r->column + 1 == r->last ? 0 : r->column + 1;
  if (r->i == r->row_end) {
    r->row_end += r->row_size;
    r->row += r->t->nl;
  }
}

static bt_scale block_scale(const bt_tensor *in, const bt_tensor *out, size_t block) {
  if (out->fmt.kind == BT_FIXED) {
    return (bt_scale){BT_SCALE_NORMAL, bt_fixed_exponent(&out->fmt)};
  }
  bt_block_extent x = bt_block_elements(&out->fmt, out->ndim, out->dim, block);
  reader r = {.t = in};
  int largest = BT_ALL_ZERO;
  for (size_t run = 0; run < x.runs; run++) {
    reader_seek(&r, x.first + run * x.stride);
    for (size_t j = 0; j < x.length; j++, reader_next(&r)) {
      int32_t m = bt_tensor_mantissa(in, r.i);
      if (m != 0) {
        int top = bt_log2_floor(m, reader_step(&r));
        largest = top > largest ? top : largest;
      }
    }
  }
  return bt_scale_of(largest);
}

/* Elements begin..end-1, which share a block of this scale. */
static void quantize_run(const bt_command *c, bt_scale scale, size_t begin, size_t end,
                         bt_lfsr *rng, bt_quantize_counts *counts) {
  const bt_round_options *round = &c->u.quantize.round;
  const bt_tensor *in = c->in[0];
  bt_tensor *out = c->out[0];
  int step = scale.exponent - (out->fmt.wl - 2);
  bool zero = scale.kind == BT_SCALE_ZERO || scale.kind == BT_SCALE_FLUSHED;
  reader r = {.t = in};
  reader_seek(&r, begin);
  for (size_t i = begin; i < end; i++, reader_next(&r)) {
    uint32_t draw =
        round->mode == BT_STOCHASTIC ? bt_lfsr_element(rng, i, round->random_bits) : 0;
    int32_t m = bt_tensor_mantissa(in, i);
    counts->overflow += scale.kind == BT_SCALE_OVERFLOW;
    counts->flushed += scale.kind == BT_SCALE_FLUSHED && m != 0;
    int surplus = step - reader_step(&r);
    bt_tensor_store(out, i,
                    zero ? 0 : bt_quantize_one(m, surplus, &out->fmt, round, draw, counts));
  }
}

bt_status bt_ref_quantize(const bt_command *c, bt_lfsr *rng, bt_counts *counts) {
  bt_tensor *out = c->out[0];
  size_t n = bt_tensor_elements(out);
  size_t blocks = bt_tensor_exponents(out);
  for (size_t b = 0; b < blocks; b++) {
    out->exp[b] = (int16_t)block_scale(c->in[0], out, b).exponent;
  }
  /* Elements go in their own order, as their draws must; a tile's rows are runs apart. */
  for (size_t i = 0, end; i < n; i = end) {
    size_t b = bt_block_of(&out->fmt, out->ndim, out->dim, i);
    end = bt_block_run(&out->fmt, out->ndim, out->dim, i);
    bt_scale scale = {BT_SCALE_NORMAL, out->exp[b]};
    if (out->exp[b] == -128 || out->exp[b] == 127) { /* only here the exponent does not tell all */
      scale = block_scale(c->in[0], out, b);
    }
    quantize_run(c, scale, i, end, rng, &counts->quantize);
  }
  if (c->u.quantize.round.mode == BT_STOCHASTIC) {
    bt_lfsr_finish(rng, n, c->u.quantize.round.random_bits);
  }
  return BT_OK;
}
