/* Results of a drawn command that are kept apart from the command's own: what one engine leaves. */
#ifndef TEST_RANDOM_RESULTS_H
#define TEST_RANDOM_RESULTS_H

#include "unit/fast/random_case.h"

/* Its outputs, and what it adds to. */
typedef struct {
  bt_tensor out[BT_MAX_OUTPUTS];
  bt_loss loss;
  bt_average average;
  bt_statistics statistics;
} random_results;

/* Storage for the outputs, sums of nothing; the command points there from now on. Close it before
 * the case. Fails the test when out of memory. */
void random_results_open(random_results *o, random_case *k);
void random_results_close(random_results *o);

#endif
