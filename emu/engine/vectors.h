/* Golden vectors: commands that were run, with their operands, draws and results, as files for
 * other people's test benches. docs/vectors.md describes the files.
 *
 * A directory holds one folder a command and manifest.json, which is written last: a directory
 * with a manifest is whole. In a folder each array is NAME.hex (io/hexmem.h) and NAME.npy: in0,
 * in1, ... the operands' mantissas by their place in bt_command.in, in0.exp, ... their exponents,
 * out0, out0.exp, ... the expected results, draws, lanes.before, lanes.after, loss.before,
 * loss.after. Arrays of bits are also packed, NAME.bits.hex. `plusargs` repeats the manifest's
 * numbers and words for $value$plusargs. */
#ifndef BT_ENGINE_VECTORS_H
#define BT_ENGINE_VECTORS_H

#include "engine/engine.h"

#define BT_VECTORS_FORMAT "bittrue-vectors-1"
#define BT_VECTORS_MANIFEST "manifest.json"

/* Where the commands come from, for the manifest. */
typedef struct {
  const char *recipe; /* its name */
  uint64_t seed;
  uint64_t epoch, step;  /* epoch from 1, step in it from 0 */
  uint64_t step_of_run;  /* from 0 */
} bt_vectors_source;

typedef struct bt_vectors bt_vectors;

/* Makes the directory if it is not there, and removes an old manifest in it. machine must outlive
 * the vectors. */
bt_status bt_vectors_open(const char *directory, const bt_machine *machine,
                          const bt_vectors_source *source, bt_vectors **vectors, bt_error *error);

/* How a command ran. */
typedef struct {
  size_t number;              /* in its program, from 0 */
  const bt_lfsr *before, *after;
  bt_loss loss;               /* a softmax's sums before it */
  bt_counts counts;           /* what it counted */
} bt_vectors_run;

/* Whether a command's operands, results and state can be written: averages and statistics, whose
 * sums are wider than 64 bits or stand outside of tensors, cannot. */
bool bt_vectors_covers(const bt_command *c);

/* Elements of its largest array, draws among them. */
size_t bt_vectors_largest(const bt_command *c, const bt_machine *machine);

/* Writes the folder of a command that was run and whose operands and results are still there. */
bt_status bt_vectors_add(bt_vectors *vectors, const bt_command *c, const bt_vectors_run *run,
                         bt_error *error);

/* Writes the manifest, with `left_out` commands that matched but were too large. */
bt_status bt_vectors_commit(bt_vectors *vectors, size_t left_out, bt_error *error);
void bt_vectors_free(bt_vectors *vectors); /* NULL is fine */

#endif
