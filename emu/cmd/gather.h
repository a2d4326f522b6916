/* Where a contraction's operands lie: the table of numerics 8 as element offsets. */
#ifndef BT_CMD_GATHER_H
#define BT_CMD_GATHER_H

#include "cmd/command.h"

/* Offsets into the first operand for output row `row`, one for each k in order; -1 where the
 * window leaves the image (or, in the data gradient, meets no output). */
void bt_gather_a(const bt_geometry *g, bt_direction d, size_t row, int32_t *offset);

/* The same for the second operand and output column `column`. */
void bt_gather_b(const bt_geometry *g, bt_direction d, size_t column, int32_t *offset);

#endif
