/* A user's shared object for tests: makes each command anew from nothing but what the interface
 * shows and runs it on the reference engine, so that all engines' tests say whether the interface
 * shows all. With an option it does one thing wrong: refuse, silent (refuses without a text), fail,
 * generator (does not advance it), lane (advances, but for lane 1), range, unwritten=N (leaves
 * element N and those behind it), exponent (leaves the last one), bits, widest (bits 32), rows
 * (miscounts them), choosy (covers no command of step 1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bittrue_engine.h"
#include "cmd/statistics.h"
#include "ref/ref.h"

typedef struct {
  bt_engine *ref;
  const bt_user_host *host;
  char option[32];
  size_t from; /* of unwritten */
} mirror;

/* The command and all that it points to. */
typedef struct {
  bt_command c;
  bt_tensor in[BT_MAX_INPUTS], out[BT_MAX_OUTPUTS];
  bt_loss loss;
  bt_average average;
  bt_statistics statistics;
} made;

static bt_status create(const bt_user_setup *setup, void **context, bt_error *error) {
  bt_machine machine = bt_machine_default();
  mirror *m = calloc(1, sizeof *m);
  machine.acc = setup->accumulator;
  machine.lanes = setup->lanes;
  if (strcmp(setup->options, "refuse") == 0 || strcmp(setup->options, "silent") == 0) {
    snprintf(error->text, sizeof error->text, "%s",
             setup->options[0] == 'r' ? "no machine of\nthis kind" : "");
    free(m);
    return BT_MISMATCH;
  }
  m->host = setup->host;
  m->ref = bt_ref_engine(&machine);
  snprintf(m->option, sizeof m->option, "%s", setup->options);
  sscanf(m->option, "unwritten=%zu", &m->from);
  *context = m;
  return BT_OK;
}

static void destroy(void *context) {
  mirror *m = context;
  m->ref->destroy(m->ref);
  free(m);
}

static bool covers(void *context, const bt_user_command *c) {
  return strcmp(((const mirror *)context)->option, "choosy") != 0 || c->step != 1;
}

static bt_constant constant(bt_user_constant c) { return (bt_constant){c.mantissa, c.exponent}; }

static void *mutable(const void *p) {
  void *q;
  memcpy(&q, &p, sizeof q);
  return q;
}

static void make_tensors(made *to, const bt_user_command *c) {
  for (size_t i = 0; i < BT_MAX_INPUTS; i++) {
    const bt_user_input *t = c->in[i];
    if (t != NULL) {
      to->in[i] = (bt_tensor){.name = t->name, .kind = (bt_tensor_kind)t->kind, .ndim = t->ndim,
                              .fmt = t->format, .n0 = t->cells_first, .nl = t->cells_last,
                              .bits = t->bits, .data = mutable(t->data),
                              .exp = mutable(t->exponent)};
      memcpy(to->in[i].dim, t->dim, sizeof t->dim);
      to->c.in[i] = &to->in[i];
    }
  }
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    const bt_user_output *t = c->out[i];
    if (t != NULL) {
      to->out[i] = (bt_tensor){.name = t->name, .kind = (bt_tensor_kind)t->kind, .ndim = t->ndim,
                               .fmt = t->format, .n0 = t->cells_first, .nl = t->cells_last,
                               .data = t->data, .exp = t->exponent};
      memcpy(to->out[i].dim, t->dim, sizeof t->dim);
      to->c.out[i] = &to->out[i];
    }
  }
}

static void make_statistics(made *to, const bt_user_statistics *s) {
  bt_statistics_alloc(&to->statistics, s->channels);
  for (size_t i = 0; i < s->channels; i++) { /* little-endian */
    memcpy(&to->statistics.first[i], &s->first[i], sizeof s->first[i]);
    memcpy(&to->statistics.second[i], &s->second[i], sizeof s->second[i]);
  }
  to->statistics.first_step = s->first_step;
  to->statistics.second_step = s->second_step;
  to->statistics.rows = s->rows;
}

