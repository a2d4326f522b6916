/* Whole commands against an oracle: random operands, and a comparison of every engine's results
 * with the expected ones. */
#ifndef BT_TESTS_COMMAND_BENCH_H
#define BT_TESTS_COMMAND_BENCH_H

#include "engine/engine.h"
#include "oracle.h"

typedef struct {
  const char *program;
  uint64_t seed;
  size_t cases;
  long only; /* one case, or -1 for all */
} bench_options;

/* [--seed S] [--cases N] [--case C] */
bench_options bench_read_options(int argc, char **argv, uint64_t seed, size_t cases);

/* One case: what a failure has to say, and the machine. */
typedef struct {
  const bench_options *opt;
  size_t number;
  bt_machine machine;
  oracle_stream stream;
  char about[400];
} bench_case;

/* Case `number`, its stream started and its machine the default one. */
bench_case bench_start(const bench_options *opt, size_t number);

/* Runs `one` for all cases, or the one that was asked for; the count of cases that ran. */
size_t bench_all(const bench_options *opt, void (*one)(bench_case *b));

/* ---- Operands ---- */

/* Allocates or fails the test. */
bt_tensor bench_tensor(bt_tensor shape);

/* A bfp tensor with random mantissas (edges of the range among them) and exponents by `spread`:
 * 0 equal, 1 within 3, 2 within 24, 3 within 60, 4 anything. Some blocks are zero blocks, some
 * have E = -128 and mantissas, some have another E and no mantissas. */
bt_tensor bench_bfp(bench_case *b, const char *name, bt_format format, size_t ndim,
                    const size_t *dim, int spread);

/* A wide tensor of 0..31 bits whose exponents are within `spread` of one of -60..60. */
bt_tensor bench_wide(bench_case *b, const char *name, size_t ndim, const size_t *dim, bool per0,
                     bool per_last, int spread);

/* The same in the cells of `shape`, a wide tensor without storage. */
bt_tensor bench_wide_as(bench_case *b, bt_tensor shape, int spread);

/* Bytes below `limit` (1..256). */
bt_tensor bench_bytes(bench_case *b, const char *name, size_t ndim, const size_t *dim, int limit);

/* A bfp format of low..high bits in `block`, tiles of 1 to 4 rows and 1 to 9 columns. */
bt_format bench_format(bench_case *b, int low, int high, bt_block block);

/* Element i: mantissa and step exponent, from the storage and numerics 2 and 6. */
int64_t bench_mantissa(const bt_tensor *t, size_t i);
long bench_step(const bt_tensor *t, size_t i);
/* The number of the cell that element i belongs to (numerics 6). */
size_t bench_cell(const bt_tensor *t, size_t i);
int bench_width(const bt_tensor *t);
const char *bench_block_name(const bt_format *f); /* "tensor", ..., "tile" without its size */

/* ---- Comparison ---- */

/* What a command is expected to leave besides its outputs. */
typedef struct {
  bt_lfsr before, after;
  bt_counts counts;
} bench_effects;

/* Checks the command (bt_command_check), then runs it on every engine, on outputs of the same
 * shapes that hold garbage at first, and compares them with c->out, the generator and counts. */
void bench_check(const bench_case *b, const bt_command *c, const bench_effects *want);

/* The engines, for commands that change more than their outputs: how many, and one of them. */
#define BENCH_MAX_ENGINES 5
size_t bench_engines(void);
bt_engine *bench_engine(size_t number, const bt_machine *machine);
void bench_check_on(const bench_case *b, size_t engine, const bt_command *c,
                    const bench_effects *want);

#endif
