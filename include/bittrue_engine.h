/* bittrue's engine interface: your implementation of some commands, as a shared object that
 *
 *     bittrue train RECIPE --engine fast,quantize=./yours.so
 *
 * runs in place of the engine's own. Plain C, nothing but bittrue.h included; docs/user-engine.md
 * is the guide. A command is data: what is to be computed from which tensors. "numerics N" cites
 * docs/numerics.md, the contract that defines every result in integers.
 *
 * The object exports one function, bittrue_engine(). Your functions must return: no exit(), no
 * abort(), no exceptions, no longjmp(). One engine is called from one thread at a time; several may
 * exist at once, so keep state in the context, not in globals. */
#ifndef BITTRUE_ENGINE_H
#define BITTRUE_ENGINE_H

#include "bittrue.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a struct or a rule of this header does. */
#define BT_ENGINE_ABI 1u

/* Kinds of commands; the name behind each is what stands left of '=' on the command line. */
typedef enum {
  BT_USER_CONTRACT = 0,    /* contract, conv: numerics 8 */
  BT_USER_QUANTIZE = 1,    /* quantize: numerics 7 */
  BT_USER_AFFINE = 2,      /* affine: numerics 9 */
  BT_USER_GATE = 3,        /* gate: numerics 9.1 */
  BT_USER_REDUCE = 4,      /* reduce: numerics 11 */
  BT_USER_POOL = 5,        /* pool: numerics 13 */
  BT_USER_POOL_BACK = 6,   /* pool_back: numerics 13 */
  BT_USER_SOFTMAX = 7,     /* softmax: numerics 14 */
  BT_USER_DROPOUT = 8,     /* dropout: numerics 5.5 */
  BT_USER_AVERAGE = 9,     /* average: numerics 16 */
  BT_USER_POOL_SUM = 10,   /* pool_sum: numerics 13.1 */
  BT_USER_SPREAD = 11,     /* spread: numerics 13.1 */
  BT_USER_NORM = 12,       /* norm: numerics 19 */
  BT_USER_NORM_BACK = 13,  /* norm_back: numerics 19 */
  BT_USER_STATISTICS = 14  /* statistics: numerics 19.1 */
} bt_user_op;

/* ---- Tensors ---- */

/* What an element is in memory, and what the exponents mean. */
typedef enum {
  BT_USER_BFP8 = 0,  /* int8_t mantissas, of at most 8 bits; exponents E, one a block (numerics 2.1,
                      * -128..127). Fixed point too: one block of constant E (numerics 2.2) */
  BT_USER_BFP16 = 1, /* int16_t mantissas of 9 to 16 bits; exponents as above */
  BT_USER_WIDE = 2,  /* int32_t mantissas; step exponents, one a cell (numerics 6) */
  BT_USER_BYTE = 3,  /* uint8_t: labels, pixels, indices, masks (0 or 1); no exponents */
  BT_USER_SUMS = 4   /* int64_t; one step exponent in all (numerics 6) */
} bt_user_kind;

#define BT_USER_MAX_DIMS 4u

/* An input. Elements are row-major: activations NHWC, weights OHWI. Read only. */
typedef struct {
  const char *name; /* for reports */
  bt_user_kind kind;
  size_t ndim;                  /* 0..4 */
  size_t dim[BT_USER_MAX_DIMS];
  size_t elements;
  bt_format format;             /* BFP8, BFP16: width, clip, blocks (bt_block_of()) */
  size_t cells_first, cells_last; /* WIDE: cells are cells_first x cells_last: n0 and nl of 6 */
  size_t exponents;             /* how many: blocks, cells, 1, or 0 */
  int bits;                     /* WIDE: |mantissa| <= 2^bits, 0..31 */
  const void *data;
  const int16_t *exponent;
} bt_user_input;

/* An output: the host has set the shape, the command's owner writes the rest: every element of data
 * and of exponent, and for WIDE also bits. It lies apart from all inputs. */
typedef struct {
  const char *name;
  bt_user_kind kind;
  size_t ndim;
  size_t dim[BT_USER_MAX_DIMS];
  size_t elements;
  bt_format format;
  size_t cells_first, cells_last;
  size_t exponents;
  int bits; /* WIDE: to be written */
  void *data;
  int16_t *exponent;
} bt_user_output;

