/* The training step that bittrue trace is made of: as a program of shapes, or run with its own
 * operands. */
#ifndef BT_CLI_TRACE_STEP_H
#define BT_CLI_TRACE_STEP_H

#include "cli/activity_step.h"
#include "cost/watch.h"

typedef struct {
  bt_chosen_step chosen;
  size_t batch;              /* of a recipe; 0: its own */
  const char *commands;      /* NULL: all; else numbers and ranges, "0-3,7" */
  bool run;                  /* run it, though no values are wanted once a command is over */
} bt_traced_choice;

typedef struct {
  bool runs;                 /* the step is run, and its tensors have values */
  bt_recipe recipe;          /* without running */
  bt_machine machine;
  bt_model *model;
  bt_loss loss;
  bt_step shapes;
  bt_opened_step opened;     /* with running */
  bt_tensor **own;           /* tensors whose storage was replaced by their own */
  size_t owns;
  const bt_program *program;
  bool *choice;              /* by command; NULL: all */
} bt_traced_step;

/* Opens the step: run with its values if the source is a run, if `at` is given, if `values` are
 * wanted, which then outlast the storage that commands share, or with `run`; else as shapes, for
 * which no data is read. Close it, after an error too. BT_BAD_INPUT: what bt_step_open refuses; a
 * batch for a run; a list of commands that cannot be read. */
bt_status bt_traced_step_open(bt_traced_step *t, const bt_traced_choice *choice, bool values,
                              bt_error *error);
void bt_traced_step_close(bt_traced_step *t);

/* What goes along with the step: told of each chain, and before each command that is run. */
typedef struct {
  const bt_cost_listener *listener;
  bt_status (*before)(void *context, size_t number, bt_error *error); /* NULL: nothing to do */
  bool (*failed)(void *context); /* whether going on is of no use */
  void *context;
} bt_traced_follower;

/* Counts it and tells the follower, and runs it if it is run. */
bt_status bt_traced_step_run(bt_traced_step *t, const bt_traced_follower *follower, bt_cost *cost,
                             bt_error *error);

/* A line on standard output: commands, cycles, bytes that the cost counts, bytes of text. */
void bt_traced_step_tell(const bt_traced_step *t, const bt_cost *cost, uint64_t cycles,
                         uint64_t text);

#endif
