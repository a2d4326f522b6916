#include "cost/energy_find.h"

#include <string.h>

#include "io/find.h"
#include "num/constant.h"
#include "num/error.h"

const char *const bt_energy_shipped[] = {"horowitz-45nm", "jouppi-7nm", "aladdin-40nm", NULL};

bt_status bt_energy_find(const char *name, const char *dram, bt_energy_table *table,
                         bt_error *error) {
  char path[1024];
  bt_status s = bt_find_file(BT_FIND_ENERGY, name, path, sizeof path, error);
  s = s == BT_OK ? bt_energy_load(path, table, error) : s;
  if (s != BT_OK || dram == NULL) {
    return s;
  }
  s = bt_find_file(BT_FIND_ENERGY, dram, path, sizeof path, error);
  return s == BT_OK ? bt_energy_load_dram(path, table, error) : s;
}

/* Millionths of a factor; 0 if it is none. */
static uint32_t millionths(const char *text, size_t length) {
  char number[32];
  bt_rational r;
  if (length == 0 || length >= sizeof number) {
    return 0;
  }
  memcpy(number, text, length);
  number[length] = '\0';
  bt_rational million = {1000000, 1};
  if (bt_rational_parse(number, &r, NULL) != BT_OK ||
      bt_rational_mul(r, million, &r, NULL) != BT_OK || r.den != 1 || r.num < 1 ||
      r.num > 100000000) {
    return 0;
  }
  return (uint32_t)r.num;
}

/* The part of a name of the datapath; BT_PARTS if there is none. */
static bt_part datapath_part(const char *name, size_t length) {
  for (int p = 0; p < BT_PARTS; p++) {
    const char *known = bt_part_name((bt_part)p);
    if (bt_part_takes_activity((bt_part)p) && strlen(known) == length &&
        strncmp(known, name, length) == 0) {
      return (bt_part)p;
    }
  }
  return BT_PARTS;
}

bt_status bt_energy_activity(const char *text, bt_energy_options *options, bt_error *error) {
  for (const char *at = text; at != NULL;) {
    size_t length = strcspn(at, ","), name = strcspn(at, "=,");
    bt_part part = datapath_part(at, name);
    uint32_t factor = name < length ? millionths(at + name + 1, length - name - 1) : 0;
    if (part == BT_PARTS || factor == 0 || options->activity[part] > 0) {
      return bt_fail(error, BT_BAD_INPUT,
                     "activity '%.*s': expected PART=FACTOR once, with array, aligner, quantizer, "
                     "vector, scalar, lfsr, fp32 or registers and 0.000001 to 100 of at most six "
                     "decimals",
                     (int)(length > 60 ? 60 : length), at);
    }
    options->activity[part] = factor;
    at = at[length] == ',' ? at + length + 1 : NULL;
  }
  return BT_OK;
}
