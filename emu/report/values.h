/* What the values of a step look like: exponents and mantissas of the tensors it quantizes. */
#ifndef BT_REPORT_VALUES_H
#define BT_REPORT_VALUES_H

#include <jansson.h>

#include "cost/count.h"

/* Adds one tensor, as a quantize command has just written it, to the columns of `values`
 * (bt_page_values_new): label, role, word length, elements, blocks, zero blocks (E = -128, numerics
 * 2.1), least and greatest E of the others (null if there are none), mantissas at the clip limit
 * (|m| = 2^(wl-1) - 1, and beyond it where the format is asymmetric), zero mantissas, and
 * `counted`, what the command itself counted as clipped, flushed or overflowed. */
void bt_page_values_add(json_t *values, const bt_command *c, const bt_quantize_counts *counted);

/* The empty columns: {"label": [], "role": [], ...}. */
json_t *bt_page_values_new(void);

#endif
