#include "cli/bench_contract.h"

#include "cli/bench_operands.h"
#include "num/error.h"

static const bt_format whole = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
static const bt_format by_channel = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};

static bt_tensor *operand(bt_program *p, bt_tensor shape, bt_likeness like) {
  bt_tensor *t = bt_program_tensor(p, shape);
  if (t != NULL) {
    bt_operand_fill(t, like);
  }
  return t;
}

/* The command's tensors, in the program's keeping; false when out of memory. */
static bool add_tensors(bt_program *p, bt_command *c) {
  const bt_geometry *g = &c->u.contract.geometry;
  const size_t x[] = {g->n, g->h, g->w, g->c}, w[] = {g->o, g->kh, g->kw, g->c},
               y[] = {g->n, g->oh, g->ow, g->o};
  bt_direction d = c->u.contract.direction;
  c->in[0] = d == BT_FORWARD
                 ? operand(p, bt_tensor_bfp("x", whole, 4, x), BT_LIKE_ACTIVATIONS)
                 : operand(p, bt_tensor_bfp("e", whole, 4, y), BT_LIKE_ERRORS);
  c->in[1] = d == BT_WEIGHT_GRADIENT
                 ? operand(p, bt_tensor_bfp("x", whole, 4, x), BT_LIKE_ACTIVATIONS)
                 : operand(p, bt_tensor_bfp("w", by_channel, 4, w), BT_LIKE_WEIGHTS);
  const size_t *out = d == BT_FORWARD ? y : d == BT_DATA_GRADIENT ? x : w;
  c->out[0] = bt_program_tensor(p, bt_tensor_wide("out", 4, out, false, d == BT_FORWARD));
  return c->in[0] != NULL && c->in[1] != NULL && c->out[0] != NULL;
}

bt_status bt_bench_contract(bt_bench *b, const char *shape, const bt_geometry *g, bt_direction d,
                            uint64_t *macs, double *seconds, bt_error *error) {
  bt_command c = {.op = BT_OP_CONTRACT, .label.text = shape};
  bt_program *p = bt_program_new();
  bt_extent x = bt_geometry_extent(g, d);
  bt_timing t;
  c.u.contract.geometry = *g;
  c.u.contract.direction = d;
  bt_status s = p == NULL || !add_tensors(p, &c)
                    ? bt_fail(error, BT_FAILED, "shape '%s': out of memory", shape)
                    : BT_OK;
  bt_bench_peak(b);
  s = s == BT_OK ? bt_bench_command(b, &c, &t, error) : s;
  bt_program_free(p);
  if (s != BT_OK) {
    return s;
  }
  *macs = (uint64_t)x.rows * x.cols * x.k;
  *seconds = t.median;
  json_t *row = bt_bench_row(b, shape, bt_direction_name(d), &t);
  json_object_set_new(row, "macs", json_integer((json_int_t)*macs));
  bt_bench_number(row, "gmac_per_second", (double)*macs / t.median * 1e-9);
  return BT_OK;
}
