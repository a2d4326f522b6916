/* The passes of a contraction over one tile: which k each one takes, in order (numerics 8.2). */
#ifndef BT_COST_K_GROUPS_H
#define BT_COST_K_GROUPS_H

#include "cmd/command.h"
#include "num/align.h"

#define BT_MAX_K_GROUPS (BT_ALIGN_BITS + 1)

/* Groups in ascending order of exponent, in each k ascending: the first length[0] entries of k,
 * then length[1] of them, ... */
typedef struct {
  size_t groups;
  size_t length[BT_MAX_K_GROUPS];
  size_t total; /* their sum: below K where zero blocks or dropped groups are left out */
  size_t *k;
} bt_k_groups;

/* The groups of a checked contraction whose operands are in place and whose blocks do not vary
 * within a row of the operand (tensor, dim0, sample; fixed point). BT_FAILED: out of memory. Free
 * with bt_k_groups_free, after an error too. */
bt_status bt_k_groups_make(const bt_command *c, bt_k_groups *groups, bt_error *error);
void bt_k_groups_free(bt_k_groups *groups);

#endif
