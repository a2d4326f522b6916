/* bittrue: training of a recipe inside another program, and what a machine file says of the
 * datapath. The bits are those of `bittrue train`: equal digests. bittrue.h says what holds for all
 * functions; "numerics N" cites docs/numerics.md.
 *
 * A machine is given as for --machine: a path, or the name of a file in models/machines of the
 * place that the library was installed to, or of the source it was built from.
 */
#ifndef BITTRUE_RUN_H
#define BITTRUE_RUN_H

#include "bittrue_wide.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The accumulator of a machine's array (numerics 8.1), and the lanes of its quantizer, which are
 * those of the generator (numerics 4.3). BT_BAD_INPUT, with file and line: no such file, or not a
 * machine's. */
BT_API bt_status bt_machine_datapath(const char *machine, bt_accumulator *acc, unsigned *lanes,
                                     bt_error *error);

/* A training run. One thread at a time may work with it; several runs may go on at once. */
typedef struct bt_run bt_run;

/* All zero is what `bittrue train RECIPE` takes. */
typedef struct {
  const char *machine; /* NULL: "systolic-16x16" */
  const char *engine;  /* "fast" or "ref", the same bits; NULL: "fast" */
  unsigned threads;    /* of engine fast, 1..256; 0: one a processor */
  bool has_seed;       /* seed stands in place of the recipe's */
  uint64_t seed;
} bt_run_options;

/* Reads a recipe's file, its net, machine and data set, and starts the weights. options may be
 * NULL. *run is NULL after an error; close it otherwise.
 * BT_BAD_INPUT: a file that is missing or wrong (the error names it and its line), a data set that
 * is not there or does not fit the net, an unknown engine, threads out of range. BT_FAILED: no
 * memory or no threads. */
BT_API bt_status bt_run_open(const char *recipe, const bt_run_options *options, bt_run **run,
                             bt_error *error);

/* Frees the run; NULL is allowed. */
BT_API void bt_run_close(bt_run *run);

/* Trains `steps` steps more, or fewer where the recipe ends first; the end of an epoch evaluates
 * and averages as the recipe says (numerics 16, 17). Steps may be divided into calls at will: the
 * bits are the same. After an error only closing is left. BT_BAD_INPUT or BT_FAILED: what a command
 * or the system refused. */
BT_API bt_status bt_run_train(bt_run *run, uint64_t steps, bt_error *error);

/* Images seen, how many of them were classified right, and the sum of their losses in units of
 * 2^-16 bits (numerics 14). */
typedef struct {
  uint64_t images, correct;
  int64_t loss_bits;
} bt_run_loss;

typedef struct {
  uint64_t steps, total_steps; /* trained, and of the whole recipe */
  uint64_t epoch;              /* being trained, from 1; beyond the recipe's last when it is done */
  bt_run_loss now;             /* of the epoch being trained, so far */
  uint64_t clipped;            /* elements that quantization clipped in it */
  uint64_t saturations;        /* additions that saturated or wrapped in it */
  bt_run_loss train, test, average; /* of the epoch that ended last: in training, and on the test
                                     * images of the iterate and of SWALP's average; 0 images where
                                     * there was no such evaluation */
} bt_run_progress;

/* Where the run stands. */
BT_API void bt_run_where(const bt_run *run, bt_run_progress *progress);

/* The digest of all that training has made so far (numerics 18): 64 hexadecimal digits and a zero.
 * BT_FAILED: libcrypto refused. */
BT_API bt_status bt_run_digest(const bt_run *run, char text[65], bt_error *error);

/* How many parameters the net has: weights, biases, scales, shifts. */
BT_API size_t bt_run_parameters(const bt_run *run);

/* Parameter i as it stands: *name, such as "conv1.weight", and *w, whose arrays are the run's and
 * hold until the next call of this function for the run, or its end. BT_BAD_INPUT: i is not below
 * bt_run_parameters(). BT_FAILED: no memory. */
BT_API bt_status bt_run_parameter(bt_run *run, size_t i, const char **name, bt_blocks *w,
                                  bt_error *error);

/* Writes all that a run needs to go on, to a file that is replaced whole or not at all.
 * BT_BAD_INPUT: it cannot be written (the error names it and says why). BT_FAILED: no memory. */
BT_API bt_status bt_run_save(const bt_run *run, const char *path, bt_error *error);

/* Goes on from such a file, or from a checkpoint of `bittrue train`, of the same recipe, machine
 * and seed. BT_BAD_INPUT: of another run, damaged, or not there; after an error only closing is
 * left. */
BT_API bt_status bt_run_load(bt_run *run, const char *path, bt_error *error);

#ifdef __cplusplus
}
#endif
#endif
