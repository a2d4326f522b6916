/* A foreign design's results against golden vectors. */
#ifndef BT_ENGINE_VECTORS_CHECK_H
#define BT_ENGINE_VECTORS_CHECK_H

#include "engine/vectors.h"
#include "io/hexmem.h"

/* One array in which a result differs from what was expected. */
typedef struct {
  char name[32];             /* of its file: "out0", "out0.exp", "loss.after" */
  char tensor[64];           /* what it holds; empty for a generator or a loss */
  uint64_t elements, different;
  uint64_t beyond;           /* values behind the last one expected */
  size_t index;              /* of the first that differs (none where different is 0) */
  size_t ndim, at[4];        /* the same as coordinates */
  int width;
  bool is_signed;
  int64_t expected, got;
  bt_hex_state state;        /* of got; no value unless BT_HEX_VALUE */
  bool has_step;             /* a mantissa with a step exponent: */
  size_t block;              /* number of the block or cell, */
  int step, got_step;        /* its step exponent as expected, and as the results have it */
  char operands[512];        /* lines on what the element was made of; may be empty */
  char hints[512];           /* lines on what all that differ have in common; may be empty */
} bt_vectors_difference;

#define BT_VECTORS_FILES (2 * BT_MAX_OUTPUTS + 2)

/* One command. Texts live as long as the call that gets it. */
typedef struct {
  const char *folder, *op, *label, *phase;
  uint64_t number, step, layer;
  uint64_t elements;                            /* compared */
  size_t missing;                               /* expected files that are not there */
  char missing_name[BT_VECTORS_FILES][48];
  size_t differences;
  bt_vectors_difference difference[BT_VECTORS_FILES];
} bt_vectors_result;

typedef struct {
  const char *directory, *results;
  uint32_t ops;      /* only commands of these kinds, bit number op; 0 for all */
  const char *label; /* only commands whose label holds this; NULL for all */
  void (*done)(void *context, const bt_vectors_result *result); /* after each command */
  void *context;
  char hint[256];    /* set: what the exponents that differ in all commands have in common */
} bt_vectors_check;

/* Compares each command of the vectors with its results. An expected file that is missing counts
 * as a failure, but `lanes.after`, which a design without a generator of its own does not have.
 * BT_MISMATCH for a difference, a missing file, and for nothing compared; BT_BAD_INPUT for what
 * cannot be read, vectors that were changed, and results that are the vectors themselves. */
bt_status bt_vectors_compare(bt_vectors_check *check, bt_error *error);

#endif
