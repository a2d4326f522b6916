/* A training step as a timeline: bittrue trace --format perfetto. */
#include <string.h>

#include "cli/trace_request.h"
#include "cli/trace_sink.h"
#include "cost/timeline.h"
#include "num/error.h"

typedef struct {
  bt_traced_step step;
  bt_trace_output output;
  bt_timeline *timeline;
  bt_cost cost;
} job;

static bt_status read_detail(const char *text, bool *steps, bt_error *error) {
  *steps = text != NULL && strcmp(text, "steps") == 0;
  return *steps || text == NULL || strcmp(text, "chains") == 0
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "--detail %s: expected chains or steps", text);
}

static bt_status open_all(job *j, const bt_trace_request *r, bt_error *error) {
  bt_timeline_options how = {.steps = false};
  bt_status s = read_detail(r->detail, &how.steps, error);
  s = s == BT_OK ? bt_traced_step_open(&j->step, &r->choice, false, error) : s;
  s = s == BT_OK ? bt_trace_output_open(&j->output, 1, r->out, error) : s;
  if (s != BT_OK) {
    return s;
  }
  how.chosen = j->step.choice;
  j->timeline =
      bt_timeline_open(j->step.program, &j->step.machine, &how, &j->output.sink, error);
  return j->timeline == NULL ? BT_BAD_INPUT : BT_OK;
}

static bool failed(void *timeline) { return bt_timeline_failed(timeline); }

static bt_status write_all(job *j, bt_error *error) {
  bt_traced_follower follower = {bt_timeline_listener(j->timeline), NULL, failed, j->timeline};
  bt_status s = bt_traced_step_run(&j->step, &follower, &j->cost, error);
  s = s == BT_OK ? bt_timeline_finish(j->timeline, error) : s;
  bt_file none = {NULL};
  return s == BT_OK ? bt_trace_output_commit(&j->output, &none, error) : s;
}

bt_status bt_cli_trace_timeline(const bt_trace_request *request, bt_error *error) {
  job j = {.timeline = NULL};
  bt_status s = open_all(&j, request, error);
  s = s == BT_OK ? write_all(&j, error) : s;
  if (s == BT_OK && !j.output.standard_output) {
    bt_traced_step_tell(&j.step, &j.cost, bt_timeline_cycles(j.timeline), j.output.bytes);
  }
  bt_timeline_free(j.timeline);
  bt_trace_output_close(&j.output);
  bt_traced_step_close(&j.step);
  return s;
}
