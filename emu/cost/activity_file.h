/* Activity factors as a small YAML file: what `bittrue activity --out` writes and a cost may be
 * scaled by (activity 6). */
#ifndef BT_COST_ACTIVITY_FILE_H
#define BT_COST_ACTIVITY_FILE_H

#include "cmd/command.h"
#include "cost/activity.h"

#define BT_FACTORS (BT_REG_CLASSES + 1) /* the classes, and all registers together */
#define BT_FACTOR_ALL BT_REG_CLASSES

/* Toggles over those of uniform random operands, in parts per million; a class that toggles with
 * neither (the delay lines of a 1 x 1 array) has no factor. */
typedef struct {
  bool known[BT_FACTORS];
  uint64_t ppm[BT_FACTORS];
} bt_activity_factors;
const char *bt_factor_name(size_t factor); /* "a", .., "skew_b", "all" */

bt_activity_factors bt_activity_factors_of(const bt_activity *real, const bt_activity *random);

#define BT_FACTOR_ROWS 4u /* by bt_direction, then the three together */
#define BT_FACTOR_TOTAL 3u

typedef struct {
  char name[64], source[640], machine[64]; /* of the recipe; which step of what; the machine's */
  uint64_t tiles, seed;                    /* asked for of each contraction; of the random bytes */
  bt_activity_factors row[BT_FACTOR_ROWS];
} bt_activity_file;

/* Writes the file: whole or not at all. BT_BAD_INPUT as bt_file_create(). */
bt_status bt_activity_file_write(const char *path, const bt_activity_file *f, bt_error *error);

/* Reads one. An unknown key, a factor that is no integer of 0..10^9, a row without any factor:
 * BT_BAD_INPUT with file and line. Rows of directions may be absent, the total may not. */
bt_status bt_activity_file_load(const char *path, bt_activity_file *f, bt_error *error);

#endif
