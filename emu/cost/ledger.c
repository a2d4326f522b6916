#include "cost/ledger.h"

#include <string.h>

#include "num/error.h"

/* The part that a count belongs to; BT_PARTS for counts without energy of their own. */
static bt_part part_of(bt_count_kind kind) {
  switch (kind) {
    case BT_COUNT_MULTIPLY_8X8:
    case BT_COUNT_ADD_ACC:
    case BT_COUNT_ADD_PSUM: return BT_PART_ARRAY;
    case BT_COUNT_ADD_48:
    case BT_COUNT_SHIFT_48: return BT_PART_ALIGNER;
    case BT_COUNT_ADD_32:
    case BT_COUNT_SHIFT_32:
    case BT_COUNT_COMPARE_32: return BT_PART_QUANTIZER;
    case BT_COUNT_MULTIPLY_16X16:
    case BT_COUNT_MULTIPLY_16X32:
    case BT_COUNT_ADD_64:
    case BT_COUNT_SHIFT_64:
    case BT_COUNT_COMPARE_8:
    case BT_COUNT_COMPARE_16:
    case BT_COUNT_DROPOUT: return BT_PART_VECTOR;
    case BT_COUNT_SOFTMAX:
    case BT_COUNT_NORM: return BT_PART_SCALAR;
    case BT_COUNT_LFSR_STEPS: return BT_PART_LFSR;
    case BT_COUNT_MULTIPLY_FP32:
    case BT_COUNT_ADD_FP32: return BT_PART_FP32;
    case BT_COUNT_REGISTER_BITS: return BT_PART_REGISTERS;
    case BT_COUNT_INPUT_READ:
    case BT_COUNT_INPUT_WRITE: return BT_PART_SRAM_INPUT;
    case BT_COUNT_WEIGHT_READ:
    case BT_COUNT_WEIGHT_WRITE: return BT_PART_SRAM_WEIGHT;
    case BT_COUNT_OUTPUT_READ:
    case BT_COUNT_OUTPUT_WRITE: return BT_PART_SRAM_OUTPUT;
    case BT_COUNT_DRAM_READ: return BT_PART_DRAM_READ;
    case BT_COUNT_DRAM_WRITE: return BT_PART_DRAM_WRITE;
    case BT_COUNT_SPILL_READ:
    case BT_COUNT_SPILL_WRITE: return BT_PART_DRAM_SPILL;
    case BT_COUNT_DRAM_ACTIVATIONS: return BT_PART_DRAM_ACTIVATE;
    case BT_COUNT_COMMANDS:
    case BT_COUNT_MACS:
    case BT_COUNT_CYCLES:
    case BT_COUNT_STALL_CYCLES:
    case BT_COUNT_ARRAY_CYCLES:
    case BT_COUNT_QUANTIZER_CYCLES:
    case BT_COUNT_VECTOR_CYCLES:
    case BT_COUNT_SCALAR_CYCLES:
    case BT_COUNT_KINDS: break;
  }
  return BT_PARTS;
}

/* What every row is made from: a count's kind or a power, with the price of one. */
typedef struct {
  bt_part part;
  bt_count_kind kind; /* whose count the row takes */
  char action[32];
  bt_unit_price price;
} line;

#define LINES (BT_COUNT_KINDS + BT_TIME_ROWS)

static uint64_t scaled(uint64_t each, uint32_t millionths) {
  if (millionths == 0 || each == 0) {
    return each;
  }
  bt_attojoules e = ((bt_attojoules)each * millionths + 500000) / 1000000;
  return e == 0 ? 1 : (uint64_t)e;
}

/* Attojoules a cycle of a power, to the nearest, at least 1. */
static void add_time_line(line *l, bt_part part, const char *action, bt_attowatts power,
                          uint64_t clock_hz) {
  *l = (line){.part = part, .kind = BT_COUNT_CYCLES};
  strcpy(l->action, action);
  bt_attojoules each = clock_hz == 0 ? 0 : (power + clock_hz / 2) / clock_hz;
  if (power == 0 || clock_hz == 0 || each > UINT64_MAX >> 14) {
    return;
  }
  uint64_t e = each == 0 ? 1 : (uint64_t)each;
  l->price = (bt_unit_price){BT_PRICED, e, e};
}

