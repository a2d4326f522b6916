/* Which unit a command works on, and its cycles there (docs/cost.md 3 and 4), for the oracle of the
 * schedule. */
#ifndef BT_TESTS_ORACLE_UNITS_H
#define BT_TESTS_ORACLE_UNITS_H

#include "cost/count.h"

bt_unit oracle_unit_of(const bt_command *c);

/* Of both runs of a quantization, element by element: beats of the bands, blocks, bands. */
uint64_t oracle_quantizer_cycles(const bt_machine *m, const bt_tensor *t);

/* Of all units but the array. */
uint64_t oracle_unit_cycles(const bt_machine *m, const bt_command *c, bool fp32);

#endif
