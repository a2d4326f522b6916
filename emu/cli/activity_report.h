/* What `bittrue activity` counted, and how it is printed. */
#ifndef BT_CLI_ACTIVITY_REPORT_H
#define BT_CLI_ACTIVITY_REPORT_H

#include "cmd/command.h"
#include "cost/activity_file.h"

/* One contraction: on the step's own operands, and on uniform random ones. */
typedef struct {
  char name[64]; /* "conv1 forward" */
  bt_direction direction;
  bt_activity real, random;
} bt_activity_row;

typedef struct {
  const char *recipe, *machine; /* names */
  char source[640];             /* what --out says of the step */
  uint64_t epoch, step;         /* from 1, from 0 */
  uint64_t tiles, seed;
  size_t rows, left_out;        /* contractions counted; not covered by the model */
  bt_activity_row *row;
  bool rtl;                     /* counted in the Verilated array too: */
  size_t compared;              /* contractions that it agreed on */
  char difference[2048];        /* the first that it did not; empty if none */
} bt_activity_report;

/* The sums over a direction's contractions, over all for BT_FACTOR_TOTAL; as counted, or each
 * contraction scaled to all of its tiles. */
void bt_activity_sum(const bt_activity_report *r, size_t direction, bool scaled, bt_activity *real,
                     bt_activity *random);

void bt_activity_print(const bt_activity_report *r);
void bt_activity_print_json(const bt_activity_report *r);

/* Writes the factors to a file. */
bt_status bt_activity_report_write(const bt_activity_report *r, const char *path, bt_error *error);

#endif
