/* What a program costs, in integers: counted from its commands and the machine, never by
 * instrumenting the arithmetic. docs/cost.md states every formula ("cost N" cites it). */
#ifndef BT_COST_COUNT_H
#define BT_COST_COUNT_H

#include "cost/nest.h"

typedef enum {
  BT_COUNT_COMMANDS,
  BT_COUNT_MACS,             /* nominal: rows * cols * k of each contraction */
  BT_COUNT_CYCLES,           /* elapsed on the machine, stalls included: cost 8 */
  BT_COUNT_STALL_CYCLES,     /* of these, what is beyond each chain's busiest unit */
  BT_COUNT_ARRAY_CYCLES,     /* cost 2 */
  BT_COUNT_QUANTIZER_CYCLES, /* cost 3 */
  BT_COUNT_VECTOR_CYCLES,    /* all but contract, quantize and the scalar unit's: cost 4 */
  BT_COUNT_SCALAR_CYCLES,    /* softmax, norm, norm_back, statistics: cost 4, 4.1 */
  BT_COUNT_MULTIPLY_8X8,     /* products the array forms, both passes of wide weights included */
  BT_COUNT_MULTIPLY_16X16,   /* reduce, where it forms products */
  BT_COUNT_MULTIPLY_16X32,   /* affine, one a term and element */
  BT_COUNT_MULTIPLY_FP32,    /* with words of fp32, all products */
  BT_COUNT_ADD_FP32,         /* with words of fp32, all additions and comparisons */
  BT_COUNT_ADD_ACC,          /* additions of acc_bits in the array */
  BT_COUNT_ADD_PSUM,         /* additions of psum_bits in the array */
  BT_COUNT_ADD_32,           /* the quantizer's: a random or half step to each element */
  BT_COUNT_ADD_48,           /* the aligner's, one a group and output */
  BT_COUNT_ADD_64,           /* affine, reduce, pool_sum, average */
  BT_COUNT_SHIFT_32,         /* the quantizer's, one an element */
  BT_COUNT_SHIFT_48,         /* the aligner's, one a group and output */
  BT_COUNT_SHIFT_64,         /* affine's, one a term and element */
  BT_COUNT_COMPARE_8,        /* pool's */
  BT_COUNT_COMPARE_16,       /* reduce's min and max */
  BT_COUNT_COMPARE_32,       /* the search for a block's largest magnitude, one an element */
  BT_COUNT_SOFTMAX,          /* elements through the scalar unit */
  BT_COUNT_NORM,             /* channels of norm, norm_back and statistics, through it */
  BT_COUNT_DROPOUT,          /* elements drawn from a keyed stream (numerics 5.5) */
  BT_COUNT_LFSR_STEPS,       /* steps of single lanes */
  BT_COUNT_REGISTER_BITS,    /* bits of the array's registers clocked, once a cycle: cost 4.2 */
  BT_COUNT_INPUT_READ,       /* bytes of the three SRAM buffers */
  BT_COUNT_INPUT_WRITE,
  BT_COUNT_WEIGHT_READ,
  BT_COUNT_WEIGHT_WRITE,
  BT_COUNT_OUTPUT_READ,
  BT_COUNT_OUTPUT_WRITE,
  BT_COUNT_DRAM_READ, /* bytes, without the spill's */
  BT_COUNT_DRAM_WRITE,
  BT_COUNT_SPILL_READ, /* bytes of wide values that wait in DRAM for their exponent */
  BT_COUNT_SPILL_WRITE,
  BT_COUNT_DRAM_ACTIVATIONS, /* rows opened in DRAM: cost 5.5 */
  BT_COUNT_KINDS
} bt_count_kind;

/* "commands", "macs", ...: the columns of energy.csv. */
const char *bt_count_name(bt_count_kind kind);

typedef struct {
  uint64_t n[BT_COUNT_KINDS];
} bt_cost_counts;

/* Kinds of DRAM traffic: the tensors' roles, and the shared exponents of all. */
#define BT_TRAFFIC_EXPONENT BT_ROLE_COUNT
#define BT_TRAFFIC_KINDS (BT_ROLE_COUNT + 1)
const char *bt_traffic_name(unsigned kind);

typedef struct {
  uint64_t read, written; /* bytes */
} bt_traffic;

typedef struct {
  bool plan; /* operands may not be computed yet: cost/cycles.h, bt_cost_passes */
  bool fp32; /* the counterpart in fp32: words of 4 bytes, no quantization (cost 9) */
  bt_cost_counts phase[BT_PHASE_COUNT];
  bt_traffic dram[BT_PHASE_COUNT][BT_TRAFFIC_KINDS]; /* spills included: cost 5.4 */
} bt_cost;

typedef enum { BT_UNIT_ARRAY, BT_UNIT_SCALAR, BT_UNIT_VECTOR, BT_UNIT_QUANTIZER, BT_UNITS } bt_unit;
const char *bt_unit_name(bt_unit unit); /* "array", "scalar", ... */

/* What a command asks of the machine. */
typedef struct {
  const bt_command *command;
  bt_unit unit;
  uint64_t unit_cycles;
  uint64_t macs;           /* nominal */
  uint64_t loaded, stored; /* bytes from and to DRAM, but a contraction's operands and spills */
  bool contracts;
  bt_nest nest;            /* of a contraction */
} bt_demand;

/* Adds one checked command under its phase: operations, cycles of its unit, bytes. It reads
 * exponents (and the mantissas of blocks at E = -128) of operands whose exponents differ along the
 * contraction; call it when they are what the command is run on, or with cost->plan.
 * What depends on other commands (spills, second runs, elapsed cycles: cost 8) is left to
 * cost/watch.h.
 * BT_BAD_INPUT: a count beyond 64 bits; *cost then holds a part of the command's counts. */
bt_status bt_cost_add(bt_cost *cost, const bt_machine *machine, const bt_command *c,
                      bt_error *error);

/* The same, and what the command asks of the machine; demand may be NULL. With `again`, the second
 * run that `recompute` asks for: results but the wide one are not stored again, and the command is
 * not counted again. */
bt_status bt_cost_add_demand(bt_cost *cost, const bt_machine *machine, const bt_command *c,
                             bool again, bt_demand *demand, bt_error *error);

/* to += from * times, phase by phase. BT_BAD_INPUT beyond 64 bits. */
bt_status bt_cost_scale(bt_cost *to, const bt_cost *from, uint64_t times, bt_error *error);

/* The sum over phases. BT_BAD_INPUT beyond 64 bits. */
bt_status bt_cost_total(const bt_cost *cost, bt_cost_counts *total, bt_error *error);

/* *n += v; holds at UINT64_MAX, which the functions above report as too large. */
void bt_count_add(uint64_t *n, unsigned __int128 v);

#endif
