/* The array and the quantizer of rtl/hdl alone, run by Verilator, as an engine for contractions and
 * quantizations (the whole machine is machine_engine.h's). What the hardware does not hold
 * (operand order, exponents, memory) is done here, from the contract and apart from the reference
 * engine's code.
 *
 * Covered (covers() says): BT_OP_CONTRACT on BT_T_BFP8 operands in blocks tensor, dim0 or sample,
 * all directions, on an accumulator without shift and chunks; BT_OP_QUANTIZE of wide or bfp
 * tensors to bfp of 2..16 bits in blocks tensor, dim0 or sample, stochastic with 16 random bits
 * (without sr_half) or any other rounding.
 *
 * Cycles, as the hardware's counters count them:
 *
 *   array, per command   tiles * sum over groups of (k_g + 2 * Rows + Cols - 2)
 *     tiles = ceil(rows / Rows) * ceil(cols / Cols) of the command's extent (numerics 8), partial
 *     tiles as well; a group (numerics 8.2) is the k of one sum of exponents, k_g of them. What
 *     does not vary along k makes no groups: forward has always one group of K. In a data
 *     gradient the blocks of w vary along k where they are dim0, in a weight gradient the blocks
 *     of e or x where they are dim0 or sample; there a k whose varying block is a zero block (of
 *     either operand) is in no group, and groups below gref are not run. Without any group left
 *     the tile takes no cycle. The aligner works during the drain and adds none.
 *
 *   quantizer, per command   sum over blocks [a, b) of (2 * beats + 2)
 *     beats = floor((b - 1) / Lanes) - floor(a / Lanes) + 1: a block begins in the lane of its
 *     first element. Zero blocks too. */
#ifndef BT_RTL_ENGINE_H
#define BT_RTL_ENGINE_H

#ifdef __cplusplus
extern "C" {
#endif

#include "engine/engine.h"

typedef struct {
  int fault_bit;       /* -1: sound. Else a model whose array has a broken bit (see below) */
  size_t max_tiles;    /* 0: every tile of a contraction. Else about so many: see below */
  const char *waves;   /* NULL, or a VCD file to write the array's (FILE) and the quantizer's
                          (FILE.quantizer.vcd) waves to; needs a build with BITTRUE_TRACE */
  bool watch;          /* count the array's toggles (bt_rtl_stats), on a model that shows its
                          registers: slower. Each contraction then starts from a reset array */
} bt_rtl_options;

/* fault_bit -1, every tile, no waves, no watch. */
bt_rtl_options bt_rtl_options_default(void);

/* An engine for a machine among those that the RTL was built for; NULL and BT_BAD_INPUT's line
 * in *error, which lists them, for another one, or for a fault_bit or a watch that no model of it
 * has.
 * Free it with engine->destroy(engine).
 *
 * With max_tiles M > 0, a contraction of more than M tiles runs M tiles spread evenly over it,
 * the first and the last among them, and the last tile of the first row of tiles and the first
 * tile of the last row. The mantissas of other tiles are written as 0: compare covered ones. */
bt_engine *bt_rtl_engine(const bt_machine *machine, const bt_rtl_options *options,
                         bt_error *error);

/* The machines that bt_rtl_engine() takes, "16x16 acc 32 saturate lanes 16; ...". */
const char *bt_rtl_machines(void);

/* Bits that changed in the array's registers: operands in the PEs (a moves right, b down), their
 * accumulators, and the delay lines at the two edges. */
typedef struct {
  uint64_t a, b, acc, skew_a, skew_b;
} bt_rtl_toggles;

/* What the last command did. A contraction has tiles, a quantization one "tile" a block. */
typedef struct {
  size_t tiles_run, tiles_total;
  uint64_t array_cycles;     /* of the tiles that were run */
  uint64_t quantizer_cycles;
  bt_rtl_toggles toggles;    /* of the tiles that were run, from a reset on; 0 without watch */
} bt_rtl_stats;

bt_rtl_stats bt_rtl_last(const bt_engine *engine);

/* Whether the last command's out[0] element came from the hardware. */
bool bt_rtl_covered_element(const bt_engine *engine, size_t element);

/* A faulty model inverts bit `bit` of the accumulator of the PE at (row, col), in the last cycle
 * of each pass: the elements of out whose row mod Rows and column mod Cols are these come out
 * wrong, and no others. False for an engine without a fault. */
bool bt_rtl_fault(const bt_engine *engine, int *bit, size_t *row, size_t *col);

#ifdef __cplusplus
}
#endif
#endif
