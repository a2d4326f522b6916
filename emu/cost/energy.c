#include "cost/energy.h"

#include <stdio.h>
#include <string.h>

#include "num/scalar.h"

#define ATTOJOULES_PER_MICROJOULE UINT64_C(1000000000000)

bool bt_energy_action(const bt_energy_table *table, const char *action, uint64_t *energy) {
  for (size_t i = 0; i < table->prices; i++) {
    if (strcmp(table->price[i].action, action) == 0) {
      *energy = table->price[i].energy;
      return true;
    }
  }
  return false;
}

/* y0 + (y1 - y0) * part / whole, floored toward y0; 0 <= part <= whole. */
static uint64_t between(uint64_t y0, uint64_t y1, uint64_t part, uint64_t whole) {
  uint64_t rise = y1 > y0 ? y1 - y0 : y0 - y1;
  uint64_t step = (uint64_t)((bt_attojoules)rise * part / whole);
  return y1 > y0 ? y0 + step : y0 - step;
}

bool bt_energy_sram(const bt_energy_table *table, uint64_t bytes, uint64_t *energy) {
  const bt_sram_point *p = table->sram;
  if (bytes > INT64_MAX) {
    return false;
  }
  for (size_t i = 0; i < table->sram_points; i++) {
    if (p[i].bytes == bytes) {
      *energy = p[i].energy;
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
    /* Neighbours closer than 2^-16 octaves share a logarithm. */
    *energy = x1 == x0 ? p[i].energy : between(p[i - 1].energy, p[i].energy, x - x0, x1 - x0);
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

/* The size of the buffer that a count of bytes belongs to; 0 for others. */
static uint64_t buffer_bytes(bt_count_kind kind, const bt_machine *machine) {
  switch (kind) {
    case BT_COUNT_INPUT_READ:
    case BT_COUNT_INPUT_WRITE:
      return machine->sram_input_bytes;
    case BT_COUNT_WEIGHT_READ:
    case BT_COUNT_WEIGHT_WRITE:
      return machine->sram_weight_bytes;
    case BT_COUNT_OUTPUT_READ:
    case BT_COUNT_OUTPUT_WRITE:
      return machine->sram_output_bytes;
    default:
      return 0;
  }
}

static bool is_dram(bt_count_kind kind) {
  return kind >= BT_COUNT_DRAM_READ && kind <= BT_COUNT_SPILL_WRITE;
}

/* Whole words of the buffer, at the table's energy a bit. */
static bt_energy_kind price_sram(const bt_energy_table *table, const bt_machine *machine,
                                 bt_count_kind kind, uint64_t bytes) {
  uint64_t each = 0, word = machine->sram_word_bytes;
  if (table->sram_access_bits == 0 || !bt_energy_sram(table, buffer_bytes(kind, machine), &each)) {
    return (bt_energy_kind){false, 0, 0};
  }
  bt_attojoules bits = ((bt_attojoules)bytes + word - 1) / word * word * 8;
  bt_attojoules energy = bits * each / table->sram_access_bits;
  return (bt_energy_kind){true, energy, energy};
}

static bt_energy_kind price_kind(const bt_energy_table *table, const bt_machine *machine,
                                 bt_count_kind kind, uint64_t count) {
  char text[32];
  uint64_t each = 0;
  if (buffer_bytes(kind, machine) > 0) {
    return price_sram(table, machine, kind, count);
  }
  if (is_dram(kind)) {
    if (table->dram_access_bits == 0) {
      return (bt_energy_kind){false, 0, 0};
    }
    bt_attojoules bits = (bt_attojoules)count * 8;
    return (bt_energy_kind){true, bits * table->dram_low / table->dram_access_bits,
                            bits * table->dram_high / table->dram_access_bits};
  }
  if (!bt_energy_action(table, bt_energy_action_name(kind, machine, text), &each)) {
    return (bt_energy_kind){false, 0, 0};
  }
  bt_attojoules energy = (bt_attojoules)count * each;
  return (bt_energy_kind){true, energy, energy};
}

bt_energy bt_energy_price(const bt_energy_table *table, const bt_machine *machine,
                          const bt_cost_counts *counts) {
  bt_energy e = {.low = 0, .high = 0};
  char text[32];
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    bt_count_kind kind = (bt_count_kind)k;
    if (!bt_energy_action_name(kind, machine, text)) {
      e.kind[k] = (bt_energy_kind){true, 0, 0};
      continue;
    }
    e.kind[k] = price_kind(table, machine, kind, counts->n[k]);
    e.low += e.kind[k].low;
    e.high += e.kind[k].high;
  }
  return e;
}

const char *bt_energy_text(bt_attojoules energy, uint64_t divisor, char text[BT_MICROJOULES_SIZE]) {
  bt_attojoules unit = (bt_attojoules)divisor * (ATTOJOULES_PER_MICROJOULE / 1000000);
  bt_attojoules millionths = energy / unit + (energy % unit >= unit - energy % unit);
  /* 2^128 aJ is below 2^89 microjoules: two parts of at most 64 bits print the whole. */
  bt_attojoules whole = millionths / 1000000;
  uint64_t fraction = (uint64_t)(millionths % 1000000);
  uint64_t high = (uint64_t)(whole / UINT64_C(1000000000000000000));
  uint64_t low = (uint64_t)(whole % UINT64_C(1000000000000000000));
  if (high > 0) {
    snprintf(text, BT_MICROJOULES_SIZE, "%llu%018llu.%06llu", (unsigned long long)high,
             (unsigned long long)low, (unsigned long long)fraction);
  } else {
    snprintf(text, BT_MICROJOULES_SIZE, "%llu.%06llu", (unsigned long long)low,
             (unsigned long long)fraction);
  }
  return text;
}
