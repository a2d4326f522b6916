/* The accesses to DRAM of a training step, in the formats of memory simulators. */
#include "cli/trace_request.h"
#include "cli/trace_sink.h"
#include "cost/trace.h"

#define BURST 64u /* bytes of an access if none is given */

typedef struct {
  const bt_trace_request *r;
  bt_trace_format format;
  bt_traced_step step;
  bt_trace_output output;
  bt_file map;
  bt_trace *trace;
  bt_cost cost;
} job;

static bt_status open_all(job *j, bt_error *error) {
  const bt_trace_request *r = j->r;
  bt_status s = bt_trace_format_parse(r->format, &j->format, error);
  bool values = s == BT_OK && bt_trace_format_has_data(j->format);
  s = s == BT_OK ? bt_traced_step_open(&j->step, &r->choice, values, error) : s;
  if (s != BT_OK) {
    return s;
  }
  s = bt_trace_output_open(&j->output, bt_trace_format_files(j->format), r->out, error);
  s = s == BT_OK && r->map != NULL ? bt_file_create(&j->map, r->map, error) : s;
  if (s != BT_OK) {
    return s;
  }
  bt_trace_options how = {.format = j->format, .burst = r->burst > 0 ? r->burst : BURST,
                          .whole = r->whole, .values = values, .chosen = j->step.choice};
  j->trace = bt_trace_open(j->step.program, &j->step.machine, &how, &j->output.sink, error);
  return j->trace == NULL ? BT_BAD_INPUT : BT_OK;
}

static bt_status before(void *trace, size_t number, bt_error *error) {
  return bt_trace_before(trace, number, error);
}

static bool failed(void *trace) { return bt_trace_failed(trace); }

static bt_status write_all(job *j, bt_error *error) {
  bt_traced_follower follower = {bt_trace_listener(j->trace), before, failed, j->trace};
  bt_status s = bt_traced_step_run(&j->step, &follower, &j->cost, error);
  s = s == BT_OK ? bt_trace_finish(j->trace, error) : s;
  if (s == BT_OK && j->map.stream != NULL) {
    bt_trace_map_csv(j->map.stream, bt_trace_map_of(j->trace));
  }
  return s == BT_OK ? bt_trace_output_commit(&j->output, &j->map, error) : s;
}

bt_status bt_cli_trace_accesses(const bt_trace_request *request, bt_error *error) {
  job j = {.r = request};
  bt_status s = open_all(&j, error);
  s = s == BT_OK ? write_all(&j, error) : s;
  if (s == BT_OK && !j.output.standard_output) {
    bt_traced_step_tell(&j.step, &j.cost, bt_trace_cycles(j.trace), j.output.bytes);
  }
  bt_trace_free(j.trace);
  bt_trace_output_close(&j.output);
  bt_file_abandon(&j.map);
  bt_traced_step_close(&j.step);
  return s;
}
