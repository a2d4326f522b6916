/* bittrue bench: what its subjects share. */
#ifndef BT_CLI_BENCH_H
#define BT_CLI_BENCH_H

#include <jansson.h>

#include "cmd/program.h"
#include "engine/engine.h"
#include "fast/dispatch.h"
#include "threads/threads.h"

#define BT_BENCH_MAX_REPEAT 1000u

typedef struct {
  const char *subject, *recipe, *engine, *machine, *shapes; /* recipe, shapes: NULL if not given */
  uint64_t threads, repeat, milliseconds, acc_bits, batch;  /* acc_bits, batch 0:
                                                            * the machine's, the subject's */
  bool json, commands, single;
  bool processor; /* clock: the process's own time over its threads, not the wall's */
} bt_bench_options;

typedef struct {
  const bt_bench_options *o;
  bt_machine machine;
  bt_engine *engine;
  bt_lfsr rng;
  bt_kernels kernels;  /* of the peak */
  bt_threads *threads; /* the same number as the engine's; for the peak */
  double peak;         /* the best seen so far, products a second */
  json_t *facts;       /* what the JSON output holds, "rows" apart */
  json_t *rows;        /* objects */
} bt_bench;

/* Each adds its rows, and facts of its own. */
typedef bt_status bt_bench_subject(bt_bench *b, bt_error *error);
bt_bench_subject bt_bench_gemm, bt_bench_conv, bt_bench_quantize, bt_bench_affine, bt_bench_norm,
    bt_bench_train, bt_bench_commands, bt_bench_machine;

/* Times the peak once more, before each row: all threads, products and nothing else, each thread
 * by its own processor time. */
void bt_bench_peak(bt_bench *b);

/* Prints facts and rows, as a table or as JSON. Rates that have a "gmac_per_second" get their
 * percent_of_peak first. */
void bt_bench_print(bt_bench *b);

#endif