/* ---- Parameters ---- */

/* mantissa * 2^exponent (numerics 10). */
typedef struct {
  int32_t mantissa;
  int exponent;
} bt_user_constant;

typedef enum {
  BT_USER_FORWARD = 0,
  BT_USER_DATA_GRADIENT = 1,
  BT_USER_WEIGHT_GRADIENT = 2
} bt_user_direction;

typedef enum {
  BT_USER_SUM = 0,
  BT_USER_SUM_XX = 1,
  BT_USER_SUM_XY = 2,
  BT_USER_MIN = 3,
  BT_USER_MAX = 4,
  BT_USER_MOMENTS = 5,
  BT_USER_PRODUCTS = 6
} bt_user_reduction;

/* The sums that softmax adds to: losses in units of 2^-16 bits. */
typedef struct {
  int64_t loss_bits;
  uint64_t correct, rows;
} bt_user_loss;

/* The sums that average adds to (numerics 16), for the elements and blocks of in[0]. */
typedef struct {
  int64_t *sum;
  int16_t *emin; /* 32767 before any nonzero block */
  uint64_t count;
} bt_user_average;

/* Two's complement, high * 2^64 + low. */
typedef struct {
  uint64_t low;
  int64_t high;
} bt_user_int128;

/* The sums of a batch norm's statistics (numerics 19.1): first is A1, second A2, a sum a channel,
 * rows A0. Step exponents are 32767 before any batch that was not a zero block. */
typedef struct {
  size_t channels;
  bt_user_int128 *first, *second;
  int first_step, second_step;
  uint64_t rows;
} bt_user_statistics;

#define BT_USER_MAX_TERMS 4u
/* Places of an affine's inputs behind its terms: the mask; the vectors of constants that stand in
 * place of c[i], and the one in place of c0. */
#define BT_USER_IN_MASK 4u
#define BT_USER_IN_CONSTANTS 5u
#define BT_USER_IN_ADDEND 9u
#define BT_USER_MAX_INPUTS 10u
#define BT_USER_MAX_OUTPUTS 4u

/* ---- A command ---- */

/* Inputs and outputs that a command does not have are NULL. All of it is valid during one call. */
typedef struct {
  bt_user_op op;
  const char *label;    /* "conv1 forward" */
  const char *phase;    /* "forward", "data_gradient", "update", ... */
  uint32_t step, layer; /* the training step from 0; the layer's number */
  const bt_user_input *in[BT_USER_MAX_INPUTS];
  bt_user_output *out[BT_USER_MAX_OUTPUTS];
  /* The elements that take a draw each, of draw_bits bits (numerics 4.3); 0: it draws nothing. */
  size_t draws;
  unsigned draw_bits;
  union {
    struct { /* in: A, B of numerics 8's table: forward x, w; data gradient e, w; weight gradient
              * e, x. out: WIDE */
      bt_user_direction direction;
      size_t n, h, w, c, o, kh, kw, stride, pad, oh, ow;
      size_t rows, cols, k; /* as a product: rows x cols outputs, k products each */
      bool nearest;         /* a stochastic acc_rounding becomes nearest_even */
    } contract;
    struct { /* in: WIDE or bfp. out: bfp or fixed, its format says how */
      bt_round_options round;
    } quantize;
    struct { /* in: terms, of the output's shape or of its last dimension alone; the mask if masked;
              * vectors of constants in place of c[i] and c0 where present. out: WIDE, and the mask
              * if relu */
      size_t terms;
      bt_user_constant c[BT_USER_MAX_TERMS];
      bool has_c0;
      bt_user_constant c0; /* 32-bit mantissa */
      bool relu, masked;
    } affine;
    struct { /* in: x, and y for SUM_XY and PRODUCTS. out: WIDE [last], or for MOMENTS and PRODUCTS
              * two vectors of SUMS [last] */
      bt_user_reduction kind;
    } reduce;
    struct { /* pool: in x; out y, index. pool_back: in error, index; out error. pool_sum: out WIDE.
              * spread: bfp to bfp. The window's side is its stride */
      size_t k;
    } pool;
    struct { /* norm: in: S1, S2, gamma, beta, or statistics in place of S1 and S2; out: a, b.
              * norm_back: in: S1, S2, gamma, a, Se, Sex; out: b', c', dgamma, dbeta */
      size_t rows;
      bt_user_constant eps;                 /* 32-bit mantissa */
      const bt_user_statistics *statistics; /* or NULL */
    } norm;
    struct { /* in: S1, S2 */
      size_t rows;
      bt_user_statistics *statistics; /* added to */
    } statistics;
    struct { /* in: logits, labels. out: WIDE error, or NULL in evaluation */
      bt_user_loss *loss; /* added to */
    } softmax;
    struct { /* out: mask: value(first + i) >> 48 >= threshold, of the stream (seed, 4, epoch) */
      uint64_t seed, epoch, first;
      uint32_t threshold; /* 0..65536 */
    } dropout;
    struct { /* in: weights */
      bt_user_average *average; /* added to */
    } average;
  } u;
} bt_user_command;

