#include "engine/user_view.h"

#include <stdlib.h>
#include <string.h>

/* The interface's numbers are the commands'. */
#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "bittrue_engine.h: " #a)
SAME(BT_USER_CONTRACT, BT_OP_CONTRACT);
SAME(BT_USER_QUANTIZE, BT_OP_QUANTIZE);
SAME(BT_USER_AFFINE, BT_OP_AFFINE);
SAME(BT_USER_GATE, BT_OP_GATE);
SAME(BT_USER_REDUCE, BT_OP_REDUCE);
SAME(BT_USER_POOL, BT_OP_POOL);
SAME(BT_USER_POOL_BACK, BT_OP_POOL_BACK);
SAME(BT_USER_SOFTMAX, BT_OP_SOFTMAX);
SAME(BT_USER_DROPOUT, BT_OP_DROPOUT);
SAME(BT_USER_AVERAGE, BT_OP_AVERAGE);
SAME(BT_USER_POOL_SUM, BT_OP_POOL_SUM);
SAME(BT_USER_SPREAD, BT_OP_SPREAD);
SAME(BT_USER_NORM, BT_OP_NORM);
SAME(BT_USER_NORM_BACK, BT_OP_NORM_BACK);
SAME(BT_USER_STATISTICS, BT_OP_STATISTICS);
SAME(BT_USER_BFP8, BT_T_BFP8);
SAME(BT_USER_BFP16, BT_T_BFP16);
SAME(BT_USER_WIDE, BT_T_WIDE);
SAME(BT_USER_BYTE, BT_T_BYTE);
SAME(BT_USER_SUMS, BT_T_SUMS);
SAME(BT_USER_FORWARD, BT_FORWARD);
SAME(BT_USER_DATA_GRADIENT, BT_DATA_GRADIENT);
SAME(BT_USER_WEIGHT_GRADIENT, BT_WEIGHT_GRADIENT);
SAME(BT_USER_SUM, BT_SUM);
SAME(BT_USER_SUM_XX, BT_SUM_XX);
SAME(BT_USER_SUM_XY, BT_SUM_XY);
SAME(BT_USER_MIN, BT_MIN);
SAME(BT_USER_MAX, BT_MAX);
SAME(BT_USER_MOMENTS, BT_MOMENTS);
SAME(BT_USER_PRODUCTS, BT_PRODUCTS);
SAME(BT_USER_MAX_INPUTS, BT_MAX_INPUTS);
SAME(BT_USER_MAX_OUTPUTS, BT_MAX_OUTPUTS);
SAME(BT_USER_MAX_TERMS, BT_MAX_TERMS);
SAME(BT_USER_IN_MASK, BT_IN_MASK);
SAME(BT_USER_IN_CONSTANTS, BT_IN_CONSTANTS);
SAME(BT_USER_IN_ADDEND, BT_IN_ADDEND);
SAME(BT_USER_MAX_DIMS, sizeof((bt_tensor *)NULL)->dim / sizeof(size_t));

static void show_input(bt_user_input *to, const bt_tensor *t) {
  *to = (bt_user_input){.name = t->name, .kind = (bt_user_kind)t->kind, .ndim = t->ndim,
                        .elements = bt_tensor_elements(t), .format = t->fmt, .cells_first = t->n0,
                        .cells_last = t->nl, .exponents = bt_tensor_exponents(t),
                        .bits = t->bits, .data = t->data, .exponent = t->exp};
  memcpy(to->dim, t->dim, sizeof to->dim);
}

static void show_output(bt_user_output *to, const bt_tensor *t) {
  *to = (bt_user_output){.name = t->name, .kind = (bt_user_kind)t->kind, .ndim = t->ndim,
                         .elements = bt_tensor_elements(t), .format = t->fmt,
                         .cells_first = t->n0, .cells_last = t->nl,
                         .exponents = bt_tensor_exponents(t), .data = t->data, .exponent = t->exp};
  memcpy(to->dim, t->dim, sizeof to->dim);
}

static bt_user_constant constant(bt_constant c) {
  return (bt_user_constant){c.mantissa, c.exponent};
}

