/* The array's registers in a training step: bittrue trace --format saif and vcd. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/trace_request.h"
#include "cli/trace_sink.h"
#include "cost/saif.h"
#include "cost/vcd.h"
#include "num/error.h"

typedef struct {
  bt_traced_step step;
  bt_trace_output output;
  size_t covered, left_out; /* chosen contractions */
} job;

/* The step, ready to run, and the output. */
static bt_status open_job(job *j, const bt_trace_request *r, bt_error *error) {
  bt_traced_choice choice = r->choice;
  choice.run = true;
  bt_status s = bt_traced_step_open(&j->step, &choice, false, error);
  return s == BT_OK ? bt_trace_output_open(&j->output, 1, r->out, error) : s;
}

static bt_status close_job(job *j, bt_status s, bt_error *error) {
  bt_file none = {NULL};
  s = s == BT_OK ? bt_trace_output_commit(&j->output, &none, error) : s;
  bt_trace_output_close(&j->output);
  bt_traced_step_close(&j->step);
  return s;
}

static bt_status run_command(job *j, const bt_command *c, bt_error *error) {
  bt_opened_step *o = &j->step.opened;
  return o->engine->run(o->engine, c, &o->state.rng, &o->state.counts, error);
}

static bool is_chosen(const job *j, size_t number) {
  return j->step.choice == NULL || j->step.choice[number];
}

static const char *name_of(const bt_command *c) {
  return c->label.text != NULL ? c->label.text : bt_op_name(c->op);
}

/* Before the step is run, which may take long: that something is left to count. */
static bt_status check_saif(job *j, bt_error *error) {
  for (size_t i = 0; i < bt_program_size(j->step.program); i++) {
    const bt_command *c = bt_program_at(j->step.program, i);
    bool contraction = is_chosen(j, i) && c->op == BT_OP_CONTRACT;
    bool covered = contraction && bt_activity_covers(&j->step.machine, c);
    j->covered += covered;
    j->left_out += contraction && !covered;
  }
  if (j->covered > 0) {
    return BT_OK;
  }
  return j->left_out == 0
             ? bt_fail(error, BT_BAD_INPUT, "--commands: none of them is a contraction; bittrue "
                       "cost --footprint FILE lists the step's commands")
             : bt_fail(error, BT_BAD_INPUT,
                       "machine %s: none of the %zu contractions is covered: expected dataflow "
                       "os, int8 operands in blocks tensor, dim0 or sample, and an accumulator "
                       "without shift and chunks", j->step.machine.name, j->left_out);
}

static bt_status count_step(job *j, bt_saif *saif, const bt_activity_options *how,
                            bt_error *error) {
  bt_status s = BT_OK;
  size_t left = j->covered;
  for (size_t i = 0; s == BT_OK && left > 0; i++) {
    const bt_command *c = bt_program_at(j->step.program, i);
    if (is_chosen(j, i) && bt_activity_covers(&j->step.machine, c)) {
      s = bt_saif_contract(saif, c, how, error);
      left--;
    }
    s = s == BT_OK && left > 0 ? run_command(j, c, error) : s;
  }
  return s == BT_OK ? bt_saif_write(saif, &j->output.sink, error) : s;
}

bt_status bt_cli_trace_saif(const bt_trace_request *r, bt_error *error) {
  job j = {.covered = 0};
  bt_saif saif = {.cycles = 0};
  bt_activity_options how = {.tiles = r->tiles == NULL ? 8 : (size_t)r->tile_count};
  bt_status s = open_job(&j, r, error);
  s = s == BT_OK ? check_saif(&j, error) : s;
  s = s == BT_OK ? bt_saif_open(&saif, &j.step.machine, error) : s;
  s = s == BT_OK ? count_step(&j, &saif, &how, error) : s;
  bool told = !j.output.standard_output;
  uint64_t bytes = j.output.bytes;
  s = close_job(&j, s, error);
  if (s == BT_OK && told) {
    printf("%" PRIu64 " contractions, %zu left out; %" PRIu64 " tiles, %" PRIu64 " cycles; %" PRIu64
           " bytes of text\n", saif.contractions, j.left_out, saif.tiles, saif.cycles, bytes);
  }
  bt_saif_close(&saif);
  return s;
}

/* The one contraction that --commands names. */
static bt_status find_one(const job *j, size_t tile, size_t *found, bt_error *error) {
  size_t chosen = 0;
  for (size_t i = 0; i < bt_program_size(j->step.program); i++) {
    if (is_chosen(j, i)) {
      *found = i;
      chosen++;
    }
  }
  if (j->step.choice == NULL || chosen != 1) {
    return bt_fail(error, BT_BAD_INPUT, "--commands: vcd shows one contraction, expected its "
                   "number; bittrue cost --footprint FILE lists the step's commands");
  }
  const bt_command *c = bt_program_at(j->step.program, *found);
  if (c->op != BT_OP_CONTRACT) {
    return bt_fail(error, BT_BAD_INPUT, "--commands %zu: %s is no contraction", *found,
                   name_of(c));
  }
  size_t tiles = bt_tile_count(&j->step.machine, c);
  return tile < tiles ? BT_OK
                      : bt_fail(error, BT_BAD_INPUT, "--tile %zu: expected one of 0-%zu of %s",
                                tile, tiles - 1, name_of(c));
}

static bt_status show_tile(job *j, size_t tile, uint64_t *cycles, bt_error *error) {
  size_t number = 0;
  bt_status s = find_one(j, tile, &number, error);
  for (size_t i = 0; s == BT_OK && i < number; i++) {
    s = run_command(j, bt_program_at(j->step.program, i), error);
  }
  return s == BT_OK ? bt_vcd_tile(&j->step.machine, bt_program_at(j->step.program, number), tile,
                                  &j->output.sink, cycles, error)
                    : s;
}

bt_status bt_cli_trace_vcd(const bt_trace_request *r, bt_error *error) {
  job j = {.covered = 0};
  uint64_t cycles = 0;
  bt_status s = open_job(&j, r, error);
  s = s == BT_OK ? show_tile(&j, (size_t)r->tile_number, &cycles, error) : s;
  bool told = !j.output.standard_output;
  uint64_t bytes = j.output.bytes;
  s = close_job(&j, s, error);
  if (s == BT_OK && told) {
    printf("%" PRIu64 " cycles; %" PRIu64 " bytes of text\n", cycles, bytes);
  }
  return s;
}
