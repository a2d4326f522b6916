/* average: sums of weight snapshots (numerics 16), where none can come near the 62 bits that are
 * an error. */
#include "fast/commands.h"
#include "fast/parts.h"
#include "num/format.h"
#include "num/round.h"

typedef struct {
  const bt_tensor *w;
  bt_average *average;
  int *emin; /* [blocks] after this snapshot; BT_EMIN_NONE for a zero block */
} average_job;

static bool fits(uint64_t bits, int shift) {
  return bits == 0 || bt_bitlen(bits) + shift <= 61;
}

/* Whether the block's shifted sums and mantissas stay below 2^61 each. */
static bool block_fits(const average_job *j, size_t b, int old) {
  const bt_tensor *w = j->w;
  bt_block_extent x = bt_block_elements(&w->fmt, w->ndim, w->dim, b);
  uint64_t sums = 0, mantissas = 0;
  for (size_t run = 0; run < x.runs; run++) {
    for (size_t i = x.first + run * x.stride; i < x.first + run * x.stride + x.length; i++) {
      sums |= bt_magnitude(j->average->sum[i]);
      mantissas |= bt_magnitude(bt_tensor_mantissa(w, i));
    }
  }
  return fits(sums, old - j->emin[b]) && fits(mantissas, w->exp[b] - j->emin[b]);
}

static int64_t shifted(int64_t v, int s) { return v == 0 ? 0 : bt_shift_left(v, s); }

static void add_blocks(void *context, size_t first, size_t end, unsigned thread) {
  const average_job *j = context;
  const bt_tensor *w = j->w;
  (void)thread;
  for (size_t b = first; b < end; b++) {
    if (j->emin[b] == BT_EMIN_NONE) {
      continue;
    }
    int old = j->average->emin[b] == BT_EMIN_NONE ? w->exp[b] : j->average->emin[b];
    bt_block_extent x = bt_block_elements(&w->fmt, w->ndim, w->dim, b);
    for (size_t run = 0; run < x.runs; run++) {
      for (size_t i = x.first + run * x.stride; i < x.first + run * x.stride + x.length; i++) {
        int64_t *sum = &j->average->sum[i];
        *sum = shifted(*sum, old - j->emin[b]) +
               shifted(bt_tensor_mantissa(w, i), w->exp[b] - j->emin[b]);
      }
    }
    j->average->emin[b] = (int16_t)j->emin[b];
  }
}

bool bt_fast_average(bt_fast *f, const bt_command *c) {
  average_job j = {.w = c->in[0], .average = c->u.average.average};
  size_t blocks = bt_tensor_exponents(j.w);
  j.emin = bt_scratch_take(f->scratch, blocks * sizeof *j.emin);
  if (j.emin == NULL) {
    return false;
  }
  for (size_t b = 0; b < blocks; b++) {
    int e = j.w->exp[b];
    int old = j.average->emin[b] == BT_EMIN_NONE ? e : j.average->emin[b];
    bool zero = bt_tensor_zero_block(j.w, b);
    j.emin[b] = zero ? BT_EMIN_NONE : e < old ? e : old;
    if (!zero && !block_fits(&j, b, old)) {
      return false;
    }
  }
  bt_parts_run(f, blocks, blocks == 0 ? 0 : bt_tensor_elements(j.w) / blocks, add_blocks, &j);
  j.average->count++;
  return true;
}