static void make_contract(bt_command *to, const bt_user_command *c) {
  to->u.contract.direction = (bt_direction)c->u.contract.direction;
  to->u.contract.nearest = c->u.contract.nearest;
  to->u.contract.geometry = (bt_geometry){
      .n = c->u.contract.n, .h = c->u.contract.h, .w = c->u.contract.w, .c = c->u.contract.c,
      .o = c->u.contract.o, .kh = c->u.contract.kh, .kw = c->u.contract.kw,
      .stride = c->u.contract.stride, .pad = c->u.contract.pad, .oh = c->u.contract.oh,
      .ow = c->u.contract.ow};
}

static void make_affine(bt_command *to, const bt_user_command *c) {
  to->u.affine.terms = c->u.affine.terms;
  for (size_t i = 0; i < c->u.affine.terms; i++) {
    to->u.affine.c[i] = constant(c->u.affine.c[i]);
  }
  to->u.affine.has_c0 = c->u.affine.has_c0;
  to->u.affine.c0 = constant(c->u.affine.c0);
  to->u.affine.relu = c->u.affine.relu;
  to->u.affine.masked = c->u.affine.masked;
}

/* Its stream's index is step * elements + i: a step of 0 would hide `first`. */
static void make_dropout(bt_command *to, const bt_user_command *c) {
  to->u.dropout.seed = c->u.dropout.seed;
  to->u.dropout.epoch = c->u.dropout.epoch / 65536;
  to->u.dropout.layer = c->u.dropout.epoch % 65536;
  to->u.dropout.step = c->u.dropout.first / c->out[0]->elements;
  to->u.dropout.drop = (bt_rational){(int64_t)c->u.dropout.threshold, 65536};
}

static void make_sums(made *to, const bt_user_command *c) {
  bt_command *m = &to->c;
  if (c->op == BT_USER_SOFTMAX) {
    const bt_user_loss *l = c->u.softmax.loss;
    to->loss = (bt_loss){l->loss_bits, l->correct, l->rows};
    m->u.softmax.loss = &to->loss;
  } else if (c->op == BT_USER_AVERAGE) {
    const bt_user_average *a = c->u.average.average;
    to->average = (bt_average){a->sum, a->emin, a->count};
    m->u.average.average = &to->average;
  } else if (c->op == BT_USER_STATISTICS) {
    make_statistics(to, c->u.statistics.statistics);
    m->u.statistics.rows = c->u.statistics.rows;
    m->u.statistics.statistics = &to->statistics;
  } else {
    m->u.norm.rows = c->u.norm.rows;
    m->u.norm.eps = constant(c->u.norm.eps);
    if (c->u.norm.statistics != NULL) {
      make_statistics(to, c->u.norm.statistics);
      m->u.norm.statistics = &to->statistics;
    }
  }
}

static void make(made *to, const bt_user_command *c) {
  memset(to, 0, sizeof *to);
  to->c.op = (bt_op)c->op;
  to->c.label.text = c->label;
  make_tensors(to, c);
  switch (c->op) {
    case BT_USER_CONTRACT: make_contract(&to->c, c); break;
    case BT_USER_QUANTIZE: to->c.u.quantize.round = c->u.quantize.round; break;
    case BT_USER_AFFINE: make_affine(&to->c, c); break;
    case BT_USER_REDUCE: to->c.u.reduce.kind = (bt_reduction)c->u.reduce.kind; break;
    case BT_USER_POOL:
    case BT_USER_POOL_BACK:
    case BT_USER_POOL_SUM:
    case BT_USER_SPREAD: to->c.u.pool.k = c->u.pool.k; break;
    case BT_USER_DROPOUT: make_dropout(&to->c, c); break;
    case BT_USER_GATE: break;
    default: make_sums(to, c); break;
  }
}

