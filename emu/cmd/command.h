/* Commands: what a program is made of. A command says what is computed, never how;
 * numerics defines its result and an engine (engine/engine.h) executes it.
 *
 * Inputs and outputs are distinct tensors: no command works in place, so that two engines
 * can run the same command on the same operands. */
#ifndef BT_CMD_COMMAND_H
#define BT_CMD_COMMAND_H

#include "cmd/tensor.h"
#include "num/constant.h"

typedef enum {
  BT_OP_CONTRACT,  /* numerics 8: convolution and matrix multiply, three directions */
  BT_OP_QUANTIZE,  /* numerics 7: wide or bfp -> bfp */
  BT_OP_AFFINE,    /* numerics 9: -> wide */
  BT_OP_GATE,      /* numerics 9.1: bfp, mask -> bfp */
  BT_OP_REDUCE,    /* numerics 11: bfp -> wide or sums, one per last index */
  BT_OP_POOL,      /* numerics 13: bfp -> bfp, index bytes */
  BT_OP_POOL_BACK, /* numerics 13: bfp, index bytes -> bfp */
  BT_OP_SOFTMAX,   /* numerics 14: logits, labels -> wide error; adds to a bt_loss */
  BT_OP_DROPOUT,   /* numerics 5.5: -> mask bytes */
  BT_OP_AVERAGE,   /* numerics 16: adds a weight tensor to a bt_average */
  BT_OP_POOL_SUM,  /* numerics 13.1: bfp -> wide sums of windows */
  BT_OP_SPREAD,    /* numerics 13.1: bfp -> bfp, each mantissa to all of its window */
  BT_OP_NORM,      /* numerics 19: sums or statistics, scale, shift -> vectors of constants */
  BT_OP_NORM_BACK, /* numerics 19: sums of both passes -> vectors of constants, gradients */
  BT_OP_STATISTICS /* numerics 19.1: adds sums to a bt_statistics */
} bt_op;

/* What a command's cost is counted under. */
typedef enum {
  BT_PHASE_FORWARD,
  BT_PHASE_DATA_GRADIENT,
  BT_PHASE_WEIGHT_GRADIENT,
  BT_PHASE_UPDATE,
  BT_PHASE_AVERAGE,
  BT_PHASE_EVALUATION,
  BT_PHASE_STATISTICS, /* passes that remake batch norm's statistics */
  BT_PHASE_COUNT
} bt_phase;
const char *bt_phase_name(bt_phase phase); /* "forward", "data_gradient", ... */

/* The matrix view of one direction: out[rows][cols], contraction length k (numerics 8's table). */
typedef struct {
  size_t rows, cols, k;
} bt_extent;
bt_extent bt_geometry_extent(const bt_geometry *g, bt_direction d);

/* Sums that a softmax command adds to. */
typedef struct {
  int64_t loss_bits; /* sum of the rows' losses, units of 2^-16 bits */
  uint64_t correct;
  uint64_t rows;
} bt_loss;

/* Sums of snapshots of one weight tensor (numerics 16). */
typedef struct {
  int64_t *sum;    /* elements */
  int16_t *emin;   /* blocks; BT_EMIN_NONE before any nonzero block */
  uint64_t count;
} bt_average;
#define BT_EMIN_NONE 32767

/* Sums of a batch norm's statistics over batches (numerics 19.1), per channel. The channels share
 * the two exponents; BT_EMIN_NONE before any batch that was not a zero block. */
typedef struct {
  size_t channels;
  __int128 *first, *second;        /* A1, A2 */
  int first_step, second_step;     /* their step exponents */
  uint64_t rows;                   /* A0 */
} bt_statistics;

typedef enum {
  BT_SUM, BT_SUM_XX, BT_SUM_XY, BT_MIN, BT_MAX, /* -> wide */
  BT_MOMENTS, BT_PRODUCTS                       /* numerics 11.2: -> two vectors of sums */
} bt_reduction;

