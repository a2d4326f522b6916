#include "oracle_groups.h"

#include <stdlib.h>

/* Elements of A and B that product k of output (i, j) takes; false outside the image. */
static bool places(const bt_geometry *g, bt_direction d, size_t i, size_t j, size_t k, size_t *a,
                   size_t *b) {
  size_t n, y, x, kh, kw, c, o; /* image, output place, window place, channels */
  if (d == BT_FORWARD) {
    n = i / (g->oh * g->ow), y = i / g->ow % g->oh, x = i % g->ow;
    o = j, kh = k / (g->kw * g->c), kw = k / g->c % g->kw, c = k % g->c;
  } else if (d == BT_WEIGHT_GRADIENT) {
    n = k / (g->oh * g->ow), y = k / g->ow % g->oh, x = k % g->ow;
    o = i, kh = j / (g->kw * g->c), kw = j / g->c % g->kw, c = j % g->c;
  } else {
    n = i / (g->h * g->w), c = j;
    o = k / (g->kh * g->kw), kh = k / g->kw % g->kh, kw = k % g->kw;
    size_t h = i / g->w % g->h + g->pad, w = i % g->w + g->pad;
    if (h < kh || w < kw || (h - kh) % g->stride > 0 || (w - kw) % g->stride > 0) {
      return false;
    }
    y = (h - kh) / g->stride, x = (w - kw) / g->stride;
    *a = ((n * g->oh + y) * g->ow + x) * g->o + o;
    *b = ((o * g->kh + kh) * g->kw + kw) * g->c + c;
    return y < g->oh && x < g->ow;
  }
  size_t h = y * g->stride + kh, w = x * g->stride + kw;
  if (h < g->pad || w < g->pad || h >= g->h + g->pad || w >= g->w + g->pad) {
    return false;
  }
  size_t in_x = ((n * g->h + h - g->pad) * g->w + w - g->pad) * g->c + c;
  size_t in_w = ((o * g->kh + kh) * g->kw + kw) * g->c + c;
  size_t in_y = ((n * g->oh + y) * g->ow + x) * g->o + o;
  *a = d == BT_FORWARD ? in_x : in_y;
  *b = d == BT_FORWARD ? in_w : in_x;
  return true;
}

static size_t block(const bt_tensor *t, size_t element) {
  return bt_block_of(&t->fmt, t->ndim, t->dim, element);
}

/* Runs of the middle output (tile, k32). */
static void runs(const bt_command *c, oracle_groups *r) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_direction d = c->u.contract.direction;
  bt_extent e = bt_geometry_extent(g, d);
  bool inside = false;
  size_t in_a = 0, in_b = 0, a = 0, b = 0;
  r->count = 1;
  for (size_t k = 0; k < e.k; k++) {
    if (places(g, d, e.rows / 2, e.cols / 2, k, &a, &b)) {
      size_t now_a = block(c->in[0], a), now_b = block(c->in[1], b);
      if (inside && (now_a != in_a || now_b != in_b)) {
        r->count++;
      }
      inside = true;
      in_a = now_a;
      in_b = now_b;
    }
    r->k[r->count - 1]++;
  }
}

static bool known(const bt_tensor *t, bool plan) {
  bool any = false;
  for (size_t i = 0; t->exp != NULL && i < bt_tensor_exponents(t); i++) {
    any = any || t->exp[i] != -128;
  }
  return any || !plan;
}

/* The exponent of one operand at index `at` of what differs along k; false in a zero block. */
static bool exponent(const bt_tensor *t, bool differs, size_t at, int *e) {
  *e = differs ? t->exp[at] : 0;
  return !differs || !bt_tensor_zero_block(t, at);
}

static bool by_dim0(const bt_tensor *t) {
  return t->fmt.kind == BT_BFP &&
         (t->fmt.block == BT_BLOCK_DIM0 || t->fmt.block == BT_BLOCK_SAMPLE);
}

/* Indices along k share `each` products: output channels (data gradient) or samples. */
static void equal_exponents(const bt_command *c, bool plan, oracle_groups *r) {
  const bt_geometry *g = &c->u.contract.geometry;
  bool samples = c->u.contract.direction == BT_WEIGHT_GRADIENT;
  size_t count = samples ? g->n : g->o, each = samples ? g->oh * g->ow : g->kh * g->kw;
  bool a = samples && by_dim0(c->in[0]) && known(c->in[0], plan);
  bool b = by_dim0(c->in[1]) && known(c->in[1], plan);
  uint64_t at[1024] = {0}; /* k of each sum of exponents, from -512 */
  int top = -512, low = 511;
  for (size_t i = 0; i < count; i++) {
    int ea, eb;
    if (exponent(c->in[0], a, i, &ea) & exponent(c->in[1], b, i, &eb)) {
      int e = ea + eb;
      at[e + 512] += each;
      top = e > top ? e : top;
      low = e < low ? e : low;
    }
  }
  low = top - 16 > low ? top - 16 : low;
  for (int e = low; e <= top; e++) {
    if (at[e + 512] > 0) {
      r->k[r->count++] = at[e + 512];
    }
  }
}

oracle_groups oracle_groups_of(const bt_command *c, bool plan, bool fp32) {
  bt_direction d = c->u.contract.direction;
  size_t k = bt_geometry_extent(&c->u.contract.geometry, d).k;
  oracle_groups r = {0, calloc(2 * k + 2, sizeof *r.k)};
  if (r.k == NULL) {
    abort();
  }
  if (!fp32 && bt_contract_by_element(c)) {
    runs(c, &r);
  } else if (!fp32 && d != BT_FORWARD) {
    equal_exponents(c, plan, &r);
  } else {
    r.count = 1;
    r.k[0] = k;
  }
  if (!fp32 && d == BT_FORWARD && c->in[1]->fmt.wl > 8) {
    for (size_t i = 0; i < r.count; i++) {
      r.k[r.count + i] = r.k[i];
    }
    r.count *= 2;
  }
  return r;
}
