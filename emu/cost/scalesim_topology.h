/* SCALE-Sim's topology CSV: the layers of the compatible model (docs/scalesim.md 2.2). */
#ifndef BT_COST_SCALESIM_TOPOLOGY_H
#define BT_COST_SCALESIM_TOPOLOGY_H

#include <stdio.h>

#include "bittrue.h"

/* A convolution without padding, or a product of matrices as one: M x K times K x N is an image of
 * M rows and K columns under N filters of 1 x K. All sizes are 1..2^31 - 1. */
typedef struct {
  char name[96];
  uint64_t ifmap_height, ifmap_width;
  uint64_t filter_height, filter_width; /* not above the image's */
  uint64_t channels, filters;
  uint64_t stride_height, stride_width;
} bt_scalesim_layer;

typedef struct {
  bt_scalesim_layer *layer;
  size_t count; /* at least 1 once loaded */
  bool gemm;    /* the rows are products of matrices */
} bt_scalesim_topology;

typedef enum { BT_SCALESIM_BY_HEADER, BT_SCALESIM_GEMM } bt_scalesim_kind;

/* Reads the file. Its first line is a header, whose names tell convolutions (Layer name, IFMAP
 * Height, ...) from products (Layer, M, N, K), unless `kind` does. A layer with DP in its name is
 * depthwise: it becomes one layer a channel. Lines on `notes` (NULL: none) warn of a byte order
 * mark, of rows without the last comma, and of a sparsity ratio, which is not used. BT_BAD_INPUT
 * with FILE:LINE: a wrong number of fields, a field that is no number or zero, a filter larger than
 * its image, no rows. */
bt_status bt_scalesim_topology_load(const char *path, bt_scalesim_kind kind,
                                    bt_scalesim_topology *topology, FILE *notes, bt_error *error);
void bt_scalesim_topology_free(bt_scalesim_topology *topology);

/* The product M x K times K x N as a layer; the sizes are 1..2^31 - 1. */
bt_scalesim_layer bt_scalesim_gemm(const char *name, uint64_t m, uint64_t n, uint64_t k);

#endif
