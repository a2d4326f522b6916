/* quantize: wide to bfp in blocks tensor, dim0 and sample (numerics 7): the bits of each cell's
 * magnitudes, the blocks' exponents, then one pass in the order of the elements. */
#include <stdlib.h>
#include <string.h>

#include "fast/commands.h"
#include "num/quantize.h"

#define CHUNK 2048u     /* draws made at once: a multiple of every number of lanes */
#define PATTERN 128u    /* the least elements of a pattern of columns */
#define STEP_FIELDS 6u

/* Segments are the indices of dimension 0 where blocks or cells split it, or all elements. */
typedef struct {
  const bt_command *c;
  const bt_tensor *in;
  bt_tensor *out;
  size_t n, segments, segment_size, columns, blocks;
  uint32_t *magnitude; /* [segments][columns] */
  size_t period;       /* of the steps: 1, or whole rows of columns */
  uint32_t *steps;     /* [STEP_FIELDS][period] */
  int random_bits;     /* of a draw, the appended bit of sr_half included */
  bt_quantizer q;
} work;

static int cell_exponent(const work *w, size_t segment, size_t column) {
  return w->in->exp[(w->in->n0 > 1 ? segment : 0) * w->columns + column];
}

static void find_magnitudes(work *w, const bt_kernels *k) {
  const int32_t *m = w->in->data;
  for (size_t s = 0; s < w->segments; s++) {
    k->magnitudes(w->segment_size / w->columns, w->columns, m + s * w->segment_size,
                  w->magnitude + s * w->columns);
  }
}

/* Writes the blocks' exponents; false where one is beyond its range. */
static bool find_exponents(work *w) {
  size_t per_block = w->segments / w->blocks;
  for (size_t b = 0; b < w->blocks; b++) {
    int largest = BT_ALL_ZERO;
    for (size_t s = b * per_block; s < (b + 1) * per_block; s++) {
      for (size_t j = 0; j < w->columns; j++) {
        uint32_t bits = w->magnitude[s * w->columns + j];
        int top = bits == 0 ? BT_ALL_ZERO : bt_bitlen(bits) - 1 + cell_exponent(w, s, j);
        largest = top > largest ? top : largest;
      }
    }
    bt_scale scale = bt_scale_of(largest);
    if (scale.kind == BT_SCALE_OVERFLOW || scale.kind == BT_SCALE_FLUSHED) {
      return false;
    }
    w->out->exp[b] = (int16_t)scale.exponent;
  }
  return true;
}

/* How many low bits too many a cell's mantissas have. */
static int surplus(const work *w, size_t segment, size_t column) {
  int e = w->out->exp[w->blocks > 1 ? segment : 0];
  return e - (w->out->fmt.wl - 2) - cell_exponent(w, segment, column);
}

static bool surplus_fits(const work *w) {
  for (size_t s = 0; s < w->segments; s++) {
    for (size_t j = 0; j < w->columns; j++) {
      if (w->magnitude[s * w->columns + j] != 0 && surplus(w, s, j) > 31) {
        return false;
      }
    }
  }
  return true;
}

/* One element's step. A cell of zeros needs none; a nonzero one's left shift stays below wl, as
 * no element is above its block's exponent. */
static void set_step(work *w, size_t i, int s, bool zeros) {
  bt_round_steps *p = &w->q.step;
  bool right = s > 0 && !zeros;
  p->shift[i] = right ? (uint32_t)s : 0;
  p->left[i] = right || zeros ? 0 : (uint32_t)-s;
  p->right[i] = !right ? 31 : s < w->random_bits ? (uint32_t)(w->random_bits - s) : 0;
  p->up[i] = right && s > w->random_bits ? (uint32_t)(s - w->random_bits) : 0;
  p->half[i] = right ? UINT32_C(1) << (s - 1) : 0;
  p->tie[i] = right;
}

static void set_steps(work *w, size_t segment) {
  for (size_t j = 0; j < w->columns; j++) {
    bool zeros = w->magnitude[segment * w->columns + j] == 0;
    for (size_t i = j; i < w->period; i += w->columns) {
      set_step(w, i, surplus(w, segment, j), zeros);
    }
  }
}

