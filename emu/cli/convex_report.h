/* What a convex experiment's iterates are measured by, in double, as rows of a CSV file. */
#ifndef BT_CLI_CONVEX_REPORT_H
#define BT_CLI_CONVEX_REPORT_H

#include "float/descent.h"
#include "io/file.h"
#include "train/convex.h"

typedef enum { BT_SGD_LP, BT_SWALP, BT_SGD_FP, BT_SWA_FP, BT_CONVEX_COLUMNS } bt_convex_column;

/* Regression: the squared distance to the minimum. Classification: the squared norm of the
 * objective's gradient, and how many training samples are wrong. Averages have none before the
 * first snapshot, the double columns none where they are left out: NAN. */
typedef struct {
  double metric[BT_CONVEX_COLUMNS];
  size_t wrong[BT_CONVEX_COLUMNS];
} bt_convex_row;

typedef struct {
  bt_objective objective;
  bt_descent descent; /* the double columns' run */
  bool with_double;
  uint64_t points;    /* measured: the last so many report points; 0 for all */
  double *minimum;    /* regression */
  double *w;          /* room for parameters */
  bt_file csv;
  bt_convex_row last;
} bt_convex_report;

/* csv: a path, or NULL. Close after an error too; bt_convex_report_done() writes the file. */
bt_status bt_convex_report_open(bt_convex_report *r, const bt_convex_recipe *recipe,
                                const bt_samples *samples, const char *csv, bool with_double,
                                uint64_t points, bt_error *error);
bt_status bt_convex_report_done(bt_convex_report *r, bt_error *error);
void bt_convex_report_close(bt_convex_report *r);

/* For bt_convex_watch; context is the report. */
void bt_convex_report_step(void *context, const uint32_t *index, bool average);
bt_status bt_convex_report_row(void *context, const bt_convex_state *state, bt_error *error);

/* Prints the last row on stdout. */
bt_status bt_convex_report_print(const bt_convex_report *r, const bt_convex_state *state,
                                 bt_error *error);

#endif
