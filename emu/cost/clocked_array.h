/* The output-stationary array clock by clock: what each register of rtl/hdl/mac_array.sv holds
 * behind each rising edge (traces 8). */
#ifndef BT_COST_CLOCKED_ARRAY_H
#define BT_COST_CLOCKED_ARRAY_H

#include "machine/machine.h"

typedef enum { BT_ARRAY_IDLE, BT_ARRAY_FEED, BT_ARRAY_FLUSH, BT_ARRAY_DRAIN } bt_array_state;

/* The array's registers of data, all in one run of bytes. */
typedef struct {
  uint8_t *bytes;  /* [size of bt_clocked_array]; the others point into it */
  int32_t *acc;    /* [rows][cols]: acc_q of the PEs; the low acc_bits count */
  int8_t *a, *b;   /* [rows][cols]: a_q and b_q of the PEs */
  int8_t *skew_a;  /* stage s of line r at bt_skew_place(r, s), r of 1..rows-1 */
  int8_t *skew_b;  /* stage s of line c at bt_skew_place(c, s), c of 1..cols-1 */
} bt_array_registers;

/* Lines of a triangle of delay lines, one behind the other: line i has stages 0..i-1. */
static inline size_t bt_skew_place(size_t line, size_t stage) {
  return line * (line - 1) / 2 + stage;
}
static inline size_t bt_skew_stages(size_t lines) { return lines * (lines - 1) / 2; }

typedef struct {
  size_t rows, cols;
  int acc_bits;
  bool wrap;
  bt_array_state state;     /* state_q */
  uint32_t left, cycles;    /* left_q, cycles_q */
  bool worked;              /* the last edge ended a cycle in which the array was busy */
  size_t size;              /* of the bytes, a multiple of 8 */
  bt_array_registers now, before; /* behind the last edge, and ahead of it */
} bt_clocked_array;

/* What the ports show ahead of an edge; stall_i and skip_i are low. */
typedef struct {
  bool start;
  uint32_t len;        /* taken with start, at least 1 */
  const int8_t *a, *b; /* [rows], [cols], taken in state FEED; NULL: zeros */
} bt_array_inputs;

/* An array after a reset: all zero, idle. BT_FAILED: out of memory. Close it, after an error too.
 */
bt_status bt_clocked_array_open(bt_clocked_array *array, const bt_machine *machine,
                                bt_error *error);
void bt_clocked_array_close(bt_clocked_array *array);
void bt_clocked_array_reset(bt_clocked_array *array);

/* A rising edge of the clock. `before` is the state ahead of it. */
void bt_clocked_array_edge(bt_clocked_array *array, const bt_array_inputs *in);

/* compute, drain_o and done_o of the present cycle. */
bool bt_clocked_array_computes(const bt_clocked_array *array);
bool bt_clocked_array_drains(const bt_clocked_array *array);
bool bt_clocked_array_done(const bt_clocked_array *array);

/* Called behind each edge, with what the ports showed ahead of it. */
typedef struct {
  void (*edge)(void *context, const bt_clocked_array *array, const bt_array_inputs *in);
  void *context;
} bt_array_watch;

/* A pass, up to the last cycle of its drain, whose edge the next pass shares or
 * bt_clocked_array_finish() gives: so passes follow each other without a gap. */
void bt_clocked_array_pass(bt_clocked_array *array, size_t len, const int8_t *a, const int8_t *b,
                           const bt_array_watch *watch);
/* The last edge of a drain, if there is one. */
void bt_clocked_array_finish(bt_clocked_array *array, const bt_array_watch *watch);

#endif
