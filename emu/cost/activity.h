/* Toggles: how many bits change in the registers of the output-stationary array, cycle by cycle
 * (docs/activity.md, "activity N"). Equal to those of the Verilated array on the same operands. */
#ifndef BT_COST_ACTIVITY_H
#define BT_COST_ACTIVITY_H

#include "machine/machine.h"

/* The registers of rtl/hdl, by class. */
typedef enum {
  BT_REG_A,      /* mac_pe a_q: operands that move right; 8 bits in each of R * C */
  BT_REG_B,      /* mac_pe b_q: operands that move down; 8 bits in each of R * C */
  BT_REG_ACC,    /* mac_pe acc_q: acc_bits in each of R * C */
  BT_REG_SKEW_A, /* delay lines at the left edge: r stages of 8 bits in row r */
  BT_REG_SKEW_B, /* delay lines at the upper edge: c stages of 8 bits in column c */
  BT_REG_CLASSES
} bt_register;
const char *bt_register_name(bt_register r); /* "a", "b", "acc", "skew_a", "skew_b" */

/* Counts of passes; functions add to it, callers zero it. They hold at UINT64_MAX, which
 * bt_activity_contract() reports. */
typedef struct {
  uint64_t toggles[BT_REG_CLASSES];    /* bits that changed at a clock edge */
  uint64_t bit_cycles[BT_REG_CLASSES]; /* bits of the class * cycles */
  uint64_t gated[BT_REG_CLASSES];      /* those of them in cycles in which the class is not enabled:
                                        * what a gated clock saves */
  uint64_t tiles, tiles_total;         /* counted; of the contractions in all */
  uint64_t passes, cycles;
} bt_activity;

void bt_activity_add(bt_activity *to, const bt_activity *from);

/* Adds the counts of `from` times tiles_total / tiles, each rounded down: an estimate for all tiles
 * of a contraction from its sampled ones. Nothing if no tile was counted. */
void bt_activity_add_scaled(bt_activity *to, const bt_activity *from);

/* Toggles of all classes together. */
uint64_t bt_activity_toggles(const bt_activity *activity);

/* *ppm = toggles / of in parts per million, rounded half up, UINT64_MAX at most; false if `of` is
 * 0. */
bool bt_activity_ppm(uint64_t toggles, uint64_t of, uint64_t *ppm);

/* The registers between passes. After a pass accumulators and delay lines hold zeros, and so do all
 * operand registers but those of the PE in the far corner: it has its last operands still. */
typedef struct {
  size_t rows, cols;
  int acc_bits;
  bool wrap;
  int8_t corner_a, corner_b;
  int32_t *acc; /* [rows][cols], scratch of a pass */
} bt_activity_array;

/* An array after a reset: all registers zero. BT_FAILED: out of memory. Close it, after an error
 * too. */
bt_status bt_activity_array_open(bt_activity_array *array, const bt_machine *machine,
                                 bt_error *error);
void bt_activity_array_close(bt_activity_array *array);
void bt_activity_array_reset(bt_activity_array *array);

/* Adds one pass of len >= 1 (mac_array.sv): a is [len][rows], b is [len][cols]. It takes
 * len + 2 * rows + cols - 2 cycles, the drain of `rows` cycles included; in these only the
 * accumulators are enabled. Accumulators add at acc_bits, saturating or wrapping (numerics 8.1
 * without shift and chunks). */
void bt_activity_pass(bt_activity_array *array, size_t len, const int8_t *a, const int8_t *b,
                      bt_activity *activity);

#endif
