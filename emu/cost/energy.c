#include "cost/energy.h"

#include <stdio.h>

#include "num/scalar.h"

/* y0 + (y1 - y0) * part / whole, floored; 0 <= part <= whole, y0 <= y1. */
static uint64_t between(uint64_t y0, uint64_t y1, uint64_t part, uint64_t whole) {
  return y0 + (uint64_t)((bt_attojoules)(y1 - y0) * part / whole);
}

static uint64_t access(const bt_sram_point *p, bool write) {
  return write ? p->write : p->read;
}

bool bt_energy_sram(const bt_energy_table *table, uint64_t bytes, bool write, uint64_t *energy) {
  const bt_sram_point *p = table->sram;
  if (bytes > INT64_MAX) {
    return false;
  }
  for (size_t i = 0; i < table->sram_points; i++) {
    if (p[i].bytes == bytes) {
      *energy = access(&p[i], write);
      return true;
    }
    if (p[i].bytes < bytes) {
      continue;
    }
    if (i == 0) {
      return false;
    }
    uint64_t x0 = (uint64_t)bt_log2(p[i - 1].bytes), x1 = (uint64_t)bt_log2(p[i].bytes);
    uint64_t x = (uint64_t)bt_log2(bytes);
    uint64_t y0 = access(&p[i - 1], write), y1 = access(&p[i], write);
    /* Neighbours closer than 2^-16 octaves share a logarithm. */
    *energy = x1 == x0 ? y1 : between(y0, y1, x - x0, x1 - x0);
    return true;
  }
  return false;
}

const char *bt_energy_action_name(bt_count_kind kind, const bt_machine *machine, char text[32]) {
  switch (kind) {
    case BT_COUNT_COMMANDS:
    case BT_COUNT_MACS:
    case BT_COUNT_CYCLES:
    case BT_COUNT_STALL_CYCLES:
    case BT_COUNT_ARRAY_CYCLES:
    case BT_COUNT_QUANTIZER_CYCLES:
    case BT_COUNT_VECTOR_CYCLES:
    case BT_COUNT_SCALAR_CYCLES:
      return NULL;
    case BT_COUNT_ADD_ACC:
      snprintf(text, 32, "add_%d", machine->acc.acc_bits);
      return text;
    case BT_COUNT_ADD_PSUM:
      snprintf(text, 32, "add_%d", machine->acc.psum_bits);
      return text;
    case BT_COUNT_LFSR_STEPS:
      return "lfsr_step";
    case BT_COUNT_REGISTER_BITS:
      return "register_bit";
    case BT_COUNT_DRAM_ACTIVATIONS:
      return "dram_activate";
    default:
      return bt_count_name(kind);
  }
}

static bt_unit_price price(bt_attojoules low, bt_attojoules high, bt_attojoules divisor) {
  bt_attojoules l = (low + divisor / 2) / divisor, h = (high + divisor / 2) / divisor;
  if (h == 0 || h > UINT64_MAX) {
    return (bt_unit_price){BT_NOT_IN_TABLE, 0, 0};
  }
  return (bt_unit_price){BT_PRICED, (uint64_t)l, (uint64_t)h};
}

/* A byte of a buffer. */
static bt_unit_price sram_byte(const bt_energy_table *table, const bt_machine *machine, int buffer,
                               bool write) {
  const size_t bytes[3] = {machine->sram_input_bytes, machine->sram_weight_bytes,
                           machine->sram_output_bytes};
  uint64_t e = write ? table->buffer[buffer].write : table->buffer[buffer].read;
  if (e > 0) {
    return price(e, e, machine->sram_word_bytes);
  }
  if (table->sram_access_bits == 0 || !bt_energy_sram(table, bytes[buffer], write, &e)) {
    return (bt_unit_price){BT_NOT_IN_TABLE, 0, 0};
  }
  return price((bt_attojoules)e * 8, (bt_attojoules)e * 8, table->sram_access_bits);
}

/* A byte of DRAM. */
static bt_unit_price dram_byte(const bt_dram_prices *dram, bt_energy_range e) {
  if (dram->access_bits == 0) {
    return (bt_unit_price){BT_NOT_IN_TABLE, 0, 0};
  }
  return price((bt_attojoules)e.low * 8, (bt_attojoules)e.high * 8, dram->access_bits);
}

/* A row of the machine, opened over as many of the table's devices as it takes. */
static bt_unit_price activation(const bt_dram_prices *dram, uint64_t row_bytes) {
  if (dram->activate == 0) {
    return (bt_unit_price){BT_NOT_IN_TABLE, 0, 0};
  }
  bt_attojoules e = (bt_attojoules)dram->activate * row_bytes;
  return price(e, e, dram->row_bytes);
}

bt_unit_price bt_energy_each(const bt_energy_table *table, const bt_machine *machine,
                             bt_count_kind kind) {
  char text[32];
  uint64_t e = 0;
  switch (kind) {
    case BT_COUNT_INPUT_READ: return sram_byte(table, machine, 0, false);
    case BT_COUNT_INPUT_WRITE: return sram_byte(table, machine, 0, true);
    case BT_COUNT_WEIGHT_READ: return sram_byte(table, machine, 1, false);
    case BT_COUNT_WEIGHT_WRITE: return sram_byte(table, machine, 1, true);
    case BT_COUNT_OUTPUT_READ: return sram_byte(table, machine, 2, false);
    case BT_COUNT_OUTPUT_WRITE: return sram_byte(table, machine, 2, true);
    case BT_COUNT_DRAM_READ:
    case BT_COUNT_SPILL_READ: return dram_byte(&table->dram, table->dram.read);
    case BT_COUNT_DRAM_WRITE:
    case BT_COUNT_SPILL_WRITE: return dram_byte(&table->dram, table->dram.write);
    case BT_COUNT_DRAM_ACTIVATIONS: return activation(&table->dram, machine->dram_row_bytes);
    default: break;
  }
  if ((kind == BT_COUNT_ADD_ACC || kind == BT_COUNT_ADD_PSUM) && table->adds_in_products) {
    return (bt_unit_price){BT_IN_PRODUCT, 0, 0};
  }
  const char *name = bt_energy_action_name(kind, machine, text);
  if (name == NULL || !bt_energy_action(table, name, &e)) {
    return (bt_unit_price){BT_NOT_IN_TABLE, 0, 0};
  }
  return price(e, e, 1);
}
