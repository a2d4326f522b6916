#include "cli/sweep_probe.h"

#include <stdlib.h>

struct bt_probe {
  bt_engine base; /* first: the engine's functions get their probe from it */
  bt_engine *inner;
  bt_accumulator acc;
  uint64_t every;
  bt_probe_cell cell[BT_MAX_LAYERS][BT_DIRECTIONS];
};

static bool covers(const bt_engine *engine, const bt_command *c) {
  const bt_probe *p = (const bt_probe *)(const void *)engine;
  return p->inner->covers(p->inner, c);
}

static void add_range(const bt_headroom *range, bt_probe_cell *cell) {
  bt_headroom *all = &cell->range;
  all->least = cell->sampled == 0 || range->least < all->least ? range->least : all->least;
  all->greatest =
      cell->sampled == 0 || range->greatest > all->greatest ? range->greatest : all->greatest;
  cell->sampled++;
}

static uint64_t additions(const bt_command *c, const bt_accumulator *acc) {
  bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  uint64_t entries = acc->chunk == 0 ? x.k : x.k + (x.k + acc->chunk - 1) / acc->chunk;
  return x.rows * x.cols * entries;
}

static bt_status run_contraction(bt_probe *p, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                                 bt_error *error) {
  bt_probe_cell *cell = &p->cell[c->label.layer][c->u.contract.direction];
  uint64_t before = counts->saturations;
  if (c->label.step % p->every == 0 && !bt_contract_by_element(c)) {
    bt_headroom range;
    bt_status s = bt_ref_headroom(c, &p->acc, rng, &range, error);
    if (s != BT_OK) {
      return s;
    }
    add_range(&range, cell);
  }
  bt_status s = p->inner->run(p->inner, c, rng, counts, error);
  cell->commands++;
  cell->additions += additions(c, &p->acc);
  cell->saturations += counts->saturations - before;
  return s;
}

static bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                     bt_error *error) {
  bt_probe *p = (bt_probe *)(void *)engine;
  bool watched = c->op == BT_OP_CONTRACT && c->label.phase != BT_PHASE_EVALUATION &&
                 c->label.layer < BT_MAX_LAYERS;
  return watched ? run_contraction(p, c, rng, counts, error)
                 : p->inner->run(p->inner, c, rng, counts, error);
}

static void destroy(bt_engine *engine) { free(engine); }

bt_probe *bt_probe_new(bt_engine *engine, const bt_machine *machine, uint64_t every) {
  bt_probe *p = calloc(1, sizeof *p);
  if (p != NULL) {
    p->base = (bt_engine){.name = "probe", .covers = covers, .run = run, .destroy = destroy};
    p->inner = engine;
    p->acc = machine->acc;
    p->every = every;
  }
  return p;
}

void bt_probe_free(bt_probe *p) { free(p); }

bt_engine *bt_probe_engine(bt_probe *p) { return &p->base; }

const bt_probe_cell *bt_probe_cell_of(const bt_probe *p, size_t layer, bt_direction d) {
  return &p->cell[layer][d];
}

static int bits_of(int64_t value) {
  uint64_t magnitude = value < 0 ? ~(uint64_t)value : (uint64_t)value;
  int bits = 1;
  for (; magnitude != 0; magnitude >>= 1) {
    bits++;
  }
  return bits;
}

int bt_headroom_bits(const bt_headroom *range) {
  int low = bits_of(range->least), high = bits_of(range->greatest);
  return low > high ? low : high;
}
