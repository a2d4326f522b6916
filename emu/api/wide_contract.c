/* bt_wide_contract: one contraction on the caller's arrays (numerics 8). */
#include "api/view.h"
#include "num/accumulate.h"
#include "num/error.h"
#include "ref/commands.h"

#define LARGEST ((size_t)INT32_MAX)

/* Whether the sizes are at least 1 and their product at most LARGEST. */
static bool product_fits(size_t count, const size_t *size) {
  size_t product = 1;
  for (size_t i = 0; i < count; i++) {
    if (size[i] == 0 || size[i] > LARGEST / product) {
      return false;
    }
    product *= size[i];
  }
  return true;
}

/* What bt_command_check() computes with must not overflow. */
static bt_status check_sizes(const bt_geometry *g, bt_error *error) {
  const size_t x[] = {g->n, g->h, g->w, g->c}, w[] = {g->o, g->kh, g->kw, g->c};
  const size_t y[] = {g->n, g->oh, g->ow, g->o};
  if (!product_fits(4, x) || !product_fits(4, w) || !product_fits(4, y) || g->stride == 0 ||
      g->stride > LARGEST || g->pad > LARGEST) {
    return bt_fail(error, BT_BAD_INPUT,
                   "geometry: expected sizes and a stride of at least 1, each tensor of at most "
                   "2^31 - 1 elements");
  }
  return BT_OK;
}

static bool by_dim0(const bt_tensor *t) {
  return t->fmt.block == BT_BLOCK_DIM0 || t->fmt.block == BT_BLOCK_SAMPLE;
}

/* y with the cells that the operands' blocks ask for (numerics 8.2). */
static bt_tensor output_shape(bt_direction d, const bt_geometry *g, const bt_tensor *a,
                              const bt_tensor *b) {
  const size_t dim[3][4] = {{g->n, g->oh, g->ow, g->o}, {g->n, g->h, g->w, g->c},
                            {g->o, g->kh, g->kw, g->c}};
  const bt_tensor *from[] = {a, b};
  return bt_tensor_wide_from("y", 4, dim[d], by_dim0(a) && d != BT_WEIGHT_GRADIENT,
                             by_dim0(b) && d == BT_FORWARD, 2, from);
}

static bt_status run_contract(const bt_accumulator *acc, bt_command *c, bt_tensor *y, bt_lfsr *rng,
                              bt_contract_counts *counts, bt_error *error) {
  bt_counts total = {0};
  bt_status s = bt_command_check(c, error);
  if (s == BT_OK && rng == NULL && bt_command_draws(c, acc) > 0) {
    return bt_fail(error, BT_BAD_INPUT, "stochastic acc_rounding without a generator");
  }
  if (s == BT_OK && !bt_tensor_alloc(y)) {
    return bt_fail(error, BT_FAILED, "y: out of memory");
  }
  s = s == BT_OK ? bt_ref_contract(c, acc, rng, &total, error) : s;
  if (s == BT_OK && counts != NULL) {
    counts->saturations += total.saturations;
    counts->dropped += total.dropped;
  }
  return s;
}

bt_status bt_wide_contract(const bt_accumulator *acc, bt_direction direction,
                           const bt_geometry *geometry, const bt_blocks *a, const bt_blocks *b,
                           bt_lfsr *rng, bt_wide *y, bt_contract_counts *counts, bt_error *error) {
  bt_tensor in[2] = {{0}, {0}}, out = {0};
  bt_status s = bt_accumulator_check(acc, error);
  if (s == BT_OK && (unsigned)direction > BT_WEIGHT_GRADIENT) {
    s = bt_fail(error, BT_BAD_INPUT, "unknown direction %d", (int)direction);
  }
  s = s == BT_OK ? check_sizes(geometry, error) : s;
  s = s == BT_OK ? bt_view_blocks("a", a, &in[0], error) : s;
  s = s == BT_OK ? bt_view_blocks("b", b, &in[1], error) : s;
  if (s == BT_OK) {
    out = output_shape(direction, geometry, &in[0], &in[1]);
    bt_command c = {.op = BT_OP_CONTRACT, .label.text = "bt_wide_contract",
                    .in = {&in[0], &in[1]}, .out = {&out}};
    c.u.contract.direction = direction;
    c.u.contract.geometry = *geometry;
    c.u.contract.nearest = in[1].fmt.wl > 8; /* two passes draw nothing (numerics 8.3) */
    s = run_contract(acc, &c, &out, rng, counts, error);
  }
  if (s == BT_OK) {
    bt_view_give(&out, y);
  }
  bt_tensor_free(&out);
  bt_tensor_free(&in[0]);
  bt_tensor_free(&in[1]);
  return s;
}
