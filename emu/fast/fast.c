#include "fast/fast.h"

#include <stdlib.h>

#include "fast/blocks.h"
#include "fast/commands.h"
#include "fast/context.h"
#include "fast/contract.h"
#include "fast/fused.h"
#include "fast/ordered.h"
#include "ref/ref.h"

typedef struct {
  bt_engine base;
  bt_fast f;
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
  bt_fast *f = &e->f;
  bool done = false;
  bt_scratch_reset(f->scratch);
  switch (c->op) {
    case BT_OP_CONTRACT:
      if (bt_fast_contract_covers(c, &f->acc)) {
        return bt_fast_contract(f, c, NULL, counts, error);
      }
      if (!bt_contract_by_element(c)) {
        return bt_fast_ordered(f, c, rng, counts, error);
      }
      done = bt_contract_by_element(c) && bt_fast_blocks_contract(f, c, counts);
      break;
    case BT_OP_QUANTIZE:
      done = bt_fast_quantize(f, c, NULL, rng, counts);
      break;
    case BT_OP_AFFINE:
      done = bt_fast_affine(f, c);
      break;
    case BT_OP_GATE:
      done = bt_fast_gate(f, c);
      break;
    case BT_OP_REDUCE:
      done = bt_fast_reduce(f, c);
      break;
    case BT_OP_POOL:
      done = bt_fast_pool(f, c);
      break;
    case BT_OP_POOL_BACK:
      done = bt_fast_pool_back(f, c);
      break;
    case BT_OP_POOL_SUM:
      done = bt_fast_pool_sum(f, c);
      break;
    case BT_OP_SPREAD:
      done = bt_fast_spread(f, c);
      break;
    case BT_OP_SOFTMAX:
      done = bt_fast_softmax(f, c);
      break;
    case BT_OP_DROPOUT:
      done = bt_fast_dropout(f, c);
      break;
    case BT_OP_AVERAGE:
      done = bt_fast_average(f, c);
      break;
    default:
      break;
  }
  return done ? BT_OK : e->ref->run(e->ref, c, rng, counts, error);
}

static bt_status run_from(bt_engine *engine, const bt_program *program, size_t first, size_t *done,
                          bt_lfsr *rng, bt_counts *counts, bt_error *error) {
  bt_fast *f = &((fast_engine *)engine)->f;
  bt_status status;
  bt_scratch_reset(f->scratch);
  *done = bt_fast_run_group(f, program, first, rng, counts, &status, error);
  if (*done > 0) {
    return status;
  }
  *done = 1;
  return run(engine, bt_program_at(program, first), rng, counts, error);
}

static size_t memory(const bt_engine *engine) {
  return bt_scratch_bytes(((const fast_engine *)engine)->f.scratch);
}

static void destroy(bt_engine *engine) {
  fast_engine *e = (fast_engine *)engine;
  if (e->ref != NULL) {
    e->ref->destroy(e->ref);
  }
  bt_threads_free(e->f.threads);
  bt_scratch_free(e->f.scratch);
  free(e);
}

bt_engine *bt_fast_engine_on(const bt_machine *machine, const char *isa, unsigned threads) {
  fast_engine *e = calloc(1, sizeof *e);
  if (e == NULL) {
    return NULL;
  }
  e->base = (bt_engine){.name = "fast", .covers = covers, .run = run, .destroy = destroy,
                        .run_from = run_from, .memory = memory};
  e->ref = bt_ref_engine(machine);
  e->f.acc = machine->acc;
  e->f.threads = bt_threads_new(threads);
  e->f.scratch = bt_scratch_new();
  bt_jump_init(&e->f.jump);
  bt_kernels_fill(&e->f.kernels, isa);
  if (e->ref == NULL || e->f.threads == NULL || e->f.scratch == NULL) {
    destroy(&e->base);
    return NULL;
  }
  return &e->base;
}

bt_engine *bt_fast_engine(const bt_machine *machine, unsigned threads) {
  const char *isa;
  (void)bt_fast_isa(&isa, NULL);
  return bt_fast_engine_on(machine, isa, threads);
}
