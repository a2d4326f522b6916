/* The baseline's result as JSON, and beside it what an 8-bit run reached. */
#ifndef BT_FLOAT_REPORT_H
#define BT_FLOAT_REPORT_H

#include "float/baseline.h"

/* Test errors of an 8-bit run (its run.json) in percent; BT_NOT_REACHED where it has null. */
typedef struct {
  const char *directory; /* of the run */
  double sgd, swa, last; /* test_error_sgd_lp, test_error_swalp, test_error_last */
  bool has_seed;
  uint64_t seed;
} bt_low_precision;

/* Reads DIRECTORY/run.json; `directory` must outlive *run. BT_BAD_INPUT: unreadable, no JSON, or
 * one of the three keys is neither null nor a number in 0..100. */
bt_status bt_low_precision_read(const char *directory, bt_low_precision *run, bt_error *error);

/* baseline.json's text (free it), errors in percent with two decimals; with `run`, a part
 * "compare" of the run's errors and their differences to fp32 in points. `started` is a time in
 * UTC. NULL when out of memory. */
char *bt_baseline_json(const bt_recipe *recipe, const bt_baseline_result *result, unsigned threads,
                       const char *started, const bt_low_precision *run);

#endif
