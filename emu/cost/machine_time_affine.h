/* What an affine or a gate is before its elements stream: its operands' and cells' shapes, and the
 * time to bring to the chip what is kept there (docs/rtl.md, "Affine and gate"). */
#ifndef BT_COST_MACHINE_TIME_AFFINE_H
#define BT_COST_MACHINE_TIME_AFFINE_H

#include "cost/machine_time_parts.h"

typedef struct {
  bool gate, masked, relu;
  unsigned lanes, out_size;
  uint64_t elements, last, cells;
  /* Operands: there; read as a stream, with the log2 of an element's bytes. */
  bool present[4], stream[4];
  unsigned size[4];
  /* The output's cells: one an element; how many lie beside each other, and the rows (of the last
   * dimension) that each goes over. */
  bool each;
  uint64_t across, rows_of_cell;
  unsigned tiles; /* operands in blocks of tiles: each asks for a division */
  bool grouped;   /* exponents follow dimension 0 somewhere: so does a row of cells or blocks */
} bt_affine_shape;

bt_affine_shape bt_affine_shape_of(const bt_command *c, unsigned lanes);

/* Cycles of state LOAD, but for the one that shows that all is there: of affine_loader; of
 * affine_geometry with the walks. They run beside each other. */
uint64_t bt_affine_load(const bt_affine_shape *shape, const bt_command *c, bt_port *port);
uint64_t bt_affine_geometry(const bt_affine_shape *shape);

#endif
