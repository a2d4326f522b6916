/* What a co-simulation covered: commands, tiles, elements, cycles. */
#ifndef BT_CLI_COSIM_REPORT_H
#define BT_CLI_COSIM_REPORT_H

#include "cli/cosim_time.h"
#include "cli/platform_times.h"
#include "engine/coverage.h"
#include "engine/lockstep.h"

typedef struct {
  uint64_t commands, covered;      /* of one kind of command */
} bt_cosim_kind;

typedef struct {
  bool verbose;
  uint64_t steps;
  bt_cosim_kind contract, quantize, all;
  uint64_t tiles, tiles_total;     /* of covered contractions; with rtl only */
  uint64_t elements, compared_tiles;
  uint64_t array_cycles, quantizer_cycles; /* of the Verilog's counters; the model agreed */
  uint64_t vector_cycles, scalar_cycles;   /* the same, of the whole machine */
  uint64_t machine_cycles;         /* of the whole machine, from doorbells to interrupts */
  bt_cosim_time time;              /* the same by kind of command, beside the model */
  bool cycles_known;               /* the second engine counts cycles */
  bool whole;                      /* it is the whole machine: set before the first step */
  bt_platform_times platform;            /* with tlm */
  bt_difference difference;
  bt_coverage *coverage;           /* counted where given */
  const bt_machine *machine;       /* set while a step runs */
  bt_lockstep *lockstep;
} bt_cosim_report;

/* A new step: prints a heading if verbose. */
void bt_cosim_begin(bt_cosim_report *r, uint64_t epoch, uint64_t step, uint64_t step_of_run);

/* Runs a program in lockstep and adds what it covered; with rtl second, compares its cycle
 * counters with the cost model. BT_MISMATCH leaves a report. l->agreed and l->covered are set
 * here; l->context goes to l->keep. */
bt_status bt_cosim_run(bt_cosim_report *r, bt_lockstep *l, const bt_program *p,
                       const bt_machine *machine, bt_lfsr *rng, bt_error *error);

/* Prints the counts, or the difference; returns the exit status: 1 for a difference, for nothing
 * compared, and for an empty bin of the coverage among those promised (NULL for none). */
int bt_cosim_print(const bt_cosim_report *r, const char *engines, const char *promised, bool json);

#endif
