#include "cost/machine_time.h"

#include "cost/machine_time_parts.h"
#include "num/error.h"

#define DESCRIPTOR_WORDS 128u /* of 32 bits */

/* States of bt_machine that last a cycle. */
#define BEFORE_FETCH 1u /* NEXT */
#define BEFORE_CHECK 1u /* CHECK */
#define START 1u
#define AFTER_RUN 2u    /* LAND, END */

/* machine_fetch asks for a word a cycle; behind the last one's answer a cycle shows that it has
 * them all. */
static uint64_t fetch_cycles(unsigned lanes, unsigned latency) {
  return DESCRIPTOR_WORDS / lanes + 1 + latency + 1;
}

static bt_status run(const bt_time_of *how, const bt_command *c, bt_unit_time *time,
                     bt_error *error) {
  switch (c->op) {
    case BT_OP_CONTRACT: return bt_time_contract(how, c, time, error);
    case BT_OP_QUANTIZE: *time = bt_time_quantize(how, c); break;
    case BT_OP_AFFINE:
    case BT_OP_GATE: *time = bt_time_affine(how, c); break;
    case BT_OP_REDUCE: *time = bt_time_reduce(how, c); break;
    case BT_OP_POOL:
    case BT_OP_POOL_BACK:
    case BT_OP_POOL_SUM:
    case BT_OP_SPREAD: *time = bt_time_pool(how, c); break;
    case BT_OP_SOFTMAX: *time = bt_time_softmax(how, c); break;
    case BT_OP_DROPOUT: *time = bt_time_dropout(how, c); break;
    case BT_OP_AVERAGE: *time = bt_time_average(how, c); break;
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
    case BT_OP_STATISTICS: *time = bt_time_norm(how, c); break;
  }
  return BT_OK;
}

static bt_status time_of(const bt_machine *machine, const bt_machine_memory *memory, bool first,
                         const bt_command *c, bool plan, bt_machine_time *time,
                         bt_error *error) {
  const bt_time_of how = {machine, machine->lanes, memory->latency, plan, first};
  bt_unit_time unit = {0};
  *time = (bt_machine_time){0};
  if (machine->dataflow != BT_DATAFLOW_OS) {
    return bt_fail(error, BT_BAD_INPUT, "machine %s: the machine in Verilog is of dataflow os",
                   machine->name);
  }
  if (memory->latency > BT_MACHINE_LATENCY_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "a memory of latency %u: expected 0 to %u",
                   memory->latency, BT_MACHINE_LATENCY_MAX);
  }
  bt_status status = run(&how, c, &unit, error);
  if (status != BT_OK) {
    return status;
  }
  time->fetch = BEFORE_FETCH + fetch_cycles(how.lanes, how.latency) + BEFORE_CHECK +
                bt_time_check(c);
  time->prepare = START + unit.prepare;
  time->work = unit.work;
  time->wait = unit.cycles - unit.prepare - unit.work + AFTER_RUN;
  time->elapsed = time->fetch + time->prepare + time->work + time->wait;
  time->reads = DESCRIPTOR_WORDS / how.lanes + unit.reads;
  time->writes = unit.writes;
  return BT_OK;
}

bt_status bt_machine_time_of(const bt_machine *machine, const bt_machine_memory *memory,
                             const bt_command *c, bool plan, bt_machine_time *time,
                             bt_error *error) {
  return time_of(machine, memory, false, c, plan, time, error);
}

/* The commands that a sequencer does together are of one number. */
static unsigned sequencer_of(bt_op op) {
  switch (op) {
    case BT_OP_CONTRACT: return 0;
    case BT_OP_QUANTIZE: return 1;
    case BT_OP_AFFINE:
    case BT_OP_GATE: return 2;
    case BT_OP_REDUCE: return 3;
    case BT_OP_POOL:
    case BT_OP_POOL_BACK:
    case BT_OP_POOL_SUM:
    case BT_OP_SPREAD: return 4;
    case BT_OP_SOFTMAX: return 5;
    case BT_OP_DROPOUT: return 6;
    case BT_OP_AVERAGE: return 7;
    default: return 8; /* norm, norm_back, statistics */
  }
}

bt_status bt_machine_time_next(const bt_machine *machine, const bt_machine_memory *memory,
                               bt_machine_history *history, const bt_command *c, bool plan,
                               bt_machine_time *time, bt_error *error) {
  bool *worked = &history->worked[sequencer_of(c->op)];
  bt_status status = time_of(machine, memory, !*worked, c, plan, time, error);
  *worked = *worked || status == BT_OK;
  return status;
}
