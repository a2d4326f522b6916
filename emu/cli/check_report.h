/* What `bittrue check` prints: a line a command, a report of each that differs, a summary. */
#ifndef BT_CLI_CHECK_REPORT_H
#define BT_CLI_CHECK_REPORT_H

#include <jansson.h>

#include "engine/vectors_check.h"

typedef struct {
  bool json;
  uint64_t max_reports;   /* commands that differ, described in full */
  uint64_t commands, equal, differ, incomplete, elements, different;
  json_t *list;           /* of what differs or is missing; made by the first */
} bt_check_report;

/* For bt_vectors_check.done: counts the command and, without json, prints its lines. */
void bt_check_command(void *report, const bt_vectors_result *result);

/* The summary; agreed: every command was equal and something was compared. Frees the list. */
void bt_check_finish(bt_check_report *report, const bt_vectors_check *check, bool agreed);

#endif