static size_t make_lines(const bt_machine *m, const bt_energy_table *t, const bt_energy_options *o,
                         line lines[LINES]) {
  size_t n = 0;
  char text[32];
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    line l = {.part = part_of((bt_count_kind)k), .kind = (bt_count_kind)k};
    if (l.part == BT_PARTS) {
      continue;
    }
    strcpy(l.action, bt_energy_action_name(l.kind, m, text));
    l.price = bt_energy_each(t, m, l.kind);
    l.price.low = scaled(l.price.low, o->activity[l.part]);
    l.price.high = scaled(l.price.high, o->activity[l.part]);
    lines[n++] = l;
  }
  uint64_t sram = m->sram_input_bytes + m->sram_weight_bytes + m->sram_output_bytes;
  add_time_line(&lines[n++], BT_PART_LEAKAGE, "leakage_logic",
                t->logic_leakage * m->rows * m->cols, m->clock_hz);
  add_time_line(&lines[n++], BT_PART_LEAKAGE, "leakage_sram", t->sram_leakage * sram / 1024,
                m->clock_hz);
  add_time_line(&lines[n++], BT_PART_DRAM_BACKGROUND, "dram_background", t->dram.background,
                m->clock_hz);
  add_time_line(&lines[n++], BT_PART_DRAM_REFRESH, "dram_refresh", t->dram.refresh, m->clock_hz);
  return n;
}

static void add_row(bt_ledger *ledger, bt_phase phase, const line *l, uint64_t count) {
  bt_ledger_row *row = &ledger->row[ledger->rows++];
  *row = (bt_ledger_row){.phase = phase, .part = l->part, .count = count, .state = l->price.state};
  memcpy(row->action, l->action, sizeof row->action);
  row->each_low = l->price.low;
  row->each_high = l->price.high;
  row->low = (bt_attojoules)count * row->each_low;
  row->high = (bt_attojoules)count * row->each_high;
}

bool bt_part_takes_activity(bt_part part) {
  return part <= BT_PART_REGISTERS;
}

static bt_status check_activity(const bt_energy_options *o, bt_error *error) {
  for (int p = 0; p < BT_PARTS; p++) {
    if (o->activity[p] > 0 && !bt_part_takes_activity((bt_part)p)) {
      return bt_fail(error, BT_BAD_INPUT, "%s takes no activity: expected a part of the datapath",
                     bt_part_name((bt_part)p));
    }
  }
  return BT_OK;
}

/* The rows against the whole, which came from the totals. */
static bt_status check_sum(const bt_ledger *ledger, bt_error *error) {
  bt_attojoules low = 0, high = 0;
  for (size_t i = 0; i < ledger->rows; i++) {
    low += ledger->row[i].low;
    high += ledger->row[i].high;
  }
  if (low != ledger->low || high != ledger->high) {
    return bt_fail(error, BT_FAILED, "the ledger's rows do not sum to the whole");
  }
  return BT_OK;
}

bt_status bt_ledger_make(const bt_cost *cost, const bt_machine *machine,
                         const bt_energy_table *table, const bt_energy_options *options,
                         bt_ledger *ledger, bt_error *error) {
  static const bt_energy_options none;
  const bt_energy_options *o = options != NULL ? options : &none;
  line lines[LINES];
  bt_cost_counts total;
  bt_status s = check_activity(o, error);
  s = s == BT_OK ? bt_cost_total(cost, &total, error) : s;
  if (s != BT_OK) {
    return s;
  }
  size_t n = make_lines(machine, table, o, lines);
  ledger->rows = 0;
  ledger->low = ledger->high = 0;
  for (size_t i = 0; i < n; i++) {
    ledger->low += (bt_attojoules)total.n[lines[i].kind] * lines[i].price.low;
    ledger->high += (bt_attojoules)total.n[lines[i].kind] * lines[i].price.high;
  }
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    for (size_t i = 0; i < n; i++) {
      uint64_t count = cost->phase[p].n[lines[i].kind];
      if (count > 0) {
        add_row(ledger, (bt_phase)p, &lines[i], count);
      }
    }
  }
  return check_sum(ledger, error);
}

void bt_ledger_phase(const bt_ledger *ledger, bt_phase phase, bt_attojoules sum[2]) {
  sum[0] = sum[1] = 0;
  for (size_t i = 0; i < ledger->rows; i++) {
    if (ledger->row[i].phase == phase) {
      sum[0] += ledger->row[i].low;
      sum[1] += ledger->row[i].high;
    }
  }
}

void bt_ledger_part(const bt_ledger *ledger, bt_part part, bt_attojoules sum[2]) {
  sum[0] = sum[1] = 0;
  for (size_t i = 0; i < ledger->rows; i++) {
    if (ledger->row[i].part == part) {
      sum[0] += ledger->row[i].low;
      sum[1] += ledger->row[i].high;
    }
  }
}

size_t bt_ledger_missing(const bt_ledger *ledger, bt_phase phase,
                         bt_ledger_row missing[BT_COUNT_KINDS + BT_TIME_ROWS]) {
  size_t n = 0;
  for (size_t i = 0; i < ledger->rows; i++) {
    const bt_ledger_row *row = &ledger->row[i];
    if (row->state != BT_NOT_IN_TABLE || (phase < BT_PHASE_COUNT && row->phase != phase)) {
      continue;
    }
    size_t j = 0;
    while (j < n && strcmp(missing[j].action, row->action) != 0) {
      j++;
    }
    if (j == n) {
      missing[n++] = *row;
    } else {
      bt_count_add(&missing[j].count, row->count);
    }
  }
  return n;
}
