#include "ref/ref.h"

#include <stdlib.h>

#include "num/error.h"
#include "ref/commands.h"

typedef struct {
  bt_engine base;
  bt_accumulator acc;
} ref_engine;

static bool covers(const bt_engine *engine, const bt_command *c) {
  (void)engine;
  (void)c;
  return true;
}

static bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                     bt_error *error) {
  switch (c->op) {
    case BT_OP_CONTRACT:
      return bt_ref_contract(c, &((ref_engine *)engine)->acc, rng, counts, error);
    case BT_OP_QUANTIZE:
      return bt_ref_quantize(c, rng, counts);
    case BT_OP_AFFINE:
      return bt_ref_affine(c);
    case BT_OP_GATE:
      return bt_ref_gate(c);
    case BT_OP_REDUCE:
      return bt_ref_reduce(c, error);
    case BT_OP_POOL:
      return bt_ref_pool(c);
    case BT_OP_POOL_BACK:
      return bt_ref_pool_back(c);
    case BT_OP_SOFTMAX:
      return bt_ref_softmax(c);
    case BT_OP_DROPOUT:
      return bt_ref_dropout(c);
    case BT_OP_AVERAGE:
      return bt_ref_average(c, error);
    case BT_OP_POOL_SUM:
      return bt_ref_pool_sum(c);
    case BT_OP_SPREAD:
      return bt_ref_spread(c);
    case BT_OP_NORM:
      return bt_ref_norm(c, error);
    case BT_OP_NORM_BACK:
      return bt_ref_norm_back(c);
    case BT_OP_STATISTICS:
      return bt_ref_statistics(c, error);
    default:
      return bt_fail(error, BT_BAD_INPUT, "unknown command %d", (int)c->op);
  }
}

static void destroy(bt_engine *engine) { free(engine); }

bt_engine *bt_ref_engine(const bt_machine *machine) {
  ref_engine *e = malloc(sizeof *e);
  if (e == NULL) {
    return NULL;
  }
  e->base = (bt_engine){.name = "ref", .covers = covers, .run = run, .destroy = destroy};
  e->acc = machine->acc;
  return &e->base;
}
