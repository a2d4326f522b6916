#include "cost/machine_time_parts.h"

#define CLIENTS 6u
#define WRITERS 0x38u
#define READ_AHEAD 8u
#define CLEAR_CYCLES 1024u /* of the sums behind a reset: `Depth` */
#define LANE_STAGES 2u /* before the tree, which has a stage for each halving of the lanes */

enum { X, Y, EXPONENTS, FIRST, SECOND, ENTRY };

typedef struct {
  bool pair, exact; /* y too; two vectors of sums of 64 bits */
  unsigned depth;   /* of the merge */
  bt_stream_in x, y;
  uint64_t left, last, merged, result;
  uint64_t stages; /* bit i: a merged index is in stage i */
  bt_vector_out first, second;
} reducer;

/* A load's state: its start, and what the store takes. */
static uint64_t load(bt_port *port, uint64_t entries, unsigned lanes) {
  bt_entries_in e;
  uint64_t cycles = 2;
  bt_entries_in_start(&e, entries, lanes);
  for (; e.words > 0; cycles++) {
    int who = bt_port_answer(port);
    int taken = bt_port_ask(port, e.asks > 0 ? 1u << EXPONENTS : 0u, WRITERS);
    bt_entries_in_step(&e, taken == EXPONENTS, who == EXPONENTS);
  }
  return cycles;
}

/* A cycle of PLAN, RUN, MERGE or VECTORS; whether the unit worked. */
static bool step(reducer *r, bt_port *port, bool ready) {
  int who = bt_port_answer(port);
  bool flush = r->merged == r->last && r->result == r->last;
  unsigned want = (bt_stream_in_wants(&r->x) ? 1u << X : 0u) |
                  (bt_stream_in_wants(&r->y) ? 1u << Y : 0u) |
                  (r->first.words > 0 ? 1u << FIRST : 0u) |
                  (r->second.words > 0 ? 1u << SECOND : 0u);
  int taken = bt_port_ask(port, want, WRITERS);
  bool room = bt_vector_out_ready(&r->first, flush, taken == FIRST) &&
              bt_vector_out_ready(&r->second, flush, taken == SECOND);
  bool valid = r->stages >> (r->depth - 1) & 1, en = !valid || room;
  bool take = ready && r->left > 0 && bt_stream_in_valid(&r->x) &&
              (!r->pair || bt_stream_in_valid(&r->y));
  bool merge = r->left == 0 && r->merged < r->last && en;
  bt_stream_in_step(&r->x, taken == X, who == X, take);
  bt_stream_in_step(&r->y, taken == Y, who == Y, take && r->pair);
  bt_vector_out_step(&r->first, r->exact, valid && room, flush, taken == FIRST);
  bt_vector_out_step(&r->second, true, valid && room && r->exact, flush, taken == SECOND);
  if (en) {
    r->stages = (r->stages << 1 | (merge ? 1u : 0u)) & ((UINT64_C(1) << r->depth) - 1);
  }
  r->left -= take;
  r->merged += merge;
  r->result += valid && room;
  return take || merge;
}

static bool vectors_done(const reducer *r) {
  return r->merged == r->last && r->result == r->last && r->first.count == 0 &&
         r->first.words == 0 && r->second.count == 0 && r->second.words == 0;
}

/* ENTRIES and HEADER of one vector, and END until they are written. */
static uint64_t write_entries(bt_port *port, uint64_t entries, unsigned lanes) {
  bt_entries_out w = {BT_ENTRIES_FILL, 2 * lanes, 0};
  uint64_t cycles = 1;
  for (bool finished = false; !finished || w.state != BT_ENTRIES_IDLE; cycles++) {
    bool fill = w.state == BT_ENTRIES_FILL, finish = entries == 0 && fill && !finished;
    int taken = bt_port_ask(port, bt_entries_out_wants(&w) ? 1u << ENTRY : 0u, WRITERS);
    bt_entries_out_step(&w, false, entries > 0, finish, taken == ENTRY);
    entries -= entries > 0 && fill;
    finished = finished || finish;
  }
  return cycles;
}

static void start_stream(bt_stream_in *r, const bt_tensor *t, uint64_t beats) {
  bt_stream_in_open(r, READ_AHEAD);
  if (t != NULL) {
    bt_stream_in_start(r, t->kind == BT_T_BFP16 ? 1 : 0, beats);
  }
}

static reducer opened(const bt_command *c, unsigned lanes) {
  bt_reduction kind = c->u.reduce.kind;
  reducer r = {.pair = kind == BT_SUM_XY || kind == BT_PRODUCTS,
               .exact = kind == BT_MOMENTS || kind == BT_PRODUCTS, .depth = LANE_STAGES,
               .first = {.lanes = lanes}, .second = {.lanes = lanes}};
  for (unsigned l = lanes; l > 1; l /= 2) {
    r.depth++;
  }
  r.last = bt_tensor_last(c->in[0]);
  r.left = bt_ceil_div(bt_tensor_elements(c->in[0]), lanes);
  start_stream(&r.x, c->in[0], r.left);
  start_stream(&r.y, r.pair ? c->in[1] : NULL, r.left);
  return r;
}

bt_unit_time bt_time_reduce(const bt_time_of *how, const bt_command *c) {
  const bt_tensor *x = c->in[0];
  bool tensor = x->fmt.kind == BT_FIXED || x->fmt.block == BT_BLOCK_TENSOR;
  uint64_t blocks = bt_tensor_exponents(x);
  bt_unit_time t = {0};
  bt_port port;
  bt_port_open(&port, how, CLIENTS, BT_PORT_READS);
  reducer r = opened(c, how->lanes);
  uint64_t loaded = (r.pair ? load(&port, 1, how->lanes) : 0) + load(&port, blocks, how->lanes);
  /* CHECK; the first cycle of PLAN starts the streams. */
  uint64_t cleared = how->first ? CLEAR_CYCLES - 1 : 0;
  t.cycles = t.prepare = 1 + loaded + 1;
  uint64_t planned = t.cycles + 2 * blocks + 1; /* two walks over the exponents */
  for (bool ends = false; !ends;) {
    bool walked = t.cycles - 1 > how->lanes;
    ends = vectors_done(&r);
    bt_unit_time_cycle(&t, step(&r, &port, walked && t.cycles >= planned));
  }
  t.cycles += cleared;
  t.prepare += cleared;
  for (unsigned vector = 0; vector < (r.exact ? 2u : 1u); vector++) {
    t.cycles += write_entries(&port, tensor ? 1 : r.last, how->lanes);
  }
  t.reads = port.reads;
  t.writes = port.writes;
  return t;
}
