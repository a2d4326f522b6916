/* The description of a machine: the one source of its parameters (models/machines). */
#ifndef BT_MACHINE_H
#define BT_MACHINE_H

#include "bittrue.h"



typedef enum { BT_DATAFLOW_OS, BT_DATAFLOW_WS, BT_DATAFLOW_IS } bt_dataflow;
typedef enum { BT_EXPONENT_SPILL, BT_EXPONENT_RECOMPUTE } bt_exponent_policy;

typedef struct {
  char name[64];
  size_t rows, cols;         /* of the MAC array */
  bt_dataflow dataflow;
  bt_accumulator acc;
  unsigned lanes;            /* of the quantizer, with an LFSR in each */
  bt_exponent_policy exponent;
  size_t sram_input_bytes, sram_weight_bytes, sram_output_bytes;
  size_t sram_word_bytes;    /* bytes moved by one access */
  size_t dram_bytes_per_cycle;
  size_t dram_row_bytes;     /* of one row, which an activation opens */
  uint64_t clock_hz;
} bt_machine;

/* The machine of models/machines/systolic-16x16.yaml. */
bt_machine bt_machine_default(void);

/* Reads a machine file. Only its name must be there; what is absent is as in the default machine.
 * Unknown keys, other types and values out of range are BT_BAD_INPUT with file and line; *machine
 * is then untouched. */
bt_status bt_machine_load(const char *path, bt_machine *machine, bt_error *error);

#endif