/* What the command added to, and widths. */
static void carry_back(const made *from, const bt_user_command *c) {
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (c->out[i] != NULL) {
      c->out[i]->bits = from->out[i].bits;
    }
  }
  if (c->op == BT_USER_SOFTMAX) {
    *c->u.softmax.loss =
        (bt_user_loss){from->loss.loss_bits, from->loss.correct, from->loss.rows};
  } else if (c->op == BT_USER_AVERAGE) {
    c->u.average.average->count = from->average.count;
  } else if (c->op == BT_USER_STATISTICS) {
    bt_user_statistics *s = c->u.statistics.statistics;
    for (size_t i = 0; i < s->channels; i++) {
      memcpy(&s->first[i], &from->statistics.first[i], sizeof s->first[i]);
      memcpy(&s->second[i], &from->statistics.second[i], sizeof s->second[i]);
    }
    s->first_step = from->statistics.first_step;
    s->second_step = from->statistics.second_step;
    s->rows = from->statistics.rows;
  }
}

static bool is(const mirror *m, const char *option) { return strcmp(m->option, option) == 0; }

/* What an option does wrong behind a right run; `start` and `exponent` are from before it. */
static void spoil(const mirror *m, const bt_user_command *c, const uint8_t *start,
                  int16_t exponent, bt_lfsr *generator, const bt_lfsr *before) {
  bt_user_output *y = c->out[0];
  bt_tensor shape = {.kind = y == NULL ? BT_T_BYTE : (bt_tensor_kind)y->kind};
  size_t size = bt_tensor_element_size(&shape);
  if (is(m, "generator")) {
    *generator = *before;
  } else if (is(m, "lane")) {
    generator->lane[1] = before->lane[1];
  } else if (y != NULL && strncmp(m->option, "unwritten", 9) == 0 && m->from < y->elements) {
    memcpy((uint8_t *)y->data + m->from * size, start + m->from * size,
           (y->elements - m->from) * size);
  } else if (y != NULL && is(m, "exponent") && y->exponents > 0) {
    y->exponent[y->exponents - 1] = exponent;
  } else if (y != NULL && is(m, "range")) {
    memset((uint8_t *)y->data + size, 0x7f, size); /* element 1 */
  } else if (y != NULL && (is(m, "bits") || is(m, "widest"))) {
    y->bits = is(m, "bits") ? -1 : 32;
  } else if (is(m, "rows") && c->op == BT_USER_SOFTMAX) {
    c->u.softmax.loss->rows--;
  } else if (is(m, "rows") && c->op == BT_USER_AVERAGE) {
    c->u.average.average->count++;
  }
}

static bt_status run(void *context, const bt_user_command *c, bt_lfsr *generator,
                     bt_user_counts *counts, bt_error *error) {
  mirror *m = context;
  made to;
  bt_counts did = {0};
  bt_lfsr before = *generator;
  bt_user_output *y = c->out[0];
  uint8_t *start = y == NULL ? NULL : malloc(y->elements * 8 + 8);
  bt_tensor shape = {.kind = y == NULL ? BT_T_BYTE : (bt_tensor_kind)y->kind};
  int16_t exponent = y == NULL || y->exponents == 0 ? 0 : y->exponent[y->exponents - 1];
  if (start != NULL) {
    memcpy(start, y->data, y->elements * bt_tensor_element_size(&shape));
  }
  make(&to, c);
  bt_status s = m->ref->run(m->ref, &to.c, generator, &did, error);
  if (s == BT_OK) {
    carry_back(&to, c);
    *counts = (bt_user_counts){did.saturations, did.dropped, did.quantize};
    spoil(m, c, start, exponent, generator, &before);
  }
  bt_statistics_free(&to.statistics);
  free(start);
  if (is(m, "fail")) {
    snprintf(error->text, sizeof error->text, "out of\nluck");
    return BT_MISMATCH;
  }
  return s;
}

const bt_user_engine *bittrue_engine(uint32_t abi) {
  static const bt_user_engine engine = {BT_ENGINE_ABI, "mirror", create, covers, run, destroy};
  return abi == BT_ENGINE_ABI ? &engine : NULL;
}
