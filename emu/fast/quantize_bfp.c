/* quantize of a bfp tensor (numerics 7), as that of 1 * x: an affine gives the same values, and
 * where it gives more bits of them, those are zeros, below which no bit of a draw counts. */
#include "fast/commands.h"
#include "fast/fused_quantize.h"

bool bt_fast_quantize_bfp(bt_fast *f, const bt_command *c, bt_lfsr *rng, bt_counts *counts) {
  const bt_tensor *x = c->in[0];
  bool rows = bt_tensor_exponents(x) > 1;
  if (bt_tensor_has_tiles(x) || (rows && x->ndim < 2)) {
    return false;
  }
  bt_tensor wide = bt_tensor_wide("1 * x", x->ndim, x->dim, rows, false);
  wide.exp = bt_scratch_take(f->scratch, bt_tensor_exponents(&wide) * sizeof *wide.exp);
  if (wide.exp == NULL) {
    return false;
  }
  bt_command affine = {.op = BT_OP_AFFINE, .label = c->label, .in = {x}, .out = {&wide}};
  affine.u.affine.terms = 1;
  affine.u.affine.c[0] = (bt_constant){16384, -14};
  bt_command quantize = *c;
  quantize.in[0] = &wide;
  bt_fused u = {.f = f, .streams = 1};
  return bt_fused_affine(&u, 0, &affine, NULL) &&
         bt_fused_run(&u, (const bt_command *[]){&quantize}, rng, counts);
}