static void show_contract(bt_user_command *to, const bt_command *c) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_extent x = bt_geometry_extent(g, c->u.contract.direction);
  to->u.contract.direction = (bt_user_direction)c->u.contract.direction;
  to->u.contract.n = g->n;
  to->u.contract.h = g->h;
  to->u.contract.w = g->w;
  to->u.contract.c = g->c;
  to->u.contract.o = g->o;
  to->u.contract.kh = g->kh;
  to->u.contract.kw = g->kw;
  to->u.contract.stride = g->stride;
  to->u.contract.pad = g->pad;
  to->u.contract.oh = g->oh;
  to->u.contract.ow = g->ow;
  to->u.contract.rows = x.rows;
  to->u.contract.cols = x.cols;
  to->u.contract.k = x.k;
  to->u.contract.nearest = c->u.contract.nearest;
}

static void show_affine(bt_user_command *to, const bt_command *c) {
  to->u.affine.terms = c->u.affine.terms;
  for (size_t i = 0; i < c->u.affine.terms; i++) {
    to->u.affine.c[i] = constant(c->u.affine.c[i]);
  }
  to->u.affine.has_c0 = c->u.affine.has_c0;
  to->u.affine.c0 = constant(c->u.affine.c0);
  to->u.affine.relu = c->u.affine.relu;
  to->u.affine.masked = c->u.affine.masked;
}

/* round_half_even(p * 65536), 0 <= p <= 1 (numerics 5.5) */
static uint32_t threshold(bt_rational p) {
  unsigned __int128 scaled = (unsigned __int128)(uint64_t)p.num << 16;
  uint64_t den = (uint64_t)p.den, quotient = (uint64_t)(scaled / den);
  uint64_t rest = (uint64_t)(scaled % den);
  bool up = rest > den - rest || (rest == den - rest && (quotient & 1) != 0);
  return (uint32_t)(quotient + (up ? 1 : 0));
}

static void show_dropout(bt_user_command *to, const bt_command *c) {
  to->u.dropout.seed = c->u.dropout.seed;
  to->u.dropout.epoch = c->u.dropout.epoch * 65536 + c->u.dropout.layer;
  to->u.dropout.first = c->u.dropout.step * bt_tensor_elements(c->out[0]);
  to->u.dropout.threshold = threshold(c->u.dropout.drop);
}

static void split(bt_user_int128 *to, const __int128 *from, size_t count) {
  for (size_t i = 0; i < count; i++) {
    to[i] = (bt_user_int128){(uint64_t)from[i], (int64_t)(from[i] >> 64)};
  }
}

static void join(__int128 *to, const bt_user_int128 *from, size_t count) {
  for (size_t i = 0; i < count; i++) {
    unsigned __int128 bits = (unsigned __int128)(uint64_t)from[i].high << 64 | from[i].low;
    memcpy(&to[i], &bits, sizeof bits);
  }
}

static bool show_statistics(bt_user_statistics *to, const bt_statistics *s) {
  to->channels = s->channels;
  to->first = malloc((s->channels + 1) * sizeof *to->first);
  to->second = malloc((s->channels + 1) * sizeof *to->second);
  if (to->first == NULL || to->second == NULL) {
    return false;
  }
  split(to->first, s->first, s->channels);
  split(to->second, s->second, s->channels);
  to->first_step = s->first_step;
  to->second_step = s->second_step;
  to->rows = s->rows;
  return true;
}

static bool show_norm(bt_user_view *v, const bt_command *c) {
  bt_user_command *to = &v->command;
  to->u.norm.rows = c->u.norm.rows;
  to->u.norm.eps = constant(c->u.norm.eps);
  if (c->u.norm.statistics == NULL) {
    return true;
  }
  to->u.norm.statistics = &v->statistics;
  return show_statistics(&v->statistics, c->u.norm.statistics);
}

