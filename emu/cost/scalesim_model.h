/* The SCALE-Sim compatible model of a layer (docs/scalesim.md): cycles, utilisation, accesses of
 * SRAM and DRAM. */
#ifndef BT_COST_SCALESIM_MODEL_H
#define BT_COST_SCALESIM_MODEL_H

#include "cost/scalesim_buffers.h"
#include "cost/scalesim_config.h"
#include "cost/scalesim_topology.h"

typedef enum { BT_SCALESIM_IFMAP, BT_SCALESIM_FILTER, BT_SCALESIM_OFMAP, BT_SCALESIM_KINDS }
    bt_scalesim_tensor;

/* A ratio for printing; the counts it is made of are exact. */
typedef struct {
  uint64_t m, n, k;              /* windows, filters, elements of a window */
  uint64_t macs;                 /* m * n * k */
  uint64_t row_folds, col_folds, fold_cycles;
  uint64_t cycles;               /* of the array, stalls included */
  uint64_t stall_cycles;
  uint64_t cycles_with_prefetch; /* from the first read of DRAM to its last write */
  double overall, mapping, compute; /* utilisation, mapping efficiency, compute utilisation: % */
  bt_scalesim_access sram[BT_SCALESIM_KINDS], dram[BT_SCALESIM_KINDS];
  double sram_bandwidth[BT_SCALESIM_KINDS], dram_bandwidth[BT_SCALESIM_KINDS]; /* words a cycle */
} bt_scalesim_result;

/* Follows the array cycle by cycle. BT_BAD_INPUT: operands too large (bt_scalesim_demand_new), or a
 * layer that takes 0 cycles as SCALE-Sim counts them. BT_FAILED: no memory. */
bt_status bt_scalesim_run(const bt_scalesim_config *config, const bt_scalesim_layer *layer,
                          bt_scalesim_result *result, bt_error *error);

/* All layers of a topology; result has room for as many. A layer of the shape of the one before it
 * (the channels of a depthwise one) is not followed again. */
bt_status bt_scalesim_run_all(const bt_scalesim_config *config,
                              const bt_scalesim_topology *topology, bt_scalesim_result *result,
                              bt_error *error);

#endif
