#include "oracle_contract.h"

#include <stdlib.h>
#include <string.h>

/* One k of one output. Its draw is number `draw` of the command. */
typedef struct {
  int64_t a, b;  /* mantissas; 0 outside the image */
  long group;    /* e_A + e_B */
  bool nonzero;  /* both blocks are */
  bool grouped;  /* those of them that vary along k are: a group is made */
  size_t draw;
} product;

typedef struct {
  const bt_command *c;
  const bt_geometry *g;
  const bt_accumulator *acc;
  const bool *zero[2]; /* per block of each operand */
  bt_round_options round;
  const uint32_t *draws;
  bt_counts *counts;
  oracle_contract_seen *seen;
  product *list;
  size_t k; /* products listed */
} work;

static int64_t mantissa(const bt_tensor *t, size_t i) {
  return t->kind == BT_T_BFP8 ? ((const int8_t *)t->data)[i] : ((const int16_t *)t->data)[i];
}

/* Whether an operand's blocks vary along k: the sample in the weight gradient, the output channel
 * of the weights in the data gradient. */
static bool along_k(const bt_command *c, int operand) {
  bt_direction d = c->u.contract.direction;
  return c->in[operand]->fmt.block != BT_BLOCK_TENSOR &&
         (d == BT_WEIGHT_GRADIENT || (d == BT_DATA_GRADIENT && operand == 1));
}

static bool has_tiles(const bt_tensor *t) {
  return t->fmt.block == BT_BLOCK_TILE || t->fmt.block == BT_BLOCK_K32;
}

/* The block of element i, or of a place outside the image in sample `major`. */
static size_t block_at(const bt_tensor *t, size_t i, size_t major) {
  return has_tiles(t) ? oracle_block_of(&t->fmt, t->ndim, t->dim, i)
                      : t->fmt.block == BT_BLOCK_TENSOR ? 0 : major;
}

/* Appends a product of elements ia, ib; sample or channel numbers say the blocks. */
static void append(work *w, bool inside, size_t ia, size_t major_a, size_t ib, size_t major_b) {
  const bt_tensor *a = w->c->in[0], *b = w->c->in[1];
  size_t block_a = block_at(a, ia, major_a), block_b = block_at(b, ib, major_b);
  product *p = &w->list[w->k++];
  p->a = inside ? mantissa(a, ia) : 0;
  p->b = inside ? mantissa(b, ib) : 0;
  p->group = a->exp[block_a] - (a->fmt.wl - 2) + b->exp[block_b] - (b->fmt.wl - 2);
  p->nonzero = !w->zero[0][block_a] && !w->zero[1][block_b];
  p->grouped = !(along_k(w->c, 0) && w->zero[0][block_a]) &&
               !(along_k(w->c, 1) && w->zero[1][block_b]);
  if (has_tiles(a) || has_tiles(b)) {
    p->nonzero = p->nonzero && inside;
    p->grouped = p->nonzero;
  }
  w->seen->outside += !inside;
  w->seen->zero_pairs += !p->nonzero;
}

static void list_forward(work *w, size_t n, size_t oh, size_t ow, size_t o) {
  const bt_geometry *g = w->g;
  for (size_t kh = 0; kh < g->kh; kh++)
    for (size_t kw = 0; kw < g->kw; kw++)
      for (size_t c = 0; c < g->c; c++) {
        long y = (long)(oh * g->stride + kh) - (long)g->pad;
        long x = (long)(ow * g->stride + kw) - (long)g->pad;
        bool inside = y >= 0 && x >= 0 && y < (long)g->h && x < (long)g->w;
        size_t ia = inside ? ((n * g->h + (size_t)y) * g->w + (size_t)x) * g->c + c : 0;
        append(w, inside, ia, n, ((o * g->kh + kh) * g->kw + kw) * g->c + c, o);
      }
}

/* (h + pad - kh) / stride when it is a whole number below `limit`, else -1. */
static long quotient(size_t h, size_t kh, size_t stride, size_t pad, size_t limit) {
  long top = (long)(h + pad) - (long)kh;
  if (top < 0 || top % (long)stride != 0 || top / (long)stride >= (long)limit)
    return -1;
  return top / (long)stride;
}

static void list_data_gradient(work *w, size_t n, size_t h, size_t x, size_t c) {
  const bt_geometry *g = w->g;
  for (size_t o = 0; o < g->o; o++)
    for (size_t kh = 0; kh < g->kh; kh++)
      for (size_t kw = 0; kw < g->kw; kw++) {
        long oh = quotient(h, kh, g->stride, g->pad, g->oh);
        long ow = quotient(x, kw, g->stride, g->pad, g->ow);
        bool inside = oh >= 0 && ow >= 0;
        size_t ia = inside ? ((n * g->oh + (size_t)oh) * g->ow + (size_t)ow) * g->o + o : 0;
        append(w, inside, ia, n, ((o * g->kh + kh) * g->kw + kw) * g->c + c, o);
      }
}

