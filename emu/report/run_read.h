/* What a run's directory records, as one JSON value. */
#ifndef BT_REPORT_RUN_READ_H
#define BT_REPORT_RUN_READ_H

#include <jansson.h>

#include "bittrue.h"

typedef struct {
  bool baseline; /* fp32: baseline.json instead of run.json */
  json_t *json;  /* owned by the reader */
} bt_page_run;

/* Reads DIRECTORY/run.json, or else DIRECTORY/baseline.json, and metrics.csv:
 * {"path": DIRECTORY, "run": what the JSON file holds, "metrics": {"epoch": ["1", ...], ...}},
 * the fields of metrics.csv as they are written and null where empty.
 * BT_BAD_INPUT, naming file and line or key: no such file, no JSON, a key that every run has is
 * missing or of another type, columns that lack epoch, train_loss, train_error or test_error, a row
 * of another length, a field that is no number. */
bt_status bt_page_run_read(const char *directory, bt_page_run *run, bt_error *error);

/* Whether a directory has a file; for what a run may have. */
bool bt_page_has(const char *directory, const char *file);

#endif