/* The union's member. */
static bool show_parameters(bt_user_view *v, const bt_command *c) {
  bt_user_command *to = &v->command;
  switch (c->op) {
    case BT_OP_CONTRACT: show_contract(to, c); return true;
    case BT_OP_QUANTIZE: to->u.quantize.round = c->u.quantize.round; return true;
    case BT_OP_AFFINE: show_affine(to, c); return true;
    case BT_OP_REDUCE:
      to->u.reduce.kind = (bt_user_reduction)c->u.reduce.kind;
      return true;
    case BT_OP_POOL:
    case BT_OP_POOL_BACK:
    case BT_OP_POOL_SUM:
    case BT_OP_SPREAD: to->u.pool.k = c->u.pool.k; return true;
    case BT_OP_SOFTMAX:
      v->loss = (bt_user_loss){c->u.softmax.loss->loss_bits, c->u.softmax.loss->correct,
                               c->u.softmax.loss->rows};
      to->u.softmax.loss = &v->loss;
      return true;
    case BT_OP_DROPOUT: show_dropout(to, c); return true;
    case BT_OP_AVERAGE:
      v->average = (bt_user_average){c->u.average.average->sum, c->u.average.average->emin,
                                     c->u.average.average->count};
      to->u.average.average = &v->average;
      return true;
    case BT_OP_NORM:
    case BT_OP_NORM_BACK: return show_norm(v, c);
    case BT_OP_STATISTICS:
      to->u.statistics.rows = c->u.statistics.rows;
      to->u.statistics.statistics = &v->statistics;
      return show_statistics(&v->statistics, c->u.statistics.statistics);
    case BT_OP_GATE:
    default: return true;
  }
}

bool bt_user_view_make(bt_user_view *v, const bt_command *c, const bt_accumulator *acc) {
  memset(v, 0, sizeof *v);
  bt_user_command *to = &v->command;
  to->op = (bt_user_op)c->op;
  to->label = c->label.text == NULL ? bt_op_name(c->op) : c->label.text;
  to->phase = bt_phase_name(c->label.phase);
  to->step = c->label.step;
  to->layer = c->label.layer;
  for (size_t i = 0; i < BT_USER_MAX_INPUTS; i++) {
    if (c->in[i] != NULL) {
      show_input(&v->in[i], c->in[i]);
      to->in[i] = &v->in[i];
    }
  }
  for (size_t i = 0; i < BT_USER_MAX_OUTPUTS; i++) {
    if (c->out[i] != NULL) {
      show_output(&v->out[i], c->out[i]);
      to->out[i] = &v->out[i];
    }
  }
  to->draws = bt_command_draws(c, acc);
  if (to->draws > 0) {
    to->draw_bits = c->op == BT_OP_QUANTIZE ? c->u.quantize.round.random_bits
                                            : acc->acc_round.random_bits;
  }
  return show_parameters(v, c);
}

void bt_user_view_return(const bt_user_view *v, const bt_command *c) {
  for (size_t i = 0; i < BT_USER_MAX_OUTPUTS; i++) {
    if (c->out[i] != NULL && c->out[i]->kind == BT_T_WIDE) {
      c->out[i]->bits = v->out[i].bits;
    }
  }
  if (c->op == BT_OP_SOFTMAX) {
    *c->u.softmax.loss = (bt_loss){v->loss.loss_bits, v->loss.correct, v->loss.rows};
  } else if (c->op == BT_OP_AVERAGE) {
    c->u.average.average->count = v->average.count;
  } else if (c->op == BT_OP_STATISTICS) {
    bt_statistics *s = c->u.statistics.statistics;
    join(s->first, v->statistics.first, s->channels);
    join(s->second, v->statistics.second, s->channels);
    s->first_step = v->statistics.first_step;
    s->second_step = v->statistics.second_step;
    s->rows = v->statistics.rows;
  }
}

void bt_user_view_free(bt_user_view *v) {
  free(v->statistics.first);
  free(v->statistics.second);
  v->statistics.first = NULL;
  v->statistics.second = NULL;
}

void bt_user_view_advance(const bt_user_command *c, bt_lfsr *generator) {
  if (c->draws > 0) {
    size_t rounds = c->draws / generator->lanes + (c->draws % generator->lanes != 0);
    bt_lfsr_advance(generator, rounds, c->draw_bits);
  }
}
