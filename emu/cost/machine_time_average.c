#include "cost/machine_time_parts.h"

#define CLIENTS 6u
#define WRITERS 0x30u
#define READ_AHEAD 8u
#define DEPTH 3u /* stages of average_lane */

enum { WEIGHTS, SUMS, EXPONENTS, EMIN, RESULT, ENTRY };

/* Exponents and Emin, beside each other, from the cycle behind their start. */
static uint64_t load(bt_port *port, uint64_t blocks, unsigned lanes) {
  bt_entries_in e[2];
  uint64_t cycles = 1;
  bt_entries_in_start(&e[0], blocks, lanes);
  bt_entries_in_start(&e[1], blocks, lanes);
  for (; e[0].words > 0 || e[1].words > 0; cycles++) {
    int who = bt_port_answer(port);
    unsigned want = (e[0].asks > 0 ? 1u << EXPONENTS : 0u) | (e[1].asks > 0 ? 1u << EMIN : 0u);
    int taken = bt_port_ask(port, want, WRITERS);
    bt_entries_in_step(&e[0], taken == EXPONENTS, who == EXPONENTS);
    bt_entries_in_step(&e[1], taken == EMIN, who == EMIN);
  }
  return cycles;
}

typedef struct {
  bt_stream_in weights, sums;
  bt_stream_out out;
  uint64_t beats, left, result;
  unsigned stages;
} adder;

/* A cycle of PLAN (the walk or the plan is not ready), RUN or FLUSH; whether it took a beat. */
static bool step(adder *a, bt_port *port, bool ready) {
  int who = bt_port_answer(port);
  bool write = a->stages >> (DEPTH - 1) & 1, flush = a->left == 0 && a->result == a->beats;
  bt_stream_beat b = {write, flush, a->result};
  unsigned want = (bt_stream_in_wants(&a->weights) ? 1u << WEIGHTS : 0u) |
                  (bt_stream_in_wants(&a->sums) ? 1u << SUMS : 0u) |
                  (bt_stream_out_wants(&a->out, b) ? 1u << RESULT : 0u);
  int taken = bt_port_ask(port, want, WRITERS);
  bool en = !write || bt_stream_out_ready(&a->out, b, taken == RESULT);
  bool take = ready && a->left > 0 && en && bt_stream_in_valid(&a->weights) &&
              bt_stream_in_valid(&a->sums);
  bt_stream_in_step(&a->weights, taken == WEIGHTS, who == WEIGHTS, take);
  bt_stream_in_step(&a->sums, taken == SUMS, who == SUMS, take);
  bt_stream_out_step(&a->out, b, taken == RESULT);
  a->left -= take;
  if (en) {
    a->result += write;
    a->stages = (a->stages << 1 | (take ? 1u : 0u)) & ((1u << DEPTH) - 1);
  }
  return take;
}

/* ENTRIES, HEADER and END: the new Emin of each block. */
static uint64_t write_entries(bt_port *port, uint64_t blocks, unsigned lanes) {
  bt_entries_out w = {BT_ENTRIES_FILL, 2 * lanes, 0};
  uint64_t cycles = 1;
  for (bool finished = false; !finished || w.state != BT_ENTRIES_IDLE; cycles++) {
    bool fill = w.state == BT_ENTRIES_FILL, finish = blocks == 0 && fill && !finished;
    int taken = bt_port_ask(port, bt_entries_out_wants(&w) ? 1u << ENTRY : 0u, WRITERS);
    bt_entries_out_step(&w, false, blocks > 0, finish, taken == ENTRY);
    blocks -= blocks > 0 && fill;
    finished = finished || finish;
  }
  return cycles;
}

bt_unit_time bt_time_average(const bt_time_of *how, const bt_command *c) {
  const bt_tensor *w = c->in[0];
  uint64_t blocks = bt_tensor_exponents(w);
  bt_unit_time t = {0};
  bt_port port;
  adder a = {.beats = bt_ceil_div(bt_tensor_elements(w), how->lanes), .out = {.size = 3}};
  bt_port_open(&port, how, CLIENTS, BT_PORT_READS);
  uint64_t loaded = 1 + load(&port, blocks, how->lanes); /* LOAD; CHECK started the walk */
  t.cycles = t.prepare = 1 + loaded + 1; /* the first cycle of PLAN starts the streams */
  bt_stream_in_open(&a.weights, READ_AHEAD);
  bt_stream_in_open(&a.sums, READ_AHEAD);
  bt_stream_in_start(&a.weights, w->kind == BT_T_BFP16 ? 1 : 0, a.beats);
  bt_stream_in_start(&a.sums, 3, a.beats);
  a.left = a.beats;
  for (bool ends = false; !ends;) {
    bool walked = t.cycles - 1 > how->lanes, planned = t.cycles >= 1 + loaded + blocks;
    ends = a.left == 0 && a.result == a.beats && !a.out.held;
    bt_unit_time_cycle(&t, step(&a, &port, walked && planned));
  }
  t.cycles += write_entries(&port, blocks, how->lanes);
  t.reads = port.reads;
  t.writes = port.writes;
  return t;
}