/* What a command did, for the run's counters. Zero at first; add to it. */
typedef struct {
  uint64_t saturations; /* additions of accumulators that saturated or wrapped (numerics 8.1) */
  uint64_t dropped;     /* products of groups below gref (numerics 8.2) */
  bt_quantize_counts quantize;
} bt_user_counts;

/* ---- The two sides ---- */

/* What the host offers, so that a shared object need not link anything. */
typedef struct {
  /* The draw of element i of a command that began with the generator at `before`, any order. */
  uint32_t (*draw)(const bt_lfsr *before, size_t i, unsigned bits);
  /* Leaves the generator as the command must (numerics 4.3), given as it was before. */
  void (*advance)(const bt_user_command *c, bt_lfsr *generator);
  /* bt_block_of(), bt_lfsr_draw() and bt_lfsr_jump() of bittrue.h. */
  size_t (*block_of)(const bt_format *format, size_t ndim, const size_t *dim, size_t i);
  uint32_t (*lfsr_draw)(uint32_t *lane, unsigned bits);
  uint32_t (*lfsr_jump)(uint32_t state, uint64_t steps);
} bt_user_host;

/* The machine that is emulated, and the text behind the file's ':' on the command line. All of it
 * stays valid until destroy(). */
typedef struct {
  const char *options;  /* "" if there is none */
  const char *machine;  /* its name */
  size_t rows, cols;    /* of the array */
  unsigned lanes;       /* of the quantizer, and so of the generator */
  bt_accumulator accumulator;
  const bt_user_host *host;
} bt_user_setup;

/* Your engine. It must stay valid as long as the object is loaded. */
typedef struct {
  uint32_t abi;     /* BT_ENGINE_ABI */
  const char *name; /* for reports, such as "acme quantizer 2.1" */
  /* Makes *context, which the others get. Anything but BT_OK refuses to work: error then holds one
   * line that says why. May be NULL: *context is then NULL. */
  bt_status (*create)(const bt_user_setup *setup, void **context, bt_error *error);
  /* Whether run() can do this command: formats, widths, roundings. What it cannot is left to the
   * engine that it substitutes. Outputs are not to be touched. May be NULL: it can do all. */
  bool (*covers)(void *context, const bt_user_command *c);
  /* Does the command: writes its outputs whole, adds to what it adds to, and leaves the generator
   * advanced by ceil(draws / lanes) draws in every lane (host->advance() does that). Anything but
   * BT_OK ends the run with status 2 and error's line. The host checks the generator, that outputs
   * were written, and that they lie in their formats; whether they are right is what
   * `bittrue cosim` compares. */
  bt_status (*run)(void *context, const bt_user_command *c, bt_lfsr *generator,
                   bt_user_counts *counts, bt_error *error);
  void (*destroy)(void *context); /* may be NULL */
} bt_user_engine;

/* What the object exports. abi is the host's BT_ENGINE_ABI; NULL refuses it. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const bt_user_engine *bittrue_engine(uint32_t abi);

#ifdef __cplusplus
}
#endif
#endif
