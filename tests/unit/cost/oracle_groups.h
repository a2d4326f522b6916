/* The groups of a contraction (docs/cost.md 2; numerics 8.2, 8.3), k by k. */
#ifndef BT_TESTS_ORACLE_GROUPS_H
#define BT_TESTS_ORACLE_GROUPS_H

#include "cmd/command.h"

typedef struct {
  size_t count;
  uint64_t *k; /* of each group; free() it */
} oracle_groups;

oracle_groups oracle_groups_of(const bt_command *c, bool plan, bool fp32);

#endif
