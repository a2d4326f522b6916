#include "cost/machine_time_parts.h"
#include "cost/scalar_cycles.h"

#define CLIENTS 3u
#define READS 16u        /* mem_arbiter's */
#define SQUARE_CYCLES 10u /* n * n on the scalar unit, once a command: SQUARE, SQUARED */

enum { HEADS, OPERANDS, RESULTS };

/* element_reader and element_writer: asked for, due; to be written. */
typedef struct {
  bt_port port;
  unsigned asks[2], due[2], left;
} lists;

/* A cycle of memory. */
static void lists_step(lists *l) {
  int who = bt_port_answer(&l->port);
  unsigned want = (l->asks[HEADS] > 0 ? 1u << HEADS : 0u) |
                  (l->asks[OPERANDS] > 0 ? 1u << OPERANDS : 0u) |
                  (l->left > 0 ? 1u << RESULTS : 0u);
  int taken = bt_port_ask(&l->port, want, 1u << RESULTS);
  for (int i = HEADS; i <= OPERANDS; i++) {
    l->asks[i] -= taken == i;
    l->due[i] -= who == i;
  }
  l->left -= taken == RESULTS;
}

static uint64_t read_all(lists *l, int list) {
  uint64_t cycles = 1; /* the last shows that all have come */
  for (; l->due[list] > 0; cycles++) {
    lists_step(l);
  }
  lists_step(l);
  return cycles;
}

/* What a command reads and writes, in elements. */
typedef struct {
  unsigned heads, operands, results, headers;
  uint64_t scanned; /* channels whose second sum is looked at */
  bool square;
} elements;

/* statistics looks for a channel whose S2 is not 0. */
static uint64_t first_nonzero(const bt_tensor *t, bool plan, bool *found) {
  uint64_t n = bt_tensor_elements(t);
  *found = true;
  if (t->data == NULL || (plan && t->exp != NULL && t->exp[0] == -512)) {
    return 1;
  }
  for (uint64_t i = 0; i < n; i++) {
    if (((const int64_t *)t->data)[i] != 0) {
      return i + 1;
    }
  }
  *found = false;
  return n;
}

static elements elements_of(const bt_time_of *how, const bt_command *c) {
  switch (c->op) {
    case BT_OP_NORM:
      return (elements){.heads = c->u.norm.statistics != NULL ? 5 : 3, .operands = 4,
                        .results = 4, .headers = 2, .square = c->u.norm.statistics == NULL};
    case BT_OP_NORM_BACK:
      return (elements){.heads = 2, .operands = 6, .results = 8, .headers = 4, .square = true};
    case BT_OP_STATISTICS:
    default: {
      bool any;
      uint64_t scanned = first_nonzero(c->in[1], how->plan, &any);
      unsigned kept = (any ? 1u : 0u) + (any && c->u.statistics.rows != 1 ? 1u : 0u);
      return (elements){.heads = 4, .operands = 4, .results = kept, .headers = 1 + kept,
                        .scanned = scanned};
    }
  }
}

static void start(lists *l, int list, unsigned count) { l->asks[list] = l->due[list] = count; }

/* CHECK to FETCH. */
static uint64_t before_channels(lists *l, const elements *e) {
  start(l, HEADS, e->heads);
  uint64_t cycles = 1 + read_all(l, HEADS) + (e->square ? SQUARE_CYCLES : 0) + 1;
  for (uint64_t i = 0; i < e->scanned; i++) {
    start(l, OPERANDS, 1);
    cycles += 1 + read_all(l, OPERANDS);
  }
  return cycles;
}

/* TAKE, and START and RUN of `work` cycles, with the next channel's operands read meanwhile, and a
 * cycle that keeps the results; more of these while those of the channel before are written. */
static uint64_t channel(lists *l, const elements *e, uint64_t work, bool last) {
  uint64_t cycles = read_all(l, OPERANDS);
  start(l, OPERANDS, last ? 0 : e->operands);
  for (uint64_t i = 0; i < work; i++) {
    lists_step(l);
  }
  uint64_t keep = 1;
  for (; l->left > 0; keep++) {
    lists_step(l);
  }
  lists_step(l);
  l->left = e->results;
  return cycles + work + keep;
}

/* HEADER and STORE: both wait until all is written. */
static uint64_t after_channels(lists *l, const elements *e) {
  uint64_t cycles = l->left + 1;
  while (l->left > 0) {
    lists_step(l);
  }
  l->left = e->headers;
  cycles += l->left + 1;
  while (l->left > 0) {
    lists_step(l);
  }
  return cycles;
}

bt_unit_time bt_time_norm(const bt_time_of *how, const bt_command *c) {
  bt_unit_time t = {0};
  lists l = {.left = 0};
  elements e = elements_of(how, c);
  uint64_t channels = bt_cost_norm_channels(c);
  uint64_t work = (uint64_t)(bt_cost_scalar_cycles(c) / (channels == 0 ? 1 : channels));
  bt_port_open(&l.port, how, CLIENTS, READS);
  t.cycles = before_channels(&l, &e);
  start(&l, OPERANDS, e.operands);
  for (uint64_t i = 0; i < channels; i++) {
    uint64_t cycles = channel(&l, &e, work, i + 1 == channels);
    t.prepare = i == 0 ? t.cycles + cycles - work - 1 : t.prepare;
    t.cycles += cycles;
  }
  t.work = work * channels;
  t.cycles += after_channels(&l, &e) + 1;
  t.reads = l.port.reads;
  t.writes = l.port.writes;
  return t;
}