static void list_weight_gradient(work *w, size_t o, size_t kh, size_t kw, size_t c) {
  const bt_geometry *g = w->g;
  for (size_t n = 0; n < g->n; n++)
    for (size_t oh = 0; oh < g->oh; oh++)
      for (size_t ow = 0; ow < g->ow; ow++) {
        long y = (long)(oh * g->stride + kh) - (long)g->pad;
        long x = (long)(ow * g->stride + kw) - (long)g->pad;
        bool inside = y >= 0 && x >= 0 && y < (long)g->h && x < (long)g->w;
        size_t ib = inside ? ((n * g->h + (size_t)y) * g->w + (size_t)x) * g->c + c : 0;
        append(w, inside, ((n * g->oh + oh) * g->ow + ow) * g->o + o, n, ib, n);
      }
}

static __int128 floor_div(__int128 a, __int128 b) {
  __int128 q = a / b;
  return a % b != 0 && a < 0 ? q - 1 : q;
}

static int64_t rounded(const work *w, int64_t x, uint32_t r) {
  int s = w->acc->acc_shift, bits = (int)w->round.random_bits;
  __int128 unit = (__int128)1 << s, draw = r;
  if (s == 0)
    return x;
  if (w->round.mode == BT_FLOOR)
    return (int64_t)floor_div(x, unit);
  if (w->round.mode == BT_NEAREST_EVEN) {
    int64_t q = (int64_t)floor_div(2 * (__int128)x + unit, 2 * unit);
    return (2 * (__int128)x + unit) % (2 * unit) == 0 && q % 2 != 0 ? q - 1 : q;
  }
  if (w->round.sr_half) {
    bits++;
    draw = 2 * draw + 1;
  }
  return (int64_t)floor_div(x * ((__int128)1 << bits) + (draw << s), (__int128)1 << (s + bits));
}

static int64_t over(work *w, int64_t x, int bits) {
  int64_t high = (INT64_C(1) << (bits - 1)) - 1, low = -high - 1;
  if (x >= low && x <= high)
    return x;
  w->counts->saturations++;
  if (!w->acc->wrap)
    return x > high ? high : low;
  while (x > high)
    x -= INT64_C(1) << bits;
  while (x < low)
    x += INT64_C(1) << bits;
  return x;
}

/* Numerics 8.1 over the listed products of one group; `part` picks what of b is multiplied. */
static int64_t accumulate(work *w, long group, int64_t (*part)(int64_t)) {
  int64_t total = 0, sum = 0;
  size_t held = 0;
  uint32_t draw = 0;
  for (size_t k = 0; k < w->k; k++) {
    const product *p = &w->list[k];
    if (!p->nonzero || p->group != group)
      continue;
    int64_t x = p->a * part(p->b);
    uint32_t r = w->draws != NULL ? w->draws[p->draw] : 0;
    if (w->acc->chunk == 0) {
      total = over(w, total + rounded(w, x, r), w->acc->acc_bits);
      continue;
    }
    if (held == 0)
      draw = r;
    sum = over(w, sum + x, w->acc->psum_bits);
    if (++held == w->acc->chunk) {
      total = over(w, total + rounded(w, sum, draw), w->acc->acc_bits);
      held = 0;
      sum = 0;
    }
  }
  if (held > 0)
    total = over(w, total + rounded(w, sum, draw), w->acc->acc_bits);
  return total;
}

static int64_t whole(int64_t b) { return b; }
static int64_t low_part(int64_t b) { return ((b % 128) + 128) % 128; }
static int64_t high_part(int64_t b) { return (b - low_part(b)) / 128; }

static int64_t saturated(int64_t x, int bits) {
  int64_t high = (INT64_C(1) << (bits - 1)) - 1;
  return x > high ? high : x < -high - 1 ? -high - 1 : x;
}

static int clog2(size_t n) {
  int c = 0;
  while (((size_t)1 << c) < n)
    c++;
  return c;
}

/* Numerics 8.2 and 8.3 for the listed products: mantissa, exponent, bits. */
static int32_t align(work *w, long *exponent, int *bits) {
  bool two = w->c->in[1]->kind == BT_T_BFP16, any = false, group = false;
  long gmax = 0, gmin = 0;
  for (size_t k = 0; k < w->k; k++) {
    const product *p = &w->list[k];
    any = any || p->nonzero;
    if (!p->grouped)
      continue;
    gmax = !group || p->group > gmax ? p->group : gmax;
    gmin = !group || p->group < gmin ? p->group : gmin;
    group = true;
  }
  long gref = gmin > gmax - 16 ? gmin : gmax - 16;
  int width = 14 - w->acc->acc_shift + clog2(w->k) + (int)(gmax - gref) + (two ? 7 : 0);
  int t = width > 31 ? width - 31 : 0;
  *exponent = any ? gref + w->acc->acc_shift + t : -512;
  *bits = !group ? 0 : width > 31 ? 31 : width;
  w->seen->empty_outputs += !any;
  if (!any)
    return 0;
  for (size_t k = 0; k < w->k; k++)
    w->counts->dropped += w->list[k].nonzero && w->list[k].group < gref;
  int64_t sum = 0;
  int groups = 0;
  for (long g = gref; g <= gmax; g++) {
    bool present = false;
    for (size_t k = 0; k < w->k; k++)
      present = present || (w->list[k].nonzero && w->list[k].group == g);
    if (!present)
      continue;
    w->seen->groups++;
    groups++;
    int64_t value = accumulate(w, g, two ? low_part : whole);
    sum = saturated(sum + value * (INT64_C(1) << (g - gref)), 48);
    if (two)
      sum = saturated(sum + accumulate(w, g, high_part) * 128 * (INT64_C(1) << (g - gref)), 48);
  }
  w->seen->shifted += t > 0;
  w->seen->aligned_groups += groups > 1 && (has_tiles(w->c->in[0]) || has_tiles(w->c->in[1]));
  return (int32_t)saturated((int64_t)floor_div(sum, (__int128)1 << t), 32);
}

