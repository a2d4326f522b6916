/* SCALE-Sim's .cfg: the machine of the compatible model (docs/scalesim.md 2.1). */
#ifndef BT_COST_SCALESIM_CONFIG_H
#define BT_COST_SCALESIM_CONFIG_H

#include <stdio.h>

#include "machine/machine.h"

typedef struct {
  char run_name[128]; /* "scale_run" if the file has none */
  uint64_t rows, cols;                     /* of the array, 1..65536 */
  uint64_t ifmap_kb, filter_kb, ofmap_kb;  /* SRAM in units of 1024 words, 1..1048576 */
  uint64_t offset[3]; /* of the addresses of ifmap, filter and ofmap: no count depends on them */
  bt_dataflow dataflow;
} bt_scalesim_config;

/* Reads the file as Python's configparser does: sections in brackets, `key = value` or
 * `key : value`, keys in any case, lines that begin with # or ; are comments. Keys that this model
 * does not use (Bandwidth, request buffers, [layout], [sparsity]) are passed over; unknown ones
 * too, with a line on `notes` (NULL: none). BT_BAD_INPUT, with FILE:LINE where there is one: a
 * missing, repeated or bad value, and what the model does not have: InterfaceBandwidth USER,
 * SparsitySupport, UseRamulatorTrace. *config is then undefined. */
bt_status bt_scalesim_config_load(const char *path, bt_scalesim_config *config, FILE *notes,
                                  bt_error *error);

/* "os", "ws" or "is". */
const char *bt_scalesim_dataflow_name(bt_dataflow dataflow);

#endif