typedef struct {
  bt_phase phase;
  uint32_t step;     /* the training step it belongs to, from 0; 0 outside training */
  uint32_t layer;    /* index in the net */
  const char *text;  /* "conv1 forward", ...; owned by the program */
} bt_label;

#define BT_MAX_TERMS 4u

/* Places of an affine's inputs behind its terms: the mask, the vectors of constants that stand in
 * place of c[i], and the one in place of c0. */
#define BT_IN_MASK BT_MAX_TERMS
#define BT_IN_CONSTANTS (BT_MAX_TERMS + 1)
#define BT_IN_ADDEND (2 * BT_MAX_TERMS + 1)
#define BT_MAX_INPUTS (2 * BT_MAX_TERMS + 2)
#define BT_MAX_OUTPUTS 4u

typedef struct {
  bt_op op;
  bt_label label;
  const bt_tensor *in[BT_MAX_INPUTS];
  bt_tensor *out[BT_MAX_OUTPUTS];
  union {
    struct {                   /* in: A then B as in numerics 8: forward x, w; data gradient e, w;*/
      bt_direction direction;  /* weight gradient e, x.  out: wide, a cell an element if
                                * bt_contract_by_element() */
      bt_geometry geometry;
      bool nearest;            /* evaluation, and weights above 8 bits (numerics 8.3): a stochastic
                                * acc_rounding becomes nearest_even */
    } contract;
    struct {                   /* in: wide or bfp.  out: bfp, its fmt says how */
      bt_round_options round;
    } quantize;
    struct {                   /* in: terms; in[BT_IN_MASK] the mask if masked; where given,
                                * in[BT_IN_CONSTANTS + i] in place of c[i], in[BT_IN_ADDEND] in
                                * place of c0 (has_c0 is then false). */
      size_t terms;            /* out: wide, and the mask bytes if relu */
      bt_constant c[BT_MAX_TERMS];
      bool has_c0;
      bt_constant c0;          /* 32-bit mantissa */
      bool relu, masked;
    } affine;
    struct {                   /* in: x, and y for BT_SUM_XY and BT_PRODUCTS.  out: wide [last]; per
                                * last index if x is not in block tensor (numerics 11.1).
                                * BT_MOMENTS, BT_PRODUCTS: two vectors of sums [last] */
      bt_reduction kind;
    } reduce;
    struct {                   /* pool, pool_back, pool_sum, spread: window and stride */
      size_t k;
    } pool;
    struct {                   /* norm: in: S1, S2, gamma, beta.  out: a, b.  With `statistics`, S1
                                * and S2 are NULL.
                                * norm_back: in: S1, S2, gamma, a, Se, Sex.  out: b', c', dgamma,
                                * dbeta */
      size_t rows;             /* n */
      bt_constant eps;         /* of 32 bits, at least 0 */
      const bt_statistics *statistics;
    } norm;
    struct {                   /* in: S1, S2 */
      size_t rows;
      bt_statistics *statistics;
    } statistics;
    struct {                   /* in: logits, labels.  out: wide error, or NULL in evaluation */
      bt_loss *loss;
    } softmax;
    struct {
      uint64_t seed, epoch, layer, step;
      bt_rational drop;
    } dropout;
    struct {                   /* in: the weights */
      bt_average *average;
    } average;
  } u;
} bt_command;

/* Checks shapes, kinds and options of a command; the error names its label and what was
 * expected. Engines may rely on a checked command. */
bt_status bt_command_check(const bt_command *c, bt_error *error);

/* Whether an operand of a contraction is in blocks tile or k32: exponents are then aligned for
 * each output by itself (numerics 8.2). */
bool bt_contract_by_element(const bt_command *c);

const char *bt_op_name(bt_op op);               /* "contract", "quantize", ... */
const char *bt_direction_name(bt_direction d);  /* "forward", "data_gradient", "weight_gradient" */

/* How many elements the command counts as for random draws (numerics 4.3), 0 if it draws none. */
size_t bt_command_draws(const bt_command *c, const bt_accumulator *acc);

#endif
