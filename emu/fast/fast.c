#include "fast/fast.h"

#include <stdlib.h>

#include "fast/commands.h"
#include "fast/contract.h"
#include "ref/ref.h"

typedef struct {
  bt_engine base;
  bt_accumulator acc;
  bt_kernels kernels;
  bt_engine *ref; /* for what has no kernel */
} fast_engine;

static bool covers(const bt_engine *engine, const bt_command *c) {
  (void)engine;
  (void)c;
  return true;
}

static bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                     bt_error *error) {
  fast_engine *e = (fast_engine *)engine;
  bool done = false;
  switch (c->op) {
    case BT_OP_CONTRACT:
      if (bt_fast_contract_covers(c, &e->acc)) {
        return bt_fast_contract(c, &e->kernels, counts, error);
      }
      break;
    case BT_OP_QUANTIZE:
      done = bt_fast_quantize(c, &e->kernels, rng, counts);
      break;
    case BT_OP_AFFINE:
      done = bt_fast_affine(c);
      break;
    case BT_OP_GATE:
      done = bt_fast_gate(c);
      break;
    case BT_OP_REDUCE:
      done = bt_fast_reduce(c);
      break;
    case BT_OP_POOL:
      done = bt_fast_pool(c);
      break;
    case BT_OP_POOL_BACK:
      done = bt_fast_pool_back(c);
      break;
    default:
      break;
  }
  return done ? BT_OK : e->ref->run(e->ref, c, rng, counts, error);
}

static void destroy(bt_engine *engine) {
  fast_engine *e = (fast_engine *)engine;
  e->ref->destroy(e->ref);
  free(e);
}

bt_engine *bt_fast_engine_on(const bt_machine *machine, const char *isa) {
  fast_engine *e = calloc(1, sizeof *e);
  bt_engine *ref = bt_ref_engine(machine);
  if (e == NULL || ref == NULL) {
    if (ref != NULL) {
      ref->destroy(ref);
    }
    free(e);
    return NULL;
  }
  e->base = (bt_engine){"fast", covers, run, destroy};
  e->acc = machine->acc;
  e->ref = ref;
  bt_kernels_fill(&e->kernels, isa);
  return &e->base;
}

bt_engine *bt_fast_engine(const bt_machine *machine) {
  const char *isa;
  (void)bt_fast_isa(&isa, NULL);
  return bt_fast_engine_on(machine, isa);
}