/* Elements first..end-1, of one segment and one stretch of draws, period by period. */
static uint64_t quantize_run(work *w, const bt_kernels *k, size_t first, size_t end,
                             const uint32_t *draws) {
  size_t size = bt_tensor_element_size(w->out), base = first / w->segment_size * w->segment_size;
  uint64_t clipped = 0;
  for (size_t i = first, next; i < end; i = next) {
    size_t phase = w->q.uniform ? 0 : (i - base) % w->period;
    next = w->q.uniform || end - i < w->period - phase ? end : i + w->period - phase;
    bt_quantizer q = w->q;
    q.step = (bt_round_steps){q.step.shift + phase, q.step.left + phase, q.step.right + phase,
                              q.step.up + phase,    q.step.half + phase, q.step.tie + phase};
    clipped += k->quantize(&q, next - i, (const int32_t *)w->in->data + i, draws + (i - first),
                           (uint8_t *)w->out->data + i * size);
  }
  return clipped;
}

static void make_draws(const work *w, const bt_kernels *k, bt_lfsr *rng, size_t count,
                       uint32_t *draws) {
  const bt_round_options *round = &w->c->u.quantize.round;
  size_t rounds = (count + rng->lanes - 1) / rng->lanes;
  k->draw(rng->lane, rng->lanes, rounds, round->random_bits, draws);
  rng->steps += (uint64_t)rounds * round->random_bits;
  for (size_t i = 0; round->sr_half && i < count; i++) {
    draws[i] = 2 * draws[i] + 1;
  }
}

static void quantize_all(work *w, const bt_kernels *k, bt_lfsr *rng, bt_counts *counts) {
  uint32_t draws[CHUNK];
  size_t chunk_end = 0, chunk = 0;
  for (size_t i = 0, end; i < w->n; i = end) {
    if (i % w->segment_size == 0) {
      set_steps(w, i / w->segment_size);
    }
    if (i == chunk_end) {
      chunk = i;
      chunk_end = w->n - i < CHUNK ? w->n : i + CHUNK;
      if (w->q.mode == BT_STOCHASTIC) {
        make_draws(w, k, rng, chunk_end - i, draws);
      }
    }
    end = (i / w->segment_size + 1) * w->segment_size;
    end = end < chunk_end ? end : chunk_end;
    counts->quantize.clipped += quantize_run(w, k, i, end, draws + (i - chunk));
  }
}

static void describe(work *w) {
  const bt_round_options *round = &w->c->u.quantize.round;
  w->n = bt_tensor_elements(w->out);
  w->blocks = bt_tensor_exponents(w->out);
  w->segments = w->in->n0 > 1 || w->blocks > 1 ? w->out->dim[0] : 1;
  w->segment_size = w->n / w->segments;
  w->columns = w->in->nl;
  w->period = w->columns == 1 ? 1 : w->columns * ((PATTERN + w->columns - 1) / w->columns);
  w->random_bits = (int)round->random_bits + round->sr_half;
  w->q = (bt_quantizer){.mode = round->mode, .uniform = w->period == 1,
                        .low = bt_clip_low(&w->out->fmt), .high = bt_clip_high(&w->out->fmt),
                        .wide_out = w->out->kind == BT_T_BFP16};
}

static bool covers(const bt_command *c) {
  const bt_tensor *in = c->in[0], *out = c->out[0];
  bt_block block = out->fmt.block;
  bool vector_split = (in->ndim == 1 && in->n0 > 1 && in->nl > 1) ||
                      (in->n0 > 1 && in->n0 != in->dim[0]);
  return in->kind == BT_T_WIDE && out->ndim > 0 && bt_tensor_elements(out) > 0 && !vector_split &&
         (in->ndim > 1 || in->nl == 1 || block == BT_BLOCK_TENSOR) &&
         (block == BT_BLOCK_TENSOR || block == BT_BLOCK_DIM0 || block == BT_BLOCK_SAMPLE);
}

bool bt_fast_quantize(bt_fast *f, const bt_command *c, bt_lfsr *rng, bt_counts *counts) {
  work w = {.c = c, .in = c->in[0], .out = c->out[0]};
  if (!covers(c)) {
    return false;
  }
  describe(&w);
  w.magnitude = calloc(w.segments * w.columns, sizeof *w.magnitude);
  w.steps = malloc(STEP_FIELDS * w.period * sizeof *w.steps);
  bool done = w.magnitude != NULL && w.steps != NULL;
  if (done) {
    uint32_t *s = w.steps;
    size_t p = w.period;
    w.q.step = (bt_round_steps){s, s + p, s + 2 * p, s + 3 * p, s + 4 * p, s + 5 * p};
    find_magnitudes(&w, &f->kernels);
    done = find_exponents(&w) && surplus_fits(&w);
  }
  if (done) {
    quantize_all(&w, &f->kernels, rng, counts);
  }
  free(w.magnitude);
  free(w.steps);
  return done;
}