/* Writes output number q. */
static void finish(work *w, size_t q) {
  bt_tensor *out = w->c->out[0];
  long exponent;
  int bits;
  for (size_t k = 0; k < w->k; k++)
    w->list[k].draw = q * w->k + k;
  ((int32_t *)out->data)[q] = align(w, &exponent, &bits);
  size_t cell = q / (oracle_elements(out->ndim, out->dim) / out->n0) * out->nl +
                (out->nl > 1 ? q % out->dim[out->ndim - 1] : 0);
  bool own = has_tiles(w->c->in[0]) || has_tiles(w->c->in[1]);
  out->exp[cell] = (int16_t)exponent;
  w->seen->aligned += own;
  w->seen->aligned_two_pass += own && w->c->in[1]->kind == BT_T_BFP16;
  out->bits = bits > out->bits ? bits : out->bits;
  w->seen->products += w->k;
  w->seen->two_pass += w->c->in[1]->kind == BT_T_BFP16;
  w->k = 0;
}

static bool *zero_blocks(const bt_tensor *t) {
  size_t n = oracle_elements(t->ndim, t->dim);
  size_t blocks = oracle_block_count(&t->fmt, t->ndim, t->dim);
  bool *zero = calloc(blocks + 1, sizeof *zero);
  for (size_t b = 0; b < blocks; b++)
    zero[b] = t->exp[b] == -128;
  for (size_t i = 0; i < n; i++)
    if (mantissa(t, i) != 0)
      zero[oracle_block_of(&t->fmt, t->ndim, t->dim, i)] = false;
  return zero;
}

static void run(work *w) {
  const bt_geometry *g = w->g;
  size_t q = 0;
  switch (w->c->u.contract.direction) {
  case BT_FORWARD:
    for (size_t n = 0; n < g->n; n++)
      for (size_t oh = 0; oh < g->oh; oh++)
        for (size_t ow = 0; ow < g->ow; ow++)
          for (size_t o = 0; o < g->o; o++, finish(w, q++))
            list_forward(w, n, oh, ow, o);
    break;
  case BT_DATA_GRADIENT:
    for (size_t n = 0; n < g->n; n++)
      for (size_t h = 0; h < g->h; h++)
        for (size_t x = 0; x < g->w; x++)
          for (size_t c = 0; c < g->c; c++, finish(w, q++))
            list_data_gradient(w, n, h, x, c);
    break;
  case BT_WEIGHT_GRADIENT:
    for (size_t o = 0; o < g->o; o++)
      for (size_t kh = 0; kh < g->kh; kh++)
        for (size_t kw = 0; kw < g->kw; kw++)
          for (size_t c = 0; c < g->c; c++, finish(w, q++))
            list_weight_gradient(w, o, kh, kw, c);
    break;
  }
}

void oracle_contract(const bt_command *c, const bt_accumulator *acc, bt_lfsr *rng,
                     bt_counts *counts, oracle_contract_seen *seen) {
  const bt_geometry *g = &c->u.contract.geometry;
  size_t forward = g->kh * g->kw * g->c, data = g->kh * g->kw * g->o, weight = g->n * g->oh * g->ow;
  bt_direction d = c->u.contract.direction;
  size_t k = d == BT_FORWARD ? forward : d == BT_DATA_GRADIENT ? data : weight;
  size_t n = oracle_elements(c->out[0]->ndim, c->out[0]->dim) * k;
  bool *zero_a = zero_blocks(c->in[0]), *zero_b = zero_blocks(c->in[1]);
  work w = {.c = c, .g = g, .acc = acc, .zero = {zero_a, zero_b}, .round = acc->acc_round,
            .counts = counts, .seen = seen, .list = calloc(k + 1, sizeof(product))};
  uint32_t *draws = NULL;
  if (w.round.mode == BT_STOCHASTIC && c->u.contract.nearest)
    w.round.mode = BT_NEAREST_EVEN;
  if (w.round.mode == BT_STOCHASTIC && acc->acc_shift > 0) {
    draws = calloc(n + 1, sizeof *draws);
    oracle_lfsr_draws(rng, n, w.round.random_bits, draws);
  }
  w.draws = draws;
  c->out[0]->bits = 0;
  run(&w);
  free(draws);
  free(w.list);
  free(zero_a);
  free(zero_b);
}
