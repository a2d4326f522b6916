#include "cost/machine_time_affine.h"

#define CLIENTS 10u
#define WRITERS 0x380u /* clients 7, 8 and 9 */
#define STATES 3u      /* DECODE, BEGIN and DONE, a cycle each */
#define READ_AHEAD 8u  /* words: `Depth` of stream_reader */
#define UNIT_DEPTH 4u  /* affine_unit's stages */
#define PLAN_DEPTH 3u  /* affine_plan's stages */
#define QUEUE 8u       /* beats in the unit and behind it: `Depth` of affine_result */
#define CELLS 1024u    /* plans kept: `Cells` */

enum { OPERANDS = 0, MASK = 4, LOAD_EXPONENTS, LOAD_DATA, RESULT, KEPT, EXPONENTS };

/* affine_plans: cells given to the planner, planned, their exponents out. */
typedef struct {
  uint64_t cells, given, planned, out;
  unsigned pipe; /* bit i: planned in i + 1 cycles */
  bool running;
} plans;

typedef struct {
  bt_affine_shape shape;
  bt_stream_in operand[4], mask;
  uint64_t left, beat; /* elements still to go, and the beat they begin with */
  unsigned pipe;       /* of the unit, as that of the plans */
  uint64_t in_queue, under_way, result;
  bt_stream_out y, kept;
  bool y_done, kept_done;
  plans p;
  uint64_t gate_out;
  bt_entries_out entries;
} affine;

static affine begun(const bt_affine_shape *shape) {
  unsigned lanes = shape->lanes;
  uint64_t beats = bt_ceil_div(shape->elements, lanes);
  affine s = {.shape = *shape, .left = shape->elements, .y = {.size = shape->out_size},
              .p = {.cells = shape->cells, .running = !shape->gate},
              .entries = {BT_ENTRIES_FILL, 2 * lanes, 0}};
  for (unsigned i = 0; i < 4; i++) {
    bt_stream_in_open(&s.operand[i], READ_AHEAD);
    if (shape->stream[i]) {
      bt_stream_in_start(&s.operand[i], shape->size[i], beats);
    }
  }
  bt_stream_in_open(&s.mask, READ_AHEAD);
  if (shape->masked) {
    bt_stream_in_start(&s.mask, 0, beats);
  }
  return s;
}

/* The first cell that the beat at hand wants, and the one behind its last. */
static void wanted_cells(const affine *s, uint64_t *from, uint64_t *upto) {
  const bt_affine_shape *a = &s->shape;
  uint64_t first = s->beat * a->lanes, last = first + a->lanes - 1;
  if (a->cells == 1) {
    *from = 0;
    *upto = 1;
  } else if (a->each) {
    *from = first;
    *upto = last + 1;
  } else {
    *from = first / a->last / a->rows_of_cell * a->across;
    *upto = (last / a->last / a->rows_of_cell + 1) * a->across;
  }
}

static bool operands_there(const affine *s) {
  bool there = !s->shape.masked || bt_stream_in_valid(&s->mask);
  for (unsigned i = 0; i < 4; i++) {
    there = there && (!s->shape.stream[i] || bt_stream_in_valid(&s->operand[i]));
  }
  return there;
}

static unsigned wants(const affine *s, bt_stream_beat y, bt_stream_beat kept) {
  unsigned want = 0;
  for (unsigned i = 0; i < 4; i++) {
    want |= bt_stream_in_wants(&s->operand[i]) ? 1u << (OPERANDS + i) : 0u;
  }
  want |= bt_stream_in_wants(&s->mask) ? 1u << MASK : 0u;
  want |= bt_stream_out_wants(&s->y, y) ? 1u << RESULT : 0u;
  want |= bt_stream_out_wants(&s->kept, kept) ? 1u << KEPT : 0u;
  want |= bt_entries_out_wants(&s->entries) ? 1u << EXPONENTS : 0u;
  return want;
}

/* Cells are planned one a cycle, as far ahead as plans are kept; exponents leave as they fit. */
static void plans_step(plans *p, bool passed, uint64_t from, bool leave) {
  bool next = p->running && p->given != p->cells && (passed || p->given - from < CELLS) &&
              p->given - p->out < CELLS;
  bool planned = p->pipe & 1;
  p->running = p->running && p->out != p->cells;
  p->pipe = p->pipe >> 1 | (next ? 1u << (PLAN_DEPTH - 1) : 0u);
  p->given += next;
  p->planned += planned;
  p->out += leave;
}

