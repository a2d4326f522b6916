/* What bittrue trace was asked for, and who makes which formats of it. */
#ifndef BT_CLI_TRACE_REQUEST_H
#define BT_CLI_TRACE_REQUEST_H

#include "cli/trace_step.h"

typedef struct {
  bt_traced_choice choice;
  const char *format, *out;
  const char *map;    /* NULL: none */
  unsigned burst;     /* 0: not given */
  bool whole;
  const char *detail; /* NULL: not given */
  const char *tiles, *tile; /* texts of the options that were given, of counts that were checked */
  uint64_t tile_count, tile_number;
} bt_trace_request;

/* Makes the output whole, or none of it, and tells on standard output what it is, unless that is
 * the output. BT_BAD_INPUT names the option or the file that is to blame. */
typedef bt_status bt_trace_maker(const bt_trace_request *request, bt_error *error);

bt_trace_maker bt_cli_trace_accesses; /* the formats of cost/trace_write.h */
bt_trace_maker bt_cli_trace_timeline; /* perfetto */
bt_trace_maker bt_cli_trace_saif;
bt_trace_maker bt_cli_trace_vcd;

#endif
