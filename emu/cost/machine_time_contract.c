#include "cost/machine_time_contract.h"

#include <stdlib.h>

#include "cost/along_k.h"
#include "num/error.h"

#define STATES 6u        /* CHECK, PREPARE, PLAN, RUN, CELLS and LAST, a cycle each */
#define SETUP_CYCLES 76u /* contract_setup: two divisions of 32 bits, 12 products */
#define PLACES_CYCLES 17u /* contract_plan: a cycle for each group that there might be */
#define CLIENTS 3u

/* Exponents of both operands, beside the set-up; a cycle shows that both are there. */
static uint64_t prepare(const bt_command *c, unsigned lanes, bt_port *port) {
  bt_entries_in store[2];
  uint64_t cycles = 0;
  for (int i = 0; i < 2; i++) {
    bt_entries_in_start(&store[i], bt_tensor_exponents(c->in[i]), lanes);
  }
  for (; store[0].words > 0 || store[1].words > 0; cycles++) {
    int who = bt_port_answer(port);
    int taken = bt_port_ask(port, (store[0].asks > 0 ? 1u : 0u) | (store[1].asks > 0 ? 2u : 0u),
                            0);
    for (int i = 0; i < 2; i++) {
      bt_entries_in_step(&store[i], taken == i, who == i);
    }
  }
  return (cycles > SETUP_CYCLES ? cycles : SETUP_CYCLES) + 1;
}

/* Whose exponents differ along k, as far as they are known. */
static bool known(const bt_tensor *t, bool plan) {
  bool any = false;
  for (size_t b = 0; t->exp != NULL && !any && b < bt_tensor_exponents(t); b++) {
    any = t->exp[b] != -128;
  }
  return any || !plan;
}

#define OFFSET 256 /* sums of two shared exponents lie in -256..254 */
#define SUMS 511
#define LEFT_OUT SUMS

/* Sorts k's outer indices by exponent, as contract_plan does: the first k of each in list, ends[g]
 * the end of group g in it. Cycles of the plan. */
static uint64_t sort_outers(bt_contract_plan *p, const bt_along_k *v, int *sum) {
  uint64_t count[SUMS + 1] = {0};
  int most = -1, first = SUMS;
  for (size_t s = 0; s < v->steps; s++) {
    int e = 0;
    sum[s] = bt_along_k_exponent(v, s, &e) ? e + OFFSET : LEFT_OUT;
    count[sum[s]]++;
    most = sum[s] != LEFT_OUT && sum[s] > most ? sum[s] : most;
    first = sum[s] < first ? sum[s] : first;
  }
  if (most < 0) {
    return v->steps + 1; /* zero blocks only: one walk */
  }
  first = first < most - (int)(PLACES_CYCLES - 1) ? most - (int)(PLACES_CYCLES - 1) : first;
  uint64_t place = 0;
  for (int e = first; e <= most; e++) {
    for (size_t s = 0; count[e] > 0 && s < v->steps; s++) {
      if (sum[s] == e) {
        p->list[place++] = s * v->length;
      }
    }
    if (count[e] > 0) {
      p->end[p->groups++] = place;
    }
  }
  return 3 * v->steps + 1 + PLACES_CYCLES + 1;
}

static bt_status make_plan(const bt_time_of *how, const bt_command *c, bt_contract_plan *p,
                           uint64_t *cycles, bt_error *error) {
  bt_along_k v = bt_along_k_of(c);
  bool varies = v.operand[0] != NULL || v.operand[1] != NULL;
  *p = (bt_contract_plan){.inner = v.length, .two_pass = c->in[1]->kind == BT_T_BFP16};
  p->list = calloc(v.steps + 2, sizeof *p->list);
  int *sum = calloc(v.steps + 1, sizeof *sum);
  if (p->list == NULL || sum == NULL) {
    free(p->list);
    free(sum);
    return bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
  }
  for (int i = 0; i < 2; i++) {
    v.operand[i] = v.operand[i] && known(v.operand[i], how->plan) ? v.operand[i] : NULL;
  }
  if (varies) {
    *cycles = sort_outers(p, &v, sum);
  } else { /* one group of all k, or two */
    p->inner = v.steps * v.length;
    p->groups = p->two_pass ? 2 : 1;
    p->end[0] = 1;
    p->end[1] = 2;
    *cycles = 1;
  }
  free(sum);
  return BT_OK;
}

/* contract_cells: an entry a cycle, a cycle more for each whole word of them, and the header. */
static uint64_t write_cells(uint64_t cells, unsigned lanes, bt_port *port) {
  bt_entries_out w = {BT_ENTRIES_FILL, 2 * lanes, 0};
  uint64_t cycles = 0;
  for (bool finished = false; !finished || w.state != BT_ENTRIES_IDLE; cycles++) {
    bool wants = bt_entries_out_wants(&w), fill = w.state == BT_ENTRIES_FILL;
    bool valid = cells > 0, finish = cells == 0 && !finished && fill;
    (void)bt_port_answer(port);
    int taken = bt_port_ask(port, wants ? 4u : 0u, 4u);
    bt_entries_out_step(&w, false, valid, finish, taken == 2);
    cells -= valid && fill;
    finished = finished || finish;
  }
  return cycles + 1;
}

bt_status bt_time_contract(const bt_time_of *how, const bt_command *c, bt_unit_time *time,
                           bt_error *error) {
  bt_contract_plan plan;
  uint64_t planned = 0;
  bt_unit_time t = {0};
  bt_port port;
  bt_status status = make_plan(how, c, &plan, &planned, error);
  if (status != BT_OK) {
    return status;
  }
  bt_port_open(&port, how, CLIENTS, BT_PORT_READS);
  t.cycles = t.prepare = STATES - 2 + prepare(c, how->lanes, &port) + planned;
  bt_contract_run(how, c, &plan, &port, &t);
  t.cycles += 1 + write_cells(bt_tensor_exponents(c->out[0]), how->lanes, &port) + 1;
  t.prepare = t.work == 0 ? t.cycles : t.prepare;
  t.reads = port.reads;
  t.writes = port.writes;
  free(plan.list);
  *time = t;
  return status;
}