/* The two writers each take the queue's first beat when they can. */
static void results_step(affine *s, bt_stream_beat y, bt_stream_beat kept, int taken, bool go) {
  bool some = s->in_queue > 0, push = s->pipe & 1;
  bool y_taken = some && (s->y_done || bt_stream_out_ready(&s->y, y, taken == RESULT));
  bool kept_taken = some && (!s->shape.relu || s->kept_done ||
                             bt_stream_out_ready(&s->kept, kept, taken == KEPT));
  bool pop = y_taken && kept_taken;
  bt_stream_out_step(&s->y, y, taken == RESULT);
  bt_stream_out_step(&s->kept, kept, taken == KEPT);
  s->y_done = y_taken && !pop;
  s->kept_done = kept_taken && !pop;
  s->pipe = s->pipe >> 1 | (go ? 1u << (UNIT_DEPTH - 1) : 0u);
  s->in_queue = s->in_queue + push - pop;
  s->under_way = s->under_way + go - pop;
  s->result += pop;
}

static void streams_step(affine *s, int who, int taken, bool go) {
  for (int i = 0; i < 4; i++) {
    bt_stream_in_step(&s->operand[i], taken == OPERANDS + i, who == OPERANDS + i,
                      go && s->shape.stream[i]);
  }
  bt_stream_in_step(&s->mask, taken == MASK, who == MASK, go && s->shape.masked);
  if (go) {
    s->left = s->left > s->shape.lanes ? s->left - s->shape.lanes : 0;
    s->beat++;
  }
}

/* A cycle of RUN; whether the unit worked. *ends: it was the last. */
static bool step(affine *s, bt_port *port, bool *ends) {
  const bt_affine_shape *a = &s->shape;
  int who = bt_port_answer(port);
  bool passed = s->left == 0, some = s->in_queue > 0, flush = passed && s->under_way == 0;
  bt_stream_beat y = {some && !s->y_done, flush, s->result};
  bt_stream_beat kept = {some && a->relu && !s->kept_done, flush, s->result};
  int taken = bt_port_ask(port, wants(s, y, kept), WRITERS);
  uint64_t from, upto;
  wanted_cells(s, &from, &upto);
  bool planned = a->gate || s->p.planned >= upto || s->p.planned == a->cells;
  bool go = !passed && operands_there(s) && s->under_way < QUEUE && planned;
  bool fill = s->entries.state == BT_ENTRIES_FILL;
  bool gate_entry = a->gate && passed && s->gate_out != a->cells;
  bool plan_entry = s->p.running && s->p.out != s->p.planned;
  bool finish = fill && (a->gate ? passed && s->gate_out == a->cells : s->p.out == a->cells);
  *ends = flush && !s->y.held && !s->kept.held && s->entries.state == BT_ENTRIES_IDLE;
  bt_entries_out_step(&s->entries, false, gate_entry || plan_entry, finish, taken == EXPONENTS);
  s->gate_out += gate_entry && fill;
  plans_step(&s->p, passed, from, plan_entry && fill);
  results_step(s, y, kept, taken, go);
  streams_step(s, who, taken, go);
  return go;
}

bt_unit_time bt_time_affine(const bt_time_of *how, const bt_command *c) {
  bt_unit_time t = {0};
  bt_port port;
  bt_affine_shape shape = bt_affine_shape_of(c, how->lanes);
  bt_port_open(&port, how, CLIENTS, BT_PORT_READS);
  uint64_t load = bt_affine_load(&shape, c, &port), geometry = bt_affine_geometry(&shape);
  t.cycles = t.prepare = STATES - 1 + (load > geometry ? load : geometry) + 1;
  affine s = begun(&shape);
  for (bool ends = false; !ends;) {
    bool work = step(&s, &port, &ends);
    bt_unit_time_cycle(&t, work);
  }
  t.cycles++;
  t.reads = port.reads;
  t.writes = port.writes;
  return t;
}
