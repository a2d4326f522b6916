/* What the manifest of golden vectors says of a command besides its files. */
#include <stdio.h>

#include "engine/vectors_parts.h"

static const char *mode_name(bt_rounding mode) {
  static const char *const name[] = {"stochastic", "nearest_even", "nearest_away", "floor"};
  return name[mode];
}

static void set_int(json_t *o, const char *key, long long value) {
  json_object_set_new(o, key, json_integer(value));
}

static void set_text(json_t *o, const char *key, const char *value) {
  json_object_set_new(o, key, json_string(value));
}

static void set_round(json_t *o, const char *key, const bt_round_options *round) {
  set_text(o, key, mode_name(round->mode));
  if (round->mode == BT_STOCHASTIC) {
    set_int(o, "random_bits", round->random_bits);
    json_object_set_new(o, "sr_half", json_boolean(round->sr_half));
  }
}

static void set_constant(json_t *o, const char *key, bt_constant c) {
  json_object_set_new(o, key, json_pack("{s:i, s:i}", "mantissa", (int)c.mantissa, "exponent",
                                        c.exponent));
}

static void contract(json_t *o, const bt_command *c, const bt_machine *machine) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_extent x = bt_geometry_extent(g, c->u.contract.direction);
  bt_accumulator acc = machine->acc;
  set_text(o, "direction", bt_direction_name(c->u.contract.direction));
  const struct { const char *key; size_t value; } size[] = {
      {"n", g->n}, {"h", g->h}, {"w", g->w}, {"c", g->c}, {"o", g->o}, {"kh", g->kh},
      {"kw", g->kw}, {"stride", g->stride}, {"pad", g->pad}, {"oh", g->oh}, {"ow", g->ow},
      {"rows", x.rows}, {"columns", x.cols}, {"k", x.k}, {"chunk", acc.chunk}};
  for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
    set_int(o, size[i].key, (long long)size[i].value);
  }
  if (c->u.contract.nearest && acc.acc_round.mode == BT_STOCHASTIC) {
    acc.acc_round.mode = BT_NEAREST_EVEN;
  }
  set_int(o, "acc_bits", acc.acc_bits);
  set_text(o, "overflow", acc.wrap ? "wrap" : "saturate");
  set_int(o, "acc_shift", acc.acc_shift);
  set_round(o, "acc_rounding", &acc.acc_round);
  set_int(o, "psum_bits", acc.psum_bits);
  set_int(o, "align_bits", 16);
}

static void affine(json_t *o, const bt_command *c) {
  char key[24];
  set_int(o, "terms", (long long)c->u.affine.terms);
  for (size_t i = 0; i < c->u.affine.terms; i++) {
    if (c->in[BT_IN_CONSTANTS + i] == NULL) {
      snprintf(key, sizeof key, "c%zu", i + 1);
      set_constant(o, key, c->u.affine.c[i]);
    }
  }
  if (c->u.affine.has_c0) {
    set_constant(o, "c0", c->u.affine.c0);
  }
  json_object_set_new(o, "relu", json_boolean(c->u.affine.relu));
  json_object_set_new(o, "masked", json_boolean(c->u.affine.masked));
}

static void dropout(json_t *o, const bt_command *c) {
  json_object_set_new(o, "seed", json_sprintf("%llu", (unsigned long long)c->u.dropout.seed));
  set_int(o, "epoch", (long long)c->u.dropout.epoch);
  set_int(o, "layer", (long long)c->u.dropout.layer);
  set_int(o, "step", (long long)c->u.dropout.step);
  set_int(o, "drop_numerator", c->u.dropout.drop.num);
  set_int(o, "drop_denominator", c->u.dropout.drop.den);
}

json_t *bt_vectors_parameters(const bt_command *c, const bt_machine *machine) {
  static const char *const reduction[] = {"sum", "sum_xx", "sum_xy", "min", "max", "moments",
                                          "products"};
  json_t *o = json_object();
  switch (c->op) {
    case BT_OP_CONTRACT: contract(o, c, machine); break;
    case BT_OP_QUANTIZE: set_round(o, "rounding", &c->u.quantize.round); break;
    case BT_OP_AFFINE: affine(o, c); break;
    case BT_OP_REDUCE: set_text(o, "kind", reduction[c->u.reduce.kind]); break;
    case BT_OP_POOL:
    case BT_OP_POOL_BACK:
    case BT_OP_POOL_SUM:
    case BT_OP_SPREAD:
      set_int(o, "kernel", (long long)c->u.pool.k);
      set_int(o, "stride", (long long)c->u.pool.k);
      break;
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
      set_int(o, "rows", (long long)c->u.norm.rows);
      if (c->op == BT_OP_NORM) {
        set_constant(o, "eps", c->u.norm.eps);
      }
      break;
    case BT_OP_DROPOUT: dropout(o, c); break;
    default: break;
  }
  return o;
}

const char *bt_vectors_input(const bt_command *c, size_t i) {
  static const char *const contract[][2] = {{"A: x", "B: w"}, {"A: e", "B: w"}, {"A: e", "B: x"}};
  static const char *const affine[] = {
      "x1", "x2", "x3", "x4", "mask", "constants in place of c1", "constants in place of c2",
      "constants in place of c3", "constants in place of c4", "constants in place of c0"};
  static const char *const norm[] = {"S1", "S2", "gamma", "beta"},
                    *const back[] = {"S1", "S2", "gamma", "a", "Se", "Sex"};
  switch (c->op) {
    case BT_OP_CONTRACT: return contract[c->u.contract.direction][i & 1];
    case BT_OP_AFFINE: return affine[i];
    case BT_OP_GATE: return i == 0 ? "x" : "mask";
    case BT_OP_REDUCE: return i == 0 ? "x" : "y";
    case BT_OP_POOL_BACK: return i == 0 ? "error" : "index";
    case BT_OP_SOFTMAX: return i == 0 ? "logits" : "labels";
    case BT_OP_NORM: return i < 4 ? norm[i] : "";
    case BT_OP_NORM_BACK: return i < 6 ? back[i] : "";
    default: return "x";
  }
}

const char *bt_vectors_output(const bt_command *c, size_t i) {
  static const char *const norm[] = {"a", "b", "", ""},
                    *const back[] = {"b'", "c'", "dgamma", "dbeta"};
  bool sums = c->op == BT_OP_REDUCE &&
              (c->u.reduce.kind == BT_MOMENTS || c->u.reduce.kind == BT_PRODUCTS);
  switch (c->op) {
    case BT_OP_AFFINE: return i == 0 ? "y" : "mask";
    case BT_OP_REDUCE: return !sums ? "sums" : i == 0 ? "first sums" : "second sums";
    case BT_OP_POOL: return i == 0 ? "y" : "index";
    case BT_OP_DROPOUT: return "mask";
    case BT_OP_SOFTMAX: return "error";
    case BT_OP_NORM: return norm[i];
    case BT_OP_NORM_BACK: return back[i];
    default: return "y";
  }
}

static void block_text(const bt_format *f, char *text, size_t size) {
  static const char *const name[] = {[BT_BLOCK_TENSOR] = "tensor", [BT_BLOCK_DIM0] = "dim0",
                                     [BT_BLOCK_SAMPLE] = "sample", [BT_BLOCK_K32] = "k32"};
  if (f->block == BT_BLOCK_TILE) {
    snprintf(text, size, "tile:%zux%zu", f->tile_rows, f->tile_cols);
  } else {
    snprintf(text, size, "%s", name[f->block]);
  }
}

static void small_format(json_t *o, const bt_format *f) {
  char block[48];
  bool fixed = f->kind == BT_FIXED;
  block_text(f, block, sizeof block);
  set_text(o, "kind", fixed ? "fixed" : "bfp");
  set_int(o, "wl", f->wl);
  if (fixed) {
    set_int(o, "fl", f->fl);
    json_object_set_new(o, "value", json_sprintf("mantissa * 2^-%d", f->fl));
  } else {
    set_text(o, "block", block);
    json_object_set_new(o, "value", json_sprintf("mantissa * 2^(exponent - %d)", f->wl - 2));
    set_text(o, "zero_block", "exponent -128 and all mantissas 0");
  }
  set_text(o, "clip", f->asymmetric ? "asymmetric" : "symmetric");
}

json_t *bt_vectors_tensor(const bt_tensor *t, const char *place) {
  json_t *o = json_pack("{s:s, s:s, s:s}", "tensor", t->name, "is", place, "role",
                        bt_role_name(t->role));
  switch (t->kind) {
    case BT_T_BFP8:
    case BT_T_BFP16:
      small_format(o, &t->fmt);
      break;
    case BT_T_WIDE:
      set_text(o, "kind", "wide");
      set_int(o, "bits", t->bits);
      set_int(o, "n0", (long long)t->n0);
      set_int(o, "nl", (long long)t->nl);
      set_text(o, "value", "mantissa * 2^exponent");
      set_text(o, "exponent_of_element",
               "number i / (elements / n0) * nl, plus i mod (last dimension) if nl > 1");
      break;
    case BT_T_SUMS:
      set_text(o, "kind", "sums");
      set_text(o, "value", "mantissa * 2^exponent");
      break;
    case BT_T_BYTE:
    default:
      set_text(o, "kind", t->role == BT_ROLE_MASK ? "bit" : "byte");
      break;
  }
  return o;
}
